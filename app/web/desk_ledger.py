"""The ledger page and the inbox: how the ERP stands, and what a person may decide about what it refused.

Discarding is the one act that makes the books differ for good, so it takes a reason and a second person, who proves to
be there with badge and PIN.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery

from app.db import Tx
from app.desk import inbox, ledger
from app.desk.inbox import InboxFilter
from app.desk.ledger import JournalFilter
from app.errors import Forbidden, State
from app.web.desk_pages import HTML, Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.web.floor import verify_pin
from app.web.house import Sync
from app.web.render import ENV
from app.work import duties
from app.work.people import Worker

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")]
Badge = Annotated[str, msgspec.Meta(max_length=80)]
Pin = Annotated[str, msgspec.Meta(max_length=64)]
Seq = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
INBOX_CSV = {
    "time": moment("at"), "source": plain("source"), "message": plain("id"), "type": plain("type"),
    "subject": plain("subject"), "version": plain("version"), "state": plain("state"), "said": plain("sentence"),
    "missing": plain("missing"),
}  # fmt: skip


class NoErp(State):
    code, title, http = "no_erp", "No ERP", 404
    says = "No ERP is connected."


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connector: Name


class Letter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connector: Name
    seq: Seq


class Discard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connector: Name
    seq: Seq
    reason: Reason = ""
    badge: Badge = ""
    pin: Pin = ""


class Decline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connector: Name
    seq: Seq
    reason: Reason = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: Name
    id: Name


class GiveUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: Name
    id: Name
    reason: Reason = ""
    badge: Badge = ""
    pin: Pin = ""


def sync_of(request: Request[Any, Any, Any]) -> Sync:
    found = house(request).sync
    if found is None:
        raise NoErp()
    return found


def _ledger(request: Request[Any, Any, Any], asked: JournalFilter, *, all_rows: bool = False) -> Any:
    sync = house(request).sync
    return lambda tx: ledger.ledger(tx, asked, sync.states(tx) if sync is not None else (), export=all_rows)


@get("/ledger", opt={"policy": "viewer"}, summary="Journal, connectors and dead letters")
async def ledger_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, JournalFilter)
    if exports(request):
        look = _ledger(request, asked, all_rows=True)
        columns = {
            "event": plain("seq"), "time": moment("at"), "what": plain("kind"), "in words": plain("words"),
            "worker": plain("worker"), "device": plain("device"), "document": plain("document"),
            "at the connectors": lambda row, hours: " ".join(row.standing),
        }  # fmt: skip
        return await export(request, "journal", columns, lambda tx: {"rows": look(tx).page.rows})
    look, sync = _ledger(request, asked), house(request).sync

    def whole(tx: Tx) -> dict[str, Any]:
        return {"b": look(tx), "f": asked, "alarms": sync.alarms(tx) if sync is not None else ()}

    return await page(request, "ledger", "Ledger", whole, topics=("journal", "connector", "inbox"))


@get("/ledger/request", opt={"policy": "viewer"}, summary="An event as it is offered to a connector, raw")
async def raw_request(request: Request[Any, Any, Any], connector: FromQuery[str], seq: FromQuery[int]) -> Response[str]:
    sync = sync_of(request)
    raw = await house(request).db.read(lambda tx: sync.request(tx, connector, seq))
    return Response(ENV.get_template("desk/raw.html").render(raw=raw), media_type=HTML)


@post(
    "/ledger/retry",
    opt={"policy": "supervisor", "act": "try now"},
    status_code=200,
    summary="Try a waiting connector now",
)
async def retry(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(sync_of(request).retry_now, data.connector, login_of(request).worker)
    return done(f"{data.connector} is tried now.")


@post(
    "/ledger/pause",
    opt={"policy": "supervisor", "act": "pause"},
    status_code=200,
    summary="Send nothing to a connector",
)
async def pause(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(sync_of(request).pause, data.connector, login_of(request).worker)
    return done(f"{data.connector} is paused; nothing is lost meanwhile.")


@post(
    "/ledger/resume",
    opt={"policy": "supervisor", "act": "go on"},
    status_code=200,
    summary="Send to a connector again",
)
async def resume(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(sync_of(request).resume, data.connector, login_of(request).worker)
    return done(f"{data.connector} goes on.")


@post(
    "/ledger/replay",
    opt={"policy": "supervisor", "act": "replay event {seq}"},
    status_code=200,
    summary="Offer a dead letter again",
)
async def replay(data: Form[Letter], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(sync_of(request).replay, data.connector, data.seq, login_of(request).worker)
    return done(f"Event {data.seq} is offered to {data.connector} again.")


@post(
    "/ledger/replay-all",
    opt={"policy": "supervisor", "act": "replay all dead letters"},
    status_code=200,
    summary="Offer all dead letters again",
)
async def replay_all(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    count = await asyncio.to_thread(sync_of(request).replay_all, data.connector, login_of(request).worker)
    return done(f"{count} events are offered to {data.connector} again.")


@post(
    "/ledger/discard",
    opt={"policy": "supervisor", "act": "discard event {seq}: {reason}"},
    status_code=200,
    summary="Discard a dead letter, two people",
)
async def discard(data: Form[Discard], request: Request[Any, Any, Any]) -> Response[str]:
    """403 for a wrong PIN, the same person twice or a second person who is no supervisor."""
    sync, first = sync_of(request), login_of(request)
    second = await _second_person(request, data.badge, data.pin)
    await asyncio.to_thread(sync.propose_discard, data.connector, data.seq, data.reason, first.worker)
    await asyncio.to_thread(sync.second_discard, data.connector, data.seq, second.code)
    return done(f"Event {data.seq} is discarded for {data.connector}: decided by {first.name} and {second.name}.")


@post(
    "/ledger/approve",
    opt={"policy": "supervisor", "act": "accept the warning of event {seq}"},
    status_code=200,
    summary="Accept a warning of the ERP",
)
async def approve(data: Form[Letter], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(sync_of(request).approve, data.connector, data.seq, login_of(request).worker)
    return done(f"Event {data.seq} is offered to {data.connector} again, its warning accepted.")


@post(
    "/ledger/decline",
    opt={"policy": "supervisor", "act": "decline the warning of event {seq}: {reason}"},
    status_code=200,
    summary="Decline a warning of the ERP",
)
async def decline(data: Form[Decline], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request).worker
    await asyncio.to_thread(sync_of(request).decline, data.connector, data.seq, data.reason, who)
    return done(f"Event {data.seq} is a dead letter of {data.connector} now.")


@get("/inbox", opt={"policy": "viewer"}, summary="What the ERP sent")
async def inbox_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, InboxFilter)
    if exports(request):
        return await export(
            request, "inbox", INBOX_CSV, lambda tx: {"rows": inbox.messages(tx, asked, export=True).page.rows}
        )

    def look(tx: Tx) -> dict[str, Any]:
        return {"b": inbox.messages(tx, asked), "f": asked, "notes": sync_of(request).notes(tx, "")}

    return await page(request, "inbox", "Inbox", look, topics=("inbox", "connector"))


@post(
    "/inbox/replay",
    opt={"policy": "supervisor", "act": "try message {id} of {source} again"},
    status_code=200,
    summary="Try a message again",
)
async def replay_message(data: Form[Kept], request: Request[Any, Any, Any]) -> Response[str]:
    return done(await asyncio.to_thread(sync_of(request).replay_message, data.source, data.id))


@post(
    "/inbox/discard",
    opt={"policy": "supervisor", "act": "discard message {id} of {source}: {reason}"},
    status_code=200,
    summary="Discard a message, two people",
)
async def discard_message(data: Form[GiveUp], request: Request[Any, Any, Any]) -> Response[str]:
    """403 for a wrong PIN, the same person twice or a second person who is no supervisor."""
    sync, first = sync_of(request), login_of(request)
    second = await _second_person(request, data.badge, data.pin)
    return done(
        await asyncio.to_thread(sync.discard_message, data.source, data.id, data.reason, first.worker, second.code)
    )


async def _second_person(request: Request[Any, Any, Any], badge: str, pin: str) -> Worker:
    """Who stands beside, with badge and PIN, and seconds a discard. Raises WrongPin, PinLocked, SamePerson, Forbidden."""
    first = login_of(request)
    bare = badge.strip().removeprefix("BDG/")[:64].replace("\0", "")
    second = await verify_pin(request, bare, pin, first.device)
    await house(request).db.read(
        lambda tx: duties.refuse_same(tx, "propose_discard", first.worker, "second_discard", second.code)
    )
    if not second.is_a("supervisor", "admin"):
        raise Forbidden(worker=second.name)
    return second


HANDLERS = [
    ledger_page, raw_request, retry, pause, resume, replay, replay_all, discard, approve, decline, inbox_page, replay_message,
    discard_message,
]  # fmt: skip
