"""Every difference between the floor and the ERP has a name; what has none is found to the piece."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import insert, select

from app import clock
from app.db import Tx
from app.schema.places import location
from app.schema.work import exception
from app.stock import journal, ledger
from app.stock.events import Adjusted, OpeningStock
from app.stock.ledger import By
from app.stock.slots import Slot
from sync import errands, reconciliations
from sync.messages import Message, as_message
from sync.reconciliations import Difference, Run
from sync.reconciling import compare
from tests import engines
from tests.sync.sink import House, Sink, house, moved, opened, received, until


def run(floor: House, by: str = "2001") -> Run:
    return reconciliations.reconcile(floor.db, floor.erp.followers["ERP"], by)


def lines(floor: House, of: Run) -> list[Difference]:
    with floor.db.reading() as tx:
        return reconciliations.differences(tx, of.id)


def cases(floor: House) -> list[tuple[str, str, str]]:
    with floor.db.reading() as tx:
        statement = select(exception.c.state, exception.c.owner, exception.c.sentence).order_by(exception.c.created)
        return [(str(state), str(owner), str(words)) for state, owner, words in tx.rows(statement)]


def plant(sink: Sink, sql: str) -> None:
    """Somebody changes the ledger's stock beside its events."""
    with sqlite.connect(str(sink.database)) as books:
        books.execute(sql)
    books.close()


def test_what_agrees_is_said_in_one_sentence(floor: House, sink: Sink) -> None:
    floor.post(opened("MUG", 10), received("1", "TEE", 4), moved("MUG", 3))
    until(floor.drained, "all is told")
    done = run(floor)
    assert (done.outcome, done.as_of, done.compared, done.drifts) == ("agrees", 3, 2, 0)
    assert done.sentence == "As of event 3 all 2 stocks agree with ERP."
    assert cases(floor) == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_lag_is_no_drift_each_part_of_a_difference_is_named(tmp_path: Path, sink: Sink, engine: str) -> None:
    with house(tmp_path, sink.url, database=engines.fresh(engine, tmp_path)) as floor:
        _lag(floor, sink)


