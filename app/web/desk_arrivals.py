"""Deliveries: expected, late, at a door, unloaded; and how punctual suppliers are."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get

from app.desk import arrivals
from app.desk.arrivals import ArrivalFilter
from app.desk.words import Hours
from app.web.desk_pages import export, exports, page, plain, wanted


def _of(field: str) -> Callable[[Any, Hours], Any]:
    return lambda row, hours: getattr(row.delivery, field)


def _when(field: str) -> Callable[[Any, Hours], Any]:
    return lambda row, hours: hours.iso(getattr(row.delivery, field)) if getattr(row.delivery, field) else ""


CSV = {
    "document": plain("document"), "supplier": _of("supplier"), "carrier": _of("carrier"), "state": plain("state"),
    "due": _when("due"), "until": _when("until"), "arrived": _when("arrived"), "minutes off": plain("off_min"),
    "door": _of("door"), "seal": _of("seal"), "answers": _of("answers"), "in": _of("done"), "of": _of("all"),
    "unloaded": _when("unloaded"),
}  # fmt: skip


@get("/arrivals", opt={"policy": "viewer"}, summary="Deliveries: expected, late, at the doors, unloaded")
async def arrival_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, ArrivalFilter)
    if exports(request):
        return await export(
            request, "arrivals", CSV, lambda tx: {"rows": arrivals.look(tx, asked, export=True).page.rows}
        )
    return await page(
        request,
        "arrivals",
        "Arrivals",
        lambda tx: {"b": arrivals.look(tx, asked), "f": asked, "states": arrivals.STATES},
        topics=("arrivals", "receipts"),
    )


HANDLERS = [arrival_list]
