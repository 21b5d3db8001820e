"""What a label is, by what is written on it alone.

The floor asks once for every scan: is this a GS1 message with its identifiers, a bare trade number, the number of a
licence plate, a number only its own shop understands, or plain text that somebody must look up? Damaged GS1 is told
apart from unknown text, so the worker hears "scan it again" and not "unknown item". Nothing here knows the warehouse.

The order is fixed: Digital Link, what the AIM identifier promises, then what the digits themselves prove.
"""

import msgspec

from devices.gs1_elements import Gs1Error, readable
from devices.gs1_message import Gs1, read_identifiers, read_link_message, read_message
from devices.symbology import GS, Symbol, read_symbol
from devices.trade_numbers import expand_upc_e, is_digits, is_gtin, is_restricted, is_sscc

__all__ = [
    "Decoded",
    "ElementString",
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


class ElementString(msgspec.Struct, frozen=True, kw_only=True, tag="element_string"):
    """A GS1 message, from an element string or a Digital Link."""

    gs1: Gs1


class TradeNumber(msgspec.Struct, frozen=True, kw_only=True, tag="trade_number"):
    """A global GTIN, padded to 14 digits; its check digit fits."""

    gtin14: str


class RestrictedNumber(msgspec.Struct, frozen=True, kw_only=True, tag="restricted_number"):
    """A number for use inside a shop or region, padded to 14 digits: the site says what it means. Never a GTIN."""

    number: str


class SsccNumber(msgspec.Struct, frozen=True, kw_only=True, tag="sscc_number"):
    """The 18 digits of a licence plate."""

    sscc: str


class Plain(msgspec.Struct, frozen=True, kw_only=True, tag="plain"):
    """Text that proves nothing by itself: look it up exactly."""

    text: str


class Malformed(msgspec.Struct, frozen=True, kw_only=True, tag="malformed"):
    """It says it is GS1 and is not."""

    code: str
    sentence: str


Decoded = ElementString | TradeNumber | RestrictedNumber | SsccNumber | Plain | Malformed


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
        return Malformed(code=error.code, sentence=error.sentence)


def _decode(symbol: Symbol) -> Decoded:
    text = symbol.text
    if linked := read_link_message(text):
        return ElementString(gs1=linked)
    if symbol.promises == "gs1" or text.startswith(GS):
        return ElementString(gs1=read_message(text.removeprefix(GS)))
    if symbol.promises == "ean":
        return _trade_symbol(text)
    if is_digits(text):
        return _digits(text)
    return _shaped_like_gs1(text) or Plain(text=text)


def _trade_symbol(text: str) -> Decoded:
    """An EAN or UPC symbol, perhaps with the composite component that some scanners send behind `|]e0`."""
    number, composite, component = text.partition("|]e0")
    whole = number if is_gtin(number) else expand_upc_e(number)
    if whole is None or len(whole) > 13:
        return Malformed(
            code="gs1_check_digit", sentence=f"{readable(number)} is not a whole EAN or UPC. Scan it again."
        )
    if composite:
        carried = read_message(component)
        return ElementString(gs1=read_identifiers((("01", whole.zfill(14)), *carried.identifiers)))
    return _trade_number(whole)


def _digits(text: str) -> Decoded:
    """No AIM identifier, digits only. A number whose check digit fails may be somebody's own: it is looked up."""
    if is_sscc(text):
        return SsccNumber(sscc=text)
    if len(text) == 20 and text.startswith("00") and is_sscc(text[2:]):
        return SsccNumber(sscc=text[2:])
    if len(text) == 20 and text.startswith(
        "00"
    ):  # AI 00 and 18 digits: a licence plate, and nothing else is so written
        return Malformed(
            code="gs1_check_digit", sentence=f"The check digit of {text[2:]} is wrong: it is no sound SSCC."
        )
    if is_gtin(text):
        return _trade_number(text)
    return _shaped_like_gs1(text) or Plain(text=text)


def _trade_number(number: str) -> TradeNumber | RestrictedNumber:
    padded = number.zfill(14)
    return RestrictedNumber(number=padded) if is_restricted(padded) else TradeNumber(gtin14=padded)


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
        if separated or (error.code in ("gs1_check_digit", "gs1_date") and len(text) > 20):
            raise
        return None
