"""Who may come in: every route names its policy, or the server does not start.

    public     health, static files, the API description
    device     anybody standing in front of a handheld: badge and PIN pages
    worker     signed in on the floor
    scan       signed in on the floor, checked inside the turn itself (one read less on the hot path)
    display     a wall screen with its own cookie, or a viewer
    service, viewer, supervisor, admin   signed in at the desk with that role or a higher one
    signed     the ERP: the body carries a signature
    key        a shop: the bearer key of the settings

Unsafe methods must come from our own pages (Origin, Sec-Fetch-Site) and name the login's own CSRF token. Every answer
carries the security headers, errors and static files too.
"""

import hmac
from typing import Any

from litestar import Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.desk import displays
from app.errors import CannotStart, Forbidden, Refusal, SignedOut
from app.floor import sessions
from app.floor.sessions import Login
from app.web import acts
from app.web.house import House

POLICIES = (
    "public",
    "device",
    "worker",
    "scan",
    "display",
    "service",
    "viewer",
    "supervisor",
    "admin",
    "signed",
    "key",
)
_RANK = {
    "service": ("service", "viewer", "supervisor", "admin"),
    "viewer": ("viewer", "supervisor", "admin"),
    "supervisor": ("supervisor", "admin"),
    "admin": ("admin",),
}
BODY_LIMIT = 64 * 1024
SAFE = ("GET", "HEAD", "OPTIONS")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # with `no-referrer` a form that leaves its page names no origin
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), payment=()"),
]


class BadOrigin(Forbidden):
    code, title = "bad_origin", "Not from here"
    says = "This request did not come from a page of this server."
    todo = "Open the page again."


class BadKey(Forbidden):
    code, title, http = "bad_key", "No key", 401
    says = "This door opens with a key: Authorization: Bearer …"
    todo = "Set availability_key, and send it."


class BadCsrf(Forbidden):
    code, title = "bad_csrf", "Page too old"
    says = "This page belongs to an earlier sign-in."
    todo = "Load the page again."


def house(connection: ASGIConnection[Any, Any, Any, Any]) -> House:
    found = connection.app.state.house
    assert isinstance(found, House)
    return found


def cookie_name(connection: ASGIConnection[Any, Any, Any, Any], door: str) -> str:
    """`__Host-` names need TLS; on a plain-http LAN browsers refuse them, so there the Origin check carries the weight."""
    return f"__Host-pf-{door}" if connection.scope["scheme"] == "https" else f"pf-{door}"


def set_cookie(
    connection: ASGIConnection[Any, Any, Any, Any], response: Response[Any], door: str, value: str, age: int
) -> None:
    response.set_cookie(
        key=cookie_name(connection, door),
        value=value,
        max_age=age,
        httponly=True,
        secure=connection.scope["scheme"] == "https",
        samesite="strict",
        path="/",
    )


def token_of(connection: ASGIConnection[Any, Any, Any, Any], door: str) -> str:
    """The digest of the door's cookie; the empty text when there is none."""
    wanted = cookie_name(connection, door)
    for pair in reversed(header(connection, b"cookie").split(";")):
        name, _, value = pair.strip().partition("=")
        if name == wanted and value:
            return sessions.digest(value)
    return ""


def header(connection: ASGIConnection[Any, Any, Any, Any], name: bytes) -> str:
    """One header as it was sent, or the empty text."""
    for key, value in connection.scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def policy_of(handler: BaseRouteHandler) -> str:
    return str(handler.opt.get("policy", ""))


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The one guard on every route. Raises SignedOut or Forbidden; leaves the login in `connection.state.login`."""
    await acts.look_at(connection, handler)
    policy = policy_of(handler)
    scope_method = str(connection.scope.get("method", "GET"))
    if scope_method not in SAFE and policy != "signed":
        refuse_foreign(connection)
    if policy in ("public", "device", "scan", "signed"):
        return
    if policy == "key":
        refuse_without_key(connection)
        return
    if policy == "display":
        connection.state.display = await _display_of(connection)
        if connection.state.display[0]:
            return
        policy = "viewer"
    door = "floor" if policy == "worker" else "desk"
    token = token_of(connection, door)
    login = await house(connection).db.read(lambda tx: sessions.whose(tx, token)) if token else None
    if login is None or login.door != door:
        raise SignedOut()
    connection.state.login = login
    if policy in _RANK and not login.is_a(*_RANK[policy]):
        raise Forbidden(worker=login.name)
    if scope_method not in SAFE:
        check_csrf(connection, login.csrf)


def refuse_without_key(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raises BadKey unless the request carries the shop's key."""
    key = house(connection).settings.availability_key
    given = header(connection, b"authorization")
    if not key or not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
        raise BadKey()


