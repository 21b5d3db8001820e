"""Which goods a transfer takes: the first to expire, from the same stock and by the same rules as an order.

Asked when it is ordered, and again when somebody goes on with it, for what found nothing before. Only places of the
site it leaves are looked at. What is in somebody's hands is on its way already: it is not promised a second time.
"""

from sqlalchemy import Integer, bindparam, cast, func, select

from app.db import Tx
from app.schema.stock import balance
from app.stock import ledger
from app.stock.events import Allocated
from app.stock.ledger import By
from app.work import allocation, progress, transfers, transfers_promised
from app.work.allocation import Demand, Need
from app.work.transfers import Transfer

IN_HANDS = select(cast(func.coalesce(func.sum(balance.c.quantity - balance.c.allocated), 0), Integer)).where(
    balance.c.item == bindparam("of_item"), balance.c.location.like("@%")
)
URGENCY = 5  # an order's usual priority


def serve(tx: Tx, one: Transfer, by: By) -> int:
    """Promise it what it still wants and is here. Returns how many units are promised now that were not before."""
    if one.state != "open" or not transfers.is_ours(tx, one.source):
        return 0
    promised: dict[str, int] = {}
    for each in transfers_promised.of(tx, one.code):
        promised[each.line] = promised.get(each.line, 0) + each.quantity
    carried: dict[str, int] = {}
    needs = []
    for line in transfers.lines(tx, one.code):
        key = transfers_promised.line_of(one.code, line.line)
        wants = line.left - promised.get(key, 0)
        if wants <= 0:
            continue
        on_way = carried.setdefault(line.item, int(tx.value(IN_HANDS, of_item=line.item) or 0))
        carried[line.item] = max(on_way - wants, 0)
        if wants > on_way:
            needs.append(Need(line=key, item=line.item, quantity=wants - on_way))
    today = allocation.site_day(tx)
    stock = [
        each
        for item in dict.fromkeys(need.item for need in needs)
        for each in allocation.stock_of(tx, item, today)[0]
        if transfers.is_of(tx, one.source, each.slot.location)
    ]
    name = transfers_promised.name_of(one.code)
    [share] = allocation.allocate([Demand(order=name, needs=tuple(needs), priority=URGENCY)], stock)
    for part in transfers_promised.by_owner(tx, share.claims):
        event = Allocated(order=name, claimed=part)
        ledger.post(tx, event, by)
        progress.apply(tx, event)
    return sum(claim.quantity for claim in share.claims)
