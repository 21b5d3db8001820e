"""A whole house for a browser: a small tea warehouse, the real server in a process of its own, printers, and an ERP's ledger.

The warehouse comes in as anybody's would, by `importing` from a folder of tables: some orders are on the floor already, two
wait for the goods that come in today. The server is `pickface serve` on a
free loopback port with its own SQLite file; its worker can be killed and comes back. Numbers are read from the database
beside it, and from the ledger, which is another process with books of its own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from app import importing
from app.config import ConnectorSettings, DeviceSettings, PrinterSettings, Settings, StationSettings
from app.db import Database
from app.migrations import migrate
from app.schema.printing import print_job
from app.schema.stock import balance, journal, movement
from app.stock import rebuild
from app.stock.ledger import By
from app.work import releasing, waves
from printers import labels
from printers.virtual import VirtualPrinter
from tests.browser.tea import PREFIX, TABLES

ROOT = Path(__file__).parents[2]
SECRET = "a secret only these two share"
START_S = 30.0
RELEASED = (
    "100301",
    "100401",
    "100501",
    "100601",
    "100701",
)  # each a walk of its own, on the floor from the first minute


class TeaHouse:
    """Opens with `with TeaHouse(folder, devices=…) as house:`."""

    def __init__(self, folder: Path, *, devices: Sequence[DeviceSettings] = ()) -> None:
        self.folder = folder
        self.port, self.ledger_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.labels, self.slips = VirtualPrinter(), VirtualPrinter(kind="escpos")
        self.settings = Settings(
            site="QUAY",
            site_name="Tea on the quay",
            database=f"sqlite:///{folder / 'house.db'}",
            port=self.port,
            gs1_company_prefix=PREFIX,
            printer_loopback=True,
            printers=(
                PrinterSettings(name="LABEL-1", address=self.labels.address),
                PrinterSettings(name="SLIP-1", kind="escpos", address=self.slips.address, width_mm=80, two_way=False),
            ),
            devices=tuple(devices),
            stations=(StationSettings(code="PACK-1", label_printer="LABEL-1", slip_printer="SLIP-1"),),
            connectors=(
                ConnectorSettings(name="central", address=f"http://127.0.0.1:{self.ledger_port}", secret=SECRET),
            ),
        )
        self._lay_out()
        self._config = folder / "settings.json"
        self._config.write_bytes(msgspec.json.encode(self.settings))
        self._server: subprocess.Popen[bytes] | None = None
        self._ledger: subprocess.Popen[bytes] | None = None

    def _lay_out(self) -> None:
        source = self.folder / "import"
        source.mkdir()
        for name, text in TABLES.items():
            (source / f"{name}.csv").write_text(text, encoding="utf-8")
        database = Database(self.settings.database)
        try:
            migrate(database)
            report = importing.run(database, source, self.settings)
            assert report.ok, report.in_words()
            for order in RELEASED:
                self._release(database, order)
        finally:
            database.close()

    @staticmethod
    def _release(database: Database, order: str) -> None:
        wave = database.do(lambda tx: waves.create(tx, [order], worker="lena"))
        releasing.release(database, wave, By(worker="lena", cause="test"))

    def __enter__(self) -> "TeaHouse":
        self.labels.start()
        self.slips.start()
        log = (self.folder / "server.log").open("ab")
        self._ledger = subprocess.Popen(
            [sys.executable, "-m", "sync.reference_ledger", "--http", f"127.0.0.1:{self.ledger_port}",
             "--database", str(self.folder / "ledger.db")],
            cwd=ROOT, env={**os.environ, "PICKFACE_LEDGER_SECRET": SECRET}, stdout=log, stderr=log,
        )  # fmt: skip
        self._server = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "--config", str(self._config), "serve"],
            cwd=ROOT, env={**os.environ, "PICKFACE_CONFIG": ""}, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        try:
            self.wait_until_ready()
        except BaseException:  # nobody closes a house that did not open
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._server, self._ledger):
            if process is not None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(5)
        self.labels.stop()
        self.slips.stop()

    def wait_until_ready(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                    if json.load(answer)["state"] == "ready":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError((self.folder / "server.log").read_text()[-4000:])

    def kill_worker(self) -> None:
        """kill −9 of the process that serves; the one above it starts another."""
        assert self._server is not None
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        serving = [int(child) for child in children if b"resource_tracker" not in _command(child)]
        assert serving, "the server has no worker"
        for child in serving:
            os.kill(child, signal.SIGKILL)

    # ── what the house knows ─────────────────────────────────────────────────────────────────────────────────────
    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        database = Database(self.settings.database)
        try:
            with database.reading() as tx:
                return [tuple(row) for row in tx.rows(statement)]
        finally:
            database.close()

    def events(self, *kinds: str) -> list[str]:
        """The kinds in the journal, oldest first."""
        told = [kind for (kind,) in self.rows(select(journal.c.kind).order_by(journal.c.seq))]
        return [kind for kind in told if not kinds or kind in kinds]

    def stock(self) -> dict[str, int]:
        """What lies in the house, per item."""
        held: dict[str, int] = {}
        for item, quantity in self.rows(select(balance.c.item, balance.c.quantity)):
            if quantity:
                held[item] = held.get(item, 0) + quantity
        return held

    def prove(self) -> None:
        """`pickface check`, and the ledger's totals against ours, once it heard everything."""
        database = Database(self.settings.database)
        try:
            with database.reading() as tx:
                report = rebuild.check(tx)
        finally:
            database.close()
        assert report.clean, [finding.sentence for finding in report.findings]
        moved = len({seq for (seq,) in self.rows(select(movement.c.seq))})
        until, told, heard = time.monotonic() + 15, {}, []
        while time.monotonic() < until:
            told = self._ledger_stock()
            heard = self._ask("/events")
            if told == self.stock() and len(heard) >= moved:
                break
            time.sleep(0.1)
        assert told == self.stock()
        assert len({event["key"] for event in heard}) == len(heard)

    def _ledger_stock(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for row in self._ask("/stock"):
            total[row["item"]] = total.get(row["item"], 0) + row["quantity"]
        return {item: quantity for item, quantity in total.items() if quantity}

    def _ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ledger_port}{path}", timeout=5) as answer:
            return json.load(answer)

    def carton_label(self, number: int) -> labels.ShippingLabel:
        """The `number`-th shipping label that came out of the printer: its bytes are found among the print jobs."""
        assert self.labels.wait_for(number, 15), f"label {number} did not come out"
        paper = self.labels.labels()[number - 1]
        jobs = self.rows(select(print_job.c.payload, print_job.c.label))
        written = next(bytes(label) for payload, label in jobs if paper.strip() in bytes(payload))
        label = labels.decode(written)
        assert isinstance(label, labels.ShippingLabel)
        assert label.carton.encode() in paper
        return label


def _command(process: str) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
