"""What the ERP wants, in every state an order can be in: stock and promises must come out right each time."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from app import schema
from app.db import Database, Tx
from app.schema.documents import order_line, po_line, purchase_order, sales_order
from app.schema.places import location
from app.schema.work import carton, pick, task
from app.stock import ledger, rebuild
from app.stock.events import Allocated, CartonOpened, OpeningStock, Packed, Picked, PutBack, Received
from app.stock.ledger import By
from app.stock.slots import Claim, Slot
from app.work import master, numbers, progress
from devices.trade_numbers import check_digit_fits

BY = By(worker="erp")


def send(database: Database, type_: str, **facts: Any) -> str:
    """The answer to a message: `applied: Order 7 is released.`"""
    outcome = database.do(lambda tx: master.apply(tx, master.decode(type_, facts), BY))
    return f"{outcome.state}: {outcome.sentence}"


def look(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(select(*columns).order_by(*columns))]


def post(database: Database, *events: Any) -> None:
    def work(tx: Tx) -> None:
        for event in events:
            ledger.post(tx, event, BY)
            progress.apply(tx, event)

    database.do(work)


def promised(database: Database) -> dict[str, int]:
    rows = look(database, schema.stock.allocation.c.line, schema.stock.allocation.c.quantity)
    found: dict[str, int] = {}
    for line, quantity in rows:
        found[line] = found.get(line, 0) + quantity
    return {line: quantity for line, quantity in found.items() if quantity}


def sound(database: Database) -> bool:
    """Balances are the sum of the movements, allocations the sum of the promises."""
    with database.reading() as tx:
        assert not rebuild.check(tx).findings
        return True


def stocked(database: Database) -> None:
    for number, code in enumerate(("TEE-M", "MUG", "SOAP"), 1):
        send(database, "item.upsert", code=code, name=code.title(), version=1)
        send(database, "location.upsert", code=f"A-0{number}", zone="A", aisle=number)
        slot = Slot(location=f"A-0{number}")
        post(database, OpeningStock(item=code, quantity=20, target=slot))
    send(database, "location.upsert", code="CART-1", kind="cart")
    database.do(lambda tx: tx.run(insert(schema.stock.lpn).values(code="TOTE-1", kind="tote", location="CART-1")))


def lines(**quantities: int) -> list[dict[str, Any]]:
    return [
        {"line": str(n), "item": code.replace("_", "-"), "quantity": q}
        for n, (code, q) in enumerate(quantities.items(), 1)
    ]


def waved(database: Database) -> None:
    """Order 7 (5 tees, 3 mugs) is promised its goods and on somebody's walk T1."""
    stocked(database)
    send(database, "order.release", code="7", version=1, lines=lines(TEE_M=5, MUG=3))
    claims = (
        Claim(line="7/1", item="TEE-M", quantity=5, slot=Slot(location="A-01")),
        Claim(line="7/2", item="MUG", quantity=3, slot=Slot(location="A-02")),
    )
    post(database, Allocated(order="7", claimed=claims, wave="W-0001"))

    def walk(tx: Tx) -> None:
        tx.run(sales_order.update().where(sales_order.c.code == "7").values(state="waved", wave="W-0001"))
        tx.run(insert(task).values(id="T1", kind="pick", wave="W-0001", created=0))
        for n, claim in enumerate(claims, 1):
            tx.run(
                insert(pick).values(
                    id=f"P{n}",
                    task="T1",
                    sequence=n,
                    order_code="7",
                    line=claim.line,
                    item=claim.item,
                    location=claim.slot.location,
                    quantity=claim.quantity,
                )
            )

    database.do(walk)


def pick_the_tees(database: Database) -> None:
    post(
        database,
        Picked(
            line="7/1",
            pick="P1",
            item="TEE-M",
            quantity=5,
            source=Slot(location="A-01"),
            target=Slot(location="CART-1", lpn="TOTE-1"),
        ),
    )


def state(database: Database) -> str:
    return str(look(database, sales_order.c.state)[0][0])