def _lag(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST", "LOST"])
    floor.post(received("A", "GHOST", 7), received("A", "MUG", 2), received("B", "LOST", 3), received("C", "MUG", 5))
    until(lambda: floor.letters() == [1, 3] and floor.letters("parked") == [2], "two are refused, one waits")
    floor.erp.propose_discard("ERP", 3, "test goods", by="2001")
    floor.erp.second_discard("ERP", 3, by="2002")
    until(lambda: floor.letters("discarded") == [3], "discarded")
    floor.erp.pause("ERP", by="2001")
    floor.post(received("D", "MUG", 11))
    done = run(floor)
    assert (done.outcome, done.unequal, done.drifts) == ("agrees", 3, 0)
    assert done.sentence.endswith(" 0 of 3 stocks agree with ERP, 3 differ by events it has not taken.")
    told = {one.item: (one.floor, one.erp, one.unsent, one.unacknowledged, one.given_up) for one in lines(floor, done)}
    assert told == {"GHOST": (7, 0, 0, 7, 0), "LOST": (3, 0, 0, 0, 3), "MUG": (18, 5, 11, 2, 0)}


def test_an_answer_that_never_came_is_in_flight_until_the_ledger_says_what_it_has(floor: House, sink: Sink) -> None:
    floor.post(received("A", "MUG", 5))
    until(floor.drained, "all is told")
    floor.erp.pause("ERP", by="2001")
    floor.post(received("B", "MUG", 2), received("C", "MUG", 4))
    follower = floor.erp.followers["ERP"]
    follower._courier.doubt(3)
    assert [(one.in_flight, one.unsent) for one in lines(floor, run(floor))] == [(6, 0)]
    follower.connector.post(_messages(floor, 2))  # it arrived, and its answer did not
    assert [(one.erp, one.in_flight, one.drift) for one in lines(floor, run(floor))] == [(7, 4, 0)]


def _messages(floor: House, seq: int) -> list[Message]:
    with floor.db.reading() as tx:
        entry = journal.entry(tx, seq)
    assert entry is not None
    return [as_message(entry, floor.erp.followers["ERP"].identity)]


def test_while_the_floor_works_and_the_ledger_stumbles_nothing_is_taken_for_drift(floor: House, sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    items = ["MUG", "GHOST", "TEE"]

    def work() -> None:
        for number in range(150):
            floor.post(received(f"{number % 11}", items[number % 3], 1 + number % 5))

    working = threading.Thread(target=work)
    working.start()
    outcomes: list[Run] = []
    while working.is_alive():
        sink.fail(unknown_items=["GHOST"], late_s=0.05 if len(outcomes) % 2 else 0.0)
        outcomes.append(run(floor))
    working.join()
    until(lambda: bool(floor.letters()), "something is refused")
    outcomes.append(run(floor))
    assert {done.outcome for done in outcomes} == {"agrees"}, [done.sentence for done in outcomes]
    assert any(done.unequal for done in outcomes)  # there was something to explain


@pytest.mark.parametrize("side", ["the ledger", "the floor"])
def test_one_unit_planted_on_either_side_is_found_named_owned_and_cured_by_an_event(
    floor: House, sink: Sink, side: str
) -> None:
    floor.post(opened("MUG", 10), opened("TEE", 4), received("1", "MUG", 5))
    until(floor.drained, "all is told")
    assert run(floor).outcome == "agrees"
    floor.post(received("2", "TEE", 1), received("3", "MUG", 1))
    until(floor.drained, "all is told")
    if side == "the ledger":
        plant(sink, "UPDATE stock SET quantity = quantity + 1 WHERE item = 'MUG'")
    else:
        floor.db.do(
            lambda tx: tx.connection.execute(
                "UPDATE balance SET quantity = quantity - 1 WHERE item = 'MUG' AND location = 'A-01'"
            )
        )
    done = run(floor)
    assert (done.outcome, done.drifts) == ("drifts", 1)
    (line,) = lines(floor, done)
    here, there = (16, 17) if side == "the ledger" else (15, 16)
    assert (line.item, line.floor, line.erp, line.drift, line.common, line.lacks, line.agreed) == (
        "MUG", here, there, -1, 5, 0, 3,
    )  # fmt: skip
    words = (
        f"MUG available: {here} here, {there} at ERP, 1 fewer here than any event explains. "
        "Both have every event of it up to 5. As of event 3 the two agreed."
    )
    assert cases(floor) == [("open", "supervisor", words)]
    run(floor)
    assert len(cases(floor)) == 1  # the next night adds nothing

    if side == "the ledger":  # its people book it off; ours stays as it is
        plant(sink, "UPDATE stock SET quantity = quantity - 1 WHERE item = 'MUG'")
    else:  # counted and approved here: an event, which the ledger hears of; then its own correction
        change = Adjusted(item="MUG", slot=Slot(location="A-01"), change=1, reason="found", approver="2002")
        floor.db.do(lambda tx: ledger.post(tx, change, By(worker="2001", device="DESK", cause="count")))
        until(floor.drained, "the correction is told")
        plant(sink, "UPDATE stock SET quantity = quantity - 1 WHERE item = 'MUG'")
    assert run(floor).outcome == "agrees"
    assert [state for state, _, _ in cases(floor)] == ["closed"]


def test_an_event_the_ledger_lost_is_named_and_comes_back_by_a_replay(floor: House, sink: Sink) -> None:
    floor.post(opened("MUG", 10), received("1", "MUG", 5), received("2", "MUG", 2))
    until(floor.drained, "all is told")
    plant(sink, "DELETE FROM event WHERE key = 'MAIN.1.2'")
    plant(sink, "UPDATE stock SET quantity = quantity - 5")
    (line,) = lines(floor, run(floor))
    assert (line.drift, line.common, line.lacks) == (5, 1, 2)
    assert "ERP never had event 2: replay from there." in cases(floor)[0][2]
    floor.erp.replay_from("ERP", 2, by="2001")
    until(lambda: sink.stock() == {"MUG available": 17}, "it is told again")
    until(floor.drained, "all is told")
    assert run(floor).outcome == "agrees"


def test_a_ledger_that_is_away_or_keeps_no_stock_is_said_to_be(tmp_path: Path, floor: House, sink: Sink) -> None:
    sink.kill()
    done = run(floor)
    assert (done.outcome, done.sentence) == ("failed", f"Nobody answers at {sink.url}.")
    with house(tmp_path / "other", str(tmp_path / "drop"), kind="file", database=floor.db.url) as drop:
        told = run(drop)
        assert (told.outcome, told.sentence) == ("nothing", "ERP keeps no stock that could be compared.")
        with drop.db.reading() as tx:
            assert "not_compared" not in [alarm.code for alarm in drop.erp.alarms(tx)]


def test_a_house_of_two_sites_is_one_to_its_erp_and_goods_of_another_house_are_not_its_own(
    floor: House, sink: Sink
) -> None:
    for code, site in (("A-01", "MAIN"), ("S-01", "SOUTH")):
        floor.db.do(lambda tx, row={"code": code, "site": site}: tx.run(insert(location).values(row)))  # type: ignore[misc]
    at_south = OpeningStock(item="MUG", quantity=4, target=Slot(location="S-01"))
    floor.post(opened("MUG", 10), at_south)
    until(floor.drained, "all is told")
    assert run(floor).outcome == "agrees"
    plant(sink, "INSERT INTO stock (item, lot, status, quantity, site) VALUES ('MUG', '', 'available', 7, 'NORTH')")
    assert run(floor).outcome == "agrees"  # another house's
    plant(sink, "UPDATE stock SET quantity = 10 WHERE item = 'MUG' AND site = 'MAIN'")  # its people keep them apart
    plant(sink, "INSERT INTO stock (item, lot, status, quantity, site) VALUES ('MUG', '', 'available', 4, 'SOUTH')")
    assert run(floor).outcome == "agrees"
    plant(sink, "UPDATE stock SET quantity = 3 WHERE site = 'SOUTH'")
    assert [(one.floor, one.erp, one.drift) for one in lines(floor, run(floor))] == [(14, 13, 1)]


def test_the_night_comes_once_at_two_where_the_house_stands() -> None:
    def at(year: int, month: int, day: int, hour: int, minute: int) -> int:
        return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() * 1_000_000)

    berlin = "Europe/Berlin"
    assert reconciliations.is_due(0, at(2026, 11, 22, 0, 30), berlin)
    assert not reconciliations.is_due(at(2026, 11, 21, 1, 5), at(2026, 11, 22, 0, 55), berlin)
    assert reconciliations.is_due(at(2026, 11, 21, 1, 5), at(2026, 11, 22, 1, 0), berlin)
    assert not reconciliations.is_due(at(2026, 11, 22, 1, 0), at(2026, 11, 22, 23, 0), berlin)


def test_a_night_to_which_the_erp_did_not_answer_is_tried_again_and_rings_in_the_morning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = int(datetime(2026, 11, 22, 2, tzinfo=UTC).timestamp() * 1_000_000)

    def at_night(of: House, minutes: int) -> list[str]:
        with clock.frozen(two + minutes * clock.MINUTE):
            return [run.outcome for run in reconciliations.nightly(of.db, list(of.erp.followers.values()), "UTC")]

    def rings(of: House, minutes: int) -> list[str]:
        with clock.frozen(two + minutes * clock.MINUTE), of.db.reading() as tx:
            return [one.sentence for one in of.erp.alarms(tx) if one.code == "night_missed"]

    with clock.frozen(two - clock.HOUR), house(tmp_path, "http://127.0.0.1:9") as away:  # nobody listens there
        tried = {minutes: at_night(away, minutes) for minutes in range(0, 300, 15)}
        assert tried == {minutes: ["failed"] if minutes in range(0, 180, 30) else [] for minutes in range(0, 300, 15)}
        assert rings(away, 239) == []
        why = "Nobody answers at http://127.0.0.1:9."
        assert rings(away, 240) == [f"The night passed without a reconciliation with ERP, tried 6 times. {why}"]
        assert at_night(away, 24 * 60) == ["failed"], "each night has its own tries"
        away.erp.stop()
        monkeypatch.setattr(errands, "WITHIN_S", 0.05)
        assert at_night(away, 24 * 60 + 30) == ["failed"], (
            "one that is not to be asked is no reason to leave the others"
        )
        with house(tmp_path / "other", str(tmp_path / "drop"), kind="file", database=away.db.url) as back:
            assert rings(back, 24 * 60 + 240) != []
            assert at_night(back, 24 * 60 + 60) == ["nothing"]  # it keeps no stock: an answer, too
            assert rings(back, 24 * 60 + 240) == []
            assert at_night(back, 24 * 60 + 90) == []
            nobody = "The night passed, and nobody tried to reconcile with ERP."
            assert (rings(back, 48 * 60 + 239), rings(back, 48 * 60 + 240)) == ([], [nobody])


def test_many_stocks_are_compared_at_once(floor: House, sink: Sink) -> None:
    def fill(tx: Tx) -> None:
        insert = "INSERT INTO balance (item, location, lpn, lot, status, quantity, allocated, grams, since) VALUES "
        for start in range(0, 10_000, 500):
            rows = ", ".join(
                f"('I-{n}', 'A-01', '', '', 'available', {n + 1}, 0, 0, 0)" for n in range(start, start + 500)
            )
            tx.connection.execute(insert + rows)

    floor.db.do(fill)
    with sqlite.connect(str(sink.database)) as books:
        books.executemany(
            "INSERT INTO stock (item, lot, status, quantity) VALUES (?, '', 'available', ?)",
            [(f"I-{n}", n + 1 + (n == 4711)) for n in range(10_000)],
        )
    books.close()
    start = time.monotonic()
    done = run(floor)
    assert (done.compared, done.drifts) == (10_000, 1)
    assert [line.item for line in lines(floor, done)] == ["I-4711"]
    assert time.monotonic() - start < 3.0


def test_comparing_is_plain_arithmetic() -> None:
    mug, tee = ("MUG", "", "available"), ("TEE", "L1", "available")
    empty: dict[tuple[str, str, str], int] = {}
    compared, unequal = compare(
        {mug: 10, tee: 4}, {mug: 6}, unsent={mug: 3}, in_flight={mug: 1}, unacknowledged={tee: 4}, given_up=empty
    )
    assert (compared, [one.drift for one in unequal]) == (2, [0, 0])
    _, (swapped,) = compare({mug: 5}, {mug: 5}, unsent={mug: 1}, in_flight=empty, unacknowledged=empty, given_up=empty)
    assert swapped.drift == -1  # alike by accident: the ERP has one that it was never told of
