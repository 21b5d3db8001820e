"""The ERP's push door: signed batches of CloudEvents, an answer for each event. What it means is sync's business."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.exceptions import HTTPException

from app.web.doors import house

TOO_LARGE = 413
LONGEST_SIZE = 16  # digits
LIMIT = 1_048_576  # bytes of one push: declared here, because the house's own limit is 64 KiB


@post("/api/inbox", opt={"policy": "signed"}, status_code=200, request_max_body_size=LIMIT, tags=["erp"])
async def push(request: Request[Any, Any, Any]) -> Response[Any]:
    """Items, locations, parties, purchase orders and orders, in the sender's order.

    Each event is answered applied, same, stale, dead (kept for replay) or refused, the last two with a code. 401 for a
    bad signature, 400 for a body that is no batch, 413 for one too large; nothing is taken then.
    """
    try:
        body = await request.body()
    except HTTPException as problem:
        if problem.status_code == TOO_LARGE:
            told = request.headers.get("content-length", "")
            size = int(told) if told.isascii() and told.isdigit() and len(told) < LONGEST_SIZE else 0
            await house(request).turn_away("too_large", f"A push has at most {LIMIT} bytes.", size)
        raise
    answers = await house(request).receive(body, dict(request.headers))
    return Response(content=msgspec.json.encode(answers), media_type="application/json")
