"""What a label can turn out to be, by what is written on it alone.

Each kind carries what it proved and nothing more. A `fault` is what GS1's rules hold against a label that is read all the
same; what cannot be read is Malformed, with its code and its sentence for the worker.
"""

import msgspec

from devices.gs1_elements import Fault
from devices.gs1_message import Gs1


class ElementString(msgspec.Struct, frozen=True, kw_only=True, tag="element_string"):
    """A GS1 message, from an element string or a Digital Link."""

    gs1: Gs1


class TradeNumber(msgspec.Struct, frozen=True, kw_only=True, tag="trade_number"):
    """A global GTIN, padded to 14 digits; its check digit fits."""

    gtin14: str
    fault: Fault | None = None


class RestrictedNumber(msgspec.Struct, frozen=True, kw_only=True, tag="restricted_number"):
    """A number for use inside a shop or region, padded to 14 digits: the site says what it means. Never a GTIN."""

    number: str
    fault: Fault | None = None


class SsccNumber(msgspec.Struct, frozen=True, kw_only=True, tag="sscc_number"):
    """The 18 digits of a licence plate."""

    sscc: str


class Plain(msgspec.Struct, frozen=True, kw_only=True, tag="plain"):
    """Text that proves nothing by itself: look it up exactly."""

    text: str
    fault: Fault | None = None


class Malformed(msgspec.Struct, frozen=True, kw_only=True, tag="malformed"):
    """It says it is GS1 and is not."""

    code: str
    sentence: str


Decoded = ElementString | TradeNumber | RestrictedNumber | SsccNumber | Plain | Malformed
