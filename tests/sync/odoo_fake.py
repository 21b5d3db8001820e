"""An Odoo on loopback: the documented JSON-2 endpoint over real books, strict about method, body and key.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html and Odoo's own controller
(https://github.com/odoo/odoo/blob/19.0/addons/rpc/controllers/json2.py) say what it takes and how it refuses: 401 for a
key, 404 for a model or a method, 422 for arguments and for a UserError, 403 for rights, 500 for what it stumbles over.
Each call is one transaction. It fails on request as documented, or as networks do: see `Faults`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn

import msgspec

from tests.sync.odoo_records import MODELS, OdooError
from tests.sync.odoo_stock import Stock
from tests.sync.sink import SECRET

KEY = SECRET
DATABASE = "erp"
NONSENSE = b"hello"
WRITING = ("create", "write", "button_validate")
# Method → what it takes, what it needs of that, and whether it works on records.
METHODS: dict[str, tuple[set[str], set[str], bool]] = {
    "search_read": ({"domain", "fields", "offset", "limit", "order"}, set(), False),
    "create": ({"vals_list"}, {"vals_list"}, False),
    "write": ({"vals"}, {"vals"}, True),
    "button_validate": (set(), set(), True),
}


class Faults(msgspec.Struct, kw_only=True):
    """What goes wrong. `writes` is used up by the calls that write, one each: "" is well, "before" and "after" cut the
    line without and with the effect, "busy" is a serialization failure, a number is a status. The others last.
    """

    writes: list[str] = []
    status: int = 0  # of every answer
    poison: frozenset[str] = frozenset()  # items Odoo stumbles over
    forbidden: frozenset[str] = frozenset()  # models its user may not touch
    late_s: float = 0.0  # until it says that it has validated
    validated: str = ""  # what comes of that answer: "cut", "nonsense"
    lives: int = 0  # validates so many times and dies before it answers; 0: lives on
    twice: bool = False  # every call that writes is delivered twice
    held: bool = False  # no call that writes arrives; the first does behind the next one there is


class Cut(Exception):
    """The line breaks before an answer."""


class OdooFake:
    def __init__(self) -> None:
        self.books = Stock()
        self.faults = Faults()
        self.written: list[tuple[str, dict[str, str], bytes]] = []  # the calls that write, as they came
        self._lock = threading.Lock()
        self._overtaken: tuple[str, dict[str, str], bytes] | None = None
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """On the same port as before; the books are those of before, too."""
        if self._server is not None:
            return
        fake = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one piece
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status, told = fake.answer(self.path, dict(self.headers.items()), body)
                except Cut:
                    self.close_connection = True
                    return
                raw = told if told is NONSENSE else msgspec.json.encode(told)
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Door)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def fail(self, **faults: Any) -> None:
        """From now on; without arguments all is well again."""
        self.faults = Faults(**faults)

    def hear_again(self) -> None:
        """Every call that wrote comes once more, last of all: given up by whoever made it, and late."""
        for path, headers, body in list(self.written):
            self.answer(path, headers, body)

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Status and what is said; Raises Cut."""
        told = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            if self._server is None:
                raise Cut
            method = path.rpartition("/")[2]
            if method not in WRITING:
                return self._in_one_transaction(path, told, body)
            if self.faults.held:
                self._overtaken = self._overtaken or (path, told, body)
                raise Cut
            answered = self._write(path, told, body)
            late, self._overtaken = self._overtaken, None
            if late is not None:
                self._in_one_transaction(*late)
        if method == "button_validate" and answered[0] == 200:
            time.sleep(self.faults.late_s)
            self._die_in_time()
            if self.faults.validated == "cut":
                raise Cut
            if self.faults.validated == "nonsense":
                return 200, NONSENSE
        return answered

    def _write(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        self.written.append((path, headers, body))
        if self.faults.writes and self.faults.writes[0] not in ("", "after"):
            return self._stumble(self.faults.writes.pop(0))
        if self.faults.twice:
            self._in_one_transaction(path, headers, body)
        answered = self._in_one_transaction(path, headers, body)
        if self.faults.writes and answered[0] == 200 and self.faults.writes.pop(0) == "after":
            raise Cut
        return answered

    def _in_one_transaction(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        self.books.begin()
        try:
            return 200, self._call(path, headers, body)
        except OdooError as error:
            self.books.put_back()
            told = {"name": error.name, "message": error.message, "arguments": [error.message], "context": {}}
            return error.status, {**told, "debug": "Traceback (most recent call last): …"}

    def _die_in_time(self) -> None:
        if self.faults.lives:
            self.faults.lives -= 1
            if not self.faults.lives:
                self.stop()
                raise Cut

    def _call(self, path: str, headers: dict[str, str], body: bytes) -> Any:
        if self.faults.status:
            raise OdooError("werkzeug.exceptions.HTTPException", "Fault", self.faults.status)
        parts = path.split("/")
        if len(parts) != 5 or parts[:3] != ["", "json", "2"]:
            _http(404, "NotFound", "Did you mean POST /json/2/<model>/<method>?")
        model, method = parts[3:]
        if headers.get("authorization") != f"bearer {KEY}":
            _http(401, "Unauthorized", "Invalid apikey")
        if not headers.get("content-type", "").startswith("application/json"):
            _http(415, "UnsupportedMediaType", "Request inferred type is not compatible")
        if headers.get("x-odoo-database", DATABASE) != DATABASE:
            _http(404, "NotFound", "No such database")
        if model not in MODELS:
            _http(404, "NotFound", f"the model {model!r} does not exist")
        if method not in METHODS or (method == "button_validate" and model != "stock.picking"):
            _http(404, "NotFound", f"The method '{model}.{method}' does not exist")
        if model in self.faults.forbidden:
            raise OdooError("odoo.exceptions.AccessError", f"You are not allowed to access {model!r} records.", 403)
        try:
            named = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as problem:
            _http(400, "BadRequest", str(problem))
        return self._do(model, method, named)

    def _do(self, model: str, method: str, named: dict[str, Any]) -> Any:
        ids, context = named.pop("ids", []), named.pop("context", {})
        takes, needs, on_records = METHODS[method]
        if ids and not on_records:
            _http(422, "UnprocessableEntity", f"cannot call {model}.{method} with ids")
        if wrong := sorted((named.keys() - takes) | (needs - named.keys())):
            _http(422, "UnprocessableEntity", f"got an unexpected or missing argument {wrong[0]!r}")
        match method:
            case "search_read":
                return self._read(model, named, context)
            case "create":
                return [self.books.add(model, **vals) for vals in named["vals_list"]]
            case "write":
                for id in ids:
                    self.books.change(model, id, **named["vals"])
                return True
            case _:
                self._refuse_poison(ids)
                return self.books.button_validate(ids, context)

    def _read(self, model: str, named: dict[str, Any], context: dict[str, Any]) -> Any:
        found = self.books.search(model, named.get("domain", []))
        if context.get("active_test", True):
            found = [row for row in found if row.get("active", True)]
        if named.get("order", "id") != "id":
            raise OdooError("builtins.ValueError", "the fake orders by id only", 500)
        first = named.get("offset", 0)
        self.books.expect(model, named.get("fields", []))
        page = found[first : first + named["limit"]] if named.get("limit") else found[first:]
        return [self.books.read(model, row, named.get("fields", [])) for row in page]

    def _refuse_poison(self, ids: list[int]) -> None:
        for move in self.books.search("stock.move", [["picking_id", "in", ids]]):
            if self.books.of("product.product", move["product_id"])["default_code"] in self.faults.poison:
                raise OdooError("builtins.ZeroDivisionError", "float division by zero", 500)

    def _stumble(self, how: str) -> tuple[int, Any]:
        """Before anything was done."""
        if how == "before":
            raise Cut
        if how == "busy":
            told = "could not serialize access due to concurrent update"
            return 500, {"name": "psycopg2.errors.SerializationFailure", "message": told}
        return int(how), {"name": "werkzeug.exceptions.HTTPException", "message": "Fault"}


def _http(status: int, name: str, message: str) -> NoReturn:
    raise OdooError(f"werkzeug.exceptions.{name}", message, status)


@contextmanager
def running_odoo() -> Iterator[OdooFake]:
    fake = OdooFake()
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
