"""The scan's own way in.

For each request Litestar copies the handler, sorts headers and cookies into dictionaries of its own and resolves what the
handler may want; that costs as much as a page drawn. The one route that is walked at every scan takes body and headers
straight from the server. It is still a Litestar route: found by its router, guarded by its policy, described in OpenAPI,
its refusals and mistakes answered by the same handlers.
"""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import ASGIApp, Receive, Scope, Send

from app.floor.scans import Scan
from app.web import doors

_SCAN = msgspec.json.Decoder(Scan)


class Straight:
    """Route middleware: read the scan, guard it, and call the handler `(data, request) -> ASGIApp` itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "POST":
            await self._app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        doors.refuse_foreign(request)
        try:
            scan = _SCAN.decode(await _body(receive))
        except msgspec.MsgspecError as problem:
            raise ValidationException(extra=[{"message": str(problem)}]) from None
        answer = await scope["route_handler"].fn(data=scan, request=request)
        await answer(scope, receive, send)


async def _body(receive: Receive) -> bytes:
    """All of it. Raises RequestEntityTooLarge past the limit."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body  # the client went away
        body += message["body"]
        if len(body) > doors.BODY_LIMIT:
            raise RequestEntityTooLarge()
        if not message["more_body"]:
            return body
