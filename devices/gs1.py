"""What a label is, by what is written on it alone.

The floor asks once for every scan: is this a GS1 message with its identifiers, a bare trade number, the number of a
licence plate, a number only its own shop understands, or plain text that somebody must look up? Damaged GS1 is told
apart from unknown text, so the worker hears "scan it again" and not "unknown item". Nothing here knows the warehouse.

The order is fixed: Digital Link, what the AIM identifier promises, then what the digits themselves prove. What can be
read is read, also where GS1's rules find a fault with it: a retail number one zero short, a count whose pallet stands in
the next code. The fault is kept beside the reading for whoever sets up a label or a scanner.
"""

import re
from contextlib import suppress

import msgspec

from devices.gs1_elements import Fault, Gs1Error, read_elements, readable
from devices.gs1_kinds import Decoded, ElementString, Malformed, Plain, RestrictedNumber, SsccNumber, TradeNumber
from devices.gs1_message import Gs1, read_link_message, read_message
from devices.symbology import GS, GS_STAND_INS, Symbol, read_symbol
from devices.trade_numbers import (
    GTIN_LENGTHS,
    SSCC_LENGTH,
    is_digits,
    is_gtin,
    is_restricted,
    is_sscc,
    retail_number,
)

__all__ = [
    "Decoded",
    "ElementString",
    "Fault",
    "Gs1",
    "Gs1Error",
    "Malformed",
    "Plain",
    "RestrictedNumber",
    "SsccNumber",
    "TradeNumber",
    "decode",
]

MAX_LENGTH = 4096  # As framing bounds a scan; a keyboard or camera may hand us more.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_COMPONENT = "|]e0"  # Stands between the two halves of a composite symbol where a scanner sends them in one piece.


def decode(raw: str, symbology: str | None = None, gs: str = GS) -> Decoded:
    """Understand one scan. Own prefixes are the caller's to cut before; any text gets an answer, none an exception.

    `symbology` is an AIM identifier or a camera's format name where the device says it beside the text; `gs` is the
    station's stand-in for the group separator.
    """
    if len(raw) > MAX_LENGTH:
        return Malformed(code="too_long", sentence=f"The scan is {len(raw)} characters long. Scan one code at a time.")
    symbol = read_symbol(raw, symbology, gs)
    try:
        return _decode(symbol)
    except Gs1Error as error:
        if mark := _stand_in(symbol.text):
            return Malformed(
                code="gs1_stand_in",
                sentence=f'“{mark}” arrives for the separator: set gs = "{mark}" for this scanner, or let it send GS.',
            )
        return Malformed(code=error.code, sentence=error.sentence)


def _decode(symbol: Symbol) -> Decoded:
    text = symbol.text
    if linked := read_link_message(text):
        if symbol.promises == "gs1" and linked.fault is None:
            linked = msgspec.structs.replace(linked, fault=_LINK_IN_GS1)
        return ElementString(gs1=linked)
    if symbol.promises == "gs1" or text.startswith(GS):
        return _message(text, is_told=symbol.promises == "gs1")
    if symbol.promises == "ean":
        return _trade_symbol(text, symbol.aim)
    if symbol.promises == "itf" and len(text) == 14 and is_digits(text):
        return _trade_number(text) if is_gtin(text) else _no_trade_number(text, "gs1_check_digit")
    if is_digits(text):
        return _digits(text)
    return _shaped_like_gs1(text) or Plain(text=text, fault=_fault_of(symbol))


def _message(text: str, *, is_told: bool) -> ElementString:
    """An element string, perhaps of a composite symbol. `is_told`: the AIM identifier says that it is one.

    Without it the GS in front says so, as some scanners send it; then it stands where no identifier has ended.
    """
    linear, composite, component = text.removeprefix(GS).partition(_COMPONENT)
    if composite:
        found = read_message(component, before=read_elements(linear))
    else:
        found = read_message(linear)
    if is_told and text.startswith(GS):
        found = msgspec.structs.replace(found, fault=_SEPARATOR_IN_FRONT)
    return ElementString(gs1=found)


_LINK_IN_GS1 = Fault(code="gs1_link", sentence="A Digital Link belongs into a symbol without FNC1: ]Q1, ]d1 or ]J0.")
_SEPARATOR_IN_FRONT = Fault(code="gs1_format", sentence="A separator stands in front, where it separates nothing.")


