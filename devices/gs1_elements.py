"""A GS1 message cut into its identifiers, strictly.

One label can carry many facts: `01` the GTIN, `10` the lot, `17` the expiry. Each begins with an Application Identifier
of two to four digits; some have a length everybody knows, all others run to the group separator. A scan that breaks one
of these rules is refused with the reason, because a lot read one character wrong is worse than a label scanned twice.

Which identifiers exist and what their values look like comes from biip's table, loaded once per identifier on its first
use; the walk along the message is ours, because ours is strict and, on the floor's busiest path, a good deal quicker.
Source: GS1 General Specifications, 3.2 (formats), 7.8 (processing, predefined lengths).
"""

import re
from collections.abc import Callable

import msgspec
from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from devices.gs1_checks import checks_of

Identifiers = tuple[tuple[str, str], ...]

MAX_IDENTIFIERS = 64
_GS = "\x1d"
# Where biip's patterns say more or less than the format does: half of a date, which our own check knows whole; a percent
# code counted as one character, though each of its own counts; a component number one character longer than its prefix.
_OF_OUR_OWN = (
    (r"(?:0\d|1[0-2])(?:[0-2]\d|3[01])", r"\d{4}"),
    (r"|%[0-9A-Fa-f][0-9A-Fa-f]%[0-9A-Fa-f][0-9A-Fa-f]", ""),
    ("{5,30}", "{1,30}"),
)


class Gs1Error(Exception):
    """The label claims to be GS1 and is not: a stable code and a sentence for the worker."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What GS1's rules hold against a label that the floor can read all the same."""

    code: str
    sentence: str


class Rule:
    """What one identifier's value must be: its shape, its predefined length if it has one, and its content."""

    __slots__ = ("ai", "checks", "fits", "length", "title")

    def __init__(
        self, ai: str, title: str, pattern: str, length: int, checks: tuple[Callable[[str], str | None], ...]
    ) -> None:
        self.ai = ai
        self.title = title
        self.fits = re.compile(pattern.removeprefix("^" + ai).removesuffix("$"), re.ASCII).fullmatch
        self.length = length
        self.checks = checks


def read_elements(message: str) -> Identifiers:
    """All identifiers of a message, in its order. Raises Gs1Error at the first thing that is not as it must be."""
    split = split_elements(message)
    for rule, value in split:
        check_content(rule, value)
    return tuple([(rule.ai, value) for rule, value in split])


def split_elements(message: str) -> list[tuple[Rule, str]]:
    """Cut by the rules of length and separator, and check the shape of each value; not yet what it says."""
    if not message:
        raise Gs1Error("gs1_empty", "The label is GS1 but empty. Scan it again.")
    found: list[tuple[Rule, str]] = []
    at, end = 0, len(message)
    while at < end:
        rule = _rule_at(message, at)
        start = at + len(rule.ai)
        stop = message.find(_GS, start)
        if stop < 0:
            stop = end
        if rule.length and start + rule.length < stop:
            stop = start + rule.length
        value = message[start:stop]
        check_shape(rule, value)
        if len(found) == MAX_IDENTIFIERS:
            raise Gs1Error(
                "gs1_too_long", f"The label has more than {MAX_IDENTIFIERS} identifiers. Scan another label."
            )
        found.append((rule, value))
        at = stop + 1 if stop < end and message[stop] == _GS else stop
    return found


def check_shape(rule: Rule, value: str) -> None:
    if not value or not rule.fits(value):
        shown = readable(value)
        raise Gs1Error("gs1_format", f"Identifier ({rule.ai}) cannot hold “{shown}”. Scan the label again.")


def check_content(rule: Rule, value: str) -> None:
    for check in rule.checks:
        if wrong := check(value):
            code = "gs1_check_digit" if wrong == "check digit" else "gs1_date" if wrong == "date" else "gs1_content"
            raise Gs1Error(
                code, f"The {wrong} of ({rule.ai}) {readable(value)} is wrong. Scan again or type the number."
            )


def rule_of(ai: str) -> Rule | None:
    """The rule of exactly this identifier, or None when GS1 knows none of the name."""
    if ai in _RULES:
        return _RULES[ai]
    if len(ai) != AI_LENGTHS.get(ai[:2]):  # Also bounds the table: nothing but real identifiers is ever kept.
        return None
    try:
        known = GS1ApplicationIdentifier.extract(ai)
    except ParseError:
        return None
    if known.ai != ai:
        return None
    pattern = known.pattern
    for theirs, ours in _OF_OUR_OWN:
        pattern = pattern.replace(theirs, ours)
    rule = _RULES[ai] = Rule(ai, known.data_title, pattern, PREDEFINED_LENGTHS.get(ai[:2], 0), checks_of(ai))
    return rule


def title_of(ai: str) -> str:
    """What GS1 calls it for short, "BATCH/LOT"; empty for the coupons, which have no title, and what is no identifier."""
    rule = rule_of(ai)
    return rule.title if rule else ""


def _rule_at(message: str, at: int) -> Rule:
    length = AI_LENGTHS.get(message[at : at + 2])
    rule = rule_of(message[at : at + length]) if length else None
    if rule is None:
        raise Gs1Error("gs1_unknown_ai", f"No GS1 identifier starts with “{readable(message[at : at + 4])}”.")
    return rule


def readable(value: str) -> str:
    """A value as it may be shown to a worker: bounded, and control characters made visible."""
    shown = "".join(char if char.isprintable() else f"<{ord(char):02X}>" for char in value[:40])
    return shown + "…" if len(value) > 40 else shown


def _each(prefixes: str, length: int) -> dict[str, int]:
    return dict.fromkeys(prefixes.split(), length)


# The first two digits say how long an identifier is, and for some how long its value.
AI_LENGTHS: dict[str, int] = {
    **_each("00 01 02 03 10 11 12 13 15 16 17 20 21 22 30 37", 2),
    **dict.fromkeys(map(str, range(90, 100)), 2),
    **_each("23 24 25 40 41 42 71", 3),
    **_each("31 32 33 34 35 36 39 43 70 72 80 81 82", 4),
}
PREDEFINED_LENGTHS: dict[str, int] = {
    "00": 18,
    **_each("01 02 03", 14),
    **_each("11 12 13 15 16 17", 6),
    "20": 2,
    **_each("31 32 33 34 35 36", 6),
    "41": 13,
}
_RULES: dict[str, Rule] = {}
