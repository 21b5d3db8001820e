"""Owners and their stock, as page and CSV."""

from typing import Any

from litestar import Request, Response, get

from app.desk import owners
from app.desk.owners import OwnerFilter
from app.web.desk_pages import export, exports, page, plain, wanted

CSV = {
    "owner": plain("owner"), "item": plain("item"), "name": plain("name"), "lot": plain("lot"),
    "status": plain("status"), "quantity": plain("quantity"), "promised": plain("promised"), "free": plain("free"),
    "unit": plain("unit"),
}  # fmt: skip


@get("/owners", opt={"policy": "viewer"}, summary="What is kept for each owner")
async def owner_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, OwnerFilter)
    if exports(request):
        return await export(
            request, "stock", CSV, lambda tx: {"rows": owners.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request, "owners", "Owners", lambda tx: {"b": owners.listing(tx, asked), "f": asked}, topics=("items", "journal")
    )  # fmt: skip


HANDLERS = [owner_list]
