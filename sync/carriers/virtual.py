"""A carrier without one, shipped as product: `pickface virtual carrier`. It speaks docs/carriers.md over HTTP.

Its page shows the labels it made and has a button for each thing that goes wrong with carriers: it dies after it made the
label, it is slow, busy, refuses the address, or sends half an answer. The demo, the tests and whoever writes a carrier's
program of their own use the same one.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from app.serving import follow_parent
from app.work.carriers.parcel import Parcel
from sync.carriers import virtual_page
from sync.carriers.port import Declined
from sync.carriers.virtual_books import VirtualBooks
from sync.signing import SIGNATURE, TIMESTAMP, why_refused

SECRET = "PICKFACE_CARRIER_SECRET"
LARGEST_BODY = 256 * 1024
SLOW_S = 30.0


class Faults(msgspec.Struct, kw_only=True):
    """What goes wrong from now on. A number of times, where it is a number; each is switched on the page."""

    dies: int = 0  # the label is made, then the line is dead
    half: int = 0  # the label is made, half of the answer arrives
    slow: float = 0.0  # the label is made, the answer comes so much later
    busy: bool = False  # 503, nothing is made
    address: bool = False  # every address is refused


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What any of the requests may say."""

    key: str = ""
    parcel: Parcel | None = None
    tracking: str | list[str] = ""


class VirtualCarrier:
    """Serves until stopped. Without a secret or a token it lets nobody in."""

    def __init__(
        self, *, secret: str = "", token: str = "", host: str = "127.0.0.1", port: int = 0, file: Path | None = None
    ) -> None:
        self.books, self.faults = VirtualBooks(file), Faults()
        self.secret, self.token = secret, token
        self.server = ThreadingHTTPServer((host, port), _request_class(self))
        self.server.daemon_threads = True
        self.host, self.port = str(self.server.server_address[0]), int(self.server.server_address[1])
        self.address = f"http://{self.host}:{self.port}"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def start(self) -> VirtualCarrier:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> VirtualCarrier:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, path: str, asked: Asked) -> tuple[int, dict[str, Any]]:
        """Status and body of one request."""
        if self.faults.busy:
            return 503, {"detail": "Busy."}
        number = asked.tracking if isinstance(asked.tracking, str) else ""
        try:
            match path:
                case "/quotes" if asked.parcel is not None:
                    return 200, {"quotes": self.books.quote(asked.parcel)}
                case "/labels" if asked.parcel is not None and asked.key:
                    made = self.books.buy(asked.key, asked.parcel, address_is_bad=self.faults.address)
                    return 200, msgspec.to_builtins(made)
                case "/labels/lookup" if asked.key:
                    found = self.books.lookup(asked.key)
                    return 200, {"label": msgspec.to_builtins(found)} if found else {}
                case "/labels/void":
                    self.books.void(number)
                    return 200, {}
                case "/manifests" if asked.key:
                    listed = asked.tracking if isinstance(asked.tracking, list) else [number]
                    return 200, {"number": self.books.manifest(asked.key, listed)}
                case "/track":
                    return 200, {"says": self.books.track(number)}
        except Declined as no:
            return 422, {"about": no.about, "reason": no.sentence}
        return 404, {"detail": "There is no such door."}

    def switch(self, fault: str) -> bool:
        """A button on its page: each press turns its fault on or off."""
        match fault:
            case "dies" | "half":
                setattr(self.faults, fault, 0 if getattr(self.faults, fault) else 1)
            case "slow":
                self.faults.slow = 0.0 if self.faults.slow else SLOW_S
            case "busy" | "address":
                setattr(self.faults, fault, not getattr(self.faults, fault))
            case _:
                return False
        return True

    def lets_in(self, body: bytes, headers: Any) -> bool:
        if self.token:
            return bool(headers.get("Authorization", "") == f"Bearer {self.token}")
        return not why_refused(self.secret, body, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""))


def _request_class(carrier: VirtualCarrier) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        timeout = 30
        server_version, sys_version = "pickface", ""

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/":
                self.reply(virtual_page.page(carrier), "text/html; charset=utf-8")
            elif path == "/style.css":
                self.reply(virtual_page.STYLE, "text/css")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > LARGEST_BODY:
                self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            body, path = self.rfile.read(int(length)), urlsplit(self.path).path
            if path == "/fault":
                self.press(body)
            elif not carrier.lets_in(body, self.headers):
                self.tell(401, {"detail": "Not signed with our secret."})
            else:
                try:
                    asked = msgspec.json.decode(body, type=Asked)
                except (msgspec.DecodeError, UnicodeDecodeError) as problem:
                    self.tell(400, {"detail": str(problem)})
                    return
                self.tell(*carrier.answer(path, asked), faulty=path == "/labels")

        def press(self, body: bytes) -> None:
            """Only the page itself may, as the browser says."""
            fault = parse_qs(body.decode("latin-1")).get("fault", [""])[0]
            if self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or not carrier.switch(fault):
                self.send_error(HTTPStatus.BAD_REQUEST)
                return
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def tell(self, status: int, said: dict[str, Any], *, faulty: bool = False) -> None:
            faults, body = carrier.faults, msgspec.json.encode(said)
            if faulty and faults.slow:
                time.sleep(faults.slow)
            if faulty and faults.dies:
                faults.dies -= 1
                self.close_connection = True
                return
            if faulty and faults.half:
                faults.half -= 1
                self.close_connection = True
                body = body[: len(body) // 2]
            self.reply(body, "application/json", status)

        def reply(self, body: str | bytes, kind: str, status: int = 200) -> None:
            raw = body.encode() if isinstance(body, str) else body
            self.send_response(status)
            for name, value in {**virtual_page.HEADERS, "Content-Type": kind, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Request


def main(argv: Sequence[str] | None = None) -> int:
    """`pickface virtual carrier`; the secret comes by the environment, where no process list shows it."""
    parser = argparse.ArgumentParser(prog="pickface virtual carrier", description="A carrier with a page of faults.")
    parser.add_argument("--http", default="127.0.0.1:8091", metavar="HOST:PORT")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="remember labels over a restart")
    parser.add_argument("--follow", action="store_true", help="end when the process that started it is gone")
    given = parser.parse_args(argv)
    host, _, port = given.http.rpartition(":")
    if not host or not port.isdigit():
        parser.error(f"--http wants HOST:PORT, not {given.http}")
    if not os.environ.get(SECRET):
        parser.exit(2, f"The carrier needs the secret requests are signed with: set {SECRET}.\n")
    if given.follow:
        follow_parent()
    else:  # `make demo` has settings of its own
        sys.stdout.write(f'[[carriers]]\nname = "UPS"\naddress = "http://{given.http}"\nsecret = ""  # as {SECRET}\n')
        sys.stdout.flush()
    carrier = VirtualCarrier(secret=os.environ[SECRET], host=host, port=int(port), file=given.labels)
    try:
        carrier.server.serve_forever()
    except KeyboardInterrupt:
        carrier.server.server_close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
