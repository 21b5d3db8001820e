"""A defect of ours met by one message: it alone stays behind, by whichever door its batch came in."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Database, Tx
from app.errors import Busy
from app.schema.documents import party
from app.schema.items import item
from app.schema.sync import inbox, turned_away
from app.stock.ledger import By
from app.work import master, master_parties
from sync import attempts, doors, inbound
from sync.connectors.base import Pulled
from sync.pulling import Puller


def event(id: str, type: str, subject: str, **data: Any) -> bytes:
    return json.dumps(
        {"id": id, "source": "erp", "type": type, "subject": subject, "version": 1, "data": data}
    ).encode()


BATCH = (
    event("1", "item.upsert", "TEA", name="Tea"),
    event("2", "party.upsert", "S-7", name="Potters"),
    event("3", "item.upsert", "MUG", name="Mug"),
)


def look(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(select(*columns).order_by(*columns))]


def stumble(patch: pytest.MonkeyPatch, problem: Exception) -> None:
    """Parties are written, and then we stumble over our own feet."""

    def written_and_stumbled(tx: Tx, message: master.PartyUpsert, by: By) -> None:
        master_parties.apply_party(tx, message, by)
        raise problem

    patch.setitem(master._APPLY, master.PartyUpsert, written_and_stumbled)


def only_it_stayed_behind(database: Database) -> bool:
    assert look(database, inbox.c.id, inbox.c.state, inbox.c.code) == [
        ("1", "applied", ""), ("2", "dead", "our_fault"), ("3", "applied", ""),
    ]  # fmt: skip
    assert look(database, item.c.code) == [("MUG",), ("TEA",)]
    assert look(database, party.c.code) == [], "nothing of it was taken"
    return True


def test_a_push_goes_on_and_the_message_is_replayed_when_we_are_mended(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as broken:
        stumble(broken, ZeroDivisionError("by nobody's order"))
        answers = asyncio.run(doors.push(database, b"[" + b",".join(BATCH) + b"]"))
    assert [answer.state for answer in answers] == ["applied", "dead", "applied"]
    assert answers[1].sentence == attempts.OUR_FAULT_SAYS
    assert "ZeroDivisionError: by nobody's order" in caplog.text, "the developer is told where"
    assert only_it_stayed_behind(database)
    assert database.do(lambda tx: inbound.replay(tx, "erp", "2")).state == "applied"
    assert look(database, party.c.code) == [("S-7",)]


def test_a_statement_the_engine_refuses_is_our_defect_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL such a statement spoils the whole transaction, unless it is taken back to a savepoint."""

    def twice(tx: Tx, message: master.PartyUpsert, by: By) -> None:
        for _ in range(2):
            tx.run(party.insert().values(code=message.code, kind="supplier"))

    monkeypatch.setitem(master._APPLY, master.PartyUpsert, twice)
    asyncio.run(doors.push(database, b"[" + b",".join(BATCH) + b"]"))
    assert only_it_stayed_behind(database)


def test_a_file_goes_on_and_does_not_stand_in_the_way_of_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stumble(monkeypatch, KeyError("shelf"))
    for name, lines in (("1.jsonl", BATCH[:2]), ("2.jsonl", BATCH[2:])):
        (tmp_path / name).write_bytes(b"\n".join(lines) + b"\n")
        (tmp_path / f"{name}.done").touch()
    first, second = doors.read_folder(database, tmp_path)
    assert (first.applied, first.dead, second.applied) == (1, 1, 1)
    assert only_it_stayed_behind(database)
    assert doors.read_folder(database, tmp_path) == [], "both are put away"


class Telling:
    """An ERP that is asked, and says the same page each time; one body on it is nobody's event."""

    name, kind = "ERP", "telling"

    def __init__(self, events: Sequence[bytes]) -> None:
        self.events = events

    def pull(self, since: str) -> Pulled:
        return Pulled(events=self.events, next="all")


def test_a_pull_goes_on_past_it_and_past_what_is_no_event_at_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stumble(monkeypatch, KeyError("shelf"))
    puller = Puller(database, Telling([BATCH[0], b'{"half": ', *BATCH[1:]]), "MAIN")  # type: ignore[arg-type]
    assert puller.pull() == 4
    assert only_it_stayed_behind(database)
    assert puller.pull() == 0, "it is said again, and nothing of it is new"
    assert look(database, turned_away.c.source, turned_away.c.code) == [("ERP", "bad_envelope")]


def test_a_writer_that_is_busy_is_nobodys_defect_and_the_message_comes_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stumble(broken, Busy())
        with pytest.raises(Busy):
            asyncio.run(doors.push(database, BATCH[1]))
    assert look(database, inbox.c.id) == []
    assert asyncio.run(doors.push(database, BATCH[1]))[0].state == "applied"


def test_a_number_or_letter_nobody_can_read_spoils_only_its_own_event(database: Database) -> None:
    odd = BATCH[1].replace(b'"version": 1', b'"version": 1e999')
    latin = event("4", "item.upsert", "CAP").replace(b"CAP", b"C\xe4P")
    answers = asyncio.run(doors.push(database, b"\n[" + b",".join([BATCH[0], odd, latin, BATCH[2]]) + b"]"))
    assert [(answer.state, answer.code) for answer in answers] == [
        ("applied", ""), ("refused", "bad_event"), ("refused", "bad_event"), ("applied", ""),
    ]  # fmt: skip
    assert look(database, turned_away.c.code) == [("bad_event",)] * 2
