"""One lot under inspection: what waits, who may inspect it, its sample, and whether it passed.

A lot here is all goods of one item and lot number whose status is `inspection`, wherever they stand. Its plan follows its
size: when more of it comes in meanwhile, the sample grows along. Whoever received any of it does not inspect it: that is
asked here of all of them, and the table repeats it for the last one.
"""

from typing import Literal

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, insert, literal, select, text, update

from app import clock
from app.db import Tx
from app.errors import State, Unknown
from app.schema.items import item
from app.schema.quality import inspection, inspection_unit
from app.schema.stock import balance, journal, movement
from app.schema.storage import transfer, transfer_line
from app.stock import balances
from app.stock.balances import Balance
from app.stock.slots import TRANSIT
from app.work import came_from, duties
from app.work.inspections import plans, rules, switching

STATUS: Literal["inspection"] = "inspection"
EVERY_UNIT = "all"  # in place of a code letter: the sample failed, and each unit is looked at
GOES = ("quarantine", "damaged", "vendor")


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    item: str
    lot: str
    supplier: str
    receipt: str
    receiver: str
    inspector: str
    state: str
    quantity: int
    level: str
    aql: str
    severity: str
    letter: str
    sample: int
    accept: int
    seen: int
    defects: int
    decided: str
    created: int
    closed: int
    seq: int

    @property
    def left(self) -> int:
        return max(0, self.sample - self.seen)

    @property
    def is_sorted(self) -> bool:
        return self.letter == EVERY_UNIT

    @property
    def verdict(self) -> Literal["", "passed", "failed"]:
        """Failed as soon as too many are defective; passed only when the sample is complete."""
        if self.defects > self.accept and not self.is_sorted:
            return "failed"
        return "" if self.left else "passed"

    @property
    def named(self) -> str:
        return f"{self.item} lot {self.lot}" if self.lot else self.item

    @property
    def subject(self) -> str:
        """What its photos belong to."""
        return f"inspection {self.id}"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    name: str
    lot: str
    quantity: int
    since: int
    places: int


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    inspection: str
    n: int
    quantity: int
    good: int
    serial: str
    location: str
    lpn: str
    defect: str
    facts: str
    at: int


class NotUnderInspection(State):
    code, title = "not_under_inspection", "Nothing to inspect"
    says = "{scanned} is not under inspection."
    todo = "Scan goods that wait for inspection."


class InspectionStopped(State):
    code, title = "inspection_stopped", "Inspection stopped"
    says = "{item} from {supplier}: five lots failed under tightened inspection."
    todo = "A supervisor sets it back at the desk when the supplier has mended it."


class NoSuchInspection(Unknown):
    code, title = "no_such_inspection", "No such inspection"
    says = "This inspection is over, or there never was one."
    todo = "Scan the lot again."


_ALL = ("id", "item", "lot", "supplier", "receipt", "receiver", "quantity", "level", "aql", "severity", "letter", "sample",
        "accept", "created")  # fmt: skip
ADD = insert(inspection).values(state="open", **{name: bindparam(name) for name in _ALL})
ONE = select(inspection).where(inspection.c.id == bindparam("which"))
OPEN_OF = select(inspection).where(
    inspection.c.item == bindparam("of_item"), inspection.c.lot == bindparam("of_lot"), inspection.c.state == "open"
)
GROW = (
    update(inspection)
    .where(inspection.c.id == bindparam("which"))
    .values(
        quantity=bindparam("units"), letter=bindparam("new_letter"), sample=bindparam("n"), accept=bindparam("most"),
        receiver=bindparam("came_by"),
    )
)  # fmt: skip
UNITS = select(inspection_unit).where(inspection_unit.c.inspection == bindparam("which")).order_by(inspection_unit.c.n)
LAST_N = select(func.coalesce(func.max(inspection_unit.c.n), 0)).where(
    inspection_unit.c.inspection == bindparam("which")
)
CLOSED_AT = select(func.coalesce(func.max(inspection.c.seq), 0)).where(
    inspection.c.item == bindparam("of_item"), inspection.c.lot == bindparam("of_lot")
)
CAME = (
    select(journal.c.seq, journal.c.worker, journal.c.document)
    .select_from(movement.join(journal, journal.c.seq == movement.c.seq))
    .where(
        movement.c.item == bindparam("of_item"),
        movement.c.lot == bindparam("of_lot"),
        text("movement.source = '~supplier'"),  # literal, for the partial index
        movement.c.target_status == STATUS,
        movement.c.seq > bindparam("since"),
    )
    .order_by(movement.c.seq)
)
# From another site of this house: by its transfers, for no index tells what came out of transit.
CAME_BY_TRANSFER = (
    select(journal.c.seq, journal.c.worker, journal.c.document)
    .select_from(
        transfer_line.join(journal, journal.c.document == literal("transfer ") + transfer_line.c.transfer)
        .join(movement, movement.c.seq == journal.c.seq)
    )
    .where(
        transfer_line.c.item == bindparam("of_item"), movement.c.item == bindparam("of_item"),
        movement.c.lot == bindparam("of_lot"), movement.c.source == TRANSIT, movement.c.target_status == STATUS,
        movement.c.seq > bindparam("since"),
    )
    .distinct()
)  # fmt: skip
SOURCE_OF = select(transfer.c.source).where(transfer.c.code == bindparam("code"))
WAITING = (
    select(
        balance.c.item,
        func.coalesce(item.c.name, "").label("name"),
        balance.c.lot,
        cast(func.sum(balance.c.quantity), Integer).label("quantity"),
        func.min(balance.c.since).label("since"),
        func.count().label("places"),
    )
    .select_from(balance.outerjoin(item, item.c.code == balance.c.item))
    .where(text("balance.status || '' = 'inspection'"), balance.c.quantity > 0)  # as the partial index says it
    .group_by(balance.c.item, item.c.name, balance.c.lot)
    .order_by(func.min(balance.c.since), balance.c.item, balance.c.lot)
    .limit(bindparam("most"))
)


