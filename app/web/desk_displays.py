"""The doors of wall screens: make a link, take it back, open it, and the board behind it with its live line.

GET  /desk/wall                  the board, for a viewer or a screen with its cookie
GET  /desk/wall?display=SECRET   opened once on the screen: gives the cookie, and leads to the board
GET  /desk/wall/live             what changed, of the board's own news only
POST /desk/displays              {name} → the link, shown once     POST /desk/displays/take-back   {device}
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect, Stream

from app import clock
from app.db import Tx
from app.desk import displays
from app.desk import waves as boards
from app.desk.waves import WaveFilter
from app.desk.words import Hours
from app.web.desk_pages import HTML, Form, done
from app.web.doors import house, login_of, set_cookie
from app.web.render import ENV

TOPICS = ("waves", "orders", "tasks")
COOKIE_AGE = 400 * 24 * 3600  # s, the longest a browser keeps a cookie; it is made anew with each board
EVERY_S = 15


class NewDisplay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f]\Z")]


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    device: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=r"^[^\x00]*\Z")]


@get("/wall", opt={"policy": "display"}, summary="The wave board for a wall screen")
async def wall_screen(request: Request[Any, Any, Any]) -> Response[Any]:
    home, (code, seen) = house(request), request.state.display
    secret = request.query_params.get("display", "")
    if code and secret:
        answer: Response[Any] = Redirect("/desk/wall", status_code=303)  # the secret stays in no address
        set_cookie(request, answer, "display", secret, COOKIE_AGE)
        return answer
    if code and seen + displays.SEEN_EVERY <= clock.now():
        await home.db.ado(lambda tx: displays.meet(tx, code))

    def draw(tx: Tx) -> str:
        frame = {"title": "Wall", "csrf": "", "size": "s", "theme": "dark", "topics": TOPICS, "every": EVERY_S}
        known = {"b": boards.board(tx, WaveFilter()), "hours": Hours(home.settings.timezone)}
        return ENV.get_template("desk_wall.html").render({**frame, **known})

    return Response(await home.db.read(draw), media_type=HTML)


@get("/wall/live", opt={"policy": "display"}, summary="What changed on the wall screen's board")
async def wall_live(request: Request[Any, Any, Any]) -> Stream:
    return Stream(house(request).hub.stream(TOPICS), media_type="text/event-stream")


@post("/displays", opt={"policy": "supervisor"}, status_code=200, summary="Make the link of a wall screen")
async def make_display(data: Form[NewDisplay], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request).worker
    code, secret = await house(request).db.ado(lambda tx: displays.make(tx, data.name, who))
    link = f"{request.url.scheme}://{request.url.netloc}/desk/wall?display={secret}"
    return done(f"{code} is made. Open this once on the screen; it is not shown again: {link}", stays=True)


@post("/displays/take-back", opt={"policy": "supervisor"}, status_code=200, summary="Take a wall screen's link back")
async def take_back_display(data: Form[Named], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request).worker
    await house(request).db.ado(lambda tx: displays.take_back(tx, data.device, who))
    return done(f"{data.device} shows the board no longer.")


HANDLERS = [wall_screen, wall_live, make_display, take_back_display]
