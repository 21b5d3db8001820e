"""What returns bring back, by way, reason and customer, as page and CSV; and the claim that goes with goods to a supplier."""

from typing import Any

import msgspec
from litestar import Request, Response, get

from app.desk import claims, recovery
from app.desk.recovery import RecoveryFilter
from app.web.desk_pages import export, exports, page, plain, wanted

TOPICS = ("returns",)
WAYS_CSV = {
    "code": plain("code"), "way": plain("words"), "units": plain("units"), "pieces": plain("pieces"),
    "share %": plain("share"), "value in cents": plain("value"), "recovered in cents": plain("recovered"),
    "sent its way after": plain("quick"), "done after": plain("whole"),
}  # fmt: skip
REASONS_CSV = {
    "item": plain("item"), "name": plain("name"), "reason": plain("reason"), "supplier": plain("supplier"),
    "supplier name": plain("supplier_name"), "units": plain("units"), "shipped": plain("shipped"),
    "rate": plain("rate"), "value in cents": plain("value"), "quality": plain("is_quality"),
}  # fmt: skip
CUSTOMERS_CSV = {
    "customer": plain("customer"), "name": plain("name"), "why": plain("why"), "sent back": plain("returned"),
    "shipped": plain("shipped"), "worn": plain("worn"), "other serial": plain("other_serial"),
    "value in cents": plain("value"),
}  # fmt: skip
CSV = {"ways": WAYS_CSV, "reasons": REASONS_CSV, "customers": CUSTOMERS_CSV}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    piece: str = ""


@get("/recovery", opt={"policy": "viewer"}, summary="What returns bring back, and what they say")
async def recovery_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, RecoveryFilter)
    if exports(request):
        part = asked.part if asked.part in CSV else "ways"
        return await export(
            request, f"recovery-{part}", CSV[part], lambda tx: {"rows": getattr(recovery.report(tx, asked), part)}
        )
    return await page(
        request, "recovery", "Recovery", lambda tx: {"b": recovery.report(tx, asked), "f": asked}, topics=TOPICS
    )


@get("/returns/claim", opt={"policy": "viewer"}, summary="A claim to the supplier, to print")
async def claim_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, Asked)
    return await page(request, "return_claim", "Claim", lambda tx: {"c": claims.claim(tx, asked.piece)}, topics=TOPICS)


HANDLERS = [recovery_page, claim_page]
