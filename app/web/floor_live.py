"""The floor's live line, GET /floor/live: what a browser is told because something else than its own scan happened.

screen      a fragment to show: a station's scanner took a turn, or their last label is in doubt. The first one is how things
            stand, for a line that was down: a scan while the radio was away is lost to nobody, and neither is why it
            was refused
refresh     the same question; the scale or the printer has news
signed-out  somebody took over, or the login ended meanwhile
nobody      the scanner of the station this device last stood at was used while nobody is signed in, or it is not
            clear whose scan it is
badge       it read a badge     twice   its trigger bounced     beat    nothing, but the line stands
"""

from typing import Any

from litestar import Request, get
from litestar.response import Stream

from app.db import Tx
from app.floor import seats, sessions
from app.floor.floor import Ports
from app.floor.prompt import Answer
from app.floor.scans import refusal_before
from app.web import render
from app.web.doors import house, token_of
from app.web.floor import signs_of, standing
from app.web.live import Message


@get("/live", opt={"policy": "device"}, summary="What is pushed to this browser")
async def live(request: Request[Any, Any, Any]) -> Stream:
    """Server-sent events: `screen`, `refresh`, `signed-out`, `nobody`, `badge`, `twice` and `beat`."""
    home, login, device = house(request), token_of(request, "floor"), token_of(request, "device")
    topics = await home.db.read(lambda tx: sessions.topics_of(tx, login, device))

    async def stands() -> Message | None:
        if not login:
            return None
        found = await home.db.read(lambda tx: _shown(tx, login, home.ports))
        if found is None:
            return Message("signed-out", "You were signed out.")
        answer, station = found
        return Message("screen", render.screen(answer, devices=signs_of(request, answer, station)))

    return Stream(home.hub.stream(topics, stands), media_type="text/event-stream")


def _shown(tx: Tx, token: str, ports: Ports) -> tuple[Answer, seats.Station | None] | None:
    """What a page shows that heard of everything: the question, or the refusal its worker stands before."""
    found = standing(tx, token, ports)
    if found is None:
        return None
    answer, seat, station = found
    return refusal_before(tx, seat) or answer, station