async def _display_of(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[str, int]:
    """The wall screen that asks, by the secret of its link or by the cookie it got for it, and when it was seen."""
    secret = connection.query_params.get("display", "")
    token = sessions.digest(secret) if secret else token_of(connection, "display")
    return await house(connection).db.read(lambda tx: displays.behind(tx, token)) if token else ("", 0)


def login_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Login:
    found = connection.state.login
    assert isinstance(found, Login)
    return found


def check_csrf(connection: ASGIConnection[Any, Any, Any, Any], expected: str) -> None:
    if not hmac.compare_digest(header(connection, b"x-csrf").encode(), expected.encode()):
        raise BadCsrf()


def refuse_foreign(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raises BadOrigin where a browser says that another site's page asks."""
    if header(connection, b"sec-fetch-site") not in ("same-origin", "none", ""):
        raise BadOrigin()
    origin = header(connection, b"origin")
    if origin:
        own = f"{connection.scope['scheme']}://{header(connection, b'host')}"
        if origin != own and origin not in house(connection).settings.trusted_origins:
            raise BadOrigin()


def refuse_unguarded(app: Litestar) -> None:
    """Deny by default: raises CannotStart for any route that names no policy."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)]):
            if isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}:
                continue  # made by the framework; it only lists methods
            if not isinstance(handler, HTTPRouteHandler) or policy_of(handler) not in POLICIES:
                raise CannotStart(f"The route {route.path} names no policy: nobody may come in, so nobody does.")


class SecurityHeaders:
    """The outermost layer: headers on every answer, and never a stack trace, however deep the JSON.

    An answer that brings one of them keeps its own: the camera's worker has another policy than the pages.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.get("headers", ())}
                headers = [*message.get("headers", ()), *(one for one in HEADERS if one[0] not in own)]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Reply:
    """An answer on the hot path: status, headers and bytes straight to the server, without a response object's detours."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, body: bytes, media_type: bytes, headers: list[tuple[bytes, bytes]], status: int = 200) -> None:
        self.body = body
        self.status = status
        self.headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


# ── refusals and failures as answers ─────────────────────────────────────────────────────────────────────────────────
def refusal_answer(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.http == 503 else {}
    return Response(
        content={
            "code": refusal.code,
            "title": refusal.title,
            "sentence": refusal.sentence,
            "todo": refusal.what_to_do,
        },
        status_code=refusal.http,
        headers={**headers, "X-Refusal": refusal.code},
        media_type="application/json",
    )


def http_answer(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    status = problem.status_code
    words = {
        400: ("bad_request", "The request is not what this door takes."),
        404: ("not_found", "There is nothing here."),
        405: ("bad_method", "This door does not open that way."),
        413: ("too_large", "That is too much at once."),
    }
    code, sentence = words.get(status, ("failed", "That did not work."))
    detail = [str(entry.get("message", "")) for entry in problem.extra] if isinstance(problem.extra, list) else []
    return Response(
        content={
            "code": code,
            "title": "Not possible",
            "sentence": sentence,
            "detail": [words[:200] for words in detail],
        },
        status_code=status,
        media_type="application/json",
    )


def too_deep(request: Request[Any, Any, Any], problem: RecursionError) -> Response[Any]:
    return Response(
        content={"code": "bad_request", "title": "Not possible", "sentence": "The request is nested too deeply."},
        status_code=400,
        media_type="application/json",
    )


def no_text(request: Request[Any, Any, Any], problem: UnicodeDecodeError) -> Response[Any]:
    return Response(
        content={"code": "bad_request", "title": "Not possible", "sentence": "The request is not UTF-8."},
        status_code=400,
        media_type="application/json",
    )


def our_fault(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """A defect of ours: one sentence to the worker, everything to the log."""
    import structlog

    structlog.get_logger().exception("a request failed", path=request.url.path, exc_info=problem)
    return Response(
        content={
            "code": "our_fault",
            "title": "Our fault",
            "sentence": "The server made a mistake; nothing was changed.",
        },
        status_code=500,
        media_type="application/json",
    )
