"""The heart of counting: whatever moves while and after somebody counts, what is adjusted is truth planted minus book.

A small physical warehouse stands beside the books: pieces that really lie somewhere. People pick and bring pieces at any
moment, and the books hear of each; but at the start the books were wrong. The counter sees only pieces.
"""

import tempfile
from collections.abc import Callable
from itertools import count as numbers
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from app.db import Database, Tx
from app.errors import Refusal
from app.schema.counting import count_line
from app.schema.places import location
from app.stock import ledger
from app.stock.events import Adjusted, AnyEvent, Moved, OpeningStock
from app.stock.ledger import By
from app.stock.slots import Movement, Slot
from app.work import limits, progress, tasks
from app.work.counting import book, closing, counts, deciding, rules, tallies
from app.work.counting.book import Key
from app.work.counting.closing import Line
from app.work.counting.counts import Count
from tests import engines
from tests.world import World

ITEMS = ("MUG", "TEE")
PLENTY = 10_000
LINES = select(count_line).order_by(count_line.c.item)
_numbers = numbers(1)
Step = tuple[str, str, int, int]
Counts = dict[str, int]


@pytest.fixture(scope="module")
def house() -> World:
    """One house for all examples; each uses a place of its own."""
    world = World(Database(engines.fresh("sqlite", Path(tempfile.mkdtemp()))))
    for code in ITEMS:
        world.item(code)
        world.stock(f"STORE {code} {PLENTY}")
    for code in ("mara", "piet", "ruth"):
        world.worker(code, "worker supervisor")
    world.db.do(_give_limits)
    return world


def _give_limits(tx: Tx) -> None:
    """Nobody decides alone but Ruth, and nothing is counted twice: each difference waits for her."""
    for kind in ("count_value", "count_percent", "count_quantity"):
        limits.give(tx, "worker", "mara", kind, 0)
        limits.give(tx, "worker", "piet", kind, 0)
        limits.give(tx, "worker", "ruth", kind, limits.NO_LIMIT)
    rules.change(tx, "recounts", 0)


class Shelf:
    """The truth: pieces that lie in one place, and which of them the counter has in their sum."""

    def __init__(self, tx: Tx, booked: Counts, real: Counts) -> None:
        self.tx = tx
        self.place = f"P-{next(_numbers)}"
        self.pieces = dict(real)
        self.counted = dict.fromkeys(ITEMS, 0)
        tx.run(insert(location).values(code=self.place, site="MAIN"))
        for code, quantity in booked.items():
            if quantity:
                ledger.post(tx, OpeningStock(item=code, quantity=quantity, target=Slot(location=self.place)), By())

    def booked(self, code: str) -> int:
        return book.now(self.tx, self.place, Key(item=code))

    def carry(self, code: str, quantity: int, source: str, target: str) -> None:
        move = Movement(item=code, quantity=quantity, source=Slot(location=source), target=Slot(location=target))
        ledger.post(self.tx, Moved(contents=(move,)), By(worker="pick"))

    def pick(self, code: str, quantity: int, of_counted: int) -> None:
        """Somebody takes pieces, counted ones or not; what is not there or not booked is not picked."""
        quantity = min(quantity, self.booked(code), self.pieces[code])
        if quantity:
            self.carry(code, quantity, self.place, "STORE")
            uncounted = self.pieces[code] - self.counted[code]
            self.counted[code] -= max(min(quantity, of_counted, self.counted[code]), quantity - uncounted)
            self.pieces[code] -= quantity

    def bring(self, code: str, quantity: int) -> None:
        self.carry(code, quantity, "STORE", self.place)
        self.pieces[code] += quantity

    def correct(self, code: str, change: int) -> None:
        """Somebody adjusts the books by hand, rightly or not: no piece moves."""
        if change and self.booked(code) + change >= 0:
            slot = Slot(location=self.place)
            self.post(Adjusted(item=code, slot=slot, change=change, reason="found", approver="ada"))

    def begin(self, worker: str) -> Count:
        self.counted = dict.fromkeys(ITEMS, 0)
        task = tasks.take(self.tx, counts.spot(self.tx, self.place, worker), worker, "HH", lambda warning: None)
        return counts.begin(self.tx, task, worker, "HH")

    def scan(self, count: Count, code: str) -> None:
        """One piece that is not in the sum yet, if there is one to see."""
        if self.counted[code] < self.pieces[code]:
            stands = tallies.add(self.tx, count, Key(item=code), 1, code)
            self.counted[code] = self.counted[code] + 1 if stands else 0

    def type(self, count: Count, code: str, between: Callable[[], None]) -> None:
        """Scan one, count the rest by eye while others work, type how many. All of it is one look."""
        if self.counted[code] or not self.pieces[code]:
            return
        self.scan(count, code)
        if self.counted[code]:
            seen = self.pieces[code]
            between()
            _, stands = tallies.retype(self.tx, count, seen)
            self.counted[code] = self.pieces[code] if stands else 0

    def look(self, count: Count) -> None:
        """Until each piece in sight is in the sum."""
        for code in ITEMS:
            while self.counted[code] < self.pieces[code]:
                self.scan(count, code)

    def work(self, count: Count | None, steps: list[Step]) -> None:
        for kind, code, quantity, of_counted in steps:
            if kind == "pick":
                self.pick(code, quantity, of_counted)
            elif kind == "bring":
                self.bring(code, quantity)
            elif kind == "correct":
                self.correct(code, quantity)
            elif count is not None and kind == "scan":
                for _ in range(quantity):
                    self.scan(count, code)
            elif count is not None:
                self.type(count, code, self._meanwhile(code, quantity))

    def _meanwhile(self, code: str, quantity: int) -> Callable[[], None]:
        return lambda: self.bring(code, quantity) if quantity > 0 else self.pick(code, -quantity, 1)

    def count(self, worker: str, during: list[Step], last: list[Step]) -> list[Line]:
        """Somebody counts while others work, looks once more, and says "nothing else" a little later.

        What moved meanwhile they count again once told.
        """
        count = self.begin(worker)
        self.work(count, during)
        self.look(count)
        self.work(None, last)
        for key in closing.unsettled(self.tx, count):
            self.counted[key.item] = 0
            while self.counted[key.item] < self.pieces[key.item]:
                self.scan(count, key.item)

        closing.finish(self.tx, count, self.post)
        return [line for line in self.tx.all(LINES, Line) if line.count == count.id]

    def post(self, event: AnyEvent) -> int:
        seq = ledger.post(self.tx, event, By(worker="mara"))
        progress.apply(self.tx, event)
        return seq

    def approve(self, line: Line) -> str:
        try:
            deciding.approve(self.tx, line.id, "confirmed", By(worker="ruth"))
        except Refusal as why:
            return why.code
        return ""


