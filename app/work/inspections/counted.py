"""What an inspection counts by its events: each unit looked at, forwards and, for an undo, backwards."""

from sqlalchemy import bindparam, delete, insert, update

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.quality import inspection, inspection_unit
from app.stock.events import UnitInspected

ADD = insert(inspection_unit).values({column.name: bindparam(column.name) for column in inspection_unit.c})
DROP = delete(inspection_unit).where(
    inspection_unit.c.inspection == bindparam("which"), inspection_unit.c.n == bindparam("number")
)
COUNT = (
    update(inspection)
    .where(inspection.c.id == bindparam("which"), inspection.c.state == "open")
    .values(seen=inspection.c.seen + bindparam("q"), defects=inspection.c.defects + bindparam("bad"))
)


class Decided(State):
    code, title = "decided_already", "Decided already"
    says = "The verdict on this lot is given: its units stand as they are."
    todo = "A supervisor may change the status of the goods."


def unit_inspected(tx: Tx, event: UnitInspected, sign: int) -> None:
    if sign > 0:
        tx.run(
            ADD, inspection=event.inspection, n=event.n, quantity=event.quantity, good=int(event.good),
            serial=event.serial, location=event.location, lpn=event.lpn, defect=event.defect,
            facts=" ".join(event.facts), at=clock.now(),
        )  # fmt: skip
    else:
        tx.run(DROP, which=event.inspection, number=event.n)
    bad = 0 if event.good else event.quantity
    if tx.run(COUNT, which=event.inspection, q=sign * event.quantity, bad=sign * bad) != 1:
        raise Decided()
    tx.tell("inspections")