def waiting(tx: Tx, *, most: int = 500) -> list[Waiting]:
    """Lots under inspection, the longest waiting first."""
    return tx.all(WAITING, Waiting, most=most)


def under(tx: Tx, code: str, number: str) -> list[Balance]:
    """Where the goods of a lot stand that are under inspection."""
    return [row for row in balances.of_item(tx, code) if (row.lot, row.status) == (number, STATUS)]


def begin(tx: Tx, code: str, number: str, worker: str) -> Inspection:
    """The inspection of this lot, begun now or before. Raises NotUnderInspection, SamePerson, InspectionStopped, NoPlan."""
    quantity = sum(row.quantity for row in under(tx, code, number))
    if not quantity:
        raise NotUnderInspection(scanned=f"{code} lot {number}" if number else code)
    came = _came(tx, code, number)
    duties.refuse_same(tx, "receive", [row[0] for row in came if row[0]], "inspect", worker)
    receiver, receipt = (str(came[-1][0]), str(came[-1][1])) if came else ("", "")
    known = tx.one(OPEN_OF, Inspection, of_item=code, of_lot=number)
    if known is not None:
        return _grown(tx, known, quantity, receiver)
    supplier = _supplier(tx, receipt)
    standing = switching.of(tx, code, supplier)
    if standing.stopped:
        raise InspectionStopped(item=code, supplier=supplier or "this supplier")
    rule = rules.rule_of(tx, code, supplier) or rules.Rule()
    plan = plans.plan(tx, quantity, rule.level, rule.aql, standing.severity)
    new = clock.new_id()
    tx.run(
        ADD, id=new, item=code, lot=number, supplier=supplier, receipt=receipt, receiver=receiver, quantity=quantity,
        level=rule.level, aql=rule.aql, severity=standing.severity, letter=plan.letter, sample=plan.size,
        accept=plan.accept, created=clock.now(),
    )  # fmt: skip
    tx.tell("inspections")
    return find(tx, new)


def received_by(tx: Tx, code: str, number: str) -> set[str]:
    """Who may not inspect this lot."""
    return {str(worker) for worker, _ in _came(tx, code, number)}


def _came(tx: Tx, code: str, number: str) -> list[tuple[str, str]]:
    """Who took it in, by which document, since it was inspected last."""
    since = tx.value(CLOSED_AT, of_item=code, of_lot=number) or 0
    asked = {"of_item": code, "of_lot": number, "since": since}
    came = sorted(tuple(row) for row in (*tx.rows(CAME, **asked), *tx.rows(CAME_BY_TRANSFER, **asked)))
    return [(str(who), str(lane)) for _, who, lane in came]


def find(tx: Tx, key: str) -> Inspection:
    """Raises NoSuchInspection."""
    found = tx.one(ONE, Inspection, which=key)
    if found is None:
        raise NoSuchInspection()
    return found


def going_on(tx: Tx, key: str, worker: str) -> Inspection:
    """An open inspection as it stands now. Raises NoSuchInspection, and all that `begin` does."""
    found = find(tx, key)
    if found.state != "open":
        raise NoSuchInspection()
    return begin(tx, found.item, found.lot, worker)


def units(tx: Tx, key: str) -> list[Unit]:
    return tx.all(UNITS, Unit, which=key)


def next_n(tx: Tx, key: str) -> int:
    return int(tx.value(LAST_N, which=key) or 0) + 1


def sort_out(tx: Tx, found: Inspection) -> None:
    """The sample failed: look at every unit, and let the good ones pass."""
    tx.run(
        GROW, which=found.id, units=found.quantity, new_letter=EVERY_UNIT, n=found.quantity, most=found.accept,
        came_by=found.receiver,
    )  # fmt: skip
    tx.tell("inspections")


def _grown(tx: Tx, known: Inspection, quantity: int, receiver: str) -> Inspection:
    if quantity == known.quantity and receiver == known.receiver:
        return known
    letter, size, accept = EVERY_UNIT, quantity, known.accept
    if not known.is_sorted:
        plan = plans.plan(tx, quantity, known.level, known.aql, known.severity)
        letter, size, accept = plan.letter, plan.size, plan.accept
    tx.run(GROW, which=known.id, units=quantity, new_letter=letter, n=size, most=accept, came_by=receiver)
    return find(tx, known.id)


def _supplier(tx: Tx, receipt: str) -> str:
    """Of a receipt; a site that sent goods stands for one."""
    kind, _, code = receipt.partition(" ")
    return str(tx.value(SOURCE_OF, code=code) or "") if kind == "transfer" else came_from.of_receipt(tx, receipt)
