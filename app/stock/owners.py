"""Whose goods an event is about. An item belongs to one owner, so its stock does, and so does every event that moves it.

A house that keeps goods for several owners tells each owner's ERP of its own goods and nobody else's. That only holds if no
event is about two owners' goods, so such an event is refused: it is done in two. Nor do goods of two owners share an LPN,
or its next move would be such an event. A house with one owner sets nothing up, and none of this is asked.
"""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, select, text

from app.db import Tx
from app.errors import State
from app.schema.documents import purchase_order, sales_order
from app.schema.inbound import asn
from app.schema.items import item
from app.schema.returns import rma
from app.schema.stock import balance
from app.stock.events.base import Event
from app.stock.slots import Movement

MOST = 50  # owners in one list


class MixedOwners(State):
    code, title = "mixed_owners", "Two owners"
    says = "These are goods of {owners}: they are booked apart."
    todo = "Do it for one owner's goods, then for the other's."


class OtherOwnersLpn(State):
    code, title = "other_owners_lpn", "Another owner's LPN"
    says = "{lpn} holds goods of {theirs}; {item} belongs to {mine}."
    todo = "Take another LPN."


# Literal, so that both engines find the partial index `item_owner`: at once where nobody owns anything.
_OWNED = text("item.owner <> ''")
ANY = select(item.c.code).where(_OWNED).limit(1)
OF_ITEM = select(item.c.owner).where(item.c.code == bindparam("code"))
IN_LPN = (
    select(item.c.owner)
    .join(balance, and_(balance.c.item == item.c.code, balance.c.lpn == bindparam("p"), balance.c.quantity > 0))
    .where(item.c.owner != bindparam("mine"))
    .limit(1)
)
KNOWN = select(item.c.owner).where(_OWNED).distinct().order_by(item.c.owner).limit(MOST)
ON_LPN = select(balance.c.item).where(balance.c.lpn == bindparam("code"), balance.c.quantity > 0).limit(1)
_OF = {
    "order": select(sales_order.c.owner).where(sales_order.c.code == bindparam("code")),
    "po": select(purchase_order.c.owner).where(purchase_order.c.code == bindparam("code")),
    "asn": select(asn.c.owner).where(asn.c.code == bindparam("code")),
    "rma": select(rma.c.owner).where(rma.c.code == bindparam("code")),
    "item": OF_ITEM,
}


def is_shared(tx: Tx) -> bool:
    """Does the house keep goods for somebody by name?"""
    return tx.value(ANY) is not None


def known(tx: Tx) -> list[str]:
    """The owners there are goods of, to choose from."""
    return [row[0] for row in tx.rows(KNOWN)]


def of_item(tx: Tx, code: str) -> str:
    return str(tx.value(OF_ITEM, code=code) or "")


def of_event(tx: Tx, event: Event, moves: Sequence[Movement]) -> str:
    """Whose goods it is about; empty for the house itself. Raises MixedOwners, OtherOwnersLpn."""
    if not is_shared(tx):
        return ""
    items = {move.item for move in moves} or {claim.item for claim in event.claims()}
    items = items or ({str(named)} if (named := getattr(event, "item", "")) else set())
    if not items:
        _refuse_nest(tx, event)
        return _of_lane(tx, event.document)
    owners = {of_item(tx, code) for code in items}
    if len(owners) > 1:
        raise MixedOwners(owners=" and ".join(name or "the house" for name in sorted(owners)))
    mine = owners.pop()
    for lpn in {move.target.lpn for move in moves if move.target.lpn and move.target.lpn != move.source.lpn}:
        theirs = tx.value(IN_LPN, p=lpn, mine=mine)
        if theirs is not None:
            raise OtherOwnersLpn(
                lpn=lpn, theirs=theirs or "the house", item=sorted(items)[0], mine=mine or "the house", scanned=lpn
            )
    _refuse_nest(tx, event)
    return mine


def _refuse_nest(tx: Tx, event: Event) -> None:
    """An LPN is not set on one that holds another owner's goods."""
    for carried in event.carries():
        inside = tx.value(ON_LPN, code=carried.lpn) if carried.parent else None
        if inside is None:
            continue
        mine = of_item(tx, str(inside))
        theirs = tx.value(IN_LPN, p=carried.parent, mine=mine)
        if theirs is not None:
            facts = {"item": carried.lpn, "mine": mine or "the house", "scanned": carried.parent}
            raise OtherOwnersLpn(lpn=carried.parent, theirs=theirs or "the house", **facts)


def _of_lane(tx: Tx, lane: str) -> str:
    kind, _, code = lane.partition(" ")
    if kind in _OF:
        return str(tx.value(_OF[kind], code=code) or "")
    on_it = tx.value(ON_LPN, code=code) if kind == "lpn" else None
    return of_item(tx, str(on_it)) if on_it is not None else ""
