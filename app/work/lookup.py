"""Where a thing is, and what happened to it: what somebody with a label in the hand wants to know.

Each answer is read from balances and journal at that moment and is bounded: the fullest places, the last events. Words
come from the events themselves; the virtual ends of the world are called by what they are.
"""

from typing import Any

from sqlalchemy import bindparam, func, or_, select

from app.db import Tx
from app.schema.items import item
from app.schema.items import lot as lots
from app.schema.places import location
from app.schema.stock import balance, movement, serial
from app.stock import balances
from app.stock.balances import Balance
from app.stock.slots import CUSTOMER
from app.work.happened import LAST_EVENTS, Concerns, Found, Line, named, seqs, told, words
from app.work.shelf_life import in_words

MOST_PLACES = 12

ITEM = select(item.c.name, item.c.unit, item.c.zone, item.c.category).where(item.c.code == bindparam("code"))
LOTS = (
    select(lots.c.item, lots.c.lot, lots.c.expiry, lots.c.held)
    .where(lots.c.lot == bindparam("number"))
    .order_by(lots.c.item)
)
SERIALS = select(serial).where(serial.c.serial == bindparam("number")).order_by(serial.c.item)
PLACE = select(location.c.kind, location.c.zone, location.c.blocked, location.c.fixed_item).where(
    location.c.code == bindparam("code")
)


def _last(*conditions: Any) -> Any:
    return select(movement.c.seq).where(*conditions).distinct().order_by(movement.c.seq.desc()).limit(LAST_EVENTS)


_ITEM = movement.c.item == bindparam("item")
OF_ITEM = _last(_ITEM)
OF_LOT = _last(_ITEM, movement.c.lot == bindparam("number"))
OF_SERIAL = _last(movement.c.serial == bindparam("number"), _ITEM)
FROM_LPN, TO_LPN = _last(movement.c.source_lpn == bindparam("code")), _last(movement.c.target_lpn == bindparam("code"))
OF_ITEM_AT = _last(_ITEM, or_(movement.c.source == bindparam("code"), movement.c.target == bindparam("code")))
SHIPPED = select(func.sum(movement.c.quantity)).where(
    _ITEM, movement.c.lot == bindparam("number"), movement.c.target == CUSTOMER
)
EVER_AT = select(balance.c.item).where(balance.c.location == bindparam("code")).distinct().limit(MOST_PLACES)


def of_item(tx: Tx, code: str) -> Found | None:
    row = tx.row(ITEM, code=code)
    if row is None:
        return None
    held = balances.of_item(tx, code)
    free = sum(each.free for each in held if each.status == "available")
    facts = [("Free", str(free))] + ([("Zone", row[2])] if row[2] else [])
    return _found(
        tx,
        code,
        row[0],
        held,
        tuple(facts),
        seqs(tx, (OF_ITEM, {"item": code})),
        concerns=lambda move: move.item == code,
        unit=row[1],
    )


def of_lot(tx: Tx, number: str, of: str = "") -> Found | None:
    """A lot of an item; without the item, of every item that has a lot of this number."""
    met = [row for row in tx.rows(LOTS, number=number) if of in ("", row[0])]
    if not met:
        return None
    facts: list[tuple[str, str]] = []
    for code, _, expiry, held in met:
        facts.append(("Item", code))
        facts += [("Expiry", in_words(expiry))] if expiry else []
        facts += [("On hold", held)] if held else []
        if shipped := int(tx.value(SHIPPED, item=code, number=number) or 0):
            facts.append(("Shipped", str(shipped)))
    here = [row for entry in met for row in balances.of_item(tx, entry[0]) if row.lot == number]
    numbers = seqs(tx, *((OF_LOT, {"item": entry[0], "number": number}) for entry in met))
    return _found(tx, number, "Lot", here, tuple(facts), numbers, concerns=lambda move: move.lot == number)


def of_serial(tx: Tx, number: str, of: str = "") -> Found | None:
    met = [row for row in tx.rows(SERIALS, number=number) if of in ("", row[0])]
    if not met:
        return None
    facts = [("Item", row[0]) for row in met] + [("Lot", row[2]) for row in met if row[2]]
    where = tuple(
        Line(name=named(row[3]), left="1", detail=words(f"LPN {row[4]}" * bool(row[4])), right=row[5]) for row in met
    )
    numbers = seqs(tx, *((OF_SERIAL, {"item": row[0], "number": number}) for row in met))
    happened = told(tx, numbers, lambda move: move.serial == number and move.item in {row[0] for row in met})
    return Found(code=number, name="Serial", facts=tuple(facts), where=where, happened=happened)


def of_lpn(tx: Tx, code: str) -> Found | None:
    known = balances.carrier(tx, code)
    if known is None:
        return None
    facts = [("Stands at", named(known.location) or "nowhere yet"), ("State", known.state)]
    facts += [("Inside", known.parent)] if known.parent else []
    facts += [("For", known.document)] if known.document else []
    nested = balances.nested(tx, code)
    facts += [("Holds", ", ".join(child.code for child in nested[:MOST_PLACES]))] if nested else []
    numbers = seqs(tx, (FROM_LPN, {"code": code}), (TO_LPN, {"code": code}))
    inside = balances.in_lpn(tx, code)
    return _found(
        tx, code, known.kind, inside, tuple(facts), numbers,
        concerns=lambda move: code in (move.source.lpn, move.target.lpn),
    )  # fmt: skip


def of_location(tx: Tx, code: str) -> Found | None:
    row = tx.row(PLACE, code=code)
    if row is None:
        return None
    labels = ("Zone", "Blocked", "Belongs to")
    facts = tuple((label, value) for label, value in zip(labels, row[1:], strict=True) if value)
    ever = [entry[0] for entry in tx.rows(EVER_AT, code=code)]
    numbers = seqs(tx, *((OF_ITEM_AT, {"item": one, "code": code}) for one in ever))
    here = balances.at_location(tx, code)
    return _found(
        tx, code, row[0], here, facts, numbers,
        concerns=lambda move: code in (move.source.location, move.target.location),
    )  # fmt: skip


# ── in words ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _found(
    tx: Tx,
    code: str,
    name: str,
    held: list[Balance],
    facts: tuple[tuple[str, str], ...],
    numbers: list[int],
    *,
    concerns: Concerns,
    unit: str = "",
) -> Found:
    fullest = sorted(held, key=lambda row: (-row.quantity, row.location, row.lpn))
    where = tuple(
        Line(
            name=row.location if code != row.location else row.item,
            left=str(row.quantity),
            detail=words(
                row.item if code not in (row.item, row.location) else "",
                f"LPN {row.lpn}" if row.lpn and row.lpn != code else "",
                f"lot {row.lot}" if row.lot and row.lot != code else "",
                f"{row.allocated} promised" if row.allocated else "",
            ),
            right=row.status if row.status != "available" else "",
        )
        for row in fullest[:MOST_PLACES]
    )
    return Found(
        code=code,
        name=name,
        total=sum(row.quantity for row in held),
        unit=unit,
        facts=facts,
        where=where,
        more=max(0, len(fullest) - MOST_PLACES),
        happened=told(tx, numbers, concerns),
    )
