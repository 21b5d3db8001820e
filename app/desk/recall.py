"""The recall page of one lot: where it is, who got it, where it came from; each a table, a link and a CSV.

A lot number alone is enough: with several items that have such a lot, the page asks which, and shows the first.
"""

import msgspec

from app.db import Tx
from app.desk.words import Piece, many, number
from app.work import holds, recall
from app.work.recall import From, Lot, Where, Who

SHOWN = 200  # rows of a table on the glass; the CSV has them all


class LotFilter(msgspec.Struct, frozen=True, kw_only=True):
    q: str = ""  # the lot
    of: str = ""  # its item
    part: str = "who"  # of the CSV: who, where, from


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...] = ()
    lot: Lot | None = None
    others: tuple[str, ...] = ()  # further items with a lot of this number
    shown: int = SHOWN

    @property
    def customers(self) -> int:
        return len({row.customer or row.name for row in self.lot.who}) if self.lot else 0


def look(tx: Tx, wanted: LotFilter) -> Recall:
    code, lot = wanted.of.strip(), wanted.q.strip()
    if not lot:
        return Recall(headline="Type or scan a lot number.")
    items = holds.items_with(tx, lot)
    if not code:
        code = items[0] if items else ""
    found = recall.of(tx, code, lot) if code else None
    others = tuple(one for one in items if one != code)
    if found is None or not (items or found.here or found.gone):
        return Recall(headline=f"Nobody knows lot {lot}{f' of {code}' if code else ''}.", others=others)
    return Recall(headline=headline(found), told=_told(found), lot=found, others=others)


def rows(tx: Tx, wanted: LotFilter) -> tuple[Where, ...] | tuple[Who, ...] | tuple[From, ...]:
    """One part, whole, for the CSV."""
    code, lot = wanted.of.strip(), wanted.q.strip()
    code = code or next(iter(holds.items_with(tx, lot)), "")
    if wanted.part == "where":
        return tuple(recall.where_is(tx, code, lot))
    if wanted.part == "from":
        return tuple(recall.came_from(tx, code, lot))
    return tuple(recall.who_got(tx, code, lot))


def headline(found: Lot) -> str:
    """`Lot L1 is recalled: 60 here, 12 with 3 customers.`"""
    is_held = f" is {found.holds[0].did}" if found.holds else ""
    customers = len({row.customer or row.name or row.order for row in found.who})
    gone = f", {number(found.gone)} with {many(customers, 'customer')}" if found.gone else ", none with customers"
    return f"Lot {found.lot}{is_held}: {number(found.here)} here{gone}."


def _told(found: Lot) -> tuple[Piece, ...]:
    pieces = [Piece(text=found.item, href=f"/desk/trace?q={found.item}&kind=item"), Piece(text=f" {found.name}")]
    pieces.append(Piece(text=f" · expiry {found.expiry}" if found.expiry else " · does not expire"))
    pieces += [Piece(text=f" · {hold.did}: {hold.reason}", href="/desk/holds") for hold in found.holds]
    return tuple(pieces)
