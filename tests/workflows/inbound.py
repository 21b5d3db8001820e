"""The stage of the inbound stories: a dock, a supplier's POs, and the notice of a truck with nested pallets."""

from typing import Any

from sqlalchemy import select

from app import schema
from app.schema.documents import po_line, purchase_order
from app.stock.ledger import By
from app.work import master, receiving_rules
from app.work.numbers import check_digit
from tests.world import World, at_once


def sscc(number: int) -> str:
    digits = f"3401234500{number:07d}"
    return digits + check_digit(digits)


@at_once
def order(world: World, code: str, *, state: str = "open", **items: int) -> None:
    world.add(purchase_order, code=code, supplier="ACME", state=state)
    for number, (item, quantity) in enumerate(items.items(), 1):
        world.add(po_line, po=code, line=str(number), item=item, quantity=quantity)


def announce(world: World, code: str, *lines: dict[str, Any], **facts: Any) -> str:
    """A notice by the ERP's own door; returns the answer's state and sentence."""
    numbered = [{"line": str(number), **line} for number, line in enumerate(lines, 1)]
    message = master.decode("asn.upsert", {"code": code, "supplier": "ACME", "lines": numbered, **facts})
    outcome = world.write(lambda tx: master.apply(tx, message, By(worker="erp")))
    return f"{outcome.state}: {outcome.sentence}"


def rule(world: World, **said: Any) -> None:
    world.write(lambda tx: receiving_rules.change(tx, receiving_rules.ReceivingRule(**said)))


def received(world: World, po: str) -> list[int]:
    return [row[0] for row in world.rows(select(po_line.c.received).where(po_line.c.po == po).order_by(po_line.c.line))]


@at_once
def lay_out(world: World) -> World:
    world.location("DOCK-1", kind="dock")
    world.location("STAGE-1", kind="staging")
    world.location("A-01-01")
    world.item("MUG", case=12)
    world.item("TEE")
    world.item("HONEY", lot_tracked=1, expiry_tracked=1, min_shelf_days=30, name="Blossom honey")
    world.item("SCANNER", serial_tracked=1)
    world.item("CAP")
    order(world, "PO-1", MUG=48, TEE=20)
    order(world, "PO-2", HONEY=48)
    world.add(schema.places.station, code="DOCK", name="Dock 1", location="DOCK-1")
    return world
