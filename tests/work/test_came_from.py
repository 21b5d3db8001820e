"""Whose goods came back: the supplier of the very lot, not whoever the item was ordered from last."""

from collections.abc import Callable

from app import clock
from app.desk import recovery
from app.desk.recovery import RecoveryFilter
from app.schema.documents import po_line, purchase_order
from app.schema.returns import returned
from app.stock import ledger
from app.stock.events import Received
from app.stock.slots import Slot
from app.work import came_from
from tests.world import BY, World

Build = Callable[[str], World]


def receive(world: World, po: str, supplier: str, quantity: int, lot: str = "", *serials: str) -> None:
    world.add(purchase_order, code=po, supplier=supplier)
    world.add(po_line, po=po, line="1", item="HONEY", quantity=quantity, received=quantity)
    target = Slot(location="A-01", lot=lot)
    event = Received(po=po, line="1", item="HONEY", quantity=quantity, target=target, serials=serials)
    world.db.do(lambda tx: ledger.post(tx, event, BY))


def test_a_lots_own_receipt_names_its_supplier(build: Build) -> None:
    world = build("A-01 HONEY 1 lot=L0")
    receive(world, "PO-1", "ACME", 5, "L1")
    receive(world, "PO-2", "BEST", 90, "L2")
    receive(world, "PO-3", "CHEAP", 1, "", "S-7")
    with world.db.reading() as tx:
        told = [came_from.supplier(tx, "HONEY", lot=lot) for lot in ("L1", "L2", "L0", "")]
        serial = came_from.supplier(tx, "HONEY", serial="S-7")
    assert told == ["ACME", "BEST", "BEST", "BEST"]
    assert serial == "CHEAP"
    for n, (lot, units) in enumerate((("L1", 2), ("L2", 1), ("L1", 3)), 1):
        world.add(
            returned, piece=f"R-1/{n}", parcel="R-1", item="HONEY", lot=lot, quantity=units, reason="defect",
            received_at=clock.now(),
        )  # fmt: skip
    with world.db.reading() as tx:
        found = recovery.report(tx, RecoveryFilter()).reasons
        acme = recovery.report(tx, RecoveryFilter(supplier="ACME")).reasons
    assert [(one.supplier, one.units) for one in found] == [("ACME", 5), ("BEST", 1)]
    assert [one.supplier for one in acme] == ["ACME"]
