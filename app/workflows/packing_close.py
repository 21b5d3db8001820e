"""Packing, the moment a carton is closed: the journal says what is in it and what it weighs, and its papers are asked for.

The label belongs to the carton's number and is asked for once, whatever happens later; a printer that is away does not
undo the packing, it leaves the carton without a label. The packing slip goes into the order's last carton; also into one
that is the last unless what is reported missing turns up.
"""

from sqlalchemy import bindparam, select

from app import printing
from app.errors import Refusal
from app.floor.floor import Floor
from app.floor.screens import Screen, build
from app.schema.items import item
from app.schema.places import site
from app.stock import balances
from app.stock.events import CartonClosed
from app.work import missing, packing, parcels
from app.work.packing import OrderHead
from app.work.parcels import Carton, Expected
from app.workflows.packing_view import kg
from printers.labels import PackingSlip, ShippingLabel, SlipLine

NAME_OF = select(item.c.name, item.c.unit).where(item.c.code == bindparam("code"))
SENDER = select(site.c.name).order_by(site.c.code).limit(1)
ADDRESS_LINES = 5  # on a label


def close(floor: Floor, head: OrderHead, carton: Carton, grams: int, expected: Expected) -> Screen:
    """Close a carton whose contents and weight were verified. Raises OnHold."""
    tx = floor.tx
    parcels.refuse_held(tx, carton.lpn)
    event = CartonClosed(
        order=head.code,
        carton=carton.lpn,
        weight_g=grams,
        expected_g=0 if expected.unknown else expected.grams,
        carrier=head.carrier,
        service=head.service,
        contents=tuple(parcels.contents(tx, carton.lpn)),
        last=_is_last(floor, head.code, carton),
        location=carton.location,
        freed=parcels.emptied_totes(tx, carton.lpn),
    )
    floor.post(event, undoable=False)
    if expected.unknown:
        floor.warn(f"{kg(grams)} not checked: {', '.join(expected.unknown[:3])} has no weight.")
    else:
        floor.step(f"{kg(grams)}, as expected. Stick the label on and scan it.")
    ask_for_label(floor, carton.lpn)
    missing.close_found(tx, head.code, floor.worker)
    if event.last or (missing.reports(tx, head.code) and missing.only_missing_left(tx, head.code)):
        _ask_for_slip(floor, head, carton.lpn)
    return build("packing.label", order=head.code, carton=carton.lpn)


def _is_last(floor: Floor, order: str, carton: Carton) -> bool:
    tx = floor.tx
    return (
        not packing.loose(tx, order)
        and not packing.still_to_pick(tx, order)
        and parcels.open_elsewhere(tx, order, carton.location) is None
    )


def ask_for_label(floor: Floor, code: str, *, strictly: bool = False) -> None:
    """Queue the carton's label, once. Where that cannot be, say so; `strictly` raises NoPrinter or LabelNotPossible."""
    found = parcels.find(floor.tx, code)
    assert found is not None
    head = packing.order(floor.tx, found.order_code)
    last = _is_last(floor, found.order_code, found)
    label = shipping_label(floor, head, found, last=last)
    try:
        job = printing.queue_label(floor, label, subject=code, document=f"order {found.order_code}")
    except Refusal as why:
        if strictly:
            raise
        floor.warn(f"No label: {why.sentence}")
        return
    parcels.label_asked(floor.tx, code, job)


def _ask_for_slip(floor: Floor, head: OrderHead, code: str) -> None:
    if not printing.has_printer(floor, "escpos"):
        return
    try:
        printing.queue_label(
            floor, packing_slip(floor, head, code), subject=f"slip {code}", document=f"order {head.code}"
        )
    except Refusal as why:
        floor.warn(f"No packing slip: {why.sentence}")


def shipping_label(floor: Floor, head: OrderHead, carton: Carton, *, last: bool) -> ShippingLabel:
    number = parcels.count_closed(floor.tx, head.code)
    return ShippingLabel(
        carton=carton.lpn,
        order=head.code,
        customer=head.name or head.customer or head.code,
        address=_address(head),
        sender=str(floor.tx.value(SENDER) or ""),
        carrier=carton.carrier,
        service=carton.service,
        weight_g=carton.weight_g,
        lane=head.lane,
        carton_number=number,
        cartons=number if last else None,
    )


def packing_slip(floor: Floor, head: OrderHead, code: str) -> PackingSlip:
    """What was packed for the order and has not left, in whichever of its cartons."""
    tx, sums = floor.tx, dict[tuple[str, str], int]()
    for one in parcels.of_order(tx, head.code):
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
    )


def _address(head: OrderHead) -> tuple[str, ...]:
    lines = (line.strip() for line in head.address.replace(", ", "\n").splitlines())
    return tuple(line for line in lines if line and line != head.name)[:ADDRESS_LINES]
