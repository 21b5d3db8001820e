"""What waits for a decision, and closing it with a reason."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import exceptions
from app.desk.exceptions import ExceptionFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

CSV = {
    "what": plain("code"), "said": plain("sentence"), "document": plain("document"), "item": plain("item"),
    "location": plain("location"), "points": plain("score"), "why": plain("why"), "taken by": plain("taken_by"),
    "decided": plain("decided"), "decided by": plain("decided_by"),
    "expected": plain("expected"), "found": plain("found"), "owner": plain("owner"),
    "due": moment("due"), "state": plain("state"), "raised": moment("created"), "worker": plain("worker"),
}  # fmt: skip


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: Literal["exception", "discrepancy"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    reason: Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")] = ""


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: Literal["exception", "discrepancy"]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]


@get("/exceptions", opt={"policy": "viewer"}, summary="Exceptions and receipts that differ")
async def exception_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, ExceptionFilter)
    if exports(request):
        return await export(
            request, "exceptions", CSV, lambda tx: {"rows": exceptions.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request, "exceptions", "Exceptions", lambda tx: {"b": exceptions.listing(tx, asked), "f": asked},
        topics=("exceptions", "discrepancies"),
    )  # fmt: skip


@post("/exceptions/take", opt={"policy": "supervisor"}, status_code=200, summary="Look into one")
async def take_exception(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: exceptions.take(tx, data.source, data.id, worker=who.worker, device=who.device)
        )
    )


@post("/exceptions/close", opt={"policy": "supervisor"}, status_code=200, summary="Close one, with the reason")
async def close_exception(data: Form[Decided], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: exceptions.close(
                tx, data.source, data.id, reason=data.reason, worker=who.worker, device=who.device
            )
        )
    )


class Missing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]
    decision: Literal["give_up", "found"]


@post("/exceptions/missing", opt={"policy": "supervisor"}, status_code=200, summary="Goods missing at packing: end it")
async def decide_missing(data: Form[Missing], request: Request[Any, Any, Any]) -> Response[str]:
    """`give_up`: the order goes without, and the place is counted. `found`: packing goes on."""
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: exceptions.decide_missing(
                tx, data.id, give_up=data.decision == "give_up", worker=who.worker, device=who.device
            )
        )
    )


HANDLERS = [exception_list, take_exception, close_exception, decide_missing]
