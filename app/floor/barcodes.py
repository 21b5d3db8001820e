"""What a label means, once, for everyone.

Order: our own prefixes → what `devices` reads by the label's own standard (Digital Link, AIM id, GS1 element string, SSCC,
GTIN; a house's own number by its patterns) → the tables, all gathered: item barcodes, item numbers, locations, LPNs,
documents, serials, lots. The screen says which kinds it takes; a label with exactly one meaning among them goes on.
Unknown, ambiguous, malformed and "a good label of the wrong kind" are four different refusals.
"""

from collections.abc import Callable, Collection
from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, or_, select

from app import clock
from app.db import Tx
from app.errors import (
    Ambiguous,
    Malformed,
    NoItemNumber,
    NoRule,
    NothingRead,
    NothingToScan,
    Refusal,
    TooLong,
    Unknown,
    WrongKind,
)
from app.floor.screens import KINDS
from app.schema.documents import purchase_order, sales_order
from app.schema.inbound import asn
from app.schema.items import item, item_barcode, lot
from app.schema.people import worker
from app.schema.places import location, station
from app.schema.returns import rma
from app.schema.stock import lpn, serial
from app.schema.storage import transfer
from app.schema.work import carton, load
from app.work import restricted_numbers
from app.work.numbers import OWN_NUMBER
from devices import calibration, gs1
from devices.gs1_message import SEPARATOR_MAY_BE_LOST
from devices.symbology import without_aim

LONGEST = 512  # characters of a label
SHOWN = 40  # of them in a sentence
AROUND = "\r\n\t"  # what a scanner may leave around a label

WARNINGS = {
    SEPARATOR_MAY_BE_LOST: "This label may have lost a separator: compare its lot and serial with the print, undo if wrong."
}
PREFIXES = {
    "CMD/": "command",
    "LOC/": "location",
    "LPN/": "lpn",
    "ITM/": "item",
    "BDG/": "worker",
    "STN/": "station",
    "DOC/": "document",
}
LPN_KINDS = {"LPN": "pallet", "T": "tote", "C": "carton"}


