"""Whatever receiving, releasing, picking, shorting, undoing, cancelling and putting back do to each other, the books prove.

Two workers, one picking and one putting back, and a desk that releases waves and an ERP that cancels, holds and orders again, in
any order hypothesis can think of. After each mix: balances are the sum of the movements, nothing is promised twice, and each
line's counters are the sum of its events.
"""

import contextlib
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from app.db import Database
from app.errors import Refusal
from app.schema.documents import order_line, sales_order
from app.schema.stock import allocation
from app.schema.work import pick
from app.stock import journal
from app.stock.events import Picked, PickShort, PutBack, Undone
from app.stock.ledger import By
from app.work import master, waves
from tests import engines
from tests.workflows.picking_floor import DESK, Picking
from tests.world import Hand, World

ITEMS = ("TEE", "MUG", "HONEY")
COMMANDS = (
    "receive", "order", "order", "release", *["pick"] * 8, "undo", "short", "undo", "skip",
    "cancel", "hold", "again", "again", "pull_back", "put_back", "put_back",
)  # fmt: skip


class Mix:
    def __init__(self, world: World) -> None:
        self.world = world
        self.picking = Picking(world, max_orders=2)
        self.mara = world.worker("mara", device="HH-01")
        self.ben = world.worker("ben", device="HH-02")
        self.orders = self.totes = self.bins = 0
        self.waves: list[str] = []
        self.wanted: dict[str, list[tuple[str, int]]] = {}
        self.said = 1  # the ERP's versions
        self.released_again: set[str] = set()

    def do(self, command: str, n: int) -> None:
        getattr(self, command)(n)

    def receive(self, n: int) -> None:
        item = ITEMS[n % 3]
        self.bins += 1
        lot = f" lot=L{n % 2} expiry=2099-01-0{1 + n % 2}" if item == "HONEY" else ""
        self.world._stock(f"B-{self.bins % 4:02} {item} {1 + n % 5}{lot}".split())

    def order(self, n: int) -> None:
        self.orders += 1
        lines = [(ITEMS[(n + k) % 3], 1 + (n + k) % 4) for k in range(1 + n % 2)]
        self.wanted[f"{1000 + self.orders}"] = lines
        self.picking.order(f"{1000 + self.orders}", *lines, ship_complete=int(n % 5 == 0))

    def release(self, n: int) -> None:
        with contextlib.suppress(Refusal):
            self.waves.append(self.picking.release())

    def pull_back(self, n: int) -> None:
        if self.waves:
            with contextlib.suppress(Refusal):
                waves.pull_back(self.world.db, self.waves[n % len(self.waves)], DESK)

    def cancel(self, n: int) -> None:
        self._erp("order.cancel", n)

    def hold(self, n: int) -> None:
        self._erp("order.hold", n)

    def again(self, n: int) -> None:
        """Released anew, with a piece more than before."""
        if self.orders:
            code = f"{1001 + n % self.orders}"
            lines = [(item, quantity + 1) for item, quantity in self.wanted[code]]
            numbered = [{"line": str(k), "item": item, "quantity": q} for k, (item, q) in enumerate(lines, 1)]
            if self._erp("order.release", n, lines=numbered):
                self.wanted[code] = lines
                self.released_again.add(code)

    def _erp(self, kind: str, n: int, **facts: Any) -> bool:
        if not self.orders:
            return False
        self.said += 1
        message = master.decode(kind, {"code": f"{1001 + n % self.orders}", "version": self.said, **facts})
        return self.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp"))).state == "applied"

    def pick(self, n: int) -> None:
        """What the screen asks, mostly; a few scans, so that lines get done."""
        for _ in range(1 + n % 4):
            self._answer(self.mara, n)

    def _answer(self, hand: Hand, n: int) -> None:
        prompt = hand.prompt
        match prompt.headline:
            case "Scan anything to start":
                hand.tap("start:picking")
            case "Scan cart or order":
                hand.tap("next")
            case "Scan cart":
                hand.scan("CART-4")
            case "Scan empty tote":
                self.totes += 1
                hand.scan(f"T-{self.totes:04}")
            case "Scan location":
                hand.scan(prompt.place)
            case "Scan item":
                hand.scan(f"#{prompt.item.code}")
            case "Scan lot":
                hand.scan(prompt.item.note.removeprefix("lot "))
            case "Scan next" if n % 2:
                hand.type(str(1 + n % 3))
            case "Scan next":
                hand.scan(f"#{prompt.item.code}")
            case "Scan drop location":
                hand.scan("PACK-1")
            case text if text.startswith("Scan tote") and prompt.hint:
                hand.scan(prompt.hint)
            case _:
                hand.tap("menu")
        if hand.refusal in ("taken_over", "task_over"):
            hand.tap("menu")

    def short(self, n: int) -> None:
        self.mara.tap("short")
        if not self.mara.refusal and self.mara.prompt.main is not None:
            for _ in range(n % 3):
                self.mara.tap("found")
            self.mara.tap("confirm")

    def undo(self, n: int) -> None:
        (self.mara if n % 3 else self.ben).tap("undo")

    def skip(self, n: int) -> None:
        self.mara.tap("skip")

    def put_back(self, n: int) -> None:
        ben = self.ben
        ben.tap("menu", "start:put_back", "next")
        if ben.refusal:
            return
        if ben.asks == "Scan tote":
            ben.scan(ben.prompt.rows[0].name)
        for _ in range(1 + n % 3):
            if ben.asks == "Scan lot":
                break
            if ben.prompt.item is not None:
                ben.scan(f"#{ben.prompt.item.code}")
        if ben.prompt.place:
            ben.scan(ben.prompt.place)

    # ── what must hold ───────────────────────────────────────────────────────────────────────────────────────────
    def prove(self) -> None:
        self.world.check()
        lines = self.world.rows(select(order_line))
        promised = dict(
            tuple(row)
            for row in self.world.rows(
                select(allocation.c.line, func.sum(allocation.c.quantity)).group_by(allocation.c.line)
            )
        )
        open_picks = dict(
            tuple(row)
            for row in self.world.rows(
                select(pick.c.line, func.sum(pick.c.quantity - pick.c.picked - pick.c.short))
                .where(pick.c.state == "open")
                .group_by(pick.c.line)
            )
        )
        states: dict[str, str] = dict(
            tuple(row) for row in self.world.rows(select(sales_order.c.code, sales_order.c.state))
        )
        picked, short = self._from_the_journal()
        for key, order, _, _, quantity, allocated, taken, _, _, given_up, cancelled in (tuple(r) for r in lines):
            story = f"{key} ({states[order]})"
            assert taken + given_up + cancelled <= quantity, story
            assert int(promised.get(key, 0)) == allocated + taken, f"{story}: promises travel with the goods"
            assert picked.get(key, 0) == taken, f"{story}: picked is the sum of its events"
            fresh = states[order] in ("pool", "held", "waved") or order in self.released_again
            assert given_up >= short.get(key, 0) or fresh, story
            if states[order] in ("waved", "picking", "picked", "backordered"):
                assert int(open_picks.get(key, 0)) == allocated, f"{story}: each promise has its pick"
            else:
                assert int(open_picks.get(key, 0)) == 0, f"{story}: nobody is sent for it"

    def _from_the_journal(self) -> tuple[dict[str, int], dict[str, int]]:
        picked: dict[str, int] = {}
        short: dict[str, int] = {}
        with self.world.db.reading() as tx:
            entries = {entry.seq: entry.event for entry in journal.after(tx, 0, 10_000)}
        for seen in entries.values():
            event: Any = entries[seen.seq] if isinstance(seen, Undone) else seen
            sign = -1 if isinstance(seen, Undone) else 1
            if isinstance(event, Picked):
                picked[event.line] = picked.get(event.line, 0) + sign * event.quantity
            elif isinstance(event, PutBack):
                picked[event.line] = picked.get(event.line, 0) - sign * event.quantity
            elif isinstance(event, PickShort):
                short[event.line] = short.get(event.line, 0) + sign * event.backordered
        return picked, short


@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 40), ("postgresql", 4)])
def test_any_mix_of_commands_leaves_books_that_prove(engine: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(some.lists(some.tuples(some.sampled_from(COMMANDS), some.integers(0, 59)), min_size=10, max_size=60))
    def story(commands: list[tuple[str, int]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            url = engines.fresh(engine, Path(folder))
            database = Database(url)
            try:
                mix = Mix(World(database, "A-01 TEE 9\nA-02 MUG 4\nA-03 HONEY 5 lot=L1 expiry=2099-01-01"))
                for command, n in commands:
                    mix.do(command, n)
                mix.prove()
            finally:
                database.close()
                engines.remove(url)

    story()
