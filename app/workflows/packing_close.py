"""Packing, the moment a carton is closed: the journal says what is in it, what it weighs and, where a dimensioner stands, how
large it is; and its papers are asked for.

Its carrier is kept, or chosen now that the weight is known. The label belongs to the carton's number and is asked for
once, whatever happens later; a printer or a carrier that is away does not undo the packing, the label comes later. The
packing slip goes into the order's last carton; also into one that is the last unless what is reported missing turns up.
"""

from msgspec.structs import replace

from app import buying, papers
from app.errors import Refusal, State
from app.floor.floor import Floor, NotMeasured
from app.floor.screens import Screen, build
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.stock.events import CartonClosed
from app.work import missing, packing, parcels
from app.work.carriers import fitting, purchases
from app.work.packing import OrderHead
from app.work.parcels import Carton, Expected
from app.workflows.packing_view import kg


class CarrierRefused(State):
    code, title = "carrier_refused", "Carrier says no"
    says = "{carrier} refused carton {carton}: {reason}"
    todo = "Put it aside: a supervisor mends it at the desk, and the label comes by itself."


def close(floor: Floor, head: OrderHead, carton: Carton, grams: int, expected: Expected) -> Screen:
    """Close a carton whose contents and weight were verified. Raises OnHold, NotForCarrier, NoCarrierTakes."""
    tx = floor.tx
    parcels.refuse_held(tx, carton.lpn)
    carton, unmeasured = _measured(floor, carton)
    fitted = fitting.fit(tx, head, carton, grams)
    event = CartonClosed(
        order=head.code,
        carton=carton.lpn,
        weight_g=grams,
        expected_g=0 if expected.unknown else expected.grams,
        carrier=fitted.carrier,
        service=fitted.service,
        contents=tuple(parcels.contents(tx, carton.lpn)),
        last=papers.is_last(tx, head.code, carton),
        location=carton.location,
        freed=parcels.emptied_totes(tx, carton.lpn),
        chosen=fitted.why,
        length_mm=carton.length_mm,
        width_mm=carton.width_mm,
        height_mm=carton.height_mm,
    )
    floor.post(event, undoable=False)
    warned = f"{kg(grams)} not checked: {', '.join(expected.unknown[:3])} has no weight." if expected.unknown else ""
    if unmeasured:
        warned = f"{warned} {unmeasured} The carrier is told the size of its carton type.".strip()
    if warned:
        floor.warn(warned)
    else:
        floor.step(f"{kg(grams)}, as expected. {fitted.why} Stick the label on and scan it.".replace("  ", " "))
    ask_for_label(floor, carton.lpn, why=fitted.why)
    missing.close_found(tx, head.code, floor.worker)
    if fitted.carrier not in floor.ports.carriers:  # else with the tracking number, at the scan-back
        ask_for_slip(floor, head, carton.lpn, last=event.last)
    return build("packing.label", order=head.code, carton=carton.lpn)


def _measured(floor: Floor, carton: Carton) -> tuple[Carton, str]:
    """The carton with its sides as the station's dimensioner has them, or why they are not known."""
    if floor.seat.station not in floor.ports.dimensioners:
        return carton, ""
    try:
        box = floor.ports.measure(floor.seat.station)
    except NotMeasured as refused:
        return carton, refused.sentence
    return replace(carton, length_mm=box.length_mm, width_mm=box.width_mm, height_mm=box.height_mm), ""


def ask_for_label(floor: Floor, code: str, *, strictly: bool = False, why: str = "") -> None:
    """Queue the carton's label, once, or have it bought. Where that cannot be, say so; `strictly` raises NoPrinter,
    LabelNotPossible."""
    found = parcels.find(floor.tx, code)
    assert found is not None
    head = packing.order(floor.tx, found.order_code)
    label = papers.shipping_label(floor.tx, head, found, last=papers.is_last(floor.tx, found.order_code, found))
    try:
        if found.carrier in floor.ports.carriers:
            _refuse_refused(floor, code)
            buying.ask(floor, head, found, label, why=why)
            return
        job = queue_label(floor, label, subject=code, document=f"order {found.order_code}")
    except Refusal as refused:
        if strictly:
            raise
        floor.warn(f"No label: {refused.sentence}")
        return
    parcels.label_asked(floor.tx, code, job)


def _refuse_refused(floor: Floor, code: str) -> None:
    """Asked again as it is, the carrier would say no again."""
    before = purchases.last(floor.tx, code)
    if before is not None and before.state == "refused":
        raise CarrierRefused(carrier=before.carrier, carton=code, reason=before.sentence)


def ask_for_slip(floor: Floor, head: OrderHead, code: str, *, last: bool) -> None:
    """The slip, when nothing of the order comes after this carton but what is reported missing."""
    last = last or bool(missing.reports(floor.tx, head.code) and missing.only_missing_left(floor.tx, head.code))
    if not last or not has_printer(floor, "escpos"):
        return
    slip = papers.packing_slip(floor.tx, head, code)
    try:
        queue_label(floor, slip, subject=f"slip {code}", document=f"order {head.code}")
    except Refusal as why:
        floor.warn(f"No packing slip: {why.sentence}")
