"""The papers of a carton as structs: its label, and the slip of what was packed for its order.

They are made from the books, not from a screen: the packer's turn asks for them, and so does a label that is bought
later, or once more after a supervisor mended the address.
"""

from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.items import item
from app.schema.places import site
from app.stock import balances
from app.work import packing, parcels
from app.work.packing import OrderHead
from app.work.parcels import Carton
from printers.labels import PackingSlip, ShippingLabel, SlipLine

NAME_OF = select(item.c.name, item.c.unit).where(item.c.code == bindparam("code"))
SENDER = select(site.c.name).order_by(site.c.code).limit(1)
ADDRESS_LINES = 5  # on a label


def shipping_label(tx: Tx, head: OrderHead, carton: Carton, *, last: bool) -> ShippingLabel:
    number = parcels.count_closed(tx, head.code)
    return ShippingLabel(
        carton=carton.lpn,
        order=head.code,
        customer=head.name or head.customer or head.code,
        address=_address(head),
        sender=str(tx.value(SENDER) or ""),
        carrier=carton.carrier,
        service=carton.service,
        tracking=carton.tracking,
        weight_g=carton.weight_g,
        lane=head.lane,
        carton_number=number,
        cartons=number if last else None,
    )


def packing_slip(tx: Tx, head: OrderHead, code: str) -> PackingSlip:
    """What was packed for the order and has not left, in whichever of its cartons."""
    sums = dict[tuple[str, str], int]()
    cartons = parcels.of_order(tx, head.code)
    for one in cartons:
        for held in balances.in_lpn(tx, one.lpn):
            sums[held.item, held.lot] = sums.get((held.item, held.lot), 0) + held.quantity
    lines = []
    for (packed, lot), quantity in sorted(sums.items()):
        name, unit = tx.row(NAME_OF, code=packed) or (packed, "")
        lines.append(SlipLine(item=packed, name=name or packed, quantity=quantity, unit=unit, lot=lot))
    return PackingSlip(
        order=head.code,
        customer=head.name or head.customer or head.code,
        carton=code,
        lines=tuple(lines),
        address=_address(head),
        sender=str(tx.value(SENDER) or ""),
        note=_tracking([one.tracking for one in cartons if one.tracking]),
    )


def is_last(tx: Tx, order: str, carton: Carton) -> bool:
    """Does nothing of the order come after this carton?"""
    return (
        not packing.loose(tx, order)
        and not packing.still_to_pick(tx, order)
        and parcels.open_elsewhere(tx, order, carton.location) is None
    )


def _tracking(numbers: list[str]) -> str:
    return f"Tracking {', '.join(numbers)}" if numbers else ""


def _address(head: OrderHead) -> tuple[str, ...]:
    lines = (line.strip() for line in head.address.replace(", ", "\n").splitlines())
    return tuple(line for line in lines if line and line != head.name)[:ADDRESS_LINES]
