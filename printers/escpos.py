"""Slips for receipt printers: struct in, ESC/POS bytes out, by python-escpos's `Dummy` as the encoder. See roll.py for letters.

What a customer or driver gets has the house's logo; what the floor works by has not, its first line is what to do. Each
ends in its document's code as a QR symbol. Paper is 58 or 80 mm wide, and a slip is cut once, at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from printers.labels import LabelRefused
from printers.roll import DRAWER_PIN, Roll, roll
from printers.slip_kinds import AnySlip, CountSheet, LoadManifest, PackingSlip, PickList, ReturnReceipt
from printers.zpl import MAX_COPY

if TYPE_CHECKING:
    from PIL import Image

MAX_LINES = 400  # of one slip: 4 m of paper
TO_WRITE_ON = "_" * 8

_START, _CUT = b"\x1b@", b"\x1dV\x00"
_COMMANDS = b"\x1b@\x1bt\x10\x1ba\x01\x1bE\x01"


def render(slip: AnySlip, *, width_mm: int = 80, logo: Image.Image | None = None) -> bytes:
    """One slip, cut at its end. Raises LabelRefused for paper we do not know or a slip longer than the roll allows."""
    lines = slip.rows if isinstance(slip, CountSheet) else len(slip.lines)
    if lines > MAX_LINES:
        raise LabelRefused(f"A slip has at most {MAX_LINES} lines, this one {lines}; print it in parts.")
    paper = roll(width_mm)
    match slip:
        case PackingSlip():
            paper.logo(logo)
            _packing_slip(paper, slip)
        case LoadManifest():
            paper.logo(logo)
            _manifest(paper, slip)
        case ReturnReceipt():
            paper.logo(logo)
            _return_receipt(paper, slip)
        case PickList():
            _pick_list(paper, slip)
        case CountSheet():
            _count_sheet(paper, slip)
    return paper.cut()


def open_drawer(width_mm: int = 80) -> bytes:
    """The pulse that opens the drawer at the printer, and nothing on paper."""
    paper = roll(width_mm)
    paper.printer.cashdraw(DRAWER_PIN)
    return bytes(paper.printer.output)


def marked_copy(payload: bytes, copy: int) -> bytes:
    """The same slip under a line COPY n."""
    if not (payload.startswith(_START) and payload.endswith(_CUT) and 1 <= copy <= MAX_COPY):
        raise LabelRefused("Only a slip of ours can be marked as a copy, from COPY 1 to COPY 99.")
    return _COMMANDS + f"*** COPY {copy} ***\n".encode() + payload


def _packing_slip(paper: Roll, slip: PackingSlip) -> None:
    paper.head(slip.sender, "PACKING SLIP")
    for text in (slip.customer, *slip.address):
        paper.line(text)
    paper.rule()
    paper.pair("Order", slip.order)
    paper.pair("Carton", slip.carton)
    if slip.packed_on is not None:
        paper.pair("Packed", slip.packed_on.isoformat())
    paper.rule()
    for line in slip.lines:
        paper.bold(line.item, f"{line.quantity} {line.unit}".strip())
        paper.line(line.name)
        if line.lot:
            paper.line(f"Lot {line.lot}", indent="  ")
    paper.rule()
    paper.pair(_many(len(slip.lines), "line"), f"{sum(line.quantity for line in slip.lines)} in all")
    paper.line(slip.note)
    paper.codes(slip.order, slip.order, slip.order)


def _manifest(paper: Roll, load: LoadManifest) -> None:
    """The driver's list of cartons with a line to sign."""
    paper.head(load.sender, "MANIFEST")
    _facts(paper, (("Load", load.load), ("Truck", load.truck), ("Carrier", load.carrier), ("Left", load.left)))
    paper.pair("Seal", load.seal or "none")
    paper.rule()
    for line in load.lines:
        paper.bold(line.carton, f"{line.weight_g / 1000:.2f} kg")
        paper.pair(f"  Order {line.order}", line.customer)
    paper.rule()
    paper.pair(_many(len(load.lines), "carton"), f"{sum(line.weight_g for line in load.lines) / 1000:.2f} kg")
    paper.line("Driver:")
    paper.space(2)
    paper.rule()
    paper.codes(load.load, load.load, load.load)


def _pick_list(paper: Roll, walk: PickList) -> None:
    """In the order of the walk: the place large, what to take, and room for what was taken."""
    paper.head("", "PICK LIST")
    _facts(
        paper,
        (("Walk", walk.task), ("Cart", walk.cart), ("Wave", walk.wave), ("Cut-off", walk.cutoff), ("Printed", walk.printed)),
    )  # fmt: skip
    paper.rule()
    for line in walk.lines:
        paper.large(line.location)
        paper.bold(line.item, f"{line.quantity} {line.unit}".strip())
        paper.line(line.name)
        for words in (f"Lot {line.lot}" * bool(line.lot), f"LPN {line.lpn}" * bool(line.lpn)):
            paper.line(words)
        paper.line(f"Order {line.order}" + f", tote {line.tote}" * bool(line.tote))
        paper.pair("Taken", TO_WRITE_ON)
        paper.rule()
    paper.line("Scan or enter it when the handhelds are back. Until then the books know nothing of it.")
    paper.pair("Picker", TO_WRITE_ON * 2)
    paper.codes(walk.code, walk.code.removeprefix("DOC/"), f"Scan at Pick: {walk.task}")


def _count_sheet(paper: Roll, sheet: CountSheet) -> None:
    """Blind: what should lie there is not known to this paper."""
    paper.head("", "COUNT SHEET")
    paper.large(sheet.place)
    if sheet.item:
        paper.bold(f"Only {sheet.item}", "")
        paper.line(sheet.name)
    _facts(paper, (("Why", sheet.reason), ("Printed", sheet.printed)))
    paper.rule()
    paper.line("Write down every item and lot that lies here, and how many. Nothing here? Write NONE.")
    paper.rule()
    for number in range(1, sheet.rows + 1):
        paper.pair(f"{number} Item", TO_WRITE_ON * 2)
        paper.pair(f"Lot {TO_WRITE_ON}", f"How many {TO_WRITE_ON}")
        paper.space()
    paper.pair("Counted by", TO_WRITE_ON * 2)
    paper.pair("At", TO_WRITE_ON)
    paper.codes(sheet.code, sheet.place, f"Scan at Count: {sheet.place}")


def _return_receipt(paper: Roll, receipt: ReturnReceipt) -> None:
    paper.head(receipt.sender, "RETURN RECEIPT")
    _facts(
        paper,
        (
            ("Parcel", receipt.parcel), ("RMA", receipt.rma), ("Order", receipt.order), ("From", receipt.customer),
            ("Taken in", receipt.taken_in), ("By", receipt.taken_by),
        ),
    )  # fmt: skip
    paper.rule()
    for line in receipt.lines:
        paper.bold(line.item, f"{line.quantity} {line.unit}".strip())
        paper.line(line.name)
        if line.serial:
            paper.line(f"Serial {line.serial}", indent="  ")
        if line.reason:
            paper.line(line.reason, indent="  ")
    paper.rule()
    paper.pair(_many(len(receipt.lines), "line"), f"{sum(line.quantity for line in receipt.lines)} in all")
    paper.line("Received as listed. What becomes of it is decided after inspection.")
    paper.codes(receipt.code, receipt.rma or receipt.order, receipt.parcel)


def _facts(paper: Roll, told: tuple[tuple[str, str], ...]) -> None:
    for name, value in told:
        if value:
            paper.pair(name, value)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
