"""Which carton to fold for what is left of an order, and why: the cartons on the shelf put to the stowing rules."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.schema.items import item
from app.schema.work import carton_type
from app.work.carton_types import CartonType, Goods
from app.work.cartons import choose_cartons
from app.work.packing import Loose
from app.work.stowing import Patience

PATIENCE_IN_A_TURN = 60_000
"""Comparisons: some tens of milliseconds. The packer waits, and so does everybody's next scan."""
MOST_KINDS = 80  # of items; more are not planned but packed carton by carton, the largest first
MOST_REASONS = 2  # on the glass: more would push the weight off it

MEASURES = select(item.c.length_mm, item.c.width_mm, item.c.height_mm, item.c.weight_g).where(
    item.c.code == bindparam("code")
)
TYPES = select(carton_type).order_by(carton_type.c.code)


class Proposal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The carton to fold now, and why this one."""

    type: str = ""
    why: tuple[str, ...] = ()


def carton_types(tx: Tx) -> list[CartonType]:
    """The cartons on the shelf; one without measures cannot be proposed and is left out."""
    return [
        CartonType(
            carton=row[0],
            length_mm=row[2],
            width_mm=row[3],
            height_mm=row[4],
            empty_weight_g=row[5],
            max_weight_g=row[6] or None,
        )
        for row in tx.rows(TYPES)
        if min(row[2:5]) > 0
    ]


def propose(tx: Tx, rows: Sequence[Loose]) -> Proposal:
    """The first carton for these goods, with the reasons for it and against the others."""
    types = carton_types(tx)
    if not types:
        return Proposal(why=("No carton types are set up: take one that fits.",))
    wanted: dict[str, int] = {}
    for row in rows:
        wanted[row.item] = wanted.get(row.item, 0) + row.quantity
    if len(wanted) > MOST_KINDS:
        largest = max(types, key=CartonType.volume).carton
        return Proposal(type=largest, why=(f"{len(wanted)} kinds of items: begin with the largest.",))
    goods = [_goods(tx, code, count) for code, count in wanted.items()]
    chosen = choose_cartons(goods, types, Patience(PATIENCE_IN_A_TURN))
    against = tuple(f"✕ {left.why}" for left in chosen.left)
    if not chosen.packings:
        return Proposal(type=max(types, key=CartonType.volume).carton, why=against)
    first = chosen.packings[0]
    why = (first.why, *against, *(f"→ {what}" for what in first.check), *(f"✕ {why}" for why in first.why_not))
    return Proposal(type=first.carton, why=why[:MOST_REASONS])


def _goods(tx: Tx, code: str, count: int) -> Goods:
    length, width, height, weight = tx.row(MEASURES, code=code) or (0, 0, 0, 0)
    return Goods(
        item=code,
        count=count,
        length_mm=length or None,
        width_mm=width or None,
        height_mm=height or None,
        weight_g=weight or None,
    )
