"""The ERP's push door: signed batches of CloudEvents, an answer for each event. What it means is sync's business."""

from typing import Any

import msgspec
from litestar import Request, Response, post

from app.web.doors import house

LIMIT = 1_048_576  # bytes of one push: declared here, because the house's own limit is 64 KiB


@post("/api/inbox", opt={"policy": "signed"}, status_code=200, request_max_body_size=LIMIT, tags=["erp"])
async def push(request: Request[Any, Any, Any]) -> Response[Any]:
    """Items, locations, parties, purchase orders and orders, in the sender's order.

    Each event is answered applied, same, stale, dead (kept for replay) or refused. 401 for a bad signature, 400 for a
    body that is no batch; nothing is taken then.
    """
    answers = await house(request).receive(await request.body(), dict(request.headers))
    return Response(content=msgspec.json.encode(answers), media_type="application/json")
