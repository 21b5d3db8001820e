"""The door a supervisor's PIN comes through, at a worker's device: POST /floor/release {id, after, pin}.

Checked like a sign-in: off the loop, counted per badge and device, the same words for an unknown badge and a wrong PIN.
The PIN is in no queue, no log and no scan table. Then the step that needs the release is taken once more, as one turn
under the id given here, so that a retry hears the same answer.
"""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody

from app.db import Tx
from app.errors import Refusal
from app.floor import release, scans, screens, seats
from app.floor.asking import current, verdict_of
from app.floor.prompt import Answer
from app.floor.release import NothingToRelease
from app.floor.release_turn import ReleaseTurn
from app.floor.scans import Scan
from app.web import render
from app.web.doors import house, login_of, token_of
from app.web.floor import HTML, JSON, verify_pin, wants_json
from app.work import people


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`badge` only where it was not scanned at the device before."""

    id: str
    after: str
    pin: str
    badge: str = ""


@post(
    "/release",
    opt={"policy": "worker"},
    status_code=200,
    summary="A supervisor's PIN: release the step that waits for it",
    responses={200: ResponseSpec(Answer, description="What came of the step, and the next question")},
)
async def release_step(data: JSONBody[Release], request: Request[Any, Any, Any]) -> Response[Any]:
    """One turn. 403 for a wrong or locked PIN; a page shows it again with the reason."""
    home, token = house(request), token_of(request, "floor")
    scan = Scan(id=data.id, after=data.after, raw="release")

    def look(tx: Tx) -> tuple[str, Answer | None]:
        seat = seats.seat(tx, token)
        standing = screens.decode(seat.screen, bytes(seat.state))
        scanned = standing.badge if isinstance(standing, release.Ask) else ""
        return _bare(data.badge) or scanned, scans.answered(tx, scan, seat, scans.digest_of(scan))

    badge, earlier = await home.db.ado(look)
    if earlier is not None:
        return _told(request, earlier)
    try:
        if not badge:
            raise NothingToRelease()
        who = await verify_pin(request, badge, data.pin, login_of(request).device)
    except (people.WrongPin, people.PinLocked, NothingToRelease) as refusal:
        if wants_json(request):
            raise
        return await _again(request, token, refusal)
    return _told(request, await home.db.write(ReleaseTurn(scan, who, lambda tx: seats.seat(tx, token), home.ports)))


def _told(request: Request[Any, Any, Any], answer: Answer) -> Response[Any]:
    body: Any = msgspec.json.encode(answer) if wants_json(request) else render.screen(answer)
    return Response(content=body, media_type=JSON if wants_json(request) else HTML, headers={"X-Step": answer.step})


async def _again(request: Request[Any, Any, Any], token: str, refusal: Refusal) -> Response[Any]:
    """The same question once more, with why the PIN was not taken."""
    home = house(request)
    answer = await home.db.ado(lambda tx: current(tx, seats.seat(tx, token), home.ports))
    shown = msgspec.structs.replace(answer, verdict=verdict_of(refusal))
    headers = {"X-Step": answer.step, "X-Refusal": refusal.code}
    return Response(content=render.screen(shown), media_type=HTML, status_code=refusal.http, headers=headers)


def _bare(badge: str) -> str:
    return badge.strip().removeprefix("BDG/")[:64].replace("\0", "")
