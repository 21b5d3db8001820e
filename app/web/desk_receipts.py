"""Receipts with differences: the list, one document's lines, and deciding on goods that wait on hold."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import receipts
from app.desk.receipts import ReceiptFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

TOPICS = ("discrepancies", "receipts")
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]
CSV = {
    "document": plain("document"), "supplier": plain("supplier"), "line": plain("line"), "item": plain("item"),
    "name": plain("name"), "what": plain("title"), "expected": plain("expected"), "found": plain("found"),
    "on hold": plain("quantity"), "LPN": plain("lpn"), "location": plain("location"), "lot": plain("lot"),
    "reason": plain("reason"), "received by": plain("worker"), "owner": plain("owner"), "due": moment("due"),
    "state": plain("state"), "raised": moment("created"), "taken by": plain("taken_by"), "decided": plain("decided"),
    "decided by": plain("decided_by"), "closed": moment("closed"),
}  # fmt: skip


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Id


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`quantity` empty or 0: all that waits."""

    id: Id
    outcome: Literal["accepted", "released", "sent_back", "written_off"]
    quantity: Annotated[str, msgspec.Meta(max_length=9, pattern=r"^[0-9]*\Z")] = ""
    reason: Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")] = ""


@get("/receipts", opt={"policy": "viewer"}, summary="Receipts that differ, with what waits on hold")
async def receipt_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, who = wanted(request, ReceiptFilter), login_of(request).worker
    if exports(request):
        return await export(
            request, "receipts", CSV, lambda tx: {"rows": receipts.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request,
        "receipts",
        "Receipts",
        lambda tx: {"b": receipts.listing(tx, asked, worker=who), "f": asked, "kinds": receipts.KINDS},
        topics=TOPICS,
    )


@post("/receipts/take", opt={"policy": "supervisor"}, status_code=200, summary="Look into a difference")
async def take_receipt(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(await house(request).db.ado(lambda tx: receipts.take(tx, data.id, worker=who.worker)))


@post("/receipts/decide", opt={"policy": "supervisor"}, status_code=200, summary="Decide on a difference")
async def decide_receipt(data: Form[Decision], request: Request[Any, Any, Any]) -> Response[str]:
    """Goods on hold are released, sent back or written off, all or `quantity` of them; a mere difference is accepted."""
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: receipts.decide(
                tx, data.id, data.outcome, quantity=int(data.quantity or 0), reason=data.reason, worker=who.worker,
                device=who.device,
            )
        )
    )  # fmt: skip


HANDLERS = [receipt_list, take_receipt, decide_receipt]
