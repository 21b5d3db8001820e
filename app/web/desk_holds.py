"""Lots on hold, and one lot's way through the house: holding, recalling, clearing, and the CSV for the phone calls."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import holds, recall
from app.desk.holds import HoldFilter
from app.desk.recall import LotFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

TOPICS = ("holds", "journal")
Word = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00]*\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")]
CSV = {
    "lot": plain("lot"), "item": plain("item"), "name": plain("name"), "kind": plain("kind"), "reason": plain("reason"),
    "state": plain("state"), "held by": plain("held_by"), "source": plain("source"), "held": moment("held_at"),
    "here": plain("here"), "promised": plain("promised"), "with customers": plain("gone"),
    "cleared by": plain("cleared_by"), "cleared": moment("cleared_at"), "cleared because": plain("cleared_why"),
}  # fmt: skip
PARTS = {
    "who": {
        "customer": plain("customer"), "name": plain("name"), "address": plain("address"), "order": plain("order"),
        "carton": plain("carton"), "load": plain("load"), "carrier": plain("carrier"), "units": plain("quantity"),
        "shipped": moment("shipped"),
    },
    "where": {
        "location": plain("location"), "kind": plain("kind"), "LPN": plain("lpn"), "in": plain("parent"),
        "status": plain("status"), "units": plain("quantity"), "promised": plain("promised"), "order": plain("order"),
    },
    "from": {
        "document": plain("document"), "supplier": plain("supplier"), "units": plain("quantity"),
        "received": moment("received"),
    },
}  # fmt: skip


class Stop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lot: Word
    item: Word = ""
    kind: Literal["hold", "recall"] = "hold"
    reason: Reason = ""


class Clear(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]
    reason: Reason = ""


@get("/holds", opt={"policy": "viewer"}, summary="Lots on hold and recalled")
async def hold_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, who = wanted(request, HoldFilter), login_of(request).worker
    if exports(request):
        return await export(
            request, "holds", CSV, lambda tx: {"rows": holds.listing(tx, asked, worker=who, export=True).page.rows}
        )
    return await page(
        request, "holds", "Holds", lambda tx: {"b": holds.listing(tx, asked, worker=who), "f": asked}, topics=TOPICS
    )


@post("/holds/stop", opt={"policy": "supervisor"}, status_code=200, summary="Hold or recall a lot")
async def stop_lot(data: Form[Stop], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: holds.stop(
                tx, item=data.item, lot=data.lot, kind=data.kind, reason=data.reason, worker=who.worker,
                device=who.device,
            )
        ),
        stays=True,
    )  # fmt: skip


@post("/holds/clear", opt={"policy": "supervisor"}, status_code=200, summary="Set a lot free again")
async def clear_hold(data: Form[Clear], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: holds.clear(tx, data.id, reason=data.reason, worker=who.worker, device=who.device)
        )
    )


@get("/recall", opt={"policy": "viewer"}, summary="A lot: where it is, who got it, where it came from")
async def lot_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, LotFilter)
    if exports(request):
        part = asked.part if asked.part in PARTS else "who"
        return await export(
            request, f"lot-{part}", PARTS[part], lambda tx: {"rows": recall.rows(tx, asked)}
        )  # fmt: skip

    def look(tx: Tx) -> dict[str, Any]:
        return {"b": recall.look(tx, asked), "f": asked}

    return await page(request, "recall", "Recall", look, topics=TOPICS)


HANDLERS = [hold_list, stop_lot, clear_hold, lot_page]
