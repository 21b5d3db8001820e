"""Whatever cannot be meant is refused with a code and kept; nothing moves, and the rest of its batch goes in."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from app import main
from app.config import Settings
from app.db import Database
from app.schema.documents import sales_order
from app.schema.items import item
from app.schema.sync import inbox, turned_away
from sync import signing
from sync import turned_away as book

SECRET = "what both sides hold"


@pytest.fixture
def client(database: Database) -> Iterator[TestClient[Any]]:
    built = main.build(Settings(site="MAIN", database=database.url, inbox_secret=SECRET), end=False)
    database.close()
    with TestClient(built) as running:
        yield running


def event(id: str, type: str, subject: str, **more: Any) -> dict[str, Any]:
    data = {name: more.pop(name) for name in tuple(more) if name in ("lines", "name")}
    return {"id": id, "source": "erp", "type": type, "subject": subject, "version": 1, "data": data, **more}


def push(client: TestClient[Any], body: bytes, *, secret: str = SECRET, at: int | None = None) -> Any:
    return client.post("/api/inbox", content=body, headers=signing.seal(secret, body, at))


def told(client: TestClient[Any], *columns: Any) -> list[tuple[Any, ...]]:
    with client.app.state.house.db.reading() as tx:
        return [tuple(row) for row in tx.rows(select(*columns).order_by(*columns))]


def test_each_bad_event_is_refused_by_itself_and_the_rest_of_the_batch_goes_in(client: TestClient[Any]) -> None:
    tea = {"line": "1", "item": "TEA", "quantity": 2}
    batch: list[Any] = [
        event("1", "item.upsert", "TEA", name="Tea"),
        event("2", "weather.upsert", "sun"),
        event("3", "order.release", "7", dataschema="urn:pickface:order.release:9", lines=[tea]),
        event("4", "order.release", "8", dataschema="urn:pickface:item.upsert:1", lines=[tea]),
        event("5", "order.release", "9", site="NORTH", lines=[tea]),
        event("6", "order.release", "10", lines=[]),
        event("7", "order.release", "11", lines=[{**tea, "quantity": -2}]),
        {"id": "8", "source": "erp", "type": "item.upsert", "subject": "MUG", "colour": "blue"},
        {"id": 9},
        "not an event",
        event("10", "order.cancel", "99"),
        event("11", "order.release", "12", site="MAIN", dataschema="urn:pickface:order.release:1", lines=[tea]),
        event("12", "item.upsert", "CAP", dataschema="https://erp.example/item/7", name="Cap"),
    ]
    answers = push(client, json.dumps(batch).encode()).json()
    assert [(one["state"], one.get("code", "")) for one in answers] == [
        ("applied", ""),
        ("dead", "unknown_type"),
        ("refused", "newer_schema"),
        ("refused", "other_schema"),
        ("refused", "wrong_site"),
        ("dead", "bad_content"),
        ("dead", "bad_content"),
        ("refused", "bad_event"),
        ("refused", "bad_event"),
        ("refused", "bad_event"),
        ("dead", "waits"),
        ("applied", ""),
        ("applied", ""),
    ]
    assert answers[4]["sentence"] == "The event is meant for site NORTH; this is MAIN."
    assert told(client, sales_order.c.code) == [("12",)]
    assert told(client, item.c.code) == [("CAP",), ("TEA",)]
    kept = told(client, turned_away.c.code, turned_away.c.message)
    assert kept == [
        ("bad_event", ""), ("bad_event", ""), ("bad_event", "8"), ("newer_schema", "3"), ("other_schema", "4"),
        ("wrong_site", "5"),
    ]  # fmt: skip
    codes = told(client, inbox.c.id, inbox.c.code)
    assert dict(codes)["2"] == "unknown_type"
    again = push(client, json.dumps([{**batch[2], "dataschema": ""}]).encode()).json()
    assert again[0]["state"] == "applied"  # refused is not used up: the same id comes again, mended
    other = push(client, json.dumps([event("1", "item.upsert", "PEN", name="Pen")]).encode()).json()
    assert (other[0]["state"], other[0]["code"]) == ("refused", "id_reused")
    assert ("id_reused", "1") in told(client, turned_away.c.code, turned_away.c.message)


def test_who_cannot_prove_who_he_is_takes_nothing_in_and_is_seen(
    client: TestClient[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "EVERY_S", 600.0)
    body = json.dumps([event("1", "item.upsert", "TEA")]).encode()
    assert push(client, body, secret="guessed").status_code == 401
    assert push(client, body, at=1_700_000_000).status_code == 401  # recorded long ago; too soon for a line of its own
    assert told(client, item.c.code) == []
    ((code, times, said),) = told(client, turned_away.c.code, turned_away.c.times, turned_away.c.sentence)
    assert (code, times) == ("bad_signature", 1)
    assert said == "The signature does not fit the batch: the secrets differ, or it was changed on its way."


@pytest.mark.parametrize(
    ("body", "status", "code"), [(b"[1, 2", 400, "bad_envelope"), (b" " * 1_100_000, 413, "too_large")]
)
def test_a_body_that_is_no_batch_or_has_no_end_is_kept_for_the_desk(
    client: TestClient[Any], body: bytes, status: int, code: str
) -> None:
    assert push(client, body).status_code == status
    ((found, size),) = told(client, turned_away.c.code, turned_away.c.size)
    assert (found, size) == (code, len(body))


def test_a_knocker_does_not_fill_the_book(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "EVERY_S", 600.0)
    keeper = book.Doorkeeper(database)
    for _ in range(50):
        keeper.turn_away("bad_signature", "No.")
    with database.reading() as tx:
        assert len(tx.rows(select(turned_away.c.id))) == 1

    def many(tx: Any) -> None:
        for number in range(book.KEPT + 20):
            book.write(tx, "bad_event", str(number), body=msgspec.json.encode(number))

    database.do(many)
    with database.reading() as tx:
        rows = tx.rows(select(turned_away.c.sentence).order_by(turned_away.c.id))
    assert (len(rows), rows[-1][0]) == (book.KEPT, str(book.KEPT + 19))