def _fault_of(symbol: Symbol) -> Fault | None:
    """Of text that proves nothing. Nearly all of it is a house's own code, and sound."""
    if symbol.is_broken:
        return Fault(code="aim_broken", sentence="It begins like an AIM identifier, such as ]C1, and is none.")
    if not symbol.text and symbol.aim is None:
        return Fault(code="empty", sentence="Nothing was read.")
    if found := _ADDRESS.match(symbol.text):
        if found["scheme"].lower() in ("http", "https"):
            sentence = "This web address holds no GS1 key, such as /01/ with its number, so it is no Digital Link."
        else:
            sentence = "A Digital Link begins with https:// or http://, this address does not."
        return Fault(code="gs1_link", sentence=sentence)
    return None


def _trade_symbol(text: str, aim: str | None) -> Decoded:
    """An EAN or UPC symbol, perhaps with its add-on or the composite component above it."""
    if aim in ("]E1", "]E2"):
        return Malformed(code="gs1_add_on", sentence="Only the add-on beside the code was read. Scan the code itself.")
    number, composite, component = text.partition(_COMPONENT)
    if aim == "]E3" and len(number) in (15, 18):
        number = number[:13]
    whole = retail_number(number, aim)
    if whole is None:
        return _no_trade_number(number, "gs1_check_digit" if is_digits(number) else "gs1_format")
    if composite:
        return ElementString(gs1=read_message(component, before=(("01", whole.zfill(14)),)))
    return _trade_number(whole, None if whole == number else _SHORTENED)


_SHORTENED = Fault(
    code="gs1_length", sentence="Its scanner leaves digits out: an EAN or UPC symbol has 13 of them, an EAN-8 has 8."
)


def _no_trade_number(number: str, code: str) -> Malformed:
    return Malformed(code=code, sentence=f"{readable(number)} is not a whole EAN or UPC. Scan it again.")


def _digits(text: str) -> Decoded:
    """No AIM identifier, digits only. A number whose check digit fails may be somebody's own: it is looked up."""
    if is_sscc(text):
        return SsccNumber(sscc=text)
    if len(text) == 20 and text.startswith(
        "00"
    ):  # AI 00 and 18 digits: a licence plate, and nothing else is so written
        if is_sscc(text[2:]):
            return SsccNumber(sscc=text[2:])
        return Malformed(
            code="gs1_check_digit", sentence=f"The check digit of {text[2:]} is wrong: it is no sound SSCC."
        )
    if is_gtin(text):
        return _trade_number(text)
    return _shaped_like_gs1(text) or Plain(text=text, fault=_nearly(text))


def _nearly(digits: str) -> Fault | None:
    """A number of a length and beginning that only GS1's have, but for its check digit."""
    if len(digits) == SSCC_LENGTH:
        kind = "an SSCC"
    elif len(digits) in GTIN_LENGTHS:
        kind = f"a GTIN-{len(digits)}"
    elif len(digits) == 16 and digits[:2] in ("01", "02"):
        kind = f"({digits[:2]}) with its GTIN"
    else:
        return None
    return Fault(code="gs1_check_digit", sentence=f"It is as long as {kind}, and its check digit is wrong.")


def _trade_number(number: str, fault: Fault | None = None) -> TradeNumber | RestrictedNumber:
    padded = number.zfill(14)
    if is_restricted(padded):
        return RestrictedNumber(number=padded, fault=fault)
    return TradeNumber(gtin14=padded, fault=fault)


def _shaped_like_gs1(text: str) -> Decoded | None:
    """Text without a promise that still begins with 00, 01 or 02, or holds a group separator: an element string if it
    is one.

    A separator is in no code of our own, so then every fault is reported. Without one, a fault is reported only when
    the shape is beyond doubt: a wrong check digit or date in a message of at least two identifiers.
    """
    separated = GS in text
    if not separated and text[:2] not in ("00", "01", "02"):
        return None
    try:
        return ElementString(gs1=read_message(text))
    except Gs1Error as error:
        sure = separated or (error.code in ("gs1_check_digit", "gs1_date") and len(text) > 20)
        if sure or _stand_in(text):
            raise
        return None


def _stand_in(text: str) -> str:
    """What stands for the group separator in text that is a sound message of several identifiers once it is read so;
    empty: nothing does.
    """
    for mark in GS_STAND_INS:
        if mark != GS and mark in text:
            with suppress(Gs1Error):
                if len(read_message(text.replace(mark, GS).removeprefix(GS)).identifiers) > 1:
                    return mark
    return ""
