"""An ERPNext to be told and to fail: Frappe's REST doors over the books, on loopback, with a wire one can break.

Method, path, token and body are checked as Frappe documents them (https://docs.frappe.io/framework/user/en/api/rest), and
errors look as Frappe's do: `exc_type`, `exception`, `_server_messages`, with 401, 403, 404, 409, 417, 429, 500, 503, 508.
It is written from the documentation and the sources of version 15, and was never compared with a live ERPNext.
"""

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from app.config import ConnectorSettings
from app.stock.slots import Status
from sync.connectors.erpnext import ErpNextConnector
from tests.sync.erpnext_books import Books
from tests.sync.erpnext_meta import DOCTYPES
from tests.sync.erpnext_posting import Refusal, Row

TOKEN = "a1b2c3:d4e5f6"
COMPANY = "Pickface Ltd"
STORES = "Stores - PF"
WAREHOUSES: dict[Status, str] = {
    "available": STORES,
    "inspection": "Inspection - PF",
    "quarantine": "Quarantine - PF",
    "damaged": "Damaged - PF",
    "returned": "Returned - PF",
    "expired": "Expired - PF",
    "recalled": "Recalled - PF",
    "in_transit": "Transit - PF",
}
BATCH_QTY = "erpnext.stock.doctype.batch.batch.get_batch_qty"


class Faults(msgspec.Struct, kw_only=True):
    """What goes wrong with the next `times` writes (inserts and changes), or calls where `reads` is set."""

    late_s: float = 0.0  # applied, and answered later
    status: int = 0  # not applied
    retry_after: str = ""
    kind: str = ""  # the exception's name beside the status
    dies_after: bool = False  # applied, and the line breaks before the answer
    half: bool = False  # applied, and half an answer
    says: Row | None = None  # something else
    html: bool = False  # a proxy's page instead of Frappe's JSON
    reads: bool = False
    times: int = 1_000_000


