"""Labels bought from carriers: asked for in the packer's turn or at the desk, printed once when they are there.

The turn only writes the row; what becomes of it is the buyer's work beside the floor (buying_book.py). A label that is
there already is printed, however often it is asked for: once.
"""

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy import bindparam, select

from app import papers
from app.config import PrinterSettings
from app.db import Tx
from app.floor.floor import Floor
from app.printing.queueing import queue_for
from app.printing.station_printers import printer_for
from app.schema.carriers import label_purchase as purchase
from app.work import packing, parcels
from app.work.carriers import fitting, purchases
from app.work.carriers.purchases import Purchase
from app.work.packing import OrderHead
from app.work.parcels import Carton
from printers import labels
from printers.labels import CarrierLabel, ShippingLabel

KEPT = select(purchase.c.own, purchase.c.label).where(purchase.c.id == bindparam("which"))


def ask(floor: Floor, head: OrderHead, carton: Carton, own: ShippingLabel, *, why: str = "") -> None:
    """Have a carton's label bought; one that is there already is printed. Raises NoPrinter, NotVerified,
    LabelNotPossible."""
    printer = printer_for(floor, "zpl", "shipping")
    parcel = replace(
        fitting.parcel_of(floor.tx, head, carton, carton.weight_g), service=carton.service, dpi=printer.dpi
    )
    found = purchases.ask(
        floor.tx, parcel, carrier=carton.carrier, own=labels.encode(own), why=why, printer=printer.name,
        worker=floor.worker, station=floor.seat.station,
    )  # fmt: skip
    if found.state == "bought":
        put_on_paper(floor.tx, found, printer)


def ask_again(tx: Tx, code: str, printers: Mapping[str, PrinterSettings], worker: str) -> str:
    """After a refusal or a void: with the order's address and carrier as they are now. Raises NotVerified, PurchaseNotThere."""
    before, found = purchases.last(tx, code), parcels.find(tx, code)
    if before is None or found is None:
        raise purchases.PurchaseNotThere(carton=code, state="not known", wanted="bought")
    if before.state not in purchases.OVER:
        raise purchases.PurchaseNotThere(carton=code, state=before.state, wanted="bought again")
    head = packing.order(tx, found.order_code)
    parcel = replace(fitting.parcel_of(tx, head, found, found.weight_g), service=found.service)
    if (printer := printers.get(before.printer)) is not None:
        parcel = replace(parcel, dpi=printer.dpi)
    own = papers.shipping_label(tx, head, found, last=papers.is_last(tx, head.code, found))
    purchases.ask(
        tx, parcel, carrier=found.carrier, own=labels.encode(own), why=before.why, printer=before.printer,
        worker=worker, station=before.station,
    )  # fmt: skip
    return f"The label of carton {code} is bought from {found.carrier}."


def put_on_paper(tx: Tx, found: Purchase, printer: PrinterSettings) -> None:
    """One print job for a label that is bought, however often it is asked. Raises LabelNotPossible."""
    own, content = tx.row(KEPT, which=found.id) or (b"", b"")
    label: ShippingLabel | CarrierLabel
    if found.form in ("zpl", "png"):
        label = CarrierLabel(
            carton=found.carton, carrier=found.carrier, tracking=found.tracking,
            form="zpl" if found.form == "zpl" else "png", content=bytes(content),
        )  # fmt: skip
    else:
        ours = labels.decode(bytes(own))
        assert isinstance(ours, ShippingLabel)
        label = replace(ours, tracking=found.tracking if found.tracking != found.carton else "")
    job = queue_for(
        tx, label, printer, subject=found.carton, document=f"order {found.order_code}", once=f"shipping {found.id}",
        worker=found.worker, station=found.station,
    )  # fmt: skip
    parcels.label_asked(tx, found.carton, job)