class SetUpCode(Refusal):
    """One of the codes a scanner is set up by: no label, and the place to hear of a wrong keyboard layout."""

    code, title, severity = "set_up_code", "Set-up code", "warning"
    says = "This is the code for setting scanners up. {told}"
    todo = "Scan your label."


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A label understood. `label` is how it is shown to a worker; `warning`, a code, is what speaks against it."""

    label: str
    warning: str = ""

    @property
    def kind(self) -> str:
        raise TypeError("a bare reading has no kind")


class CommandReading(Reading, frozen=True, kw_only=True):
    kind = "command"
    name: str


class LocationReading(Reading, frozen=True, kw_only=True):
    kind = "location"
    location: str
    of: str = "bin"  # the location's own kind


class LpnReading(Reading, frozen=True, kw_only=True):
    kind = "lpn"
    lpn: str
    of: str = "pallet"  # pallet, tote, carton
    new: bool = False  # never seen before


class ItemReading(Reading, frozen=True, kw_only=True):
    """An item with all its label said: a case barcode stands for `quantity` base units."""

    kind = "item"
    item: str
    quantity: int = 1
    unit: str = "each"
    lot: str = ""
    expiry: str = ""
    serial: str = ""
    count: int = 0
    weight_g: int = 0
    price: int = 0  # minor units, as a counter scale printed it: a fact, never booked


class DocumentReading(Reading, frozen=True, kw_only=True):
    kind = "document"
    document: str
    of: str  # po, asn, order, load, rma, transfer


class LotReading(Reading, frozen=True, kw_only=True):
    kind = "lot"
    lot: str
    expiry: str = ""


class SerialReading(Reading, frozen=True, kw_only=True):
    kind = "serial"
    serial: str
    item: str = ""


class WorkerReading(Reading, frozen=True, kw_only=True):
    kind = "worker"
    badge: str


class StationReading(Reading, frozen=True, kw_only=True):
    kind = "station"
    station: str
    at: str = ""  # the location it stands at


_CODE: BindParameter[str] = bindparam("code")
BARCODE = (
    select(item_barcode.c.item, item_barcode.c.unit, item_barcode.c.quantity)
    .join(item, item.c.code == item_barcode.c.item)
    .where(
        or_(*(item_barcode.c.code == bindparam(name) for name in ("code", "a", "b", "c"))),
        item.c.active == 1,
        item_barcode.c.valid_from <= bindparam("now"),
        or_(item_barcode.c.valid_to == 0, item_barcode.c.valid_to > bindparam("now")),
    )
)
ITEM = select(item.c.code).where(item.c.code == _CODE, item.c.active == 1)
LOCATION = select(location.c.code, location.c.kind).where(or_(location.c.code == _CODE, location.c.barcode == _CODE))
LPN = select(lpn.c.code, lpn.c.kind).where(lpn.c.code == _CODE)
TRACKED = select(carton.c.lpn).where(carton.c.tracking == _CODE, carton.c.tracking != "").limit(1)
PO = select(purchase_order.c.code).where(purchase_order.c.code == _CODE)
ASN = select(asn.c.code).where(or_(asn.c.code == _CODE, asn.c.tracking == _CODE), asn.c.state != "cancelled").limit(1)
ORDER = select(sales_order.c.code).where(sales_order.c.code == _CODE)
LOAD = select(load.c.code).where(load.c.code == _CODE)
TRANSFER = select(transfer.c.code).where(transfer.c.code == _CODE)
RMA = select(rma.c.code).where(or_(rma.c.code == _CODE, rma.c.tracking == _CODE)).limit(2)
SERIAL = select(serial.c.item, serial.c.serial).where(serial.c.serial == _CODE)
LOT = select(lot.c.lot, lot.c.expiry).where(lot.c.lot == _CODE).limit(1)
BADGE = select(worker.c.badge).where(worker.c.badge == _CODE)
STATION = select(station.c.code, station.c.location).where(station.c.code == _CODE)


def read(tx: Tx, raw: str, symbology: str, takes: Collection[str], *, gs: str = "\x1d") -> Reading:
    """The one meaning of a label among the kinds a screen takes.

    Raises TooLong, Malformed, Unknown, Ambiguous, or WrongKind where it is a sound label of another kind.
    """
    if len(raw) > LONGEST:
        raise TooLong(length=len(raw), limit=LONGEST, scanned=raw[:SHOWN] + "…")
    text = raw.strip(AROUND)
    if "\0" in text:
        raise Malformed(scanned=_shown(text), reason="it holds a NUL byte.")
    if not text.strip():
        raise NothingRead()
    if set_up := calibration.recognise(text):
        wrong = " ".join(told.sentence for told in calibration.misreadings(set_up))
        raise SetUpCode(scanned="the set-up code", told=wrong or "Its letters and signs arrive as they should.")
    bare = without_aim(text)
    prefix = PREFIXES.get(bare[:4].upper())
    if prefix is not None:
        candidates = _prefixed(tx, prefix, bare[4:].strip())
        only = takes if prefix != "command" else (*takes, "command")
        return _choose(text, [reading for reading in candidates if reading.kind in only], candidates, takes)
    refusal: Refusal | None = None
    decoded = gs1.decode(text, symbology or None, gs)
    match decoded:
        case gs1.Malformed():
            raise Malformed(scanned=_shown(text), reason=decoded.sentence)
        case gs1.ElementString():
            candidates = _message(tx, text, decoded.gs1)
        case gs1.SsccNumber():
            candidates = [_plate(tx, decoded.sscc)]
        case gs1.TradeNumber():
            candidates = [*_barcode(tx, text, decoded.gtin14)] or _gather(tx, text, takes)
        case gs1.RestrictedNumber():
            items, refusal = _restricted(tx, text, decoded.number)
            candidates = [*items] or _gather(tx, text, takes)
        case _:
            candidates = _gather(tx, decoded.text, takes)
    return _choose(text, [reading for reading in candidates if reading.kind in takes], candidates, takes, tx, refusal)


def _choose(
    text: str,
    fitting: list[Reading],
    candidates: list[Reading],
    takes: Collection[str],
    tx: Tx | None = None,
    refusal: Refusal | None = None,
) -> Reading:
    """`refusal` is raised where nobody knows a label that can be no lot or serial either."""
    fitting = _one_sign(fitting)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        meanings = " or ".join(sorted({f"{KINDS.get(reading.kind, '')} {reading.label}" for reading in fitting}))
        raise Ambiguous(scanned=_shown(text), meanings=meanings)
    others = candidates or ([] if tx is None else _gather(tx, text, KINDS))
    if not others:
        if refusal is not None:
            raise refusal
        free = tx is not None and _is_number(text)  # what one of our own prefixes begins is never a lot nobody met yet
        if free and "lot" in takes:
            return LotReading(label=text, lot=text)
        if free and "serial" in takes:
            return SerialReading(label=text, serial=text)
        raise Unknown(scanned=_shown(text))
    shown, kind = _shown(others[0].label), KINDS.get(others[0].kind, "a command")
    wanted = " or ".join(KINDS[kind] for kind in KINDS if kind in takes)
    if not wanted:
        raise NothingToScan(scanned=shown, kind=kind)
    raise WrongKind(expected=wanted, scanned=shown, kind=kind)


def _one_sign(fitting: list[Reading]) -> list[Reading]:
    """A station and the place it stands at may share their sign: then it is the station, which knows its place."""
    places = {reading.at for reading in fitting if isinstance(reading, StationReading)}
    return [one for one in fitting if not (isinstance(one, LocationReading) and one.location in places)]


def _is_number(text: str) -> bool:
    """GS1's character set 82 without blanks, up to 20 characters: what a lot or serial may be (AI 10, AI 21)."""
    return 0 < len(text) <= 20 and text.isascii() and text.isprintable() and " " not in text


