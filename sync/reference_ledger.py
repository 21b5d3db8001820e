"""A small central ledger, shipped as product: the demo's ERP, and the one our tests hold the follower against.

A process of its own with a database of its own. It takes signed batches at `POST /events`, answers event by event, says
at `POST /lookup` what it has and at `POST /snapshot` its stock, and shows that at `/stock` (JSON) and `/` (a page).
Everything runs on one event loop, one request after the other: a ledger that posts concurrently is a ledger that goes
wrong. Started with `--faults` it can be told to go down, be late, forget, or die at the worst moment.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, get, post
from litestar.types import ControllerRouterHandler

from app.errors import CannotStart
from app.serving import follow_parent, hold_port
from sync.reference_books import Books, CannotWrite, Incoming, Unreadable, Verdict
from sync.reference_page import HEADERS, STYLE, page
from sync.signing import SIGNATURE, TIMESTAMP, why_refused

LARGEST_BODY = 8 * 1024 * 1024
MOST_KEYS = 1000
MOST_EVENTS = 500
SECRET = "PICKFACE_LEDGER_SECRET"

_BATCH = msgspec.json.Decoder(list[Incoming])
_RAW_BATCH = msgspec.json.Decoder(list[msgspec.Raw])


class _Named(msgspec.Struct):
    id: str
    correlationid: str = ""


class Faults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What shall go wrong from now on; posting a new one replaces it."""

    down_s: float = 0.0  # 503 to everything for so long
    unknown_items: frozenset[str] = frozenset()  # their events are rejected
    doubtful_items: frozenset[str] = frozenset()  # their events are only taken once somebody accepted a warning
    stumble_items: frozenset[str] = frozenset()  # a batch with one of them gets a 500
    most_events: int = MOST_EVENTS  # a larger batch gets a 413
    die_after_apply: bool = False  # kill −9 between the commit and the answer
    die_after_half: bool = False  # half of the next batch is applied, then kill −9
    late_s: float = 0.0  # the answer comes so much later
    clock_off_s: float = 0.0  # its clock is ahead by so much
    forget_answers: int = 0  # so many batches are applied but answered with one answer too few
    since: float = msgspec.field(default_factory=time.monotonic)

    @property
    def down(self) -> bool:
        return time.monotonic() - self.since < self.down_s


class Keys(msgspec.Struct, frozen=True):
    keys: list[str]


