"""Every code a counter reads, kept raw, with the journal's end at that moment.

Pieces are counted one after the other while others pick. As long as nothing of a key comes or goes between its first
and its last tally, the sum is what lay there at the last. When something did, nobody can say whether it was counted
already: the key begins anew, and the counter is told. So it does when something was taken between its last scan and
"nothing else", because a scan does not say that it was the last one; a typed number does: that was all, at that moment.
Serials need none of this: each is an observation of its own. Codes nobody knows are tallied and linked later.
"""

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from app import clock
from app.db import Tx
from app.errors import Ambiguous, BadAmount, State, Wrong
from app.schema.counting import tally
from app.schema.stock import lpn as lpns
from app.schema.stock import serial as serials
from app.work.counting import book, in_hand
from app.work.counting.book import Key
from app.work.counting.counts import Count
from app.work.picking import ITEM, Item

MOST_TALLIES = 2_000  # of one count; more are typed as a quantity
MOST_PIECES = 9_999_999


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    count: str
    n: int
    label: str
    item: str
    lpn: str
    lot: str
    serial: str
    expiry: str
    quantity: int
    since: int
    seq: int
    at: int
    typed: int
    void: str

    @property
    def key(self) -> Key:
        return Key(item=self.item, lpn=self.lpn, lot=self.lot)


class SerialCounted(Wrong):
    code, title = "serial_counted", "Counted already"
    says = "Serial {scanned} of {item} is counted already."
    todo = "Scan the next piece."


class NotThisItem(Wrong):
    code, title = "not_this_item", "Another item"
    says = "Only {expected} is counted here now, scanned {scanned}."
    todo = "Leave it; another count covers the rest."


class WhichLpn(Ambiguous):
    code, title = "which_lpn", "Which LPN?"
    says = "{scanned} stands here on several LPNs."
    todo = "Scan the LPN first, then what is on it."


class TooManyTallies(State):
    code, title = "too_many_tallies", "Too many scans"
    says = "One count keeps at most {limit} scans."
    todo = "Scan the item once and type how many."


class NothingTallied(State):
    code, title = "nothing_tallied", "Nothing to undo"
    says = "Nothing is counted here yet."


_OF = (tally.c.count == bindparam("of_count"), tally.c.void == "")
STANDING = select(tally).where(*_OF).order_by(tally.c.n)
ALL = select(tally).where(tally.c.count == bindparam("of_count")).order_by(tally.c.n)
LAST_N = select(func.coalesce(func.max(tally.c.n), 0)).where(tally.c.count == bindparam("of_count"))
ADD = insert(tally).values(
    **{name: bindparam(name) for name in Tally.__struct_fields__ if name != "void"},
)
VOID = update(tally).where(tally.c.count == bindparam("of_count"), tally.c.n == bindparam("which")).values(
    void=bindparam("why")
)  # fmt: skip
VOID_KEY = (
    update(tally)
    .where(*_OF, tally.c.item == bindparam("i"), tally.c.lpn == bindparam("p"), tally.c.lot == bindparam("t"))
    .values(void=bindparam("why"))
)
LINK = (
    update(tally)
    .where(*_OF, tally.c.item == "", tally.c.label == bindparam("code"))
    .values(item=bindparam("is_item"), lot=bindparam("is_lot"), quantity=tally.c.quantity * bindparam("times"))
)
SERIAL_AT = select(serials.c.location, serials.c.lpn, serials.c.lot).where(
    serials.c.item == bindparam("item"), serials.c.serial == bindparam("number")
)

ANY_SERIAL = select(serials.c.item).where(serials.c.serial == bindparam("number")).limit(1)
LPN = select(lpns.c.location, lpns.c.state).where(lpns.c.code == bindparam("code"))


def serial_known(tx: Tx, number: str) -> bool:
    return tx.value(ANY_SERIAL, number=number) is not None


def lot_of_serial(tx: Tx, item: str, number: str) -> str:
    row = tx.row(SERIAL_AT, item=item, number=number)
    return row[2] if row is not None else ""


def lpn_place(tx: Tx, code: str) -> str:
    """Where the books have an LPN; empty when it is new, void or its goods are gone."""
    row = tx.row(LPN, code=code)
    return "" if row is None or row[1] in ("gone", "void") else str(row[0])


def item_of(tx: Tx, code: str) -> Item:
    found = tx.one(ITEM, Item, code=code)
    return found or Item(code=code, name="", unit="each", lot_tracked=0, serial_tracked=0)


def standing(tx: Tx, count: str) -> list[Tally]:
    """What counts, in the order it was said."""
    return tx.all(STANDING, Tally, of_count=count)


