"""The overrides page: read by supervisors and admins, changed by nobody."""

from typing import Any

from litestar import Request, Response, get

from app.desk import overrides
from app.desk.overrides import OverrideFilter
from app.web.desk_pages import export, exports, moment, page, plain, wanted

CSV = {
    "event": plain("seq"), "when": moment("at"), "worker": plain("worker"), "worker name": plain("worker_name"),
    "supervisor": plain("supervisor"), "supervisor name": plain("supervisor_name"), "rule": plain("rule"),
    "what": plain("what"), "limit": plain("limit"), "amount": plain("amount"), "reason": plain("reason"),
    "document": plain("document"), "device": plain("device"),
}  # fmt: skip


@get("/overrides", opt={"policy": "supervisor"}, summary="What supervisors let pass, with both names")
async def override_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, OverrideFilter)
    if exports(request):
        return await export(
            request, "overrides", CSV, lambda tx: {"rows": overrides.listing(tx, asked, export=True).page.rows}
        )
    return await page(
        request, "overrides", "Overrides", lambda tx: {"b": overrides.listing(tx, asked), "f": asked},
        topics=("journal",),
    )  # fmt: skip


HANDLERS = [override_list]
