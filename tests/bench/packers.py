"""The packers of the benches: each at a station of their own, before an open carton and a tote that never gets empty.

Packing is the job that scans every unit, so one scan is one posting: the unit leaves the tote for the carton, its
promise travels along, the order counts it, the page is drawn anew. The warehouse is laid out by real events, the
workers walk through the real screens up to their first unit; only the PIN is left out, since argon2 is not what is
measured.
"""

from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select

from app import clock, schema, workflows
from app.db import Database, Tx
from app.floor import seats, sessions, turns
from app.floor.scans import Scan
from app.stock import journal, ledger
from app.stock.events import Allocated, Moved, OpeningStock, Picked
from app.stock.events.base import Event
from app.stock.slots import Carry, Claim, Slot
from app.work import people, progress
from app.workflows.menu import Menu
from tests.bench.load import Load, Plan, Worker
from tests.bench.stage import HOST, Server, StageError
from tests.world import gtin13

BY = ledger.By(worker="setup")
PLENTY = 1_000_000  # units in a tote
FIRST_BARCODE = 700_000
BIN = "A-14-03"
STEP = select(schema.floor.session.c.step).where(schema.floor.session.c.worker == bindparam("worker"))


class Packer(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in packer: the login's cookie and token, and the barcode of what lies in the tote."""

    code: str
    cookie: str
    csrf: str
    barcode: str


def lay_out(database: Database, count: int) -> list[Packer]:
    """`count` packers with their orders, totes and open cartons, in one transaction."""
    workflows.load()

    def work(tx: Tx) -> list[Packer]:
        _add(tx, schema.places.site, code="MAIN", name="Bench", gs1_company_prefix="4012345")
        _add(tx, schema.places.location, code=BIN, site="MAIN")
        for code, side, weight in (("C1", 120, 60), ("C2", 250, 150), ("C3", 400, 300)):
            measures = {"length_mm": side, "width_mm": side, "height_mm": side}
            _add(tx, schema.work.carton_type, code=code, name=code, weight_g=weight, max_weight_g=20_000, **measures)
        return [_packer(tx, number) for number in range(1, count + 1)]

    return database.do(work)


def _packer(tx: Tx, n: int) -> Packer:
    code, order, line, tote, place, item = (
        f"P{n:03}",
        f"SO-{n:05}",
        f"SO-{n:05}/1",
        f"T-{n:04}",
        f"PACK-{n}",
        f"TEE-{n:03}",
    )
    barcode = gtin13(FIRST_BARCODE + n)
    _add(tx, schema.items.item, code=item, name=f"T-shirt organic, white, size {n}", weight_g=150)
    _add(tx, schema.items.item_barcode, code=barcode, item=item)
    _add(tx, schema.places.location, code=place, site="MAIN", kind="station")
    _add(tx, schema.places.station, code=f"ST-{n}", name=f"P-{n}", location=place)
    _add(tx, schema.people.worker, code=code, badge=f"B-{code}", name=f"Packer {code}", roles="packer")
    head = {"customer": "CU-1", "name": "Jane Doe", "address": "1 High Street, Leeds, UK", "carrier": "NORTH"}
    _add(tx, schema.documents.sales_order, code=order, service="Express", state="picking", **head)
    _add(tx, schema.documents.order_line, id=line, order_code=order, line="1", item=item, quantity=PLENTY)
    source, target = Slot(location=BIN), Slot(location=place, lpn=tote)
    _happened(tx, Moved(contents=(), carried=(Carry(lpn=tote, location=place, kind="tote"),)))
    _happened(tx, OpeningStock(item=item, quantity=PLENTY, target=source))
    _happened(tx, Allocated(order=order, claimed=(Claim(line=line, item=item, quantity=PLENTY, slot=source),)))
    _happened(tx, Picked(line=line, pick="", item=item, quantity=PLENTY, source=source, target=target))

    who = people.by_code(tx, code)
    assert who is not None
    cookie, csrf = sessions.sign_in(tx, who, f"HH-{n}", Menu())
    token = sessions.digest(cookie)
    step = seats.seat(tx, token).step
    for kind, raw in (("scan", f"STN/ST-{n}"), ("tap", "start:packing"), ("scan", tote), ("scan", barcode)):
        taken = Scan(id=clock.new_id(), after=step, raw=raw, kind=kind)  # type: ignore[arg-type]
        step = turns.take(tx, taken, token).step
    return Packer(code=code, cookie=cookie, csrf=csrf, barcode=barcode)


def _add(tx: Tx, table: Any, **row: Any) -> None:
    tx.run(insert(table).values(**row))


def _happened(tx: Tx, event: Event) -> None:
    ledger.post(tx, event, BY)  # type: ignore[arg-type]
    progress.apply(tx, event)  # type: ignore[arg-type]


class Scene:
    """A database with packers, and the server over it."""

    def __init__(self, server: Server, database: Database, packers: list[Packer]) -> None:
        self.server = server
        self._database = database
        self._packers = packers

    def load(self, seconds: float, warm_s: float, pause_s: float = 0.0) -> Load:
        """All packers scan unit after unit. Raises StageError unless every answer is one event in the journal."""
        with self._database.reading() as tx:
            before = journal.last_seq(tx)
        plan = self.plan(seconds, warm_s, pause_s)
        found = self.server.load(plan)
        with self._database.reading() as tx:
            grown = journal.last_seq(tx) - before
        if grown != found.sent:
            raise StageError(f"{found.sent} scans were answered, but the journal grew by {grown}.")
        return found

    def plan(self, seconds: float, warm_s: float, pause_s: float = 0.0) -> Plan:
        with self._database.reading() as tx:
            steps = {packer.code: str(tx.value(STEP, worker=packer.code)) for packer in self._packers}
        workers = [
            Worker(step=steps[packer.code], raw=packer.barcode, headers=self.headers(packer))
            for packer in self._packers
        ]
        return Plan(
            host=HOST,
            port=self.server.port,
            path="/floor/scan",
            workers=workers,
            seconds=seconds,
            warm_s=warm_s,
            pause_s=pause_s,
            verdict=True,
        )

    def headers(self, packer: Packer) -> dict[str, str]:
        """As the handheld's browser sends them."""
        return {
            "Cookie": f"pf-floor={packer.cookie}",
            "X-CSRF": packer.csrf,
            "Origin": self.server.address,
            "Accept": "text/html",
        }