def _shown(text: str) -> str:
    clean = "".join(character if character.isprintable() else "·" for character in text)
    return clean if len(clean) <= SHOWN else clean[:SHOWN] + "…"


# ── our own prefixes ─────────────────────────────────────────────────────────────────────────────────────────────────
def _prefixed(tx: Tx, kind: str, code: str) -> list[Reading]:
    if not code:
        return []  # else it would be every location without a barcode of its own
    if kind == "command":
        # A key with a value is printed with a slash, which every keyboard layout a scanner types on has: CMD/GRADE/A.
        return [CommandReading(label=code, name=code.lower().replace("-", "_").replace("/", ":", 1))]
    if kind == "lpn":
        return [_plate(tx, code)]
    return _LOOK_UP[kind](tx, code)


def _plate(tx: Tx, code: str) -> LpnReading:
    """A licence plate known by its number, or new: an SSCC and a number of our own rolls cannot be anything else."""
    known = tx.row(LPN, code=code)
    if known is not None:
        return LpnReading(label=known[0], lpn=known[0], of=known[1])
    if (tracked := tx.value(TRACKED, code=code)) is not None:  # all that stands on a carrier's own label
        return LpnReading(label=code, lpn=tracked, of="carton")
    shape = OWN_NUMBER.fullmatch(code)
    return LpnReading(label=code, lpn=code, of=LPN_KINDS[shape["kind"]] if shape else "pallet", new=True)


# ── GS1 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _message(tx: Tx, text: str, message: gs1.Gs1) -> list[Reading]:
    """All identifiers at once: the item with its lot, expiry, serial and count, or the plate, or a lot alone."""
    found: list[Reading] = []
    number = message.gtin or message.restricted
    if number is not None:
        items, refusal = _restricted(tx, number, number) if message.restricted else (_barcode(tx, number, number), None)
        found += [
            msgspec.structs.replace(
                read,
                quantity=read.quantity * (message.count or 1),
                lot=message.lot or "",
                expiry=message.expiry or "",
                serial=message.serial or "",
                count=message.count or 0,
                weight_g=message.weight_g or read.weight_g,
                warning=message.warning or "",
            )
            for read in items
        ]
    if message.sscc is not None:
        found.append(_plate(tx, message.sscc))
    if number is None and message.lot:
        found.append(
            LotReading(label=message.lot, lot=message.lot, expiry=message.expiry or "", warning=message.warning or "")
        )
    if number is None and message.serial:
        found.append(SerialReading(label=message.serial, serial=message.serial, warning=message.warning or ""))
    if number is not None and not found:
        raise refusal or Unknown(scanned=_shown(number))
    if message.gln:
        found += _locations(tx, message.gln)
    return found


def _restricted(tx: Tx, text: str, number: str) -> tuple[list[ItemReading], Refusal | None]:
    """A house's own number by the house's patterns, else by a barcode of just this number; and why it is neither."""
    said = restricted_numbers.read(tx, number)
    if said is None:
        # One of eight digits may as well be a lot or a date: where nobody knows it, it is not told to be GS1's.
        return _barcode(tx, text, number), None if number.startswith("000000") else NoRule(scanned=_shown(text))
    if not said.sound:
        return [], Malformed(scanned=_shown(text), reason="the check digit of its weight or price is wrong.")
    found = _exactly(tx, said.item_from_start) or _exactly(tx, said.item) or _barcode(tx, text, number)
    if not found:
        return [], NoItemNumber(scanned=_shown(text), number=said.item)
    return [msgspec.structs.replace(read, weight_g=said.weight_g, price=said.price) for read in found], None