# ── items, places, partners ──────────────────────────────────────────────────────────────────────────────────────────
def test_an_older_item_is_stale_and_an_equal_one_answered_alike(database: Database) -> None:
    new = {
        "code": "TEE-M",
        "packs": [{"unit": "case", "quantity": 12}],
        "barcodes": [{"code": "40001", "unit": "case"}],
    }
    assert send(database, "item.upsert", version=3, name="Tee", **new) == "applied: Item TEE-M is known."
    assert send(database, "item.upsert", version=3, name="Tee", **new) == "same: Item TEE-M is already so."
    assert send(database, "item.upsert", version=2, name="Old tee", **new) == (
        "stale: Item TEE-M is already at version 3; 2 is older."
    )
    assert look(database, schema.items.item.c.name, schema.items.item.c.version) == [("Tee", 3)]
    assert look(database, schema.items.item_barcode.c.code, schema.items.item_barcode.c.quantity) == [("40001", 12)]


def test_a_case_barcode_stands_for_what_the_case_holds_or_is_refused(database: Database) -> None:
    send(database, "item.upsert", code="TEE-M")
    assert send(database, "barcode.upsert", code="40001", item="TEE-M", unit="case") == (
        "dead: Barcode 40001 of TEE-M is of unit case, but no pack says how many that is."
    )
    assert send(database, "barcode.upsert", code="40001", item="TEE-M", unit="case", quantity=12) == (
        "applied: Barcode 40001 of TEE-M stands for 12."
    )


def test_an_item_in_stock_keeps_its_base_unit(database: Database) -> None:
    stocked(database)
    assert send(database, "item.upsert", code="MUG", version=2, unit="box") == (
        "dead: Item MUG is in stock and counted in each: its base unit cannot become box."
    )


def test_a_shelf_with_goods_does_not_become_a_truck(database: Database) -> None:
    stocked(database)
    assert send(database, "location.upsert", code="A-01", zone="A", aisle=1) == "same: Location A-01 is already so."
    assert send(database, "location.upsert", code="A-01", kind="truck").startswith(
        "dead: Location A-01 is a bin and holds"
    )
    assert send(database, "location.upsert", code="~lost").startswith("dead: Location ~lost: codes that begin with ~")


def test_bad_messages_get_a_sentence(database: Database) -> None:
    for facts, words in (
        ({"code": "7", "lines": lines(TEE_M=0)}, "Expected `int` >= 1 - at `$.lines[0].quantity`"),
        ({"code": "7", "lines": [{"line": "1", "item": "A", "quantity": 1.5}]}, "Expected `int`, got `float`"),
        ({"code": "7", "lines": []}, "length >= 1"),
        ({"code": "7", "lines": [{"line": "1/2", "item": "A", "quantity": 1}]}, "matching regex"),
        ({"code": "7", "colour": "red", "lines": lines(A=1)}, "unknown field `colour`"),
        ({"code": "a\nb", "lines": lines(A=1)}, "matching regex"),
    ):
        with pytest.raises(master.Unreadable) as problem:
            master.decode("order.release", facts)
        assert words in str(problem.value)


def test_a_bin_the_floor_blocked_stays_blocked_until_somebody_says_otherwise(database: Database) -> None:
    send(database, "location.upsert", code="A-01", blocked="broken beam")
    assert send(database, "location.upsert", code="A-01", zone="A").startswith("applied")
    assert look(database, location.c.zone, location.c.blocked) == [("A", "broken beam")]
    send(database, "location.upsert", code="A-01", zone="A", blocked="")
    assert look(database, location.c.blocked) == [("",)]


# ── purchase orders ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_receipt_that_began_keeps_what_it_has(database: Database) -> None:
    stocked(database)
    order = {"code": "4500187", "supplier": "S1"}
    send(database, "purchase_order.upsert", version=1, lines=lines(TEE_M=10, MUG=6, SOAP=4), **order)
    for number, code, quantity in (("1", "TEE-M", 8), ("2", "MUG", 2)):
        target = Slot(location="A-01")
        post(database, Received(po="4500187", line=number, item=code, quantity=quantity, target=target))
    assert send(database, "purchase_order.upsert", version=2, lines=lines(TEE_M=5), **order) == (
        "applied: Purchase order 4500187 is changed. Already received and kept: line 1: 8 × TEE-M, line 2: 2 × MUG."
    )
    assert look(database, po_line.c.line, po_line.c.quantity, po_line.c.received, po_line.c.state) == [
        ("1", 8, 8, "closed"),
        ("2", 6, 2, "closed"),
    ]
    assert send(database, "purchase_order.cancel", code="4500187", version=3) == (
        "applied: Purchase order 4500187 takes no more. Already received and kept: line 1: 8 × TEE-M, line 2: 2 × MUG."
    )
    assert look(database, purchase_order.c.state) == [("receiving",)]


