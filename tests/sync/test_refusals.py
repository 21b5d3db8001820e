"""An importer of files says hours later what it did not apply: a dead letter like any other, told again or given up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.db import Database, Tx
from app.stock import journal, ledger
from app.stock.ledger import By
from sync import delivery, inbound, stories
from sync.inbound import Answer
from tests.sync.sink import House, house, received, until


def refuse(database: Database, id: str, key: str, **data: Any) -> Answer:
    body = json.dumps({"reason": "Account 1310 is closed.", **data}).encode()
    return database.do(lambda tx: inbound.accept(tx, source="erp", id=id, type="event.refused", subject=key, body=body))


def dropped(folder: Path) -> list[tuple[str, list[int]]]:
    """Each finished file and the seqs in it, oldest first."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    return [
        (path.name, [int(json.loads(line)["id"].rpartition(".")[2]) for line in path.read_bytes().splitlines()])
        for path in files
        if path.with_suffix(".done").exists()
    ]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, str(tmp_path / "drop"), kind="file") as built:
        yield built


def test_what_an_importer_refuses_is_a_dead_letter_dropped_again_or_given_up(floor: House, tmp_path: Path) -> None:
    floor.post(received("A", "MUG"), received("A", "CAP"), received("B", "MUG"))
    until(floor.drained, "all is dropped")
    first = refuse(floor.db, "1", "MAIN.1.1", raw="line 1: E-4711")
    assert (first.state, first.sentence) == (
        "applied",
        "Event MAIN.1.1 is a dead letter of ERP: Account 1310 is closed.",
    )
    with floor.db.reading() as tx:
        [letter] = floor.erp.letters(tx, "ERP")
        assert (letter.seq, letter.answer, letter.raw) == (1, "Account 1310 is closed.", "line 1: E-4711")
        assert letter.request == floor.erp.request(tx, "ERP", 1)
    floor.post(received("A", "TEE"), received("B", "TEE"))
    until(lambda: floor.letters("parked") == [4], "what comes of its document waits, the rest goes on")
    until(lambda: dropped(tmp_path / "drop")[-1][1] == [5], "the other document goes on")

    floor.erp.replay("ERP", 1, by="2001")
    until(lambda: floor.letters("accepted") == [1] and floor.letters("parked") == [], "replayed")
    until(lambda: not floor.letters("waiting"), "and what waited follows")
    assert refuse(floor.db, "1", "MAIN.1.1", raw="line 1: E-4711") == first, "answered alike"
    assert floor.letters() == []
    told = [seq for _, seqs in dropped(tmp_path / "drop") for seq in seqs]
    assert sorted(told) == [1, 1, 2, 3, 4, 5]
    assert dropped(tmp_path / "drop")[-1] == ("MAIN.1.1-4.again-1.jsonl", [1, 4]), "behind the one it waited for"

    assert refuse(floor.db, "2", "MAIN.1.1").state == "applied", "refused a second time, as it was told a second time"
    floor.erp.propose_discard("ERP", 1, "Booked by hand", by="2001")
    floor.erp.second_discard("ERP", 1, by="2002")
    floor.erp.replay_from("ERP", 1, by="2001")
    until(lambda: floor.state().sent == 5 + 1 + 4, "all but what was given up")
    until(floor.drained, "is told again")
    assert [seq for _, seqs in dropped(tmp_path / "drop") for seq in seqs].count(1) == 2
    given_up = refuse(floor.db, "3", "MAIN.1.1")
    assert given_up.sentence == "Event MAIN.1.1 was given up for ERP by 2001 and 2002: Booked by hand"
    assert given_up.state == "same"


@pytest.fixture
def told(database: Database) -> Database:
    """Three events, of which two are told: by ERP, and those of ACME's goods also by ACME's own."""

    def work(tx: Tx) -> None:
        for number in range(3):
            ledger.post(tx, received(str(number), "MUG"), By(worker="1007"))
        for name, owner in (("ERP", ""), ("ACME", "ACME")):
            delivery.open_connector(tx, name, "MAIN", owner)
            _tell(tx, name, 0, 2)

    database.do(work)
    return database


def _tell(tx: Tx, name: str, after: int, last: int) -> None:
    delivery.write_outcome(
        tx, name, delivery.Outcome(after=after, last=last, fresh=0, again=0, late=0, aside=[]), now=0
    )


def test_a_refusal_of_what_was_never_told_is_answered_with_a_code(told: Database) -> None:
    ids = iter(range(100))

    def say(key: str, **data: Any) -> tuple[str, str]:
        answer = refuse(told, str(next(ids)), key, **data)
        return answer.state, answer.code

    assert say("MAIN.1.99") == ("dead", "not_our_event")
    assert say("MAIN.2.1") == ("dead", "not_our_event"), "of an epoch that did not tell it"
    assert say("MAIN.1.01") == ("dead", "not_our_event")
    assert say("4711") == ("dead", "not_our_event")
    assert say(f"MAIN.1.{'9' * 30}") == ("dead", "not_our_event")
    assert say("NORTH.1.1") == ("dead", "other_sites_event")
    assert say("MAIN.1.1", connector="ACME") == ("dead", "never_told"), "not of its goods"
    assert say("MAIN.1.1", connector="NOBODY") == ("dead", "never_told")
    assert say("MAIN.1.1", reason=" ") == ("dead", "bad_content")
    with told.reading() as tx:
        assert stories.dead(tx, "ERP") == stories.dead(tx, "ACME") == 0
    assert say("MAIN.1.1") == ("applied", "")
    assert say("MAIN.1.1") == ("same", ""), "it was not told again meanwhile"


def test_who_refuses_is_asked_where_two_were_told(told: Database) -> None:
    told.do(lambda tx: delivery.open_connector(tx, "ACME", "MAIN"))
    answer = refuse(told, "1", "MAIN.1.1")
    assert (answer.code, answer.sentence) == (
        "told_by_many", "Event MAIN.1.1 is told by ACME and ERP, and it is not said which of them refuses it."
    )  # fmt: skip
    assert refuse(told, "2", "MAIN.1.1", connector="ACME").state == "applied"
    with told.reading() as tx:
        assert (stories.dead(tx, "ACME"), stories.dead(tx, "ERP")) == (1, 0)


def test_a_refusal_that_overtakes_our_own_note_of_the_telling_is_taken_in_later(told: Database) -> None:
    with told.reading() as tx:
        assert journal.last_seq(tx) == 3
    answer = refuse(told, "1", "MAIN.1.3")
    assert (answer.state, answer.code, answer.missing) == ("dead", "waits", "event MAIN.1.3 told to ERP")
    assert told.do(inbound.sweep) == 0
    told.do(lambda tx: _tell(tx, "ERP", 2, 3))
    assert told.do(inbound.sweep) == 1
    with told.reading() as tx:
        assert stories.dead(tx, "ERP") == 1
