"""A GS1 Digital Link: the same identifiers as in an element string, written as a web address.

`https://id.gs1.org/01/09520123456788/10/ABC1?17=261231` in a QR code says GTIN, lot and expiry. The path holds one key
and its qualifiers in their order, the query the attributes. Any domain may carry one, so it is recognised by its key;
an address without a key is an ordinary web address and none of our business. Schemes and hosts may be in capitals, as
QR codes save room that way. Source: GS1 Digital Link Standard: URI Syntax 1.4, sections 4 and 5.
"""

import re
from urllib.parse import unquote

from devices.gs1_elements import (
    MAX_IDENTIFIERS,
    Gs1Error,
    Identifiers,
    Rule,
    check_content,
    check_shape,
    readable,
    rule_of,
)
from devices.trade_numbers import is_gtin, is_restricted

_ADDRESS = re.compile(r"https?://(?P<host>[^/?#]+)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?", re.IGNORECASE)
_OUTSIDE_AN_ADDRESS = re.compile(r"[^!#-;=?-\[\]_a-z~]")

# Which qualifiers a key may have behind it in the path, in this order (URI Syntax 4.5 and 4.6).
_QUALIFIERS: dict[str, tuple[str, ...]] = {
    "00": (),
    "01": ("22", "10", "21", "235"),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": ("254", "7040"),
    "415": ("8020",),
    "417": ("7040",),
    "8003": (),
    "8004": ("7040",),
    "8006": ("22", "10", "21"),
    "8010": ("8011",),
    "8013": (),
    "8017": ("8019",),
    "8018": ("8019",),
}
_GTIN_KEY = "01"


def read_link(text: str) -> Identifiers | None:
    """The identifiers of a Digital Link; None when this is no web address, or one without a GS1 key.

    Raises Gs1Error when there is a key and something about it or beside it is wrong.
    """
    if text[:4].lower() != "http":
        return None
    address = _ADDRESS.fullmatch(text)
    if address is None:
        return None
    steps = (address["path"] or "").split("/")[1:]
    start = _key_at(steps)
    if start is None:
        return None
    if _OUTSIDE_AN_ADDRESS.search(text):
        raise Gs1Error("gs1_link", "The web address holds a character that cannot stand in one. Scan it again.")
    found = _path(steps[start:])
    found += _query(address["query"] or "", {ai for ai, _ in found})
    return tuple(found)


def _key_at(steps: list[str]) -> int | None:
    """Where the key stands: the last step that names one, with a value behind it that starts like every GS1 key."""
    for at in range(len(steps) - 2, -1, -1):
        if steps[at] in _QUALIFIERS and steps[at + 1][:4].isdigit() and len(steps[at + 1]) >= 4:
            return at
    return None


def _path(steps: list[str]) -> list[tuple[str, str]]:
    if len(steps) % 2:
        raise Gs1Error("gs1_link", f"The link ends in the middle: “{readable('/'.join(steps))}”. Scan it again.")
    key, value = steps[0], unquote(steps[1])
    found = [(key, _value(key, _fourteen(value) if key == _GTIN_KEY else value))]
    allowed = list(_QUALIFIERS[key])
    for ai, text in zip(steps[2::2], steps[3::2], strict=True):
        if ai not in allowed:
            raise Gs1Error("gs1_link", f"({readable(ai)}) cannot stand here in the path of ({key}).")
        allowed = allowed[allowed.index(ai) + 1 :]
        found.append((ai, _value(ai, unquote(text))))
    return found


def _fourteen(value: str) -> str:
    """Early links carry GTINs without leading zeros; a restricted number may not be in a link at all."""
    padded = value.zfill(14) if is_gtin(value) else value
    if len(value) < 14 and is_restricted(padded):
        raise Gs1Error("gs1_link", f"{value} is a number for use inside a shop and cannot be in a link.")
    return padded


def _query(query: str, seen: set[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in re.split("[&;]", query):
        name, equals, text = part.partition("=")
        if not equals or not (name.isascii() and name.isdigit()):
            continue  # Not ours: a link may carry any parameter that is not all digits.
        if name in seen or len(found) == MAX_IDENTIFIERS:
            raise Gs1Error("gs1_conflict", f"Identifier ({readable(name)}) stands in the link twice.")
        seen.add(name)
        found.append((name, _value(name, unquote(text))))
    return found


def _value(ai: str, value: str) -> str:
    rule = _rule(ai)
    check_shape(rule, value)
    check_content(rule, value)
    return value


def _rule(ai: str) -> Rule:
    rule = rule_of(ai)
    if rule is None:
        raise Gs1Error("gs1_unknown_ai", f"There is no GS1 identifier ({readable(ai)}).")
    return rule