def everything(tx: Tx, count: str) -> list[Tally]:
    """The raw scans, those taken back too."""
    return tx.all(ALL, Tally, of_count=count)


def by_key(rows: list[Tally]) -> dict[Key, list[Tally]]:
    found: dict[Key, list[Tally]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def key_for(tx: Tx, count: Count, item: str, lpn: str, lot: str, serial: str = "") -> Key:
    """Where a piece is tallied: the LPN scanned, else loose, else on the only LPN that has the item here.

    Raises NotThisItem, WhichLpn. A lot that is not said is the only one here; with several, `lot` stays empty and the
    screen asks.
    """
    if count.item and item != count.item:
        raise NotThisItem(expected=count.item, scanned=item)
    if serial and not lpn:
        row = tx.row(SERIAL_AT, item=item, number=serial)
        if row is not None and row[0] == count.place and lot in ("", row[2]):
            return Key(item=item, lpn=row[1], lot=row[2])
    here = [part for part in book.at_place(tx, count.place) if part.item == item and part.quantity > 0]
    if not lpn and here and not any(part.lpn == "" for part in here):
        plates = sorted({part.lpn for part in here if lot in ("", part.lot)})
        if len(plates) > 1:
            raise WhichLpn(scanned=item)
        lpn = plates[0] if plates else ""
    if not lot:
        lots = {part.lot for part in here if part.lpn == lpn}
        lot = lots.pop() if len(lots) == 1 else ""
    return Key(item=item, lpn=lpn, lot=lot)


def add(
    tx: Tx,
    count: Count,
    key: Key,
    quantity: int,
    label: str,
    *,
    serial: str = "",
    expiry: str = "",
    since: int = -1,
    typed: bool = False,
) -> bool:
    """One more tally of a key. False: its goods moved while they were counted, so the key begins anew without it.

    Raises SerialCounted, TooManyTallies, BadAmount, GoodsInHand.
    """
    in_hand.refuse(tx, count.place, count.worker)
    rows = standing(tx, count.id)
    if len(rows) >= MOST_TALLIES:
        raise TooManyTallies(limit=MOST_TALLIES)
    if serial and any((row.item, row.serial) == (key.item, serial) for row in rows):
        raise SerialCounted(scanned=serial, item=key.item)
    mine = [row for row in rows if row.key == key]
    if sum(row.quantity for row in mine) + quantity > MOST_PIECES:
        raise BadAmount(amount=quantity, reason="that many do not fit into any place.")
    end = book.position(tx)
    begun = min([row.since for row in mine] + ([since] if since >= 0 else []), default=end)
    if key.item and not serial and begun < end and book.steps(tx, count.place, key, begun):
        begin_anew(tx, count, key)
        return False
    tx.run(
        ADD,
        count=count.id,
        n=int(tx.value(LAST_N, of_count=count.id)) + 1,
        label=label[:120],
        item=key.item,
        lpn=key.lpn,
        lot=key.lot,
        serial=serial,
        expiry=expiry,
        quantity=quantity,
        since=end if since < 0 else since,
        seq=end,
        at=clock.now(),
        typed=int(typed),
    )
    return True


def begin_anew(tx: Tx, count: Count, key: Key) -> None:
    tx.run(VOID_KEY, of_count=count.id, i=key.item, p=key.lpn, t=key.lot, why="moved")


def retype(tx: Tx, count: Count, quantity: int) -> tuple[Tally, bool]:
    """What was scanned last is so many; the eye began to count when it was scanned. Raises NothingTallied, BadAmount."""
    last = _last(tx, count)
    if last.serial:
        raise BadAmount(amount=quantity, reason="serials are scanned one by one.")
    tx.run(VOID, of_count=count.id, which=last.n, why="retyped")
    return last, add(tx, count, last.key, quantity, last.label, expiry=last.expiry, since=last.since, typed=True)


def take_back(tx: Tx, count: Count) -> Tally:
    """The last tally is taken back. Raises NothingTallied."""
    last = _last(tx, count)
    tx.run(VOID, of_count=count.id, which=last.n, why="undone")
    return last


def link(tx: Tx, count: str, label: str, item: str, *, lot: str = "", times: int = 1) -> int:
    """An unknown code is this item after all, `times` base units each. Returns how many tallies."""
    return tx.run(LINK, of_count=count, code=label, is_item=item, is_lot=lot, times=times)


def _last(tx: Tx, count: Count) -> Tally:
    rows = standing(tx, count.id)
    if not rows:
        raise NothingTallied()
    return rows[-1]
