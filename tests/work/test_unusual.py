"""The statistic can be checked by hand, names nobody on a fair floor more often than promised, and finds who is off."""

import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from app import clock, schema
from app.db import Tx
from app.errors import Refusal
from app.stock import ledger
from app.stock.events import Adjusted, Allocated, Picked, PickShort, WrittenOff
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import exceptions, unusual_facts, unusual_notes, unusual_sums
from app.work.unusual import ONE_LIST, Judged, Tally, chance, judge, odds
from app.work.unusual_sums import WINDOW
from tests.world import World


@pytest.mark.parametrize(
    ("k", "n", "all_k", "all_n"), [(3, 10, 5, 40), (1, 1, 1, 2), (12, 340, 40, 3000), (0, 5, 3, 9)]
)
def test_the_chance_is_the_exact_one(k: int, n: int, all_k: int, all_n: int) -> None:
    ways = sum(math.comb(all_k, x) * math.comb(all_n - all_k, n - x) for x in range(k, min(n, all_k) + 1))
    assert chance(k, n, all_k, all_n) == pytest.approx(float(Fraction(ways, math.comb(all_n, n))), rel=1e-6)


def test_the_sentence_says_it_all() -> None:
    found = judge(
        "short", "worker", [Tally(subject="mara", cases=12, of=340), Tally(subject="ruth", cases=29, of=2660)]
    )
    assert found[0].sentence == "12 shorts in 340 picks (3.5 %); others 1.1 %; one in 730 by chance."
    assert found[0].unusual
    assert [odds(value) for value in (0.00025, 0.9, 0.1, 1e-12)] == [
        "one in 4,000", "quite likely", "one in 10", "less than one in a billion",
    ]  # fmt: skip


def fair(dice: random.Random, rate: float = 0.015, of: int = 0) -> list[Tally]:
    tallies = []
    for n in range(40):
        picks = of or dice.randint(20, 1200)
        tallies.append(Tally(subject=f"w{n}", cases=sum(dice.random() < rate for _ in range(picks)), of=picks))
    return tallies


def test_on_a_fair_floor_no_more_lists_name_somebody_than_promised() -> None:
    dice, lists = random.Random(20261121), 150
    named, small = 0, 0
    for _ in range(lists):
        found = judge("short", "worker", fair(dice))
        named += any(one.unusual for one in found)
        small += sum(one.chance <= 0.05 for one in found)
    noise = 3 * math.sqrt(ONE_LIST * (1 - ONE_LIST) / lists)
    assert named / lists <= ONE_LIST + noise, f"{named} of {lists} fair lists named somebody"
    share = small / (40 * lists)
    assert 0.02 <= share <= 0.055, f"a chance of 5 % came in {share:.1%}: the figure does not mean what it says"


def test_who_is_four_times_off_is_found() -> None:
    dice, hits, wrong = random.Random(7), 0, 0
    for _ in range(30):
        tallies = fair(dice, of=400)
        tallies.append(Tally(subject="off", cases=sum(dice.random() < 0.06 for _ in range(400)), of=400))
        named = {one.subject for one in judge("short", "worker", tallies) if one.unusual}
        hits += "off" in named
        wrong += len(named - {"off"})
    assert hits >= 28
    assert wrong <= 5


def test_few_cases_and_empty_lists_name_nobody() -> None:
    assert judge("short", "item", []) == []
    found = judge("short", "item", [Tally(subject="a", cases=2, of=2), Tally(subject="b", cases=0, of=90_000)])
    assert not found[0].unusual, "two cases are no pattern"


# ── from the journal ─────────────────────────────────────────────────────────────────────────────────────────────────
def post(world: World, event: Adjusted | WrittenOff, worker: str, at: int) -> None:
    world.db.do(lambda tx: ledger.post(tx, event, By(worker=worker, at=at)))


def promise(tx: Tx, line: str, place: str, at: int) -> Claim:
    claim = Claim(line=line, item="MUG", quantity=1, slot=Slot(location=place))
    ledger.post(tx, Allocated(order=line.partition("/")[0], claimed=(claim,)), By(at=at))
    return claim


def pick(tx: Tx, place: str, worker: str, order: str, at: int) -> None:
    """One piece promised and picked."""
    claim = promise(tx, f"{order}/1", place, at)
    event = Picked(
        line=claim.line, pick="p", item="MUG", quantity=1, source=claim.slot, target=Slot(location=f"@{worker}")
    )
    ledger.post(tx, event, By(worker=worker, at=at))


def short(tx: Tx, place: str, worker: str, at: int) -> None:
    """One piece promised and not found."""
    claim = promise(tx, "9999/1", place, at)
    event = PickShort(line=claim.line, pick="p", item="MUG", missing=1, slot=claim.slot, reason="bin_empty")
    ledger.post(tx, event, By(worker=worker, at=at))


@pytest.fixture
def month(build: Callable[[str], World]) -> World:
    """Four pickers at work; mara's shorts come on ten days at ten places, and one bin is found short again and again."""
    world = build("\n".join(f"A-{n:02} MUG 90" for n in range(10)))
    for code, roles in (("mara", "worker supervisor"), ("ruth", "worker supervisor"), ("ada", "admin")):
        world.worker(code, roles)
    now = clock.now()

    def live(tx: Tx) -> None:
        for n in range(120):
            pick(tx, f"A-{n % 10:02}", ("mara", "p1", "p2", "p3")[n % 4], str(n), now - (n % 20 + 1) * clock.DAY)
        for n in range(10):
            short(tx, f"A-{n:02}", "mara", now - (n + 1) * clock.DAY)
        for _ in range(9):
            short(tx, "A-01", "p1", now - clock.DAY)

    world.db.do(live)
    return world


