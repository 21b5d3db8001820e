"""The putaway strategies as the house keeps them: rows in an order, changed at the desk, refused where they contradict.

A house without rows of its own goes by the usual ones; its first change writes them all down. A row that can never have
its turn, because an earlier one takes everything it could name, or that asks for a place the house has not got, is a
mistake somebody would look for on the floor for weeks: it is refused here, with both rows named.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, delete, insert, or_, select

from app.db import Tx
from app.errors import BadAmount, State
from app.schema.places import location
from app.schema.work import putaway_strategy
from app.work.bins import KEEPS
from app.work.putaway import BIN_KINDS, DEFAULT_STRATEGIES, OF_GOODS, Rule, Strategy

MOST_ROWS = 30
RULES: dict[str, str] = {
    "fixed": "its own pick face",
    "same_item": "where the item lies already",
    "empty_in_zone": "an empty place in its zone",
    "empty": "an empty place",
    "any_room": "any place with room",
}
# What an earlier row of a rule leaves nothing of, if it speaks of the same goods and places.
_TAKES_ALL_OF = {
    "fixed": ("fixed",),
    "same_item": ("same_item",),
    "empty_in_zone": ("empty_in_zone",),
    "empty": ("empty", "empty_in_zone"),
    "any_room": tuple(RULES),
}


class Kept(Strategy, frozen=True, kw_only=True):
    """A row as it is kept, also when it is switched off."""

    active: int = 1


class Contradicts(State):
    code, title = "contradicting_strategy", "Rows contradict"
    says = "Row {later} ({this}) would never have its turn: row {earlier} ({other}) takes all of it before."
    todo = "Put it further up, or make one of them narrower."


class NoSuchPlace(State):
    code, title = "strategy_without_place", "No such place"
    says = "Row {later} ({this}) can never be met: the house has no place like that."
    todo = "Set up the places first, or change the row."


class BadRow(BadAmount):
    code, title = "bad_strategy", "Not a row"
    says = "{scanned}: {reason}"
    todo = "Look at the list and try again."


ALL = select(*(putaway_strategy.c[name] for name in Kept.__struct_fields__)).order_by(putaway_strategy.c.position)
FORGET = delete(putaway_strategy)
ADD = insert(putaway_strategy).values(**{name: bindparam(name) for name in Kept.__struct_fields__})
A_PLACE = (
    select(location.c.code)
    .where(
        or_(*(location.c.kind == kind for kind in BIN_KINDS)),
        or_(bindparam("of_kind") == "", location.c.kind == bindparam("of_kind")),
        or_(bindparam("of_zone") == "", location.c.zone == bindparam("of_zone")),
        KEEPS,
    )
    .limit(1)
)


def rows(tx: Tx) -> tuple[Kept, ...]:
    """In their order, switched off ones too; the usual ones where the house keeps none."""
    found = tx.all(ALL, Kept)
    return tuple(found) or tuple(Kept(position=one.position, rule=one.rule) for one in DEFAULT_STRATEGIES)


def in_words(row: Strategy) -> str:
    """`an empty place, reserve, zone HAZ, for hazard class 3`"""
    words = [RULES[row.rule]]
    words += [row.kind] if row.kind else []
    words += [f"zone {row.zone}"] if row.zone else []
    words += [f"for hazard class {row.hazard_class}"] if row.hazard_class else []
    words += [f"for {row.temperature} goods"] if row.temperature else []
    words += [f"for velocity {row.velocity}"] if row.velocity else []
    return ", ".join(words)


def add(tx: Tx, row: Kept, *, before: int = 0) -> str:
    """Put a row before a position, or last. Raises BadRow, Contradicts, NoSuchPlace."""
    known = list(rows(tx))
    at = next((n for n, one in enumerate(known) if one.position == before), len(known))
    _keep(tx, [*known[:at], row, *known[at:]])
    return f"Row {at + 1} is {in_words(row)}."


def shift(tx: Tx, position: int, by: int) -> str:
    """One up (−1) or down (+1)."""
    known = list(rows(tx))
    at = _find(known, position)
    to = min(max(at + by, 0), len(known) - 1)
    row = known.pop(at)
    known.insert(to, row)
    _keep(tx, known)
    return f"Row {to + 1} is {in_words(row)}."


def switch(tx: Tx, position: int) -> str:
    """Off, or on again."""
    known = list(rows(tx))
    at = _find(known, position)
    known[at] = replace(known[at], active=1 - known[at].active)
    _keep(tx, known)
    return f"Row {at + 1} ({in_words(known[at])}) is {'on' if known[at].active else 'off'}."


def remove(tx: Tx, position: int) -> str:
    known = list(rows(tx))
    row = known.pop(_find(known, position))
    _keep(tx, known)
    return f"Gone: {in_words(row)}."


def contradiction(tx: Tx, row: Kept) -> str:
    """Why a row that comes from outside for a position cannot stand there among those kept; empty: it can."""
    others = [one for one in tx.all(ALL, Kept) if one.position != row.position]
    try:
        refuse_contradiction(tx, sorted([*others, row], key=lambda one: one.position))
    except Contradicts as refusal:
        return refusal.sentence
    except (NoSuchPlace, BadRow):
        return ""  # its places, or the rows that are on, may come after it
    return ""


def refuse_contradiction(tx: Tx, ordered: Sequence[Kept]) -> None:
    """Raises Contradicts where a row never has its turn, NoSuchPlace where it can name none, BadRow without any row."""
    if not any(row.active for row in ordered):
        raise BadRow(scanned="No row left", reason="without one nothing is put away.")
    for number, row in enumerate(ordered, 1):
        if not row.active:
            continue
        for before, earlier in enumerate(ordered[: number - 1], 1):
            if earlier.active and covers(earlier, row):
                raise Contradicts(later=number, this=in_words(row), earlier=before, other=in_words(earlier))
        facts = {"of_kind": row.kind, "of_zone": row.zone, "hazard": row.hazard_class, "kept": row.temperature}
        if any(facts.values()) and tx.value(A_PLACE, **facts) is None:
            raise NoSuchPlace(later=number, this=in_words(row))


def covers(earlier: Strategy, later: Strategy) -> bool:
    """Does the earlier row name every place the later one could, for all of its goods?"""
    if later.rule not in _TAKES_ALL_OF[earlier.rule]:
        return False
    names = ("zone", "kind", *OF_GOODS)
    if earlier.rule == "empty_in_zone" and earlier.zone != later.zone:
        return False  # the item's own zone is not the zone named
    return all(getattr(earlier, name) in ("", getattr(later, name)) for name in names)


def row_of(rule: str, zone: str, kind: str, hazard_class: str, temperature: str, velocity: str) -> Kept:
    """Raises BadRow."""
    if rule not in RULES:
        raise BadRow(scanned=rule or "Nothing", reason="that is no rule.")
    if kind and kind not in BIN_KINDS:
        raise BadRow(scanned=kind, reason="goods are put away into bins and reserves.")
    known: Rule = rule  # type: ignore[assignment]
    return Kept(
        position=0, rule=known, zone=zone.strip(), kind=kind, hazard_class=hazard_class.strip(),
        temperature=temperature, velocity=velocity.strip(),
    )  # fmt: skip


def _find(known: Sequence[Kept], position: int) -> int:
    for at, row in enumerate(known):
        if row.position == position:
            return at
    raise BadRow(scanned=f"Row {position}", reason="somebody changed the list meanwhile.")


def _keep(tx: Tx, ordered: Sequence[Kept]) -> None:
    if len(ordered) > MOST_ROWS:
        raise BadRow(scanned=f"{len(ordered)} rows", reason=f"{MOST_ROWS} at most.")
    refuse_contradiction(tx, ordered)
    tx.run(FORGET)
    for position, row in enumerate(ordered, 1):
        tx.run(ADD, **msgspec.structs.asdict(replace(row, position=position)))
    tx.tell("strategies")
