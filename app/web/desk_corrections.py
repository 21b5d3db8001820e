"""Corrections at the desk: the list, and the two buttons that end a request: approve, or reject with a reason."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.desk import corrections
from app.desk.corrections import CorrectionFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

TOPICS = ("corrections", "journal")
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]
CSV = {
    "asked": moment("asked"), "by": plain("asked_by"), "kind": plain("kind"), "item": plain("item"),
    "name": plain("name"), "location": plain("location"), "LPN": plain("lpn"), "lot": plain("lot"),
    "serial": plain("serial"), "change": plain("change"), "booked then": plain("booked"), "value": plain("value"),
    "reason": plain("reason"), "state": plain("state"), "decided by": plain("decided_by"), "decided": moment("decided"),
    "decision": plain("decision"),
}  # fmt: skip


class Decided(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Key
    reason: Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")] = ""


@get("/corrections", opt={"policy": "viewer"}, summary="Adjustments and write-offs asked for on the floor")
async def correction_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, login = wanted(request, CorrectionFilter), login_of(request)
    who = login.worker if login.is_a("supervisor", "admin") else ""
    if exports(request):
        return await export(
            request, "corrections", CSV, lambda tx: {"rows": corrections.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request, "corrections", "Corrections", lambda tx: {"b": corrections.listing(tx, asked, who=who), "f": asked},
        topics=TOPICS,
    )  # fmt: skip


@post("/corrections/approve", opt={"policy": "supervisor"}, status_code=200, summary="Post a correction")
async def approve_correction(data: Form[Decided], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: corrections.approve(tx, data.id, who=who.worker, device=who.device)
        )
    )  # fmt: skip


@post("/corrections/reject", opt={"policy": "supervisor"}, status_code=200, summary="Reject a correction")
async def reject_correction(data: Form[Decided], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: corrections.reject(tx, data.id, reason=data.reason, who=who.worker, device=who.device)
        )
    )


HANDLERS = [correction_list, approve_correction, reject_correction]
