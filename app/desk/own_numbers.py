"""What the house's own weight and price labels mean: the patterns as rows, tried on a number before they are saved.

Everybody at the desk may read and try them; an admin changes them, with a note in the security log. A pattern is switched
off, never removed: labels of it hang on goods for months. What contradicts is refused where it is saved
(`app/work/restricted_numbers.py`).
"""

import msgspec
from sqlalchemy import select

from app.db import Tx
from app.desk.words import many
from app.errors import Malformed, Refusal
from app.floor import barcodes, meanings
from app.floor.readings import ItemReading
from app.schema.people import security_event
from app.work import people, restricted_numbers
from app.work.restricted_numbers import RestrictedSetup, Row
from devices import symbology
from devices.restricted_numbers import BadPattern, Pattern, parse
from devices.trade_numbers import is_gtin, is_restricted

MOST_NOTES = 10
NOTE = "own_number_changed"
NOTES = (
    select(security_event.c.at, security_event.c.worker, security_event.c.detail)
    .where(security_event.c.kind == NOTE)
    .order_by(security_event.c.at.desc())
    .limit(MOST_NOTES)
)


class PatternRefused(Malformed):
    code, title = "own_number_refused", "Not like this"
    says = "{reason}"
    todo = "Correct it and save again."


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A number to try, by the rows as they are or by a pattern nobody saved yet."""

    number: str = ""
    pattern: str = ""
    decimals: str = ""  # empty: grams, or cents


class Note(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    worker: str
    detail: str


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What the floor says of the number now, and what it would say by the pattern in question."""

    now: str
    then: str = ""


class OwnNumbers(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]
    tried: Tried | None


def listing(tx: Tx, asked: Asked) -> OwnNumbers:
    rows = restricted_numbers.everything(tx)
    on = sum(row.active for row in rows)
    return OwnNumbers(
        headline=f"{many(on, 'pattern')} for labels of our own {'is' if on == 1 else 'are'} in use."
        if rows
        else "No label of our own has a pattern yet.",
        rows=tuple(rows),
        notes=tuple(tx.all(NOTES, Note)),
        tried=_tried(tx, asked) if asked.number.strip() else None,
    )


def save(tx: Tx, pattern: str, decimals: str, *, active: bool, by: str, device: str) -> str:
    """Raises PatternRefused."""
    told = restricted_numbers.set_up(tx, RestrictedSetup(pattern=pattern, decimals=_decimals(decimals), active=active))
    if told.state == "dead":
        raise PatternRefused(reason=told.sentence)
    if told.state == "applied":
        state = "in use" if active else "switched off"
        people.note(tx, NOTE, by, device, f"pattern {pattern.strip().upper()}: {decimals or 'usual'} decimals, {state}")
        tx.tell("items")
    return told.sentence if active else f"Pattern {pattern.strip().upper()} is switched off."


def _tried(tx: Tx, asked: Asked) -> Tried:
    text = symbology.without_aim(asked.number.strip())
    number = text.zfill(14)
    if not is_gtin(text):
        return Tried(now=f"{text} is no number of 8, 12, 13 or 14 digits with a check digit that fits.")
    if not is_restricted(number):
        return Tried(now=f"{text} is a GTIN, not a number for use inside one house: no pattern is asked.")
    return Tried(now=_now(tx, text), then=_then(tx, asked, number) if asked.pattern.strip() else "")


def _now(tx: Tx, text: str) -> str:
    try:
        read = barcodes.read(tx, text, "", ("item",))
    except Refusal as refusal:
        return refusal.sentence
    assert isinstance(read, ItemReading)
    return _told(read.item, read.weight_g, read.price)


def _then(tx: Tx, asked: Asked, number: str) -> str:
    try:
        pattern: Pattern = parse(asked.pattern, _decimals(asked.decimals))
    except BadPattern as problem:
        return str(problem)
    if not pattern.fits(number):
        return f"{pattern.text} is not about this number."
    said = pattern.read(number)
    if not said.sound:
        return "The check digit of its weight or price is wrong: the floor refuses it."
    found = meanings.by_exact_number(tx, said.item_from_start) or meanings.by_exact_number(tx, said.item)
    if not found:
        return f"Item number {said.item}, which nobody knows: make it a barcode of the item."
    return " or ".join(_told(read.item, said.weight_g, said.price) for read in found)


def _told(item: str, weight_g: int, price: int) -> str:
    weight = f", {weight_g:,} g" if weight_g else ""
    return f"Item {item}{weight}{f', price {price / 100:,.2f}' if price else ''}."


def _decimals(text: str) -> int | None:
    """Raises PatternRefused."""
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) == 1):
        raise PatternRefused(reason=f"Decimals are 0 to 3, or left empty, not {text.strip()[:10]}.")
    return int(text)
