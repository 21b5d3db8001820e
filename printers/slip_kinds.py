"""What is on a slip: frozen structs, one for each paper that comes off a receipt roll.

As with labels, a slip says what stands on the paper, never where. Some are for the customer (packing slip, return
receipt), one for the driver (manifest), and two are for the floor on the day its handhelds are down: the pick list and the
count sheet. A count sheet has no field for what should lie there: whoever counts by it cannot be told.
"""

from __future__ import annotations

import datetime as dt

import msgspec


class SlipLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a packing slip."""

    item: str
    name: str
    quantity: int
    unit: str = ""
    lot: str = ""


class PackingSlip(msgspec.Struct, frozen=True, kw_only=True, tag="packing_slip"):
    """The paper inside the carton, from the receipt printer at the packing station."""

    order: str
    customer: str
    carton: str
    lines: tuple[SlipLine, ...]
    address: tuple[str, ...] = ()
    sender: str = ""
    note: str = ""
    packed_on: dt.date | None = None


class ManifestLine(msgspec.Struct, frozen=True, kw_only=True):
    """One carton of a load."""

    carton: str
    order: str
    customer: str = ""
    weight_g: int = 0


class LoadManifest(msgspec.Struct, frozen=True, kw_only=True, tag="load_manifest"):
    """What a truck took with it, for the driver, from a receipt printer."""

    load: str
    truck: str
    lines: tuple[ManifestLine, ...]
    carrier: str = ""
    seal: str = ""
    left: str = ""  # when, by the site's clock
    sender: str = ""


class PickLine(msgspec.Struct, frozen=True, kw_only=True):
    """One stop of a walk."""

    location: str
    item: str
    name: str
    quantity: int
    unit: str = ""
    lot: str = ""
    lpn: str = ""
    order: str = ""
    tote: str = ""  # its position on the cart


class PickList(msgspec.Struct, frozen=True, kw_only=True, tag="pick_list"):
    """A walk on paper. `code` is scanned once the handhelds are back, to enter what was picked by it."""

    task: str
    code: str
    lines: tuple[PickLine, ...]
    wave: str = ""
    cart: str = ""
    cutoff: str = ""  # by the site's clock
    printed: str = ""
    sender: str = ""


class CountSheet(msgspec.Struct, frozen=True, kw_only=True, tag="count_sheet"):
    """A place to be counted by hand, with empty rows to write on."""

    place: str
    code: str
    rows: int
    item: str = ""  # where only this one is counted
    name: str = ""
    reason: str = ""
    printed: str = ""
    sender: str = ""


class ReturnedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that came back."""

    item: str
    name: str
    quantity: int
    unit: str = ""
    serial: str = ""
    reason: str = ""


class ReturnReceipt(msgspec.Struct, frozen=True, kw_only=True, tag="return_receipt"):
    """What was in a parcel, for whoever brought it. It says what came, never what becomes of it."""

    parcel: str
    code: str
    lines: tuple[ReturnedLine, ...]
    rma: str = ""
    order: str = ""
    customer: str = ""
    taken_in: str = ""  # when, by the site's clock
    taken_by: str = ""
    sender: str = ""


AnySlip = PackingSlip | LoadManifest | PickList | CountSheet | ReturnReceipt
"""What a receipt printer prints; all else is a label."""