# ── the tables ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _gather(tx: Tx, code: str, kinds: Collection[str]) -> list[Reading]:
    """Every meaning of a code among the kinds asked for."""
    return [reading for kind in _LOOK_UP if kind in kinds for reading in _LOOK_UP[kind](tx, code)]


def meanings(tx: Tx, code: str, kinds: Collection[str]) -> list[Reading]:
    """Every thing this code is the name of, among these kinds: nothing decoded, nothing refused."""
    return _gather(tx, code, kinds)


def _barcode_rows(tx: Tx, code: str, gtin14: str) -> list[tuple[str, str, int]]:
    shorter = gtin14.lstrip("0")
    this_minute = clock.now() // clock.MINUTE * clock.MINUTE  # so that the answer is remembered for as long
    return [
        (row[0], row[1], row[2])
        for row in tx.rows(BARCODE, code=code, a=gtin14, b=shorter.zfill(13), c=shorter.zfill(12), now=this_minute)
    ]


def _barcode(tx: Tx, code: str, gtin14: str) -> list[ItemReading]:
    return [
        ItemReading(label=found, item=found, unit=unit, quantity=quantity)
        for found, unit, quantity in dict.fromkeys(_barcode_rows(tx, code, gtin14))
    ]


def _exactly(tx: Tx, code: str) -> list[ItemReading]:
    """The item of a number just as it is written, which is none of GS1's: no zeros are put in front."""
    now = clock.now() // clock.MINUTE * clock.MINUTE
    rows = tx.rows(BARCODE, code=code, a=code, b=code, c=code, now=now)
    found = [ItemReading(label=row[0], item=row[0], unit=row[1], quantity=row[2]) for row in dict.fromkeys(rows)]
    return found or _own_number(tx, code)


def _items(tx: Tx, code: str) -> list[ItemReading]:
    return _barcode(tx, code, code) or _own_number(tx, code)


def _own_number(tx: Tx, code: str) -> list[ItemReading]:
    own = tx.value(ITEM, code=code)
    return [] if own is None else [ItemReading(label=own, item=own)]


def _locations(tx: Tx, code: str) -> list[Reading]:
    return [LocationReading(label=row[0], location=row[0], of=row[1]) for row in tx.rows(LOCATION, code=code)]


def _lpns(tx: Tx, code: str) -> list[Reading]:
    plate = _plate(tx, code)
    return [plate] if not plate.new or OWN_NUMBER.fullmatch(code) else []


def _documents(tx: Tx, code: str) -> list[Reading]:
    """A number is its own; a delivery and an RMA are also known by the tracking number on their labels."""
    found: list[Reading] = [
        DocumentReading(label=code, document=number, of=of)
        for statement, of in ((PO, "po"), (ASN, "asn"), (ORDER, "order"), (LOAD, "load"), (TRANSFER, "transfer"))
        if (number := tx.value(statement, code=code)) is not None
    ]
    return found + [DocumentReading(label=code, document=row[0], of="rma") for row in tx.rows(RMA, code=code)]


def _serials(tx: Tx, code: str) -> list[Reading]:
    """One reading, also where several items have a piece of this number: then the screen must know the item."""
    found = tx.rows(SERIAL, code=code)
    return [SerialReading(label=code, serial=code, item=found[0][0] if len(found) == 1 else "")] if found else []


def _lots(tx: Tx, code: str) -> list[Reading]:
    return [LotReading(label=row[0], lot=row[0], expiry=row[1]) for row in tx.rows(LOT, code=code)]


def _badges(tx: Tx, code: str) -> list[Reading]:
    return [WorkerReading(label=row[0], badge=row[0]) for row in tx.rows(BADGE, code=code)]


def _stations(tx: Tx, code: str) -> list[Reading]:
    return [StationReading(label=row[0], station=row[0], at=row[1]) for row in tx.rows(STATION, code=code)]


_LOOK_UP: dict[str, Callable[[Tx, str], list[Any]]] = {
    "location": _locations,
    "lpn": _lpns,
    "item": _items,
    "document": _documents,
    "lot": _lots,
    "serial": _serials,
    "worker": _badges,
    "station": _stations,
}
