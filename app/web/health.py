"""Is the server alive, and may traffic come? For whatever restarts it."""

from typing import Any

from litestar import Request, Response, get
from litestar.response import Redirect

from app.web.doors import house


@get("/", opt={"policy": "public"}, include_in_schema=False)
async def front_door() -> Redirect:
    return Redirect("/floor")


@get("/health", opt={"policy": "public"}, summary="Alive?")
async def health(request: Request[Any, Any, Any]) -> Response[Any]:
    """200 while the writer can write; 503 with the reason once storage failed."""
    failed = house(request).db.writer.failed
    if failed:
        return Response(content={"state": "failed", "sentence": "The server cannot save."}, status_code=503)
    return Response(content={"state": "ready" if house(request).ready else "starting"})
