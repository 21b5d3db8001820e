"""Who owns what: the ERP the item, the order, the price; the floor where and how many. Whoever crosses it is told so."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.db import Database
from app.schema.stock import balance, journal
from app.schema.sync import inbox
from app.schema.work import task
from app.work import field_owners, master
from sync import inbound, messages
from sync.inbound import Answer
from tests.sync.test_inbound import give, look
from tests.world import World


def told(database: Database, id: str, type: str, subject: str = "TEA", **data: Any) -> Answer:
    body = json.dumps(data).encode()
    return database.do(lambda tx: inbound.accept(tx, source="erp", id=id, type=type, subject=subject, body=body))


def test_no_field_has_two_owners() -> None:
    for type_, struct in master.TYPES.items():
        for owned in field_owners.FLOOR:
            if owned.thing == type_.partition(".")[0] and not owned.lines:
                assert not set(owned.fields) & set(struct.__struct_fields__), type_


@pytest.mark.parametrize(
    ("type_", "data", "field"),
    [
        ("item.upsert", {"name": "Tea", "on_hand": 40}, "on_hand"),
        ("item.upsert", {"location": "A-01"}, "location"),
        ("item.upsert", {"status": "quarantine"}, "status"),
        ("location.upsert", {"contents": [{"item": "TEA", "quantity": 4}]}, "contents"),
        ("purchase_order.upsert", {"lines": [{"line": "1", "item": "TEA", "quantity": 2, "received": 2}]}, "received"),
        ("order.release", {"lines": [{"line": "1", "item": "TEA", "quantity": 2, "picked": 2}]}, "lines: picked"),
        ("order.change", {"state": "shipped"}, "state"),
    ],
)
def test_a_message_that_sets_what_the_floor_owns_is_refused_with_reason_and_code(
    database: Database, type_: str, data: dict[str, Any], field: str
) -> None:
    give(database, "0", "item.upsert", "TEA")
    answer = told(database, "1", type_, **data)
    assert (answer.state, answer.code) == ("dead", "owned_by_floor")
    assert field in answer.sentence
    assert "belongs to the floor" in answer.sentence
    assert told(database, "1", type_, **data) == answer, "asked again, answered alike"
    assert look(database, inbox.c.id, inbox.c.code) == [("0", ""), ("1", "owned_by_floor")], "kept for the monitor"
    assert look(database, balance.c.item) == look(database, journal.c.seq) == []


def test_what_only_the_floor_can_say_is_refused_from_outside(database: Database) -> None:
    for number, type_ in enumerate(
        sorted({*messages.TYPES.values(), "stock.set", "inventory.adjust", "balance.upsert"})
    ):
        answer = told(database, str(number), type_, item="TEA", quantity=5)
        if type_.partition(".")[0] in ("step", "override", "exception"):
            assert answer.code == "unknown_type"
        else:
            assert (answer.code, answer.sentence[:19]) == ("owned_by_floor", "Only the floor can "), type_
    assert look(database, balance.c.item) == []


@pytest.mark.parametrize(
    ("type_", "data", "code"),
    [
        ("weather.upsert", {}, "unknown_type"),
        ("item.upsert", {"weight_g": "heavy"}, "bad_content"),
        ("order.release", {"lines": [{"line": "1", "item": "GHOST", "quantity": 1}]}, "waits"),
        ("order.release", {"lines": [{"line": "1", "item": "TEA", "quantity": 1}] * 2}, "not_now"),
    ],
)
def test_every_dead_letter_says_by_a_code_why(database: Database, type_: str, data: dict[str, Any], code: str) -> None:
    give(database, "0", "item.upsert", "TEA")
    assert told(database, "1", type_, **data).code == code


def test_an_adjustment_the_erp_asks_for_becomes_a_count_and_changes_nothing(database: Database) -> None:
    world = World(database, "A-01 TEA 10\nB-01 TEA 4\nB-01 MUG 4")
    holds = world.holds()
    assert told(database, "1", "adjustment.request", "ADJ-1", item="TEA", change=-3, reason="stocktake").sentence == (
        "Adjustment request ADJ-1 becomes a count: 2 places to be counted."
    )
    assert world.rows(select(task.c.place, task.c.item, task.c.reason).order_by(task.c.place)) == [
        ("A-01", "TEA", "stocktake"),
        ("B-01", "TEA", "stocktake"),
    ]
    assert told(database, "2", "adjustment.request", "ADJ-1", item="TEA").state == "same"
    assert told(database, "3", "adjustment.request", "ADJ-2", item="MUG", place="B-01", change=1).state == "applied"
    assert told(database, "4", "adjustment.request", "ADJ-3", item="GHOST").missing == "item GHOST"
    assert told(database, "5", "adjustment.request", "ADJ-4", item="MUG", place="Z-99").code == "nothing_to_count"
    assert world.holds() == holds
    world.check()
