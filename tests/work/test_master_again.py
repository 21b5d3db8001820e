"""What the ERP called off and wants after all: opened again by a newer word of its own, where nothing of it had left."""

import json
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.db import Database
from app.schema.documents import order_line, sales_order
from app.schema.places import site
from app.schema.work import pick, task
from app.stock.events import PutBack
from app.stock.slots import Slot
from sync import inbound
from tests.work.test_master import lines, look, pick_the_tees, post, promised, send, sound, state, stocked, waved

BOTH = lines(TEE_M=5, MUG=3)
CLOSED = "is cancelled; only a newer version opens it again."


def test_a_cancelled_order_that_is_released_anew_begins_from_the_start(database: Database) -> None:
    waved(database)
    send(database, "order.cancel", code="7", version=2)
    database.do(lambda tx: tx.run(update(sales_order).values(lane="LANE-1", carrier="DPD")))
    assert send(database, "order.change", code="7", version=3, lines=BOTH) == (
        "dead: Order 7 is cancelled: it cannot be changed, only a newer order.release opens it again."
    )
    assert send(database, "order.release", code="7", version=3, priority=2, lines=lines(TEE_M=2)) == (
        "applied: Order 7 was cancelled and is released again."
    )
    head = (sales_order.c.state, sales_order.c.wave, sales_order.c.lane, sales_order.c.carrier, sales_order.c.priority)
    assert look(database, *head, sales_order.c.version) == [("pool", "", "", "", 2, 3)]
    counted = (order_line.c.quantity, order_line.c.allocated, order_line.c.picked, order_line.c.cancelled)
    assert look(database, order_line.c.id, *counted) == [("7/1", 2, 0, 0, 0)]
    assert look(database, pick.c.state, task.c.state) == [("cancelled", "cancelled")] * 2, "nobody walks for it"
    assert promised(database) == {}
    assert sound(database)


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        (0, f"stale: Order 7 {CLOSED}"),  # a file without versions dropped a second time
        (4, f"stale: Order 7 {CLOSED}"),  # sent before the cancel, and late
        (5, f"stale: Order 7 {CLOSED}"),
        (6, "applied: Order 7 was cancelled and is released again."),
    ],
)
def test_only_a_newer_word_opens_it_again(database: Database, version: int, answer: str) -> None:
    stocked(database)
    send(database, "order.release", code="7", version=1, lines=BOTH)
    send(database, "order.cancel", code="7", version=5)
    assert send(database, "order.release", code="7", version=version, lines=BOTH) == answer
    assert state(database) == ("pool" if answer.startswith("applied") else "cancelled")


def test_an_order_a_part_of_which_has_left_stays_cancelled_and_says_why(database: Database) -> None:
    stocked(database)
    send(database, "order.release", code="7", version=1, lines=BOTH)
    send(database, "order.cancel", code="7", version=2)
    gone = {"picked": 2, "packed": 2, "shipped": 2, "cancelled": 1}
    database.do(lambda tx: tx.run(update(order_line).where(order_line.c.id == "7/2").values(**gone)))
    assert send(database, "order.release", code="7", version=3, lines=BOTH) == (
        "dead: Order 7 is cancelled and part of it has left (line 2: 2 × MUG). "
        "Send what is still wanted as an order of its own."
    )
    assert state(database) == "cancelled"


def test_what_is_in_a_tote_goes_back_first_and_the_last_word_counts(database: Database) -> None:
    def give(version: int, kind: str, **data: Any) -> str:
        facts = {"source": "erp", "id": str(version), "type": kind, "subject": "7", "version": version}
        body = json.dumps(data).encode()
        answer = database.do(lambda tx: inbound.accept(tx, body=body, **facts))  # type: ignore[arg-type]
        return f"{answer.state}: {answer.sentence}"

    waved(database)
    pick_the_tees(database)
    give(2, "order.cancel")
    assert give(3, "order.release", lines=BOTH) == (
        "dead: Order 7 is cancelled and line 1: 5 × TEE-M must be put back first; then this is done by itself."
    )
    assert give(4, "order.cancel") == "same: Order 7 is cancelled already."
    tote, shelf = Slot(location="CART-1", lpn="TOTE-1"), Slot(location="A-01")
    post(database, PutBack(line="7/1", item="TEE-M", quantity=5, source=tote, target=shelf))
    assert database.do(inbound.sweep) == 0, "whoever puts back has not done yet"
    database.do(lambda tx: tx.run(update(task).where(task.c.kind == "put_back").values(state="done")))
    assert database.do(inbound.sweep) == 1
    assert state(database) == "cancelled", "called off once more after the release that waited"
    assert give(5, "order.release", lines=BOTH) == "applied: Order 7 was cancelled and is released again."
    assert (state(database), promised(database)) == ("pool", {})
    assert sound(database)


@pytest.mark.parametrize(
    ("kind", "off", "facts", "again"),
    [
        ("purchase_order.upsert", "purchase_order.cancel", {"supplier": "S1"}, "Purchase order 1 is expected again."),
        ("transfer.release", "transfer.cancel", {"source": "MAIN", "target": "NORTH"}, "Transfer 1 is wanted again."),
        ("rma.authorised", "rma.cancelled", {"customer": "C1"}, "RMA 1 is authorised again."),
        ("asn.upsert", "asn.cancel", {"supplier": "S1"}, "ASN 1 is expected again."),
    ],
)
def test_what_else_was_called_off_comes_again_by_a_newer_word(
    database: Database, kind: str, off: str, facts: dict[str, Any], again: str
) -> None:
    def give(kind: str, version: int, **data: Any) -> str:
        return send(database, kind, code="1", version=version, **data)

    stocked(database)
    database.do(lambda tx: tx.run(insert(site).values(code="MAIN", name="Harbour")))
    send(database, "purchase_order.upsert", code="4500187", version=1, lines=lines(TEE_M=9))
    asked = [{**lines(TEE_M=4)[0], **({"po": "4500187"} if kind == "asn.upsert" else {})}]
    give(kind, 1, lines=asked, **facts)
    assert give(off, 2).startswith("applied")
    assert give(kind, 0, lines=asked, **facts).endswith(CLOSED)
    assert give(kind, 3, lines=asked, **facts) == f"applied: {again}"
    assert give(kind, 3, lines=asked, **facts).startswith("same")
    assert give(off, 4).startswith("applied"), "and may be called off again"