quantities = st.fixed_dictionaries({code: st.integers(0, 12) for code in ITEMS})
item = st.sampled_from(ITEMS)
moves = (
    st.tuples(st.just("pick"), item, st.integers(1, 4), st.integers(0, 4)),
    st.tuples(st.just("bring"), item, st.integers(1, 4), st.just(0)),
)
looks = (
    st.tuples(st.just("scan"), item, st.integers(1, 6), st.just(0)),
    st.tuples(st.just("type"), item, st.integers(-2, 2), st.just(0)),
)
mess = st.lists(st.one_of(*moves, *looks), max_size=14)
later = st.lists(st.one_of(*moves, st.tuples(st.just("correct"), item, st.integers(-3, 3), st.just(0))), max_size=8)


@settings(max_examples=150, deadline=None)
@given(booked=quantities, real=quantities, during=mess, last=mess, after=later)
def test_what_is_adjusted_is_always_truth_planted_minus_book(
    house: World, booked: Counts, real: Counts, during: list[Step], last: list[Step], after: list[Step]
) -> None:
    """And everything that is there or booked has its line: nothing is left out."""
    told: list[tuple[object, object]] = []

    def example(tx: Tx) -> None:
        shelf = Shelf(tx, booked, real)
        lines = shelf.count("mara", during, last)
        told.extend((line.difference, real[line.item] - booked[line.item]) for line in lines)
        shelf.work(None, after)
        told.extend((shelf.approve(line), "") for line in lines if line.differs)
        shelf.work(None, [step for step in after if step[0] != "correct"])
        counted = {line.item for line in lines}
        for code in ITEMS:
            if code in counted and (real[code] != booked[code] or not any(step[0] == "correct" for step in after)):
                told.append((shelf.booked(code), shelf.pieces[code]))

    house.db.do(example)
    assert [found for found, _ in told] == [right for _, right in told]


@settings(max_examples=75, deadline=None)
@given(booked=quantities, real=quantities, first=mess, second=mess, after=mess)
def test_a_second_count_takes_the_first_ones_place_and_nothing_is_corrected_twice(
    house: World, booked: Counts, real: Counts, first: list[Step], second: list[Step], after: list[Step]
) -> None:
    told: list[tuple[object, object]] = []

    def example(tx: Tx) -> None:
        shelf = Shelf(tx, booked, real)
        before = shelf.count("mara", first, [])
        lines = shelf.count("piet", second, after)
        again = {line.item for line in lines}
        told.extend((shelf.approve(old), "variance_decided") for old in before if old.item in again)
        told.extend((shelf.approve(line), "") for line in lines if line.differs)
        told.extend((shelf.booked(line.item), shelf.pieces[line.item]) for line in lines)

    house.db.do(example)
    assert [found for found, _ in told] == [right for _, right in told]


def test_the_books_prove_after_all_of_it(house: World) -> None:
    house.check()
