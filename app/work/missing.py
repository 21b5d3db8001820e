"""Picked goods that were not in their tote at packing: what is reported, and how a supervisor ends it.

The books still have them in the tote, promised to the order. Found after all: they are packed as if nothing had been.
Given up: on the books they go back to the bin they were picked from, where they most likely still lie, and that bin gets a
count task; until it is counted nothing more of it is promised. Where no bin is known they stand loose at the table, and
the table is counted. The line is short, and the ERP hears of it. An order that must ship complete then goes no further.
"""

import msgspec
from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.documents import sales_order
from app.schema.stock import movement, serial
from app.schema.work import exception
from app.stock import ledger
from app.stock.events import PackShort
from app.stock.ledger import By
from app.stock.slots import Slot
from app.work import exceptions, packing, progress, put_back, tasks
from app.work.packing import Loose
from app.work.put_back import Left
from app.work.shorts import COUNT_PRIORITY

CODE = "pack_short"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a packer said was not there."""

    id: str
    document: str
    item: str
    location: str
    sentence: str

    @property
    def order(self) -> str:
        return self.document.removeprefix("order ")


class NotReported(State):
    code, title = "not_reported", "Nothing is missing"
    says = "Nobody reports this as missing any more."
    todo = "Load the page again."


_REPORT = select(*(exception.c[name] for name in Report.__struct_fields__)).where(
    exception.c.code == CODE, exception.c.state == "open"
)
ONE = _REPORT.where(exception.c.id == bindparam("which"))
OF_ORDER = _REPORT.where(exception.c.document == bindparam("of_document")).order_by(exception.c.created, exception.c.id)
CLOSE = (
    update(exception)
    .where(
        exception.c.code == CODE,
        exception.c.state == "open",
        exception.c.document == bindparam("of_document"),
        exception.c.item == bindparam("of_item"),
    )
    .values(
        state="closed",
        owner=bindparam("by"),
        decided_by=bindparam("by"),
        closed=bindparam("now"),
        sentence=exception.c.sentence + bindparam("told"),
    )
)
# Those of the line's own serials that the books still have in this slot: a neighbour's in the same tote stay.
SERIALS = (
    select(serial.c.serial)
    .where(
        serial.c.item == bindparam("item"),
        serial.c.location == bindparam("location"),
        serial.c.lpn == bindparam("lpn"),
        serial.c.lot == bindparam("lot"),
        serial.c.serial.in_(
            select(movement.c.serial).where(movement.c.item == bindparam("item"), movement.c.line == bindparam("line"))
        ),
    )
    .order_by(serial.c.serial)
)
MUST_BE_COMPLETE = select(sales_order.c.ship_complete).where(sales_order.c.code == bindparam("code"))
GO_NO_FURTHER = (
    update(sales_order).where(sales_order.c.code == bindparam("of_order")).values(state="backordered")
)  # fmt: skip


def reports(tx: Tx, order: str) -> list[Report]:
    """What is reported missing of an order and not decided."""
    return tx.all(OF_ORDER, Report, of_document=f"order {order}")


def report(tx: Tx, order: str, row: Loose, worker: str) -> None:
    """A packer says it is not there; said twice, it is one report."""
    if any(one.item == row.item for one in reports(tx, order)):
        return
    told = f"{row.quantity} × {row.item} of order {order} were not in {row.place} at packing."
    exceptions.add(
        tx, CODE, told, document=f"order {order}", item=row.item, location=row.location, worker=worker
    )  # fmt: skip


def only_missing_left(tx: Tx, order: str) -> bool:
    """Is all that is still loose of the order reported missing?"""
    told = {one.item for one in reports(tx, order)}
    return all(row.item in told for row in packing.loose(tx, order))


def close_found(tx: Tx, order: str, worker: str) -> None:
    """Reports on goods that are packed by now end by themselves."""
    loose = {row.item for row in packing.loose(tx, order)}
    for one in reports(tx, order):
        if one.item not in loose:
            _close(tx, one, "found and packed after all", worker)


def found(tx: Tx, key: str, by: By) -> str:
    """The supervisor says it is there: packing goes on. Raises NotReported."""
    one = _one(tx, key)
    _close(tx, one, "found after all", by.worker)
    return f"{one.item} is found: packing of order {one.order} goes on."


def give_up(tx: Tx, key: str, by: By) -> str:
    """The order goes without what is still missing of this item. Raises NotReported, OrderOff."""
    one = _one(tx, key)
    packing.workable(tx, one.order)
    missing = 0
    for row in packing.loose(tx, one.order):
        if row.item == one.item:
            _give_back(tx, row, by)
            missing += row.quantity
    _close(tx, one, f"{missing} given up" if missing else "nothing was missing any more", by.worker)
    if not missing:
        return f"Nothing of {one.item} is missing any more."
    if tx.value(MUST_BE_COMPLETE, code=one.order):
        tx.run(GO_NO_FURTHER, of_order=one.order)
        tx.tell("orders")
        return f"{missing} × {one.item} given up. Order {one.order} must ship complete: it waits for the ERP."
    state = packing.order(tx, one.order).state
    return f"{missing} × {one.item} given up; a count is asked for. Order {one.order} is {state}."


def _give_back(tx: Tx, row: Loose, by: By) -> None:
    left = Left(**msgspec.structs.asdict(row))
    bin_ = put_back.came_from(tx, left)
    target = Slot(location=bin_ or row.location, lot=row.lot)
    numbers = tuple(
        one[0]
        for one in tx.rows(SERIALS, item=row.item, location=row.location, lpn=row.lpn, lot=row.lot, line=row.line)
    )[: row.quantity]  # fmt: skip
    order = row.line.rpartition("/")[0]
    event = PackShort(
        line=row.line,
        item=row.item,
        missing=row.quantity,
        source=row.slot,
        target=target,
        serials=numbers,
        count_task=_count(tx, target.location, row.item, order, row.place),
        reason="not in the tote",
    )
    ledger.post(tx, event, by)
    progress.apply(tx, event)


def _count(tx: Tx, place: str, item: str, order: str, tote: str) -> str:
    found = tx.value(exceptions.OPEN_COUNT, of_place=place, of_item=item)
    return str(found) if found else tasks.add(
        tx,
        "count",
        document=f"order {order}",
        place=place,
        item=item,
        priority=COUNT_PRIORITY,
        due=clock.now() + exceptions.ANSWER_WITHIN,
        reason=f"not in {tote} at packing",
    )  # fmt: skip


def _one(tx: Tx, key: str) -> Report:
    one = tx.one(ONE, Report, which=key)
    if one is None:
        raise NotReported()
    return one


def _close(tx: Tx, one: Report, decided: str, worker: str) -> None:
    tx.run(CLOSE, of_document=one.document, of_item=one.item, by=worker, now=clock.now(), told=f" — {decided}")
    tx.tell("exceptions")
