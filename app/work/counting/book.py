"""What the books had at a position of the journal: the heart of counting while the floor goes on.

A tally belongs to the journal's end at the moment it was said. Truth and books go on in step from there, because every
pick and putaway moves both; only corrections (an adjustment, an opening stock, goods a packer never had) move the books
alone. So with `moved` = what physically came and went after the position:

    truth now = counted + moved          change = truth now − book now          book then = book now − moved

and a difference stays the same whatever moves, and is gone once somebody corrected it. Goods on an LPN are looked at as
that LPN's, wherever it was carried since; loose goods as the place's.
"""

from collections.abc import Iterator

import msgspec
from sqlalchemy import bindparam, or_, select

from app.db import Tx
from app.schema.stock import balance, journal, movement
from app.stock import journal as history
from app.stock.events import Undone, decode
from app.stock.slots import Status

CORRECTIONS = frozenset({"adjusted", "opening_stock", "pack_short"})


class Key(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What a counter can tell apart by looking: an item, its LPN, its lot. A status cannot be seen."""

    item: str
    lpn: str = ""
    lot: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What the books have of a key in one status, and where."""

    item: str
    location: str
    lpn: str
    lot: str
    status: Status
    quantity: int
    allocated: int

    @property
    def key(self) -> Key:
        return Key(item=self.item, lpn=self.lpn, lot=self.lot)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One physical coming (+) or going (−)."""

    key: Key
    seq: int
    quantity: int
    serial: str


_PART = select(*(balance.c[name] for name in Part.__struct_fields__))
_ORDER = (balance.c.item, balance.c.lpn, balance.c.lot, balance.c.status)
AT_PLACE = _PART.where(balance.c.location == bindparam("place")).order_by(*_ORDER)
LOOSE = _PART.where(
    balance.c.item == bindparam("item"),
    balance.c.location == bindparam("place"),
    balance.c.lpn == "",
    balance.c.lot == bindparam("lot"),
).order_by(*_ORDER)
ON_LPN = _PART.where(
    balance.c.lpn == bindparam("lpn"), balance.c.item == bindparam("item"), balance.c.lot == bindparam("lot")
).order_by(*_ORDER)
_MOVED = (
    select(
        movement.c.seq, movement.c.lot, movement.c.serial, movement.c.quantity, movement.c.source,
        movement.c.source_lpn, movement.c.target, movement.c.target_lpn, journal.c.kind,
    )
    .join(journal, journal.c.seq == movement.c.seq)
    .where(movement.c.item == bindparam("item"), movement.c.seq > bindparam("since"))
    .order_by(movement.c.seq, movement.c.n)
)  # fmt: skip
MOVED_AT = _MOVED.where(or_(movement.c.source == bindparam("place"), movement.c.target == bindparam("place")))
MOVED_ON = _MOVED.where(or_(movement.c.source_lpn == bindparam("lpn"), movement.c.target_lpn == bindparam("lpn")))
BODY = select(journal.c.body).where(journal.c.seq == bindparam("seq"))


def position(tx: Tx) -> int:
    """The journal's end, inside the writer also before its group is written."""
    return tx.head[0] if tx.head is not None else history.last_seq(tx)


def at_place(tx: Tx, place: str) -> list[Part]:
    """All that is, or ever was, booked at a place: empty rows too."""
    return tx.all(AT_PLACE, Part, place=place)


def parts(tx: Tx, place: str, key: Key) -> list[Part]:
    """A key in the books now, each status by itself, empty rows too."""
    if key.lpn:
        return tx.all(ON_LPN, Part, item=key.item, lpn=key.lpn, lot=key.lot)
    return tx.all(LOOSE, Part, item=key.item, place=place, lot=key.lot)


def now(tx: Tx, place: str, key: Key) -> int:
    return sum(part.quantity for part in parts(tx, place, key))


def steps(tx: Tx, place: str, key: Key, since: int) -> list[Step]:
    """What physically came and went of a key after `since`, in order."""
    if key.lpn:
        rows = tx.rows(MOVED_ON, item=key.item, since=since, lpn=key.lpn)
    else:
        rows = tx.rows(MOVED_AT, item=key.item, since=since, place=place)
    return list(_steps(tx, rows, place, key))


def moved(tx: Tx, place: str, key: Key, since: int) -> int:
    return sum(step.quantity for step in steps(tx, place, key, since))


def then(tx: Tx, place: str, key: Key, since: int) -> int:
    """What the books had at the position, with what was corrected later counted in."""
    return now(tx, place, key) - moved(tx, place, key, since)


def lpn_came(tx: Tx, place: str, key: Key, since: int) -> bool:
    """Was the key's LPN brought to this place after `since`?"""
    rows = tx.rows(MOVED_AT, item=key.item, since=since, place=place)
    return any(row[6] == place and row[7] == key.lpn and row[4] != place for row in rows)


def _steps(
    tx: Tx, rows: list[tuple[int, str, str, int, str, str, str, str, str]], place: str, key: Key
) -> Iterator[Step]:
    for seq, lot, serial, quantity, source, source_lpn, target, target_lpn, kind in rows:
        if lot != key.lot:
            continue
        if key.lpn:
            came, went = target_lpn == key.lpn, source_lpn == key.lpn
        else:
            came, went = (target, target_lpn) == (place, ""), (source, source_lpn) == (place, "")
        if came == went or _is_correction(tx, seq, kind):
            continue
        yield Step(key=key, seq=seq, quantity=quantity if came else -quantity, serial=serial)


def _is_correction(tx: Tx, seq: int, kind: str) -> bool:
    if kind == "undone":
        event = decode(bytes(tx.value(BODY, seq=seq)))
        return isinstance(event, Undone) and event.kind in CORRECTIONS
    return kind in CORRECTIONS
