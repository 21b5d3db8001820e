"""What is promised to a transfer on the shelves, and how such a promise ends.

The goods of a transfer are promised like an order's, so no order gets them meanwhile. Taking them gives the promise back
in the same event, whichever goods were taken: who takes others than the promised ones gives up as much of those. When the
transfer is over, cancelled or told anew, what is left of its promises goes back.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import and_, bindparam, case, func, literal, select

from app.db import Tx
from app.schema.items import lot
from app.schema.stock import allocation
from app.schema.storage import transfer_line
from app.stock import owners
from app.stock.balances import Balance, Promise
from app.stock.events import Deallocated, Moved
from app.stock.events.base import FOR_TRANSFER
from app.stock.slots import Claim

_LINE = literal(FOR_TRANSFER) + transfer_line.c.transfer + literal("/") + transfer_line.c.line
PROMISED = (
    select(*(allocation.c[name] for name in Promise.__struct_fields__))
    .select_from(
        transfer_line.join(allocation, allocation.c.line == _LINE)
        .outerjoin(lot, and_(lot.c.item == allocation.c.item, lot.c.lot == allocation.c.lot))
    )
    .where(transfer_line.c.transfer == bindparam("which"), allocation.c.quantity > 0)
    .order_by(
        case((func.coalesce(lot.c.expiry, "") == "", "9999"), else_=lot.c.expiry),
        allocation.c.location, allocation.c.lpn, allocation.c.line,
    )
)  # fmt: skip


def name_of(code: str) -> str:
    """What stands where an order's code would."""
    return f"{FOR_TRANSFER}{code}"


def line_of(code: str, line: str) -> str:
    return f"{name_of(code)}/{line}"


def of(tx: Tx, code: str, item: str = "") -> list[Promise]:
    """All that is promised to a transfer, or of one item; the first to expire first."""
    found = tx.all(PROMISED, Promise, which=code)
    return [one for one in found if item in ("", one.item)]


def opened(tx: Tx, code: str, rows: Sequence[Balance]) -> list[Balance]:
    """Balances as this transfer sees them: what is promised to it is free to be taken for it."""
    own: dict[tuple[str, str, str, str], int] = {}
    for one in of(tx, code):
        key = (one.item, one.location, one.lpn, one.lot)
        own[key] = own.get(key, 0) + one.quantity
    return [
        msgspec.structs.replace(row, allocated=row.allocated - own.get((row.item, row.location, row.lpn, row.lot), 0))
        if row.status == "available"
        else row
        for row in rows
    ]


def taken(tx: Tx, code: str, event: Moved, left: dict[str, int]) -> tuple[Moved, tuple[Promise, ...]]:
    """The event that takes goods, with the promises they serve given back; and those among them that lay elsewhere.

    `left` is how many of each item are still to be taken after this: no more than that stays promised.
    """
    back: list[Claim] = []
    passed: list[Promise] = []
    for item in dict.fromkeys(move.item for move in event.contents):
        amounts: dict[tuple[str, str, str], int] = {}
        for move in event.contents:
            if move.item == item:
                key = (move.source.location, move.source.lpn, move.lot)
                amounts[key] = amounts.get(key, 0) + move.quantity
        promised = of(tx, code, item)
        for one in promised:
            key = (one.location, one.lpn, one.lot)
            if n := min(one.quantity, amounts.get(key, 0)):
                amounts[key] -= n
                back.append(_back(one, n))
        stays = sum(one.quantity for one in promised) + sum(claim.quantity for claim in back if claim.item == item)
        for one in reversed(promised):
            here = (one.location, one.lpn, one.lot) in amounts
            if not here and (n := min(one.quantity, stays - left.get(item, 0))) > 0:
                stays -= n
                back.append(_back(one, n))
                passed.append(one)
    free = tuple(msgspec.structs.replace(move, line="") for move in event.contents)
    return msgspec.structs.replace(event, contents=free, claimed=tuple(back)), tuple(passed)


def ended(tx: Tx, code: str, why: str) -> list[Deallocated]:
    """What gives back all that is still promised."""
    claims = [_back(one, one.quantity) for one in of(tx, code)]
    return [Deallocated(order=name_of(code), claimed=part, reason=why) for part in by_owner(tx, claims)]


def by_owner(tx: Tx, claims: Iterable[Claim]) -> list[tuple[Claim, ...]]:
    """A transfer may carry goods of several owners, an event may not."""
    parts: dict[str, list[Claim]] = {}
    for claim in claims:
        parts.setdefault(owners.of_item(tx, claim.item), []).append(claim)
    return [tuple(part) for part in parts.values()]


def _back(one: Promise, quantity: int) -> Claim:
    return Claim(line=one.line, item=one.item, quantity=-quantity, slot=one.slot)
