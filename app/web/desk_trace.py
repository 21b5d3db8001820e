"""Trace: one box that takes any code, a scan too."""

from typing import Any

from litestar import Request, Response, get

from app.desk import trace
from app.desk.trace import TraceFilter
from app.desk.trace_meanings import KINDS
from app.web.desk_pages import export, exports, moment, page, plain, wanted

CSV = {
    "event": plain("seq"), "time": moment("at"), "what": plain("kind"), "in words": plain("words"),
    "worker": plain("worker"), "device": plain("device"), "document": plain("document"), "scanned": plain("raw"),
}  # fmt: skip


@get("/trace", opt={"policy": "viewer"}, summary="Where a thing is, and everything that happened to it")
async def trace_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, TraceFilter)
    if exports(request):

        def rows(tx: Any) -> dict[str, Any]:
            found = trace.trace(tx, asked, export=True)
            return {"rows": found.trail.rows if found.trail else ()}

        return await export(request, "trace", CSV, rows)
    return await page(
        request, "trace", "Trace", lambda tx: {"b": trace.trace(tx, asked), "f": asked, "kinds": KINDS},
        topics=("journal",),
    )  # fmt: skip


HANDLERS = [trace_page]
