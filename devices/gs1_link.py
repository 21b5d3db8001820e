"""A GS1 Digital Link: the same identifiers as in an element string, written as a web address.

`https://id.gs1.org/01/09520123456788/10/ABC1?17=261231` in a QR code says GTIN, lot and expiry. The path holds one key
and its qualifiers in their order, the query the attributes. Any domain may carry one, so it is recognised by its key;
an address without a key is an ordinary web address and none of our business. Schemes and hosts may be in capitals, as
QR codes save room that way. A lot or serial that somebody put into the query, where GS1 does not want it, is read and
the link faulted. Source: GS1 Digital Link Standard: URI Syntax 1.4, sections 4 and 5; names for numbers (`/gtin/…/lot/…`)
from its edition 1.2, as labels made by that one live on.
"""

import re
from urllib.parse import unquote

import msgspec

from devices.gs1_compressed import is_compressed
from devices.gs1_elements import (
    MAX_IDENTIFIERS,
    Fault,
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

# Which qualifiers a key may have behind it in the path, in this order, one sequence or the other (URI Syntax 4.5, 4.6).
_QUALIFIERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": (),
    "01": (("22", "10", "21"), ("235",)),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8003": (),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8013": (),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
_NEVER_IN_THE_QUERY = frozenset(
    ["03", "21", "22", "235", "254", "7040", "7041", "8011", "8014", "8019", "8020", "8200"]
)
_GTIN_KEY = "01"
_NAMES = {
    "gtin": "01", "cpv": "22", "lot": "10", "ser": "21", "itip": "8006", "gmn": "8013", "cpid": "8010", "cpsn": "8011",
    "gln": "414", "glnx": "254", "party": "417", "partygln": "417", "payto": "415", "refno": "8020", "gsrnp": "8017",
    "gsrn": "8018", "srin": "8019", "sscc": "00", "ginc": "401", "gsin": "402", "gcn": "255", "gdti": "253",
    "grai": "8003", "giai": "8004",
}  # fmt: skip


class Link(msgspec.Struct, frozen=True, kw_only=True):
    identifiers: Identifiers
    fault: Fault | None = None


def read_link(text: str) -> Link | None:
    """The identifiers of a Digital Link; None when this is no web address, or one without a GS1 key.

    Raises Gs1Error when there is a key and something about it or beside it is wrong, or the link is compressed.
    """
    if text[:4].lower() != "http":
        return None
    address = _ADDRESS.fullmatch(text)
    if address is None:
        return None
    steps = (address["path"] or "").split("/")[1:]
    start = _key_at(steps)
    if start is None:
        if steps and is_compressed(steps[-1], on_gs1=address["host"].lower() == "id.gs1.org"):
            raise Gs1Error(
                "gs1_link_compressed",
                "This is a compressed Digital Link, which only its maker's resolver can open. Scan another code of the label.",
            )
        return None
    if _OUTSIDE_AN_ADDRESS.search(text):
        raise Gs1Error("gs1_link", "The web address holds a character that cannot stand in one. Scan it again.")
    path = _path(steps[start:])
    attributes = _query(address["query"] or "", {ai for ai, _ in path})
    return Link(identifiers=(*path, *attributes), fault=_misplaced(path, attributes))


def _key_at(steps: list[str]) -> int | None:
    """Where the key stands: the last step that names one, with a value behind it that starts like every GS1 key."""
    for at in range(len(steps) - 2, -1, -1):
        if _named(steps[at]) in _QUALIFIERS and steps[at + 1][:4].isdigit() and len(steps[at + 1]) >= 4:
            return at
    return None


def _named(step: str) -> str:
    return _NAMES.get(step.lower(), step)


def _path(steps: list[str]) -> list[tuple[str, str]]:
    if len(steps) % 2:
        raise Gs1Error("gs1_link", f"The link ends in the middle: “{readable('/'.join(steps))}”. Scan it again.")
    key, value = _named(steps[0]), unquote(steps[1])
    found = [(key, _value(key, _fourteen(value) if key == _GTIN_KEY else value))]
    for step, text in zip(steps[2::2], steps[3::2], strict=True):
        ai = _named(step)
        if not any(_in_order([*(name for name, _ in found[1:]), ai], sequence) for sequence in _QUALIFIERS[key]):
            raise Gs1Error("gs1_link", f"({readable(ai)}) cannot stand here in the path of ({key}).")
        found.append((ai, _value(ai, unquote(text))))
    return found


def _in_order(some: list[str], sequence: tuple[str, ...]) -> bool:
    rest = iter(sequence)
    return all(ai in rest for ai in some)


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


def _misplaced(path: list[tuple[str, str]], attributes: list[tuple[str, str]]) -> Fault | None:
    """A qualifier belongs into the path; some identifiers may not be in a link's query at all."""
    key, *qualifiers = (ai for ai, _ in path)
    for ai, _ in attributes:
        fits = any(ai in sequence and set(qualifiers) <= set(sequence) for sequence in _QUALIFIERS[key])
        if fits or ai in _NEVER_IN_THE_QUERY:
            where = f"its place is in the path behind ({key})" if fits else "GS1 does not allow it there"
            return Fault(code="gs1_link", sentence=f"({ai}) stands in the query of the link: {where}.")
    return None


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
