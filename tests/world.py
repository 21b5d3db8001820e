"""A small warehouse as text, and workers who scan in it: the tests' stage.

    world = World(database, '''
        A-01-01  TEE-M  10
        A-02-01  HONEY   4  lot=L1 expiry=2027-05-01
        DOCK     MUG    12  lpn=LPN-0001
    ''')
    mara = world.worker("mara")
    mara.scan("A-01-01", "#TEE-M")       # '#X' is the barcode of item X
    mara.says, mara.asks, world.holds()

Everything goes through the real doors: turns on the real writer, events through the ledger. Only the warehouse's rows
(items, locations, people) are written directly.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar, cast

from sqlalchemy import Insert, Table, bindparam, insert, update

from app import clock, schema, workflows
from app.db import Database, Tx
from app.floor import seats, sessions
from app.floor.asking import current
from app.floor.floor import Ports
from app.floor.prompt import Answer
from app.floor.release_turn import ReleaseTurn
from app.floor.scans import Scan
from app.floor.turns import Turn
from app.stock import balances, ledger, rebuild
from app.stock.events import OpeningStock
from app.stock.slots import Slot
from app.work import people
from app.workflows.menu import Menu

BY = ledger.By(worker="setup")

T = TypeVar("T")
Lay = TypeVar("Lay", bound=Callable[..., Any])


def at_once(lay: Lay) -> Lay:
    """For what lays out a part of the world it is given first: it is written as one transaction."""

    @wraps(lay)
    def together(world: "World", /, *facts: Any, **named: Any) -> Any:
        return world.at_once(lambda: lay(world, *facts, **named))

    return cast(Lay, together)


@cache
def _row(table: Table, columns: tuple[str, ...]) -> Insert:
    return insert(table).values({column: bindparam(column) for column in columns})


def gtin13(number: int) -> str:
    """A sound EAN-13 for the n-th item of the world."""
    body = f"400000{number:06d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


class World:
    _laying: Tx | None = None  # the layout under way

    def __init__(self, database: Database, stock: str = "", *, site: str = "MAIN") -> None:
        workflows.load()
        self.db = database
        self.site = site
        self.barcodes: dict[str, str] = {}
        self.locations: set[str] = set()
        self.ports = Ports()
        self.at_once(lambda: self._lay_out(stock))

    # ── laying out ───────────────────────────────────────────────────────────────────────────────────────────────
    def _lay_out(self, stock: str) -> None:
        self.add(schema.places.site, code=self.site, gs1_company_prefix="4012345")
        for line in stock.strip().splitlines():
            if line.strip():
                self._stock(line.split())

    def at_once(self, lay: Callable[[], T]) -> T:
        """Lay out much in one transaction: each of its own costs milliseconds on PostgreSQL. Nobody scans meanwhile."""
        if self._laying is not None:
            return lay()

        def work(tx: Tx) -> T:
            self._laying = tx
            try:
                return lay()
            finally:
                self._laying = None

        return self.db.do(work)

    @property
    def is_laying(self) -> bool:
        return self._laying is not None

    def write(self, work: Callable[[Tx], T]) -> T:
        """In a transaction of its own, or in that of the layout under way."""
        return self.db.do(work) if self._laying is None else work(self._laying)

    def add(self, table: Table, **row: Any) -> None:
        """One row of any table, written directly."""
        self.write(lambda tx: tx.run(_row(table, tuple(row)), **row))

    def change(self, table: Any, where: Any, **values: Any) -> None:
        self.write(lambda tx: tx.run(update(table).where(where).values(**values)))

    def item(self, code: str, **facts: Any) -> str:
        """An item with a barcode of its own; `case=12` adds a case barcode `#CODE/case`. Returns the barcode."""
        case = facts.pop("case", 0)
        barcode = self.barcodes[code] = gtin13(len(self.barcodes) + 1)
        self.add(schema.items.item, code=code, name=facts.pop("name", code.title()), **facts)
        self.add(schema.items.item_barcode, code=barcode, item=code)
        if case:
            self.barcodes[f"{code}/case"] = gtin13(500_000 + len(self.barcodes))
            self.add(schema.items.pack, item=code, unit="case", quantity=case)
            self.add(
                schema.items.item_barcode,
                code=self.barcodes[f"{code}/case"],
                item=code,
                unit="case",
                quantity=case,
            )
        return barcode

    def location(self, code: str, **facts: Any) -> str:
        self.locations.add(code)
        self.add(schema.places.location, code=code, site=self.site, **facts)
        return code

    def stock(self, line: str) -> None:
        """One more line of the warehouse's text."""
        self._stock(line.split())

    def _stock(self, words: list[str]) -> None:
        place, item, quantity, *more = words
        facts = dict(word.split("=", 1) for word in more)
        if place not in self.locations:
            kind = "staging" if place.startswith("DOCK") else "bin"
            self.location(place, kind=kind, sequence=len(self.locations) + 1)
        if item not in self.barcodes:
            self.item(
                item,
                lot_tracked=int("lot" in facts),
                expiry_tracked=int("expiry" in facts),
                serial_tracked=int("serials" in facts),
            )
        if facts.get("lot"):
            self.lot(item, facts["lot"], facts.get("expiry", ""))
        event = OpeningStock(
            item=item,
            quantity=int(quantity),
            target=Slot(
                location=place,
                lpn=facts.get("lpn", ""),
                lot=facts.get("lot", ""),
                status=facts.get("status", "available"),  # type: ignore[arg-type]
            ),
            serials=tuple(facts["serials"].split(",")) if "serials" in facts else (),
            new_lpn="lpn" in facts,
        )
        self.write(lambda tx: ledger.post(tx, event, BY))

    def lot(self, item: str, lot: str, expiry: str = "", held: str = "") -> None:
        def add(tx: Tx) -> None:
            if not any(row[0] == item and row[1] == lot for row in tx.rows(schema.items.lot.select())):
                facts = {"item": item, "lot": lot, "expiry": expiry, "held": held, "seen": clock.now()}
                tx.run(insert(schema.items.lot).values(**facts))

        self.write(add)

    def worker(self, code: str, roles: str = "worker packer loader", device: str = "HH-01") -> "Hand":
        with self.db.reading() as tx:
            known = people.by_code(tx, code)
        if known is None:
            self.add(schema.people.worker, code=code, badge=f"B-{code}", name=code.title(), roles=roles)
        return Hand(self, code, device)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────
    def holds(self, *, virtual: bool = False) -> str:
        """The stock as text, one balance a line: `A-01-01 TEE-M 10`; LPN, lot, status and allocation where they are."""
        with self.db.reading() as tx:
            rows = tx.all(balances.ALL, balances.Balance)
        told = []
        for row in sorted(rows, key=lambda r: (r.location, r.lpn, r.item, r.lot, r.status)):
            words = [row.location, row.item, str(row.quantity)]
            words += [f"in {row.lpn}"] if row.lpn else []
            words += [f"lot {row.lot}"] if row.lot else []
            words += [row.status] if row.status != "available" else []
            words += [f"({row.allocated} promised)"] if row.allocated else []
            told.append(" ".join(words))
        return "\n".join(told)

    def rows(self, statement: Any, **values: Any) -> list[Any]:
        if self._laying is not None:
            return self._laying.rows(statement, **values)
        with self.db.reading() as tx:
            return tx.rows(statement, **values)

    def check(self) -> None:
        """The books must prove."""
        with self.db.reading() as tx:
            report = rebuild.check(tx)
        assert report.clean, report.findings


