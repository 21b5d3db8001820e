"""Variances at the desk: approve, count once more, reject, many at once within the limits, and codes nobody knew."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.desk import variances
from app.desk.variances import Row, VarianceFilter
from app.desk.words import Hours
from app.stock.ledger import By
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work import limits
from app.work.counting import deciding, undoing

TOPICS = ("counts",)  # what moves meanwhile is counted in when it is decided, not when it is drawn
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]


def _value(row: Row, hours: Hours) -> str:
    return "" if row.value < 0 else limits.say("count_value", row.value)


CSV = {
    "location": plain("place"), "zone": plain("zone"), "item": plain("item"), "name": plain("name"), "lot": plain("lot"),
    "LPN": plain("lpn"), "class": plain("abc"), "round": plain("round"), "expected": plain("book"),
    "counted": plain("counted"), "variance": plain("difference"), "percent": plain("percent"), "value": _value,
    "serials": plain("note"), "counted by": plain("who"), "counted at": moment("created"), "state": plain("state"),
    "decided by": plain("decided_by"), "reason": plain("reason"), "cause": plain("cause"),
    "decided": moment("decided"), "event": plain("event"),
}  # fmt: skip


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Word


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Word
    reason: Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")] = ""


class Approved(Decided, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cause: Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")] = ""  # none: the proposed one


class Several(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ids: Annotated[str, msgspec.Meta(min_length=1, max_length=64 * 64, pattern=r"^[^\x00]*\Z")]  # space-separated
    reason: Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")] = ""


class Linked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    count: Word
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
    item: Word
    times: Annotated[int, msgspec.Meta(ge=1, le=99_999)] = 1


@get("/variances", opt={"policy": "viewer"}, summary="Counts that differ from the books")
async def variance_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, who = wanted(request, VarianceFilter), login_of(request).worker
    if exports(request):
        return await export(
            request,
            "variances",
            CSV,
            lambda tx: {"rows": variances.listing(tx, asked, worker=who, export=True).page.rows},
        )
    return await page(
        request,
        "variances",
        "Variances",
        lambda tx: {"b": variances.listing(tx, asked, worker=who), "f": asked, "say": limits.say, "of": variances},
        topics=TOPICS,
    )


@post("/variances/approve", opt={"policy": "supervisor"}, status_code=200, summary="Bring the books to the count")
async def approve_variance(data: Form[Approved], request: Request[Any, Any, Any]) -> Response[str]:
    by = _by(request)
    work = lambda tx: deciding.approve(tx, data.id, data.reason, by, cause=data.cause)  # noqa: E731
    return done(await house(request).db.ado(work))


@post("/variances/approve-all", opt={"policy": "supervisor"}, status_code=200, summary="Several, within one's limits")
async def approve_several(data: Form[Several], request: Request[Any, Any, Any]) -> Response[str]:
    """Each in a turn of its own; what is above the limits stays and says so."""
    by, db = _by(request), house(request).db
    return done(await asyncio.to_thread(deciding.approve_all, db, data.ids.split(), data.reason, by), stays=True)


@post("/variances/recount", opt={"policy": "supervisor"}, status_code=200, summary="Have it counted once more")
async def recount_variance(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    by = _by(request)
    return done(await house(request).db.ado(lambda tx: deciding.recount(tx, data.id, by)))


@post("/variances/reject", opt={"policy": "supervisor"}, status_code=200, summary="Leave the books as they are")
async def reject_variance(data: Form[Decided], request: Request[Any, Any, Any]) -> Response[str]:
    by = _by(request)
    return done(await house(request).db.ado(lambda tx: deciding.reject(tx, data.id, data.reason, by)))


@post("/variances/undo", opt={"policy": "supervisor"}, status_code=200, summary="Take back one's own decision")
async def undo_decision(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    by = _by(request)
    return done(await house(request).db.ado(lambda tx: undoing.undo(tx, data.id, by)))


@post("/variances/link", opt={"policy": "supervisor"}, status_code=200, summary="Say what an unknown code was")
async def link_code(data: Form[Linked], request: Request[Any, Any, Any]) -> Response[str]:
    by = _by(request)
    return done(
        await house(request).db.ado(
            lambda tx: deciding.link(tx, data.count, data.label, data.item.strip(), by, times=data.times)
        )
    )


def _by(request: Request[Any, Any, Any]) -> By:
    who = login_of(request)
    return By(worker=who.worker, device=who.device, cause="desk")


HANDLERS = [
    variance_list,
    approve_variance,
    approve_several,
    recount_variance,
    reject_variance,
    undo_decision,
    link_code,
]