def figures(world: World) -> dict[tuple[str, str, str], Judged]:
    with world.db.reading() as tx:
        return {(one.measure, one.kind, one.subject): one for one in unusual_facts.look(tx, clock.now())[0]}


def test_a_month_of_journal_names_the_worker_and_not_the_one_bad_morning(month: World) -> None:
    found = figures(month)
    mara, other = found["short", "worker", "mara"], found["short", "worker", "p1"]
    assert (mara.cases, mara.of, mara.unusual) == (10, 40, True)
    assert (other.cases, other.unusual) == (1, False), "nine shorts of one bin in one morning are one"
    assert mara.sentence.startswith("10 shorts in 40 picks (25.0 %); others 1.1 %; one in ")


def summed(world: World) -> dict[str, tuple[int, int]]:
    with world.db.reading() as tx:
        return {one.subject: (one.picks, one.takes) for one in unusual_sums.of(tx, "worker", clock.now() - WINDOW)}


def test_what_is_summed_once_a_minute_is_what_is_counted_at_each_look(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unusual_sums, "AT_ONCE", 120)
    before, walks = summed(month), 0
    assert before["mara"][0] == 30
    while (found := seen(month)) is not None:
        assert month.db.do(lambda tx, found=found: unusual_sums.write(tx, found))  # type: ignore[misc]
        assert not month.db.do(lambda tx, found=found: unusual_sums.write(tx, found)), "somebody else was first"  # type: ignore[misc]
        walks += 1
        assert summed(month) == before
    assert walks > 1
    month.db.do(lambda tx: pick(tx, "A-05", "mara", "777", clock.now()))
    assert summed(month)["mara"] == (31, before["mara"][1] + 1)


def seen(world: World) -> unusual_sums.Sums | None:
    with world.db.reading() as tx:
        return unusual_sums.look(tx)


def test_losses_go_to_the_place_and_to_who_last_took_there_and_returns_to_who_picked(month: World) -> None:
    now = clock.now()
    off = WrittenOff(
        item="MUG", slot=Slot(location="A-03"), quantity=2, reason="lost", approver="~limit", asked_by="ruth"
    )
    post(month, off, "ruth", now)
    found_more = Adjusted(
        item="MUG", slot=Slot(location="A-04"), change=3, reason="found", approver="ada", asked_by="ruth"
    )
    post(month, found_more, "ada", now)
    counted = Adjusted(
        item="MUG", slot=Slot(location="A-05"), change=-1, reason="confirmed", approver="ada", count="c-1"
    )
    post(month, counted, "ada", now)
    piece = schema.returns.returned
    month.add(piece, piece="R-1/1", item="MUG", order_code="4", quantity=1, reason="wrong_item", received_at=now)
    month.add(piece, piece="R-1/2", item="MUG", order_code="5", quantity=1, reason="unwanted", received_at=now)
    found = figures(month)
    assert (found["shrinkage", "location", "A-03"].cases, found["shrinkage", "location", "A-03"].units) == (1, 2)
    assert found["shrinkage", "item", "MUG"].cases == 2
    takers = {key[2] for key, one in found.items() if key[:2] == ("shrinkage", "worker") and one.cases}
    assert takers <= {"mara", "p1", "p2", "p3"}
    assert takers, "who last took from the place"
    assert found["adjustment", "worker", "ruth"].cases == 2, "who asked, not who approved, and not who counted"
    assert ("adjustment", "worker", "ada") not in found or not found["adjustment", "worker", "ada"].cases
    assert found["returned", "worker", "mara"].cases == 1, "order 4 was mara's; what is unwanted is nobody's fault"
    assert found["returned", "item", "MUG"].cases == 2
    assert found["returned", "location", "A-04"].cases == 1


def test_a_person_decides_and_not_about_oneself(month: World) -> None:
    mara = figures(month)["short", "worker", "mara"]

    def decide(who: str, decision: str, reason: str, figure: Judged | None = mara) -> str:
        return month.db.do(
            lambda tx: unusual_notes.decide(tx, figure, decision, reason, worker=who, device="D")
        )  # fmt: skip

    for who, reason, figure, code in (
        ("mara", "fine", mara, "own_figure"), ("ruth", "  ", mara, "no_reason"), ("ruth", "x", None, "not_unusual"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            decide(who, "explained", reason, figure)
        assert refused.value.code == code
    assert decide("ruth", "case", "ten bins in ten days") == "Short picks of mara: a case was opened."
    with month.db.reading() as tx:
        note = unusual_notes.latest(tx)["short", "worker", "mara"]
        case = exceptions.find(tx, note.exception)
    assert "mara" not in case.sentence, "the queue is read by many"
    assert unusual_notes.holds(note, mara)
    for n in range(3):
        at = clock.now() - (n + 12) * clock.DAY
        month.db.do(lambda tx, n=n, at=at: short(tx, f"A-{n:02}", "mara", at))  # type: ignore[misc]
    assert not unusual_notes.holds(note, figures(month)["short", "worker", "mara"]), "worse than it was: it comes back"
    logged = month.rows(schema.people.security_event.select())
    assert any("short worker mara: case: ten bins" in str(row) for row in logged)
