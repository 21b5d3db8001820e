"""The papers of a parcel as structs: a carton's label, the slip of what was packed for its order, the receipt of a return.

They are made from the books, not from a screen: the packer's turn asks for them, and so does a label that is bought
later, or once more after a supervisor mended the address.
"""

from sqlalchemy import bindparam, select

from app import clock
from app.db import Tx
from app.schema.items import item
from app.schema.places import site
from app.stock import balances
from app.work import packing, parcels, reasons
from app.work.packing import OrderHead
from app.work.parcels import Carton
from app.work.returns import known
from app.work.returns.known import Parcel
from app.work.shelf_life import zone_of
from printers.labels import ShippingLabel
from printers.slip_kinds import PackingSlip, ReturnedLine, ReturnReceipt, SlipLine

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


def return_receipt(tx: Tx, parcel: Parcel, *, taken_by: str) -> ReturnReceipt:
    """What a customer's parcel held, as it was scanned."""
    came = known.pieces(tx, parcel.code)
    words = {reason.code: reason.words for reason in reasons.of_kind(tx, "return")}
    lines = []
    for piece in came:
        of = known.item_of(tx, piece.item)
        lines.append(
            ReturnedLine(
                item=piece.item, name=of.name or piece.item, quantity=piece.quantity, unit=of.unit, serial=piece.serial,
                reason=words.get(piece.reason, piece.reason.replace("_", " ")),
            )
        )  # fmt: skip
    since = min((piece.received_at for piece in came), default=0) or clock.now()
    document = parcel.rma or parcel.order_code
    return ReturnReceipt(
        parcel=parcel.code,
        code=f"DOC/{document}" if document else parcel.code,
        rma=parcel.rma,
        order=parcel.order_code,
        customer=parcel.customer,
        taken_in=f"{clock.as_datetime(since).astimezone(zone_of(tx)):%Y-%m-%d %H:%M}",
        taken_by=taken_by,
        lines=tuple(lines),
        sender=str(tx.value(SENDER) or ""),
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