class Ledger:
    """The doors over the books."""

    def __init__(self, books: Books, secret: str, *, may_fail: bool = False) -> None:
        self.books = books
        self.faults = Faults()
        self._secret = secret
        self._may_fail = may_fail

    def app(self) -> Litestar:
        @post("/events", status_code=200)
        async def events(request: Request[Any, Any, Any]) -> Response[bytes]:
            return await self._take(request)

        @post("/lookup", status_code=200)
        async def lookup(request: Request[Any, Any, Any]) -> Response[bytes]:
            return await self._lookup(request)

        @post("/snapshot", status_code=200)
        async def snapshot(request: Request[Any, Any, Any]) -> Response[bytes]:
            refused = self._refuse(request, await request.body())
            return refused or _json({"stock": self.books.stock_by_site()})

        @get("/events/{key:str}")
        async def event(key: str) -> Response[bytes]:
            found = self.books.event(key)
            return _json(found) if found else _json({"detail": f"Event {key} was never applied here."}, 404)

        @get("/events")
        async def log(after: int = 0, most: int = MOST_EVENTS) -> Response[bytes]:
            return _json(self.books.events(after, max(1, min(most, MOST_EVENTS))))

        @get("/stock")
        async def stock() -> Response[bytes]:
            return _json(self.books.stock())

        @get("/", media_type="text/html")
        async def home() -> Response[str]:
            return Response(page(self.books), media_type="text/html", headers=HEADERS)

        @get("/ledger.css", media_type="text/css")
        async def style() -> Response[str]:
            return Response(STYLE, media_type="text/css", headers=HEADERS)

        @post("/faults", status_code=200)
        async def faults(request: Request[Any, Any, Any]) -> Response[bytes]:
            try:
                self.faults = msgspec.json.decode(await request.body(), type=Faults)
            except msgspec.DecodeError as problem:
                return _json({"detail": str(problem)}, 400)
            return _json({})

        routes: list[ControllerRouterHandler] = [events, lookup, snapshot, event, log, stock, home, style]
        return Litestar(
            [*routes, faults] if self._may_fail else routes,
            openapi_config=None,
            request_max_body_size=LARGEST_BODY,
        )

    async def _take(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await request.body()
        if refused := self._refuse(request, body):
            return refused
        faults = self.faults
        try:
            batch = _read(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            return _json({"detail": f"This is not a batch of CloudEvents: {problem}"}, 400)
        if len(batch) > min(faults.most_events, MOST_EVENTS):
            return _json({"detail": f"At most {faults.most_events} events in a batch."}, 413)
        if faults.stumble_items and faults.stumble_items & _items(batch):
            return _json({"detail": "Internal error."}, 500)
        if faults.die_after_half:
            self.books.take(batch[: len(batch) // 2], faults.unknown_items)
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            verdicts = self.books.take(batch, faults.unknown_items, faults.doubtful_items)
        except CannotWrite as problem:
            return _json({"detail": f"The ledger cannot write, nothing was taken: {problem}."}, 503)
        if faults.die_after_apply:
            os.kill(os.getpid(), signal.SIGKILL)
        if faults.late_s:
            await asyncio.sleep(faults.late_s)
        if faults.forget_answers > 0:
            faults.forget_answers -= 1
            verdicts = verdicts[:-1]
        return _json({"answers": verdicts})

    async def _lookup(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await request.body()
        if refused := self._refuse(request, body):
            return refused
        try:
            keys = msgspec.json.decode(body, type=Keys).keys
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            return _json({"detail": f"This is not a list of keys: {problem}"}, 400)
        if len(keys) > MOST_KEYS:
            return _json({"detail": f"At most {MOST_KEYS} keys at once."}, 413)
        return _json({"applied": self.books.applied(keys)})

    def _refuse(self, request: Request[Any, Any, Any], body: bytes) -> Response[bytes] | None:
        if self.faults.down:
            return _json({"detail": "The ledger is down."}, 503)
        stamped, sealed = (request.headers.get(name, "") for name in (TIMESTAMP, SIGNATURE))
        why = why_refused(self._secret, body, stamped, sealed, now=time.time() + self.faults.clock_off_s)
        return _json({"detail": why}, 401) if why else None


def _read(body: bytes) -> Sequence[Incoming | Unreadable]:
    """The events of a batch; one that is not as agreed is refused by itself, as long as it has an id."""
    try:
        return _BATCH.decode(body)
    except msgspec.ValidationError:
        return [_read_one(raw) for raw in _RAW_BATCH.decode(body)]


def _read_one(raw: msgspec.Raw) -> Incoming | Unreadable:
    try:
        return msgspec.json.decode(raw, type=Incoming)
    except msgspec.ValidationError as problem:
        named = msgspec.json.decode(raw, type=_Named)
        return Unreadable(named.id, f"The event is not as agreed: {problem}.", named.correlationid)


def _items(batch: Sequence[Incoming | Unreadable]) -> set[str]:
    return {move.item for event in batch if isinstance(event, Incoming) for move in event.data.movements}


def _json(told: Verdict | dict[str, Any] | list[Any], status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(told), status_code=status, media_type="application/json", headers=HEADERS)


def serve(database: Path, host: str, port: int, secret: str, faults: bool = False) -> None:
    """Run until SIGTERM or SIGINT. Raises CannotStart without a secret, or where the port is taken."""
    if not secret:
        raise CannotStart(f"The ledger needs the secret its batches are signed with: set {SECRET}.")
    with hold_port(host, port):
        books = Books(database)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(Ledger(books, secret, may_fail=faults).app(), host, port))
        books.close()


async def _serve(app: Litestar, host: str, port: int) -> None:
    server = Server(app, address=host, port=port, interface=Interfaces.ASGI, log_enabled=False, websockets=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve()


def main(argv: Sequence[str] | None = None) -> int:
    """`pickface virtual ledger`; the secret comes by the environment, where no process list shows it."""
    parser = argparse.ArgumentParser(prog="pickface virtual ledger", description="A small central ledger.")
    parser.add_argument("--http", default="127.0.0.1:8090", metavar="HOST:PORT")
    parser.add_argument("--database", default="var/ledger.db", type=Path, metavar="FILE")
    parser.add_argument("--faults", action="store_true", help="let POST /faults make it fail, for tests")
    parser.add_argument("--follow", action="store_true", help="end when the process that started it is gone")
    given = parser.parse_args(argv)
    if given.follow:
        follow_parent()
    host, _, port = given.http.rpartition(":")
    if not host or not port.isdigit():
        parser.error(f"--http wants HOST:PORT, not {given.http}")
    if not given.follow:  # `make demo` and the tests have settings of their own
        sys.stdout.write(
            f'[[connectors]]\nname = "central"\naddress = "http://{given.http}"\nsecret = ""  # as {SECRET}\n'
        )
        sys.stdout.flush()
    try:
        serve(given.database, host, int(port), os.environ.get(SECRET, ""), given.faults)
    except CannotStart as problem:
        parser.exit(2, f"{problem}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