def test_an_untouched_purchase_order_is_cancelled_and_comes_again_as_it_is_told_then(database: Database) -> None:
    stocked(database)
    send(database, "purchase_order.upsert", code="1", version=1, lines=lines(TEE_M=10))
    assert send(database, "purchase_order.cancel", code="1", version=2) == "applied: Purchase order 1 is cancelled."
    assert send(database, "purchase_order.cancel", code="1", version=2) == "same: Purchase order 1 is already so."
    assert send(database, "purchase_order.upsert", code="1", version=3, lines=lines(TEE_M=4)) == (
        "applied: Purchase order 1 is expected again."
    )
    assert look(database, po_line.c.line, po_line.c.quantity, po_line.c.state) == [("1", 4, "open")]


# ── orders ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_order_for_an_unknown_item_waits_for_it(database: Database) -> None:
    outcome = database.do(
        lambda tx: master.apply(tx, master.decode("order.release", {"code": "7", "lines": lines(TEA=1)}), BY)
    )
    assert (outcome.state, outcome.missing) == ("dead", "item TEA")
    assert look(database, sales_order.c.code) == []


def test_a_change_before_the_first_pick_gives_all_back_and_waits_for_a_new_wave(database: Database) -> None:
    waved(database)
    assert send(database, "order.change", code="7", version=2, lines=lines(TEE_M=6, MUG=3)) == (
        "applied: Order 7 is changed. It waits for a new wave."
    )
    assert promised(database) == {}
    assert state(database) == "pool"
    assert look(database, pick.c.id, pick.c.state) == [("P1", "cancelled"), ("P2", "cancelled")]
    assert look(database, task.c.state) == [("cancelled",)]
    assert look(database, order_line.c.id, order_line.c.quantity, order_line.c.allocated) == [
        ("7/1", 6, 0),
        ("7/2", 3, 0),
    ]
    assert sound(database)


def test_a_new_address_leaves_the_walk_alone(database: Database) -> None:
    waved(database)
    assert send(database, "order.change", code="7", version=2, address="Quay 4", lines=lines(TEE_M=5, MUG=3)) == (
        "applied: Order 7 is changed."
    )
    assert promised(database) == {"7/1": 5, "7/2": 3}
    assert look(database, sales_order.c.state, sales_order.c.address) == [("waved", "Quay 4")]


def test_in_the_middle_of_a_pick_lines_only_shrink(database: Database) -> None:
    waved(database)
    pick_the_tees(database)
    assert send(database, "order.change", code="7", version=2, lines=lines(TEE_M=5, MUG=4)) == (
        "dead: Order 7 is being picked: line 2 (4 × MUG) cannot be added now. Send it as an order of its own."
    )
    assert send(database, "order.change", code="7", version=2, lines=lines(TEE_M=3, MUG=1)) == (
        "applied: Order 7 is changed. Already picked and kept: line 1: 5 × TEE-M."
    )
    assert promised(database) == {"7/1": 5, "7/2": 1}
    assert look(database, pick.c.id, pick.c.quantity, pick.c.state) == [("P1", 5, "done"), ("P2", 1, "open")]
    assert look(database, order_line.c.id, order_line.c.allocated, order_line.c.cancelled) == [
        ("7/1", 0, 0),
        ("7/2", 1, 2),
    ]
    assert send(database, "order.change", code="7", version=3, lines=lines(TEE_M=5)) == "applied: Order 7 is changed."
    assert (state(database), promised(database)) == ("picked", {"7/1": 5})
    assert sound(database)


def test_a_cancel_in_the_middle_of_a_pick_says_what_was_picked(database: Database) -> None:
    waved(database)
    pick_the_tees(database)
    assert send(database, "order.cancel", code="7", version=2, reason="paid twice") == (
        "applied: Order 7 is cancelled. Already picked, to be put back: line 1: 5 × TEE-M."
    )
    assert send(database, "order.cancel", code="7", version=2) == "same: Order 7 is already so."
    assert (state(database), promised(database)) == ("cancelled", {"7/1": 5})
    back = look(database, task.c.kind, task.c.document, task.c.place, task.c.reason)
    assert ("put_back", "order 7", "TOTE-1", "Order 7 cancelled: put 5 back (paid twice)") in back
    tote, shelf = Slot(location="CART-1", lpn="TOTE-1"), Slot(location="A-01")
    post(database, PutBack(line="7/1", item="TEE-M", quantity=5, source=tote, target=shelf))
    assert promised(database) == {}
    assert look(database, order_line.c.id, order_line.c.picked, order_line.c.cancelled) == [
        ("7/1", 0, 5),
        ("7/2", 0, 3),
    ]
    assert sound(database)


