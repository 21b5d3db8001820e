"""The small web server behind the windows of virtual hardware: loopback pages without a framework or a database.

A form is obeyed only when the browser says that this page sent it. Nothing is cached but what the window says may be.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

MAX_FORM = 4096  # bytes
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Body(NamedTuple):
    content: bytes
    kind: str  # media type
    kept: bool = False  # may the browser keep it


Get = Callable[[str], Body | None]  # of a path; None is 404
Post = Callable[
    [str, dict[str, str]], Body | str | None
]  # of a path and a form: a body, where to go on, or None for 403


class Door:
    """Serves `get` and `post` until stopped. Raises OSError when the port is taken."""

    def __init__(self, get: Get, post: Post, host: str = "127.0.0.1", port: int = 0) -> None:
        self.server = ThreadingHTTPServer((host, port), _request_class(get, post))
        self.server.daemon_threads = True
        self.host, self.port = str(self.server.server_address[0]), int(self.server.server_address[1])
        self.url = f"http://{self.host}:{self.port}/"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)

    def start(self) -> Door:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> Door:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _request_class(get: Get, post: Post) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "pickface", ""

        def do_GET(self) -> None:
            found = get(urlsplit(self.path).path)
            if found is None:
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                self.reply(found)

        def do_POST(self) -> None:
            own = self.headers.get("Origin") == f"http://{self.headers.get('Host', '')}"
            answer = post(urlsplit(self.path).path, self.form()) if own else None
            if answer is None:
                self.send_error(HTTPStatus.FORBIDDEN)
            elif isinstance(answer, Body):
                self.reply(answer)
            else:
                self.send_response(HTTPStatus.SEE_OTHER)
                self.send_header("Location", answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def form(self) -> dict[str, str]:
            length = self.headers.get("Content-Length", "")
            raw = self.rfile.read(min(int(length), MAX_FORM)) if length.isdigit() else b""
            return {name: sent[-1] for name, sent in parse_qs(raw.decode("utf-8", "replace")).items()}

        def reply(self, body: Body) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", body.kind)
            self.send_header("Content-Length", str(len(body.content)))
            self.send_header("Cache-Control", "max-age=3600" if body.kept else "no-store")
            self.end_headers()
            self.wfile.write(body.content)

        def end_headers(self) -> None:
            for name, value in HEADERS.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent: every refresh would be a line."""

    return Request
