"""The line to an ERP that is asked over HTTP, where requests and answers go astray whole.

What `tests/faults/bad_line.py` does to bytes, by chance, is done here to requests, on purpose: a posting is applied and
its answer lost, delivered twice, or delivered after the next one. Until it is mended a fault holds for everything that
is asked, so that a test can look at the desk in peace.
"""

import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx

from tests.sync.sink import until

PASSED_ON_WITHIN_S = 60.0
NOT_PASSED_ON = ("host", "connection", "content-length", "accept-encoding", "transfer-encoding")


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answered(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


HUNG_UP = Answered(0, {}, b"")


class Relay:
    """`posts` says which requests are postings; all others only ask."""

    def __init__(self, port: int, posts: Callable[[Asked], bool], *, late_s: float) -> None:
        self._to = f"http://127.0.0.1:{port}"
        self._posts = posts
        self._late_s = late_s
        self._fault = ""
        self._then: Callable[[], None] = lambda: None
        self._held: Asked | None = None
        self._under_way: list[Asked] = []
        self.posted: list[bytes] = []  # what was passed on of postings
        self._client = httpx.Client(trust_env=False, timeout=PASSED_ON_WITHIN_S)
        self._door = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._door.daemon_threads = True
        self.port = int(self._door.server_address[1])
        threading.Thread(target=self._door.serve_forever, args=(0.05,), name="relay", daemon=True).start()

    def play(self, fault: str, then: Callable[[], None] = lambda: None) -> None:
        """From now on; `then` follows whenever a posting was passed on."""
        self._fault, self._then = fault, then

    def mend(self) -> None:
        """Once what is under way has arrived."""
        until(lambda: not self._under_way, "what is under way arrives", PASSED_ON_WITHIN_S)
        self._fault = ""

    def close(self) -> None:
        self._door.shutdown()
        self._door.server_close()
        self._client.close()

    def answer(self, asked: Asked) -> Answered:
        posting = self._posts(asked)
        match self._fault:
            case "down":
                return Answered(503, {"Content-Type": "application/json"}, b'{"detail": "Down for maintenance."}')
            case "ill" if posting:
                return Answered(500, {"Content-Type": "application/json"}, b'{"detail": "Internal error."}')
            case "overtaken":
                if posting and self._held is None:
                    self._held = asked
                return HUNG_UP
            case "twice" if posting:
                self._pass_on(asked)
            case "late" | "lost_answer" | "nonsense" as fault:
                if posting:
                    self._pass_on(asked)
                    self._then()
                if fault == "late":
                    time.sleep(self._late_s)
                return Answered(200, {"Content-Type": "text/plain"}, b"hello") if fault == "nonsense" else HUNG_UP
        answered = self._pass_on(asked)
        if posting and self._held is not None:
            held, self._held = self._held, None
            self._pass_on(held)
        return answered

    def _pass_on(self, asked: Asked) -> Answered:
        if self._posts(asked):
            self.posted.append(asked.body)
        self._under_way.append(asked)
        try:
            told = self._client.request(asked.method, self._to + asked.path, headers=asked.headers, content=asked.body)
        except httpx.HTTPError:
            return HUNG_UP
        finally:
            self._under_way.remove(asked)
        return Answered(told.status_code, _kept(told.headers.items()), told.content)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one piece: else each answer waits 40 ms for an ack
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answered = relay.answer(Asked(self.command, self.path, _kept(self.headers.items()), body))
                if answered is HUNG_UP:
                    self.close_connection = True
                    return
                self.send_response_only(answered.status)
                for name, value in answered.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answered.body)))
                self.end_headers()
                self.wfile.write(answered.body)
                self.wfile.flush()

        return Handler


def _kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in NOT_PASSED_ON}