def test_a_cancel_after_packing_voids_the_carton_and_its_goods_go_back(database: Database) -> None:
    waved(database)
    pick_the_tees(database)
    tote, box = Slot(location="CART-1", lpn="TOTE-1"), Slot(location="PACK-1", lpn="C-001")
    send(database, "location.upsert", code="PACK-1", kind="station")
    database.do(lambda tx: tx.run(insert(carton).values(lpn="C-001", order_code="7")))
    post(
        database,
        CartonOpened(order="7", carton="C-001", location="PACK-1", type="S"),
        Packed(line="7/1", item="TEE-M", quantity=4, source=tote, target=box),
    )
    database.do(lambda tx: tx.run(sales_order.update().values(state="packing")))
    assert send(database, "order.cancel", code="7", version=2) == (
        "applied: Order 7 is cancelled. Already picked, to be put back: line 1: 5 × TEE-M."
    )
    assert look(database, carton.c.state) == [("void",)]
    for source, quantity in ((box, 4), (tote, 1)):
        back = PutBack(line="7/1", item="TEE-M", quantity=quantity, source=source, target=Slot(location="A-01"))
        post(database, back)
    assert promised(database) == {}
    assert look(database, order_line.c.picked, order_line.c.packed, order_line.c.cancelled) == [(0, 0, 3), (0, 0, 5)]
    assert sound(database)


def test_a_held_order_comes_back_when_its_goods_are_on_the_shelf_again(database: Database) -> None:
    waved(database)
    pick_the_tees(database)
    assert send(database, "order.hold", code="7", version=2) == (
        "applied: Order 7 is held. Already picked, to be put back: line 1: 5 × TEE-M."
    )
    assert promised(database) == {"7/1": 5}
    assert send(database, "order.release", code="7", version=3, lines=lines(TEE_M=5, MUG=3)) == (
        "dead: Order 7 is held and line 1: 5 × TEE-M must be put back first; then this is done by itself."
    )
    tote, shelf = Slot(location="CART-1", lpn="TOTE-1"), Slot(location="A-01")
    post(database, PutBack(line="7/1", item="TEE-M", quantity=5, source=tote, target=shelf))
    assert send(database, "order.release", code="7", version=3, lines=lines(TEE_M=5, MUG=3)) == (
        "applied: Order 7 is released."
    )
    assert state(database) == "pool"
    assert look(database, order_line.c.id, order_line.c.picked, order_line.c.cancelled) == [
        ("7/1", 0, 0),
        ("7/2", 0, 0),
    ]


def test_what_is_loaded_cannot_be_held_and_what_is_shipped_cannot_be_cancelled(database: Database) -> None:
    waved(database)
    for reached, kind, words in (
        ("loaded", "order.hold", "dead: Order 7 is loaded: it cannot be held any more."),
        ("packing", "order.change", "dead: Order 7 is being packed: it cannot be changed any more."),
        ("shipped", "order.cancel", "dead: Order 7 is shipped: it cannot be cancelled any more."),
    ):
        database.do(lambda tx, to=reached: tx.run(sales_order.update().values(state=to)))  # type: ignore[misc]
        facts = {"lines": lines(TEE_M=9)} if kind == "order.change" else {}
        assert send(database, kind, code="7", version=2, **facts) == words


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_numbers_are_given_out_once_with_a_sound_check_digit(database: Database) -> None:
    database.do(lambda tx: tx.run(insert(schema.places.site).values(code="MAIN", gs1_company_prefix="4012345")))
    assert [database.do(numbers.sscc) for _ in range(2)] == ["040123450000000016", "040123450000000023"]
    assert database.do(numbers.lpn) == "040123450000000030"
    assert check_digit_fits("040123450000000030")
    assert [database.do(numbers.wave) for _ in range(2)] == ["W-0001", "W-0002"]
    assert database.do(numbers.task) == "TSK-00001"


def test_without_a_company_prefix_plates_have_numbers_of_our_own(database: Database) -> None:
    with pytest.raises(numbers.NoSite) as refused:
        database.do(numbers.wave)
    assert refused.value.what_to_do == "Import site.csv first."
    database.do(lambda tx: tx.run(insert(schema.places.site).values(code="MAIN")))
    assert database.do(numbers.lpn) == "LPN-00000001"
