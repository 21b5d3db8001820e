"""What came back from customers: the queue with its photos, decisions in place, and the document of a claim."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import drawers, on_paper, return_parcels, returns
from app.desk.returned_pieces import STAGES
from app.desk.returns import ReturnFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

TOPICS = ("returns",)
DRAWERS = asyncio.Semaphore(2)  # each may wait seconds for a printer that does not answer
_CLEAN = r"^[^\x00-\x1f\x7f]*\Z"
Piece = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_CLEAN)]
Words = Annotated[str, msgspec.Meta(max_length=200, pattern=_CLEAN)]
CSV = {
    "piece": plain("piece"), "RMA": plain("rma"), "order": plain("order_code"), "customer": plain("customer"),
    "item": plain("item"), "name": plain("name"), "lot": plain("lot"), "serial": plain("serial"),
    "quantity": plain("quantity"), "reason": plain("reason"), "wish": plain("wish"), "grade": plain("grade"),
    "flags": plain("flags"), "way": plain("disposition"), "because": plain("why"), "released by": plain("approver"),
    "stage": plain("stage"), "waits for": plain("now"), "location": plain("location"), "LPN": plain("lpn"),
    "status": plain("status"), "value in cents": plain("value"), "came": moment("received_at"),
    "sent its way": moment("disposed_at"), "left": moment("left_at"), "left to": plain("left_to"),
    "under": plain("left_reference"), "ERP decided": plain("decision"), "replacement": plain("replacement"),
}  # fmt: skip


class Decide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    piece: Piece
    way: Piece
    reason: Words = ""


class Gone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    piece: Piece
    to: Words = ""
    reference: Words = ""


class Identify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    parcel: Piece
    to: Piece


class Close(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    parcel: Piece


class Drawer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    printer: Piece
    reason: Words = ""


@get("/returns", opt={"policy": "viewer"}, summary="Returns: to decide, on the table, with a next step, gone")
async def return_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, who = wanted(request, ReturnFilter), login_of(request)
    if exports(request):
        return await export(
            request, "returns", CSV, lambda tx: {"rows": returns.listing(tx, asked, export=True).page.rows}
        )
    worker = who.worker if who.is_a("supervisor", "admin") else ""
    slips = on_paper.slip_printers(house(request).ports.printers)

    def look(tx: Tx) -> dict[str, Any]:
        found = returns.listing(tx, asked, worker=worker)
        return {"b": found, "f": asked, "stages": STAGES, "slips": slips}

    return await page(request, "returns", "Returns", look, topics=TOPICS)


@post("/returns/decide", opt={"policy": "supervisor"}, status_code=200, summary="What becomes of a returned piece")
async def decide_return(data: Form[Decide], request: Request[Any, Any, Any]) -> Response[str]:
    """The floor is told; nothing moves yet."""
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: returns.decide(
                tx, data.piece, data.way, reason=data.reason, worker=who.worker, device=who.device
            )
        )
    )


@post("/returns/gone", opt={"policy": "supervisor"}, status_code=200, summary="A returned piece left the house")
async def return_gone(data: Form[Gone], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: returns.gone(
                tx, data.piece, to=data.to, reference=data.reference, worker=who.worker, device=who.device
            )
        )
    )


@post("/returns/identify", opt={"policy": "supervisor"}, status_code=200, summary="Whose an unknown parcel is")
async def identify_parcel(data: Form[Identify], request: Request[Any, Any, Any]) -> Response[str]:
    """`to` is an RMA, a tracking number or an order."""
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: returns.identify(tx, data.parcel, data.to, worker=who.worker, device=who.device)
        )
    )


@post("/returns/close", opt={"policy": "supervisor"}, status_code=200, summary="Close a parcel left open")
async def close_parcel(data: Form[Close], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: return_parcels.close(tx, data.parcel, worker=who.worker, device=who.device)
        )
    )


@post("/returns/drawer", opt={"policy": "supervisor"}, status_code=200, summary="Open the drawer at a slip printer")
async def open_drawer(data: Form[Drawer], request: Request[Any, Any, Any]) -> Response[str]:
    """Written down first, then opened."""
    who, printers = login_of(request), house(request).ports.printers
    named = await house(request).db.ado(
        lambda tx: drawers.note_opening(tx, data.printer, data.reason, printers, worker=who.worker, device=who.device)
    )
    async with DRAWERS:
        return done(await asyncio.to_thread(house(request).edges.open_drawer, named))


HANDLERS = [return_list, decide_return, return_gone, identify_parcel, close_parcel, open_drawer]
