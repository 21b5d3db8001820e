"""Which labels somebody at the desk wants: a kind, from one code to another, how many of each; and what came of it.

A range is two codes alike but for the number at their end, `T-0001` to `T-0050`, or two codes of things the house knows.
"""

import re

import msgspec

from app.errors import Malformed, State
from printers.labels import AnyLabel

MOST = 300  # labels of one press
MOST_COPIES = 100
_TAIL = re.compile(r"(.*?)(\d{1,12})")


class Nothing(State):
    code, title = "nothing_to_print", "Nothing to print"
    says = "There is no {what} from {first} to {last}."
    todo = "Look at the codes and try again."


class TooMany(Malformed):
    code, title = "too_many_labels", "Too many at once"
    says = "That is more than {most} labels."
    todo = "Print a smaller part."


class BadRange(Malformed):
    code, title = "bad_range", "Not a range"
    says = "{first} to {last} is not a range: both must be alike but for the number at the end, the first not above the last."
    todo = "Write both codes in full, such as T-0001 and T-0050."


class NotAnOwnNumber(Malformed):
    code, title = "not_an_own_number", "Not a tote"
    says = "{scanned} is not the number of a tote of ours."
    todo = "Totes are T- and at least three digits."


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    kind: str = "location"
    first: str = ""
    last: str = ""  # empty: only the first
    zone: str = ""  # of locations
    item: str = ""  # of a lot or of serials
    copies: int = 1
    reason: str = ""  # why again, where one of them was printed before


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A label, and the code that proves it when it is scanned."""

    subject: str
    label: AnyLabel
    document: str = ""  # of a number that is only one of its kind within something, such as a serial


def numbers(first: str, last: str) -> list[str]:
    """`T-0008` to `T-0011`: every code between, the digits at the end counted on. Raises BadRange, TooMany."""
    one, other = _TAIL.fullmatch(first), _TAIL.fullmatch(last or first)
    if one is None or other is None or one[1] != other[1] or len(one[2]) != len(other[2]) or one[2] > other[2]:
        raise BadRange(first=first[:40] or "nothing", last=last[:40] or "nothing", scanned=last[:40])
    if int(other[2]) - int(one[2]) >= MOST:
        raise TooMany(most=MOST, scanned=last)
    return [f"{one[1]}{n:0{len(one[2])}d}" for n in range(int(one[2]), int(other[2]) + 1)]
