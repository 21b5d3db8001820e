"""The floor on paper, for the day its handhelds are down: a walk as a pick list, a place as a count sheet.

Paper changes nothing in the books. A list holds what is still open of a walk; when the handhelds are back its code takes
the very walk, and what was written down is scanned. A count sheet is made without looking at a balance: whoever counts by
it is told the place, and the item where only one is counted, and nothing else.
"""

from app import clock
from app.db import Tx
from app.errors import State
from app.work import picking, tasks
from app.work.shelf_life import zone_of
from printers.slip_kinds import CountSheet, PickLine, PickList

ROWS = 12  # to write on, of a place
ROWS_OF_ONE = 4  # lots of one item


class NothingOnPaper(State):
    code, title = "nothing_on_paper", "Nothing to print"
    says = "Nothing of {what} is open any more."
    todo = "Load the page again, or take the next task."


def pick_list(tx: Tx, task: str) -> PickList:
    """What is left of a walk, stop by stop. Raises NothingOnPaper."""
    walk, picks = tasks.find(tx, task), picking.open_picks(tx, task)
    if walk is None or walk.is_over or not picks:
        raise NothingOnPaper(what=f"walk {task}")
    positions = {tote.order_code: str(tote.position) for tote in picking.totes(tx, task) if not tote.full}
    alone = len({pick.order_code for pick in picks}) == 1
    lines = []
    for pick in picks:
        goods = picking.item_of(tx, pick.item)
        lines.append(
            PickLine(
                location=pick.location, item=pick.item, name=goods.name, quantity=pick.left, unit=goods.unit, lot=pick.lot,
                lpn=pick.lpn, order=pick.order_code, tote="" if alone else positions.get(pick.order_code, ""),
            )
        )  # fmt: skip
    return PickList(
        task=task,
        code=f"DOC/{picks[0].order_code}",
        wave=walk.wave,
        cart="" if walk.cart.startswith("@") else walk.cart,
        cutoff=_by_the_clock(tx, walk.due),
        printed=_by_the_clock(tx, clock.now()),
        lines=tuple(lines),
    )


def count_sheet(tx: Tx, task: str) -> CountSheet:
    """Raises NothingOnPaper."""
    count = tasks.find(tx, task)
    if count is None or count.is_over or count.kind != "count":
        raise NothingOnPaper(what="this count")
    return CountSheet(
        place=count.place,
        code=f"LOC/{count.place}",
        rows=ROWS_OF_ONE if count.item else ROWS,
        item=count.item,
        name=picking.item_of(tx, count.item).name if count.item else "",
        reason=count.reason,
        printed=_by_the_clock(tx, clock.now()),
    )


def _by_the_clock(tx: Tx, at: int) -> str:
    return f"{clock.as_datetime(at).astimezone(zone_of(tx)):%Y-%m-%d %H:%M}" if at else ""
