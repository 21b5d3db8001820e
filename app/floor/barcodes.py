"""What a label means, once, for everyone.

Order: our own prefixes → what `devices` reads by the label's own standard (Digital Link, AIM id, GS1 element string, SSCC,
GTIN; a house's own number by its patterns) → the tables, all gathered: item barcodes, item numbers, locations, LPNs,
documents, serials, lots. The screen says which kinds it takes; a label with exactly one meaning among them goes on.
Unknown, ambiguous, malformed and "a good label of the wrong kind" are four different refusals.
"""

from collections.abc import Collection

import msgspec

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
from app.floor import meanings
from app.floor.readings import (
    CommandReading,
    ItemReading,
    LocationReading,
    LotReading,
    Reading,
    SerialReading,
    StationReading,
)
from app.floor.screens import KINDS
from app.work import restricted_numbers
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


SOUND_CODE = "This is the code for setting scanners up. Its letters and signs arrive as they should."


class SetUpCode(Refusal):
    """One of the codes a scanner is set up by: no label, and the place to hear of a wrong keyboard layout."""

    code, title, severity = "set_up_code", "Set-up code", "warning"
    says = "{told}"
    todo = "Scan your label."


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
        raise SetUpCode(scanned="the set-up code", told=wrong or SOUND_CODE)
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
            candidates = [meanings.plate(tx, decoded.sscc)]
        case gs1.TradeNumber():
            candidates = [*meanings.by_barcode(tx, text, decoded.gtin14)] or meanings.of_code(tx, text, takes)
        case gs1.RestrictedNumber():
            items, refusal = _restricted(tx, text, decoded.number)
            candidates = [*items] or meanings.of_code(tx, text, takes)
        case _:
            candidates = meanings.of_code(tx, decoded.text, takes)
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
        several = " or ".join(sorted({f"{KINDS.get(reading.kind, '')} {reading.label}" for reading in fitting}))
        raise Ambiguous(scanned=_shown(text), meanings=several)
    others = candidates or ([] if tx is None else meanings.of_code(tx, text, KINDS))
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
        return [meanings.plate(tx, code)]
    return meanings.of_code(tx, code, (kind,))


# ── GS1 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _message(tx: Tx, text: str, message: gs1.Gs1) -> list[Reading]:
    """All identifiers at once: the item with its lot, expiry, serial and count, or the plate, or a lot alone."""
    found: list[Reading] = []
    number = message.gtin or message.restricted
    if number is not None:
        items, refusal = meanings.by_barcode(tx, number, number), None
        if message.restricted:
            items, refusal = _restricted(tx, number, number)
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
        found.append(meanings.plate(tx, message.sscc))
    if number is None and message.lot:
        found.append(
            LotReading(label=message.lot, lot=message.lot, expiry=message.expiry or "", warning=message.warning or "")
        )
    if number is None and message.serial:
        found.append(SerialReading(label=message.serial, serial=message.serial, warning=message.warning or ""))
    if number is not None and not found:
        raise refusal or Unknown(scanned=_shown(number))
    if message.gln:
        found += meanings.locations(tx, message.gln)
    return found


def _restricted(tx: Tx, text: str, number: str) -> tuple[list[ItemReading], Refusal | None]:
    """A house's own number by the house's patterns, else by a barcode of just this number; and why it is neither."""
    said = restricted_numbers.read(tx, number)
    if said is None:
        # One of eight digits may as well be a lot or a date: where nobody knows it, it is not told to be GS1's.
        no_rule = None if number.startswith("000000") else NoRule(scanned=_shown(text))
        return meanings.by_barcode(tx, text, number), no_rule
    if not said.sound:
        return [], Malformed(scanned=_shown(text), reason="the check digit of its weight or price is wrong.")
    found = (
        meanings.by_exact_number(tx, said.item_from_start)
        or meanings.by_exact_number(tx, said.item)
        or meanings.by_barcode(tx, text, number)
    )
    if not found:
        return [], NoItemNumber(scanned=_shown(text), number=said.item)
    return [msgspec.structs.replace(read, weight_g=said.weight_g, price=said.price) for read in found], None