class Hand:
    """A worker with a handheld."""

    def __init__(self, world: World, worker: str, device: str) -> None:
        self.world = world
        self.worker = worker
        self.device = device
        self.answer: Answer
        assert not world.is_laying, "a layout has no hands: badge in when it is written"
        self.badge_in()

    def badge_in(self, *, take_over: bool = True) -> None:
        def work(tx: Any) -> tuple[str, Answer]:
            who = people.by_code(tx, self.worker)
            assert who is not None
            cookie, _ = sessions.sign_in(tx, who, self.device, Menu(), take_over=take_over)
            token = sessions.digest(cookie)
            return token, current(tx, seats.seat(tx, token))

        self.token, self.answer = self.world.db.do(work)
        self.step = self.answer.step

    def turn(
        self, raw: str, kind: str = "scan", *, id: str = "", after: str | None = None, symbology: str = ""
    ) -> Answer:
        scan = Scan(
            id=id or clock.new_id(),
            after=self.step if after is None else after,
            raw=raw,
            kind=kind,  # type: ignore[arg-type]
            symbology=symbology,
        )
        self.answer = self.world.db.write_now(Turn(scan, lambda tx: seats.seat(tx, self.token), self.world.ports))
        self.step = self.answer.step
        return self.answer

    def scan(self, *labels: str) -> "Hand":
        """Scan one after the other; `#ITEM` is that item's barcode, `#ITEM/case` its case's."""
        for label in labels:
            self.turn(self.world.barcodes[label[1:]] if label.startswith("#") else label)
        return self

    def released_by(self, supervisor: str, reason: str = "agreed", *, id: str = "") -> "Hand":
        """A supervisor scans their badge here, says why, and their PIN is right (the door checks it)."""
        with self.world.db.reading() as tx:
            who = people.by_code(tx, supervisor)
        assert who is not None
        self.scan(f"BDG/{who.badge}")
        if self.asks == "Why?":
            self.tap(f"reason:{reason}")
        scan = Scan(id=id or clock.new_id(), after=self.step, raw="release")
        turn = ReleaseTurn(scan, who, lambda tx: seats.seat(tx, self.token), self.world.ports)
        self.answer = self.world.db.write_now(turn)
        self.step = self.answer.step
        return self

    def tap(self, *names: str) -> "Hand":
        for name in names:
            self.turn(name, "tap")
        return self

    def type(self, text: str) -> "Hand":
        self.turn(text, "type")
        return self

    @property
    def says(self) -> str:
        return self.answer.verdict.sentence if self.answer.verdict else ""

    @property
    def refusal(self) -> str:
        """The code of the refusal the last scan met, or the empty text."""
        return self.answer.verdict.code if self.answer.verdict else ""

    @property
    def asks(self) -> str:
        return self.answer.prompt.headline

    @property
    def prompt(self) -> Any:
        return self.answer.prompt