class Fake:
    def __init__(self) -> None:
        self.books = Books()
        self.faults = Faults(times=0)
        self.calls: list[str] = []  # "POST Delivery Note"
        self.failed = 0  # of those now and then
        self.stumbles_over = ""  # whatever names this item
        self._chance, self._share = random.Random(0), 0.0
        self._some: tuple[Faults, ...] = ()
        self._lock = threading.Lock()
        for name in WAREHOUSES.values():
            self.books.insert("Warehouse", {"warehouse_name": name, "company": COMPANY})
        fake = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # headers and body in one packet

            def do_GET(self) -> None:
                fake.answer(self, "GET")

            def do_POST(self) -> None:
                fake.answer(self, "POST")

            def do_PUT(self) -> None:
                fake.answer(self, "PUT")

            def do_DELETE(self) -> None:
                fake.answer(self, "DELETE")

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on the tests' screen."""

            def setup(self) -> None:
                super().setup()
                fake.open.add(self.connection)

            def finish(self) -> None:
                fake.open.discard(self.connection)
                super().finish()

        self._door = Door
        self.open: set[socket.socket] = set()
        self.port = 0
        self.server: ThreadingHTTPServer | None = None
        self.start()
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """With the books it had, behind the same port."""
        if self.server is None:
            self.server = ThreadingHTTPServer(("127.0.0.1", self.port), self._door)
            self.server.daemon_threads = True
            self.port = self.server.server_port
            threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def kill(self) -> None:
        """Nobody is there any more; what was committed stays."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
            for one in list(self.open):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def fail(self, **faults: Any) -> None:
        """From now on, or for so many `times`; nothing named: never more."""
        self.faults = Faults(**faults) if faults else Faults(times=0)

    def fail_now_and_then(self, seed: int, share: float, *faults: Faults) -> None:
        """That share of the calls, each with one of these."""
        self._chance, self._share, self._some = random.Random(seed), share, faults

    def settings(self, name: str = "ERP", **options: str) -> ConnectorSettings:
        places = {str(status): name for status, name in WAREHOUSES.items()} | options
        return ConnectorSettings(name=name, kind="erpnext", address=self.address, secret=TOKEN, options=places)

    def connector(self) -> ErpNextConnector:
        return ErpNextConnector.of(self.settings())

    def close(self) -> None:
        self.kill()

    # ── the wire ─────────────────────────────────────────────────────────────────────────────────────────────────
    def answer(self, door: BaseHTTPRequestHandler, method: str) -> None:
        body = door.rfile.read(int(door.headers.get("Content-Length") or 0))
        fault = self._fault(method)
        if self.stumbles_over and self.stumbles_over.encode() in body:
            fault = Faults(status=500, kind="OperationalError")
        if fault.status:
            self._send(
                door, fault.status, b"{}" if not fault.kind else json.dumps({"exc_type": fault.kind}).encode(), fault
            )
            return
        with self._lock:
            try:
                status, told = self._do(method, door, body)
            except Refusal as no:
                says = json.dumps([json.dumps({"message": no.message, "indicator": "red"})])
                status = no.status
                told = {"exc_type": no.kind, "exception": f"frappe.exceptions.{no.kind}: {no.message}"}
                told |= {"exc": json.dumps(["Traceback …"]), "_server_messages": says}
            raw = json.dumps(told).encode()
        time.sleep(fault.late_s)
        if fault.dies_after:
            door.close_connection = True
            door.connection.close()
        else:
            self._send(door, status, raw, fault)

    def _fault(self, method: str) -> Faults:
        if self._some and self._chance.random() < self._share:
            self.failed += 1
            return self._chance.choice(self._some)
        if self.faults.times > 0 and (method != "GET" or self.faults.reads):
            self.faults.times -= 1
            return self.faults
        return Faults()

    def _send(self, door: BaseHTTPRequestHandler, status: int, raw: bytes, fault: Faults) -> None:
        raw = (
            b"<html>Bad Gateway</html>"
            if fault.html
            else raw
            if fault.says is None
            else json.dumps(fault.says).encode()
        )
        door.send_response(status)
        door.send_header("Content-Type", "text/html" if fault.html else "application/json")
        door.send_header("Content-Length", str(len(raw)))
        if fault.retry_after:
            door.send_header("Retry-After", fault.retry_after)
        door.end_headers()
        door.wfile.write(raw[: len(raw) // 2] if fault.half else raw)
        door.close_connection = door.close_connection or fault.half

    # ── Frappe's routes ──────────────────────────────────────────────────────────────────────────────────────────
    def _do(self, method: str, door: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Row]:
        if door.headers.get("Authorization") != f"token {TOKEN}":
            raise Refusal("AuthenticationError", "Invalid API key or secret")
        url = urlsplit(door.path)
        api, kind, *rest = [unquote(part) for part in url.path.split("/")[1:]]
        self.calls.append(f"{method} {' '.join(rest[:1])}")
        values = self._values(door, body) if method in ("POST", "PUT") else {}
        if (api, kind, method) == ("api", "method", "POST") and rest == [BATCH_QTY]:
            return 200, {"message": self.books.batch_qty(values["item_code"], values["warehouse"])}
        if (api, kind) != ("api", "resource") or not rest or rest[0] not in DOCTYPES:
            raise Refusal("DoesNotExistError", f"{door.path} not found")
        match method, rest:
            case "GET", [doctype]:
                return 200, {"data": self._list(doctype, parse_qs(url.query))}
            case "GET", [doctype, name]:
                return 200, {"data": self.books.get(doctype, name)}
            case "POST", [doctype]:
                return 200, {"data": self.books.insert(doctype, values)}
            case "PUT", [doctype, name]:
                return 200, {"data": self.books.update(doctype, name, values)}
            case "DELETE", [doctype, name]:
                self.books.delete(doctype, name)
                return 202, {"data": "ok"}
        raise Refusal("ValidationError", f"{method} is not allowed for {door.path}")

    def _values(self, door: BaseHTTPRequestHandler, body: bytes) -> Row:
        if door.headers.get("Content-Type") != "application/json":
            raise Refusal("DataError", "Invalid JSON")
        values: Row = json.loads(body)
        if "name" in values:
            raise Refusal("ValidationError", "Documents of a series are named by it")
        return values

    def _list(self, doctype: str, query: dict[str, list[str]]) -> Any:
        one = {name: values[0] for name, values in query.items()}
        if unknown := one.keys() - {"fields", "filters", "or_filters", "order_by", "limit_page_length", "parent"}:
            raise Refusal("ValidationError", f"get_list() got an unexpected argument {sorted(unknown)}")
        fields = json.loads(one.get("fields", '["name"]'))
        filters, either = json.loads(one.get("filters", "[]")), json.loads(one.get("or_filters", "[]"))
        order, limit = one.get("order_by", "modified desc"), int(one.get("limit_page_length", "20"))
        return self.books.rows(doctype, fields, filters, either, order, limit, one.get("parent", ""))


@contextmanager
def running_fake() -> Iterator[Fake]:
    fake = Fake()
    try:
        yield fake
    finally:
        fake.close()
