"""Transfers at the desk: the list, ordering one, cancelling what has not left, closing what is overdue."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.desk import transfers
from app.desk.transfers import TransferFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

TOPICS = ("transfers", "journal")
Word = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")]
CSV = {
    "transfer": plain("code"), "from": plain("source"), "to": plain("target"), "state": plain("state"),
    "carrier": plain("carrier"), "due": moment("due"), "ordered": plain("ordered"), "shipped": plain("shipped"),
    "received": plain("received"), "on the way": plain("on_the_way"), "asked by": plain("asked_by"),
}  # fmt: skip


class NewTransfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: Word
    target: Word
    wanted: Annotated[str, msgspec.Meta(max_length=4000, pattern=r"^[^\x00]*\Z")]


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Word


@get("/transfers", opt={"policy": "viewer"}, summary="Goods between sites")
async def transfer_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, TransferFilter)
    if exports(request):
        return await export(
            request, "transfers", CSV, lambda tx: {"rows": transfers.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request, "transfers", "Transfers", lambda tx: {"b": transfers.listing(tx, asked), "f": asked}, topics=TOPICS
    )


@post("/transfers/order", opt={"policy": "supervisor"}, status_code=200, summary="Order a transfer")
async def order_transfer(data: Form[NewTransfer], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: transfers.order(
                tx, data.source, data.target, data.wanted, who=who.worker, device=who.device
            )
        )
    )  # fmt: skip


@post("/transfers/cancel", opt={"policy": "supervisor"}, status_code=200, summary="Cancel a transfer")
async def cancel_transfer(data: Form[Named], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(lambda tx: transfers.cancel(tx, data.code, who=who.worker, device=who.device))
    )


@post("/transfers/close", opt={"policy": "supervisor"}, status_code=200, summary="Nothing more comes of a transfer")
async def close_transfer(data: Form[Named], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(lambda tx: transfers.close(tx, data.code, who=who.worker, device=who.device))
    )


HANDLERS = [transfer_list, order_transfer, cancel_transfer, close_transfer]
