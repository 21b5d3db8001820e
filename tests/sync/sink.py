"""The other side of the wire, for real: the reference ledger in a process of its own, and a floor that posts events."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from app.config import ConnectorSettings, Settings
from app.db import Database, Tx
from app.migrations import migrate
from app.stock import ledger
from app.stock.events import AnyEvent, Moved, OpeningStock, Received, StatusChanged
from app.stock.ledger import By
from app.stock.slots import Movement, Slot
from sync.standing import ConnectorState
from sync.switchboard import Switchboard

SECRET = "a secret both sides hold"


class Sink:
    """The reference ledger; `kill` is kill −9, `start` brings it back on the same port and database."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "central.db"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, faults: bool = True) -> "Sink":
        command = [sys.executable, "-m", "sync.reference_ledger", "--http", f"127.0.0.1:{self.port}"]
        command += ["--database", str(self.database), *(["--faults"] if faults else [])]
        self.process = subprocess.Popen(command, env={**os.environ, "PICKFACE_LEDGER_SECRET": SECRET})
        until(lambda: self._answers(), "the ledger starts")
        return self

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/stock", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def fail(self, **faults: Any) -> None:
        httpx.post(f"{self.url}/faults", json=faults, trust_env=False).raise_for_status()

    def stock(self) -> dict[str, int]:
        """Item and status → on hand."""
        rows = httpx.get(f"{self.url}/stock", trust_env=False).json()
        return {f"{row['item']} {row['status']}": row["quantity"] for row in rows}

    def keys(self) -> list[str]:
        """In the order they were applied."""
        found: list[dict[str, Any]] = []
        with httpx.Client(trust_env=False) as client:
            while True:
                page = client.get(f"{self.url}/events", params={"after": found[-1]["n"] if found else 0}).json()
                found += page
                if not page:
                    return [row["key"] for row in found]

    def seqs(self) -> list[int]:
        return [int(key.rpartition(".")[2]) for key in self.keys()]


@contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    sink = Sink(folder).start()
    try:
        yield sink
    finally:
        sink.kill()


def until(true: Callable[[], bool], what: str, within_s: float = 15.0) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, f"waited {within_s:g} s in vain: {what}"
        time.sleep(0.02)


class House:
    """A small floor with one connector named ERP."""

    def __init__(self, database: str, erp: ConnectorSettings, *, site: str = "MAIN") -> None:
        self.db = Database(database)
        migrate(self.db)
        self.settings = Settings(
            site=site, connectors=(msgspec.structs.replace(erp, moves=True),)
        )  # told of everything
        self.erp = self.switchboard()

    def switchboard(self) -> Switchboard:
        return Switchboard(self.db, self.settings)

    def restart(self) -> None:
        self.erp.stop()
        self.erp = self.switchboard()
        self.erp.start()

    def close(self) -> None:
        self.erp.stop()
        self.db.close()

    def post(self, *events: AnyEvent) -> list[int]:
        def work(tx: Tx) -> list[int]:
            return [ledger.post(tx, event, By(worker="1007", device="HH-07", cause="scan")) for event in events]

        return self.db.do(work)

    def state(self) -> ConnectorState:
        with self.db.reading() as tx:
            return self.erp.states(tx)[0]

    def letters(self, state: str = "dead") -> list[int]:
        """The seqs in this state, oldest first."""
        with self.db.reading() as tx:
            return [letter.seq for letter in reversed(self.erp.letters(tx, "ERP", state, 1000))]

    def drained(self) -> bool:
        state = self.state()
        return state.backlog == 0 and state.accepted_to == state.last_seq


@contextmanager
def house(
    folder: Path,
    address: str,
    *,
    database: str = "",
    batch: int = 100,
    kind: Any = "http",
    start: bool = True,
    site: str = "MAIN",
) -> Iterator[House]:
    """On SQLite in `folder`, unless a database is named."""
    erp = ConnectorSettings(name="ERP", kind=kind, address=address, secret=SECRET, batch=batch)
    built = House(database or f"sqlite:///{folder}/floor.db", erp, site=site)
    if start:
        built.erp.start()
    try:
        yield built
    finally:
        built.close()


@contextmanager
def rounds_of(floor: House) -> Iterator[None]:
    """What its server does by itself now and then."""
    begun = floor.erp.rounds()
    for one in begun:
        one.start()
    try:
        yield
    finally:
        for one in begun:
            one.stop()


def received(po: str, item: str, quantity: int = 1) -> Received:
    return Received(po=po, line="1", item=item, quantity=quantity, target=Slot(location="DOCK-1"))


def opened(item: str, quantity: int) -> OpeningStock:
    return OpeningStock(item=item, quantity=quantity, target=Slot(location="A-01"))


def moved(item: str, quantity: int = 1) -> Moved:
    there, here = Slot(location="A-01"), Slot(location="A-02")
    return Moved(contents=(Movement(item=item, quantity=quantity, source=there, target=here),))


def broken(item: str, quantity: int = 1) -> StatusChanged:
    here = Slot(location="A-01")
    target = Slot(location="A-01", status="damaged")
    return StatusChanged(item=item, quantity=quantity, source=here, target=target, reason="broken")
