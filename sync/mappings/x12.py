"""X12 004010: 944 for a receipt that is closed, 945 for an order that left, 947 for stock that was corrected or changed.

Each table row says which of our messages becomes which transaction set, and one small function lists its segments. An
element is held to X12's length: what does not fit is refused by name, for a shortened number would be somebody else's.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sync.mappings.names import Names

Message = Mapping[str, Any]
Segment = tuple[str, ...]

RELEASE, CONTROL = "004010", "00401"
ELEMENT, COMPONENT, END = "*", ">", "~\n"
EACH = "EA"
MOST_SETS = 9_999  # in one interchange: their control numbers have four digits here

# Quantity or Status Adjustment Reason Code (element 181).
COUNT, UP, DOWN, HOLD, OFF_HOLD, DESTROYED = "AA", "56", "06", "05", "55", "07"
CONDITIONS = {"damaged": "AU", "expired": "AX", "recalled": "AW"}
SHORT, OVER = "02", "03"  # Receiving Condition Code (element 412)


class DoesNotFit(ValueError):
    """X12 has no room for it; the text is a sentence."""


def receipt(message: Message, names: Names) -> list[Segment]:
    """944: what of a purchase order came, line by line, with what is short or over."""
    event = message["data"]["event"]
    told: list[Segment] = [
        ("W17", "F", _day(message), _number(message, 12), _text(event["po"], 22)),
        _house(message),
    ]
    for line in event["lines"]:
        came, off = line["received"], line["received"] - line["ordered"]
        told.append(("W07", _quantity(came, 7), EACH, "", *_product(line["item"], names)))
        told.append(("N9", "LI", _text(line["line"], 30)))
        if off:
            told.append(("W13", _quantity(abs(off), 7), EACH, OVER if off > 0 else SHORT))
    return [*told, ("W14", _quantity(sum(line["received"] for line in event["lines"]), 7))]


def shipment(message: Message, names: Names) -> list[Segment]:
    """945: what of an order left, carton by carton, with lots and serials."""
    event = message["data"]["event"]
    state = "CC" if event.get("complete", True) else "CP"
    told: list[Segment] = [
        ("W06", "F", _text(event["order"], 22), _day(message), _text(event["load"], 30)),
        _house(message),
    ]
    if event.get("carrier"):
        told.append(("W27", "M", "", _text(event["carrier"], 35)))
    tracking = event.get("tracking") or [""] * len(event["cartons"])
    for number, (carton, track) in enumerate(zip(event["cartons"], tracking, strict=True), start=1):
        told.append(("LX", str(number)))
        told.append(("MAN", "GM" if names.lpn(carton).startswith("https") else "ZZ", _text(carton, 48)))
        if track:
            told.append(("MAN", "CP", _text(track, 48)))
        for (line, item, lot), moves in _by_line(event["contents"], carton).items():
            sent = sum(move["quantity"] for move in moves)
            told.append(("W12", state, "", _quantity(sent, 10), "", EACH, "", *_product(item, names)))
            told.append(("N9", "LI", _text(line.rpartition("/")[2], 30)))
            told += [("N9", "LT", _text(lot, 30))] if lot else []
            told += [("N9", "SE", _text(move["serial"], 30)) for move in moves if move.get("serial")]
    return [*told, ("W03", _quantity(sum(move["quantity"] for move in event["contents"]), 10))]


def adjustment(message: Message, names: Names) -> list[Segment]:
    """947: goods counted up or down, thrown away, stopped or set free."""
    event = message["data"]["event"]
    told: list[Segment] = [("W15", _day(message), _text(message["id"], 22)), _house(message)]
    if event.get("reason"):
        told.append(("N9", "ZZ", _text(event["reason"], 30)))
    for move in message["data"]["movements"]:
        into, out_of = move["target"]["ours"], move["source"]["ours"]
        sign = 1 if into else -1
        if into and out_of:
            sign = 1 if move["target"]["status"] == "available" else -1  # for sale again, or no longer
        told.append(
            (
                "W19",
                _why(message, move),
                _quantity(sign * move["quantity"], 10),
                EACH,
                "",
                *_product(move["item"], names),
            )
        )
        told += [("N9", "LT", _text(move["lot"], 30))] if move.get("lot") else []
        told += [("N9", "SE", _text(move["serial"], 30))] if move.get("serial") else []
    return told


# Our type → the set, its functional group, and how it is said.
SETS: dict[str, tuple[str, str, Callable[[Message, Names], list[Segment]]]] = {
    "receipt.closed": ("944", "RE", receipt),
    "shipment.confirmed": ("945", "SW", shipment),
    "adjustment.posted": ("947", "AW", adjustment),
    "writeoff.posted": ("947", "AW", adjustment),
    "status.changed": ("947", "AW", adjustment),
    "inspection.decided": ("947", "AW", adjustment),
}


def interchange(
    messages: Iterable[Message], names: Names, *, sender: str, receiver: str, number: int, at: str
) -> tuple[str, list[str]]:
    """One interchange of all that X12 says of these messages, and a sentence for each that did not fit.

    `at` is the moment of making it (ISO, UTC). The text is empty where there is nothing to say.
    """
    groups: dict[str, list[tuple[str, list[Segment]]]] = {}
    trouble = []
    for message in messages:
        if message["type"] not in SETS:
            continue
        kind, group, say = SETS[message["type"]]
        try:
            segments = say(message, names)
        except DoesNotFit as problem:
            trouble.append(f"{message['id']}: {problem}")
            continue
        if any(segment[0] in ("W07", "W12", "W19") for segment in segments):
            groups.setdefault(group, []).append((kind, segments))
    if not groups:
        return "", trouble
    day, hour = at[:10].replace("-", ""), at[11:16].replace(":", "")
    whose = [party[:15].ljust(15) for party in (sender, receiver)]
    lines: list[Segment] = [
        ("ISA", "00", " " * 10, "00", " " * 10, "ZZ", whose[0], "ZZ", whose[1], day[2:], hour, "U", CONTROL,
         f"{number % 10**9:09}", "0", "P", COMPONENT)
    ]  # fmt: skip
    for place, (group, sets) in enumerate(groups.items(), start=1):
        lines.append(("GS", group, _text(sender, 15), _text(receiver, 15), day, hour, str(place), "X", RELEASE))
        for n, (kind, segments) in enumerate(sets, start=1):
            lines += [("ST", kind, f"{n:04}"), *segments, ("SE", str(len(segments) + 2), f"{n:04}")]
        lines.append(("GE", str(len(sets)), str(place)))
    lines.append(("IEA", str(len(groups)), f"{number % 10**9:09}"))
    return "".join(ELEMENT.join(segment).rstrip(ELEMENT) + END for segment in lines), trouble


def _house(message: Message) -> Segment:
    return ("N1", "WH", _text(message["source"], 60), "9", _text(message["source"], 80))


def _product(item: str, names: Names) -> Segment:
    gtin = names.gtin(item)
    return ("SK", _text(item, 48), *(("UK", gtin) if gtin else ()))


def _by_line(contents: Sequence[Mapping[str, Any]], carton: str) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for move in contents:
        if move["source"].get("lpn", "") == carton:
            lot = move["source"].get("lot", "")
            found.setdefault((move.get("line", ""), move["item"], lot), []).append(move)
    return found


def _why(message: Message, move: Mapping[str, Any]) -> str:
    event, after = message["data"]["event"], move["target"]["status"]
    if message["type"] == "writeoff.posted":
        return CONDITIONS.get(event["reason"], DESTROYED)
    if message["type"] == "adjustment.posted":
        return COUNT if event.get("count") else UP if event["change"] > 0 else DOWN
    return OFF_HOLD if after == "available" else CONDITIONS.get(after, HOLD)


def _day(message: Message) -> str:
    return str(message["time"])[:10].replace("-", "")


def _number(message: Message, most: int) -> str:
    return _text(str(int(message["sequence"])), most)


def _quantity(amount: int, most: int) -> str:
    if len(str(abs(amount))) > most:
        raise DoesNotFit(f"a quantity of {amount:,} has more than the {most} digits X12 has for it.")
    return str(amount)


def _text(words: str, most: int) -> str:
    """In X12's letters, without its separators. Raises DoesNotFit."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    clean = "".join(" " if letter in "*~>" or letter < " " else letter for letter in plain).strip()
    if not clean and words:
        raise DoesNotFit(f"{words!r} cannot be written in X12's letters.")
    if len(clean) > most:
        raise DoesNotFit(f"{words!r} is longer than the {most} characters X12 has for it.")
    return clean
