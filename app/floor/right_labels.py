"""What may be scanned to go on after a refusal: the right thing, as the texts that stand on its labels.

A refusal holds the handheld until it is acknowledged: by the right thing scanned, a command's barcode or a tap. Which
label is the right one only the server knows, so it says so: the item by each of its barcodes, the place by code and
barcode, the tote by its code. The refusal's rule may name it (`right=`), else what it expected, else what the screen
asks for. Where nothing can be named (an unknown code, a question any carton answers), another label than the refused one
will do. This only lets a scan through to the server, which judges it like any other.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import Ambiguous, Held, Malformed, NoItemNumber, Refusal, Unknown, Wrong, WrongKind
from app.floor import meanings
from app.floor.prompt import Prompt
from app.floor.readings import ItemReading, LocationReading, LpnReading, Reading
from app.schema.items import item, item_barcode
from app.schema.places import location, station

ANOTHER = "*"  # any other label than the one that was refused
MOST = 40  # labels told to the handheld
_THINGS = ("location", "lpn", "item", "document", "lot", "serial", "station")
_OPEN = (Unknown, NoItemNumber, Ambiguous, Malformed, WrongKind)  # their advice is another label

BARCODES = select(item_barcode.c.code).where(item_barcode.c.item == bindparam("of_item")).order_by(item_barcode.c.code)
PLACE_BARCODE = select(location.c.barcode).where(location.c.code == bindparam("of_place"), location.c.barcode != "")
SERIAL_TRACKED = select(item.c.serial_tracked).where(item.c.code == bindparam("of_item"))
STATIONS = select(station.c.code).where(station.c.location == bindparam("of_place")).order_by(station.c.code)


def right_labels(tx: Tx, refusal: Refusal, prompt: Prompt) -> tuple[tuple[str, ...], str]:
    """The labels that acknowledge, and, where it is a single thing, its code as a person calls it."""
    kinds = [kind for kind in _THINGS if kind in prompt.expects]
    if not kinds:
        return (), ""
    found = {code: labels for code in _named(refusal) if (labels := _labels(tx, code, kinds))}
    if not found:
        for code, kind in _asked(tx, prompt):
            found[code] = found.get(code, []) + _labels(tx, code, [kind])
        found = {code: labels for code, labels in found.items() if labels}
    labels = list(dict.fromkeys(label for each in found.values() for label in each))[:MOST]
    if isinstance(refusal, _OPEN) or not (labels or isinstance(refusal, Held)):
        labels.append(ANOTHER)
    return tuple(labels), next(iter(found)) if len(found) == 1 else ""


def _named(refusal: Refusal) -> Iterable[str]:
    right = refusal.facts.get("right")
    if right is not None:
        return (right,) if isinstance(right, str) else tuple(right)
    if isinstance(refusal, Wrong) and not isinstance(refusal, WrongKind):
        return [code for code in refusal.expected.split(" or ") if code]
    return ()


def _asked(tx: Tx, prompt: Prompt) -> Iterable[tuple[str, str]]:
    """(code, kind) of what the screen asks for: it says so, or it is the biggest thing on it."""
    big = prompt.biggest
    if prompt.wants:
        return [(code, kind) for code in prompt.wants for kind in _THINGS if kind in prompt.expects]
    if big == "place" and "location" in prompt.expects:
        return [(prompt.place, "location")]
    if big in ("item", "quantity") and "item" in prompt.expects and prompt.item is not None:
        return [] if _open(tx, prompt, prompt.item.code) else [(prompt.item.code, "item")]
    return []


def _open(tx: Tx, prompt: Prompt, of_item: str) -> bool:
    """Another label than the item's may be the answer, too: a serial, a lot, a place or an LPN that nobody proposed."""
    serial = "serial" in prompt.expects and tx.value(SERIAL_TRACKED, of_item=of_item)
    place = "location" in prompt.expects and not prompt.place
    carrier = "lpn" in prompt.expects and not prompt.tote
    return bool(serial or place or carrier or "text" in prompt.expects)


def _labels(tx: Tx, code: str, kinds: Collection[str]) -> list[str]:
    return [label for reading in meanings.of_code(tx, code, kinds) for label in _of(tx, reading, code)]


def _of(tx: Tx, reading: Reading, code: str) -> list[str]:
    match reading:
        case ItemReading():
            codes = [row[0] for row in tx.rows(BARCODES, of_item=reading.item)][:MOST]
            return [reading.item, *codes, *(f"01{each.zfill(14)}*" for each in codes if _is_gtin(each))]
        case LocationReading():
            own = tx.value(PLACE_BARCODE, of_place=reading.location)
            return [reading.location, *([own] if own else []), *(row[0] for row in tx.rows(STATIONS, of_place=code))]
        case LpnReading():
            return [reading.lpn, f"00{reading.lpn}*"] if len(reading.lpn) == 18 else [reading.lpn]
    return [code]


def _is_gtin(code: str) -> bool:
    return code.isdecimal() and len(code) in (8, 12, 13, 14)
