"""The cartons of an order, from the fold to the label: which stands open, what it should weigh, what its label says.

A carton's weight is its proof that what was scanned is what lies in it. It is compared only when every item inside and
the empty carton have a known weight; else the packer is told that nothing was compared. The house's tolerance is a share
of the expected weight but never less than the padding and tape that come on top; what verified cartons taught about their
contents (weights.py) makes it narrower, never wider.
"""

import msgspec
from sqlalchemy import and_, bindparam, func, select, update

from app.db import Tx
from app.errors import State
from app.schema.items import lot
from app.schema.stock import balance, lpn, movement
from app.schema.work import carton
from app.stock import balances
from app.stock.refusals import OnHold
from app.stock.slots import Movement
from app.work import ship_progress, weights

TOLERANCE_PERCENT = 2
TOLERANCE_G = 30  # padding and tape, also on a light carton

LABELLED = ("labelled", "staged", "loaded", "shipped")
UNLABELLED = ("weighed", "printed")


class Carton(msgspec.Struct, frozen=True, kw_only=True):
    lpn: str
    order_code: str
    type: str
    state: str
    weight_g: int
    expected_g: int
    carrier: str
    service: str
    lane: str
    truck: str
    load_code: str
    tracking: str
    length_mm: int  # as measured; 0: as its type says
    width_mm: int
    height_mm: int
    location: str


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What a carton should weigh. `unknown` names what has no weight; then it cannot be checked."""

    grams: int
    unknown: tuple[str, ...] = ()
    max_g: int = 0  # what the carton may weigh when full, 0: no limit
    learned_g: int = 0  # the tolerance by what was learned, 0: too little to go by
    lines: tuple[weights.Line, ...] = ()

    @property
    def tolerance_g(self) -> int:
        house = max(TOLERANCE_G, self.grams * TOLERANCE_PERCENT // 100)
        return min(house, self.learned_g) if self.learned_g else house

    @property
    def low_g(self) -> int:
        return max(0, self.grams - self.tolerance_g)

    @property
    def high_g(self) -> int:
        return self.grams + self.tolerance_g

    def fits(self, grams: int) -> bool:
        return bool(self.unknown) or self.low_g <= grams <= self.high_g

    def culprit(self, grams: int) -> str:
        """Which line explains this weight, in words; empty where none does."""
        return weights.culprit(self.lines, grams - self.grams, self.tolerance_g)

    def learned(self, grams: int) -> tuple[weights.Weight, ...]:
        """What a carton of this weight teaches whose units were all scanned."""
        return weights.learned(self.lines, grams - self.grams)


class TooHeavy(State):
    code, title = "carton_too_heavy", "Carton too heavy"
    says = "{carton} weighs {found}; a {type} may weigh {most}."
    todo = "Take another carton, or use two."


CARTON = (
    select(*(carton.c[name] for name in Carton.__struct_fields__ if name != "location"), lpn.c.location)
    .select_from(carton.join(lpn, lpn.c.code == carton.c.lpn))
    .order_by(carton.c.opened, carton.c.lpn)
)
FIND = CARTON.where(carton.c.lpn == bindparam("code"))
OF_ORDER = CARTON.where(carton.c.order_code == bindparam("code"), carton.c.state != "void")
EMPTIED_INTO = (
    select(movement.c.source_lpn)
    .join(lpn, lpn.c.code == movement.c.source_lpn)
    .where(movement.c.target_lpn == bindparam("code"), lpn.c.kind == "tote")
    .distinct()
)
SET_PRINTED = (
    update(carton)
    .where(carton.c.lpn == bindparam("code"), carton.c.state == "weighed")
    .values(state="printed", print_job=bindparam("job"))
)
SET_LABELLED = (
    update(carton)
    .where(carton.c.lpn == bindparam("code"), (carton.c.state == "printed") | (carton.c.state == "weighed"))
    .values(state="labelled")
)
HELD_INSIDE = (
    select(balance.c.item, balance.c.lot, lot.c.held)
    .join(lot, and_(lot.c.item == balance.c.item, lot.c.lot == balance.c.lot))
    .where(balance.c.lpn == bindparam("code"), balance.c.quantity > 0, lot.c.held != "")
    .limit(1)
)
COUNT_CLOSED = select(func.count()).where(
    carton.c.order_code == bindparam("code"), carton.c.state != "open", carton.c.state != "void"
)


def find(tx: Tx, code: str) -> Carton | None:
    return tx.one(FIND, Carton, code=code)


def of_order(tx: Tx, order: str) -> list[Carton]:
    """Its cartons, the oldest first; void ones left out."""
    return tx.all(OF_ORDER, Carton, code=order)


def open_at(tx: Tx, order: str, location: str) -> Carton | None:
    """The carton being filled at this station."""
    return next((one for one in of_order(tx, order) if one.state == "open" and one.location == location), None)


def open_elsewhere(tx: Tx, order: str, location: str) -> Carton | None:
    """A carton with goods in it that stands open at another station."""
    return next(
        (
            one
            for one in of_order(tx, order)
            if one.state == "open" and one.location != location and balances.in_lpn(tx, one.lpn)
        ),
        None,
    )


def unlabelled(tx: Tx, order: str) -> Carton | None:
    """A carton that is weighed but whose label was not scanned back."""
    return next((one for one in of_order(tx, order) if one.state in UNLABELLED), None)


def contents(tx: Tx, code: str) -> list[Movement]:
    """What is in a carton: by line, serials one by one."""
    found = find(tx, code)
    return balances.moves_of_lpn(tx, code, found.location)[0] if found else []


def expected(tx: Tx, code: str, type: str) -> Expected:
    """By the weights told and learned; goods that were weighed at receipt count with their own grams."""
    box, most = weights.of_box(tx, type)
    caught, sums = 0, dict[str, int]()
    for held in balances.in_lpn(tx, code):
        if held.grams:
            caught += held.grams
        else:
            sums[held.item] = sums.get(held.item, 0) + held.quantity
    lines = (
        weights.Line(weight=box, quantity=1),
        *(weights.Line(weight=weights.of_item(tx, item), quantity=units) for item, units in sums.items()),
    )
    blank = [f"carton {type}".strip()] if not box.known else []
    blank += [line.weight.code for line in lines[1:] if not line.weight.known]
    return Expected(
        grams=weights.expected_g(lines, caught),
        unknown=tuple(blank),
        max_g=most,
        learned_g=weights.tolerance_g(lines),
        lines=lines,
    )


def emptied_totes(tx: Tx, code: str) -> tuple[str, ...]:
    """Totes whose goods went into this carton and that hold nothing any more."""
    return tuple(sorted(row[0] for row in tx.rows(EMPTIED_INTO, code=code) if not balances.in_lpn(tx, row[0])))


def label_asked(tx: Tx, code: str, job: str) -> None:
    tx.run(SET_PRINTED, code=code, job=job)


def labelled(tx: Tx, found: Carton) -> None:
    """Its own label was read from it: it may leave the table."""
    tx.run(SET_LABELLED, code=found.lpn)
    ship_progress.settle(tx, found.order_code)


def count_closed(tx: Tx, order: str) -> int:
    """How many cartons of an order are closed: the number of the last one closed."""
    return int(tx.value(COUNT_CLOSED, code=order))


def refuse_held(tx: Tx, code: str) -> None:
    """Raises OnHold when a lot in the carton was put on hold since it was packed."""
    row = tx.row(HELD_INSIDE, code=code)
    if row is not None:
        raise OnHold(item=row[0], detail=f" lot {row[1]}", status=row[2])
