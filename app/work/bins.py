"""The bins worth looking at for some goods, read from the house in a few milliseconds however large it is.

Each strategy has a query that names its first few bins by index, in walking order, and stops there; only those are read
with their contents and judged by the rules in putaway.py. An empty bin that another worker is on the way to is passed
over, so that two pallets do not meet before one bin.
"""

from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, cast, exists, func, literal, or_, select

from app import clock
from app.db import Tx
from app.schema.items import item
from app.schema.places import location
from app.schema.stock import balance, lpn
from app.schema.work import putaway_strategy, task
from app.work.putaway import BIN_KINDS, DEFAULT_STRATEGIES, HOUSE_TEMPERATURE, Bin, Choice, Goods, Strategy, choose_bin

LOOKED_AT = 8  # bins read with their contents, for each strategy and kind


def _whole(value: Any) -> Any:
    """A sum as a whole number: PostgreSQL widens it to numeric."""
    return cast(func.coalesce(func.sum(value), 0), BigInteger)


_ASKED = item.alias()  # the item that wants a bin, beside those in it
_MINE = balance.c.item == bindparam("item")
_SAME_LOT = and_(_MINE, balance.c.lot == bindparam("lot"))
_PLACE = [
    location.c[name]
    for name in (
        "code", "kind", "zone", "sequence", "mix", "fixed_item", "blocked", "capacity_quantity", "capacity_volume_ml",
        "capacity_weight_g", "capacity_lpns", "hazards", "temperature",
    )
]  # fmt: skip
_VOLUME = balance.c.quantity * item.c.length_mm * item.c.width_mm * item.c.height_mm
_OWNER = select(_ASKED.c.owner).where(_ASKED.c.code == bindparam("item")).scalar_subquery()
READ_BIN = (
    select(
        *_PLACE,
        select(func.count())
        .select_from(task)
        .where(task.c.kind == "count", task.c.state == "started", task.c.place == location.c.code)
        .scalar_subquery()
        .label("counted"),
        _whole(balance.c.quantity).label("quantity"),
        (_whole(_VOLUME) // 1000).label("volume_ml"),
        _whole(balance.c.quantity * item.c.weight_g).label("weight_g"),
        select(func.count())
        .select_from(lpn)
        .where(lpn.c.location == location.c.code, lpn.c.state == "open", lpn.c.parent == "")
        .scalar_subquery()
        .label("lpns"),
        _whole(case((_MINE, balance.c.quantity), else_=0)).label("same_item"),
        _whole(case((_SAME_LOT, balance.c.quantity), else_=0)).label("same_lot"),
        _whole(case((item.c.owner == _OWNER, balance.c.quantity), else_=0)).label("same_owner"),
    )
    .select_from(location)
    .outerjoin(balance, and_(balance.c.location == location.c.code, balance.c.quantity > 0))
    .outerjoin(item, item.c.code == balance.c.item)
    .where(location.c.code == bindparam("code"))
    .group_by(*_PLACE)
)

_IN_IT = and_(balance.c.location == location.c.code, balance.c.quantity > 0)
# Dangerous goods lie only where their class may, and cold ones only where it is cold: few bins, so the query asks.
KEEPS = and_(
    or_(
        bindparam("hazard") == "",
        (literal(" ") + location.c.hazards + literal(" ")).like(literal("% ") + bindparam("hazard") + literal(" %")),
    ),
    or_(
        bindparam("kept") == "",
        location.c.temperature == bindparam("kept"),
        and_(location.c.temperature == "", bindparam("kept") == HOUSE_TEMPERATURE),
    ),
)
_USABLE = and_(
    KEEPS,
    location.c.kind == bindparam("kind"),
    location.c.blocked == "",
    or_(location.c.fixed_item == "", location.c.fixed_item == bindparam("item")),
)
_EMPTY = ~exists(select(balance.c.item).where(_IN_IT))
_IS_BIN = or_(*(location.c.kind == kind for kind in BIN_KINDS))
_WALK = (location.c.sequence, location.c.code)
_LOADED = [
    select(_whole(amount))
    .select_from(balance.join(item, item.c.code == balance.c.item))
    .where(_IN_IT)
    .scalar_subquery()
    for amount in (balance.c.quantity, _VOLUME, balance.c.quantity * item.c.weight_g)
]
_ROOM = and_(
    or_(location.c.capacity_quantity == 0, location.c.capacity_quantity >= _LOADED[0] + bindparam("quantity")),
    or_(location.c.capacity_volume_ml == 0, location.c.capacity_volume_ml >= _LOADED[1] // 1000 + bindparam("volume")),
    or_(location.c.capacity_weight_g == 0, location.c.capacity_weight_g >= _LOADED[2] + bindparam("weight")),
)
_LYING = item.alias()
_UNMIXED = or_(
    location.c.mix == "any",
    and_(
        location.c.mix == "one_owner",
        ~exists(select(balance.c.item).where(_IN_IT, balance.c.item == _LYING.c.code, _LYING.c.owner != _OWNER)),
    ),
    and_(location.c.mix == "one_item", ~exists(select(balance.c.item).where(_IN_IT, ~_MINE))),
    and_(location.c.mix == "one_lot", ~exists(select(balance.c.item).where(_IN_IT, ~_SAME_LOT))),
)
# An empty bin that could hold it, and that nobody else is on the way to.
_BIG_ENOUGH = and_(
    or_(location.c.capacity_quantity == 0, location.c.capacity_quantity >= bindparam("quantity")),
    or_(location.c.capacity_volume_ml == 0, location.c.capacity_volume_ml >= bindparam("volume")),
    or_(location.c.capacity_weight_g == 0, location.c.capacity_weight_g >= bindparam("weight")),
)
_FREE = location.c.code.not_in(
    select(task.c.place).where(
        task.c.kind == "putaway",
        task.c.state == "started",
        task.c.until > bindparam("now"),
        task.c.worker != bindparam("worker"),
    )
)
_IN_ZONE = location.c.zone == bindparam("in_zone")


def _first(*conditions: Any) -> Select[Any]:
    return select(location.c.code).where(*conditions).order_by(*_WALK).limit(LOOKED_AT)


FIXED = _first(location.c.fixed_item == bindparam("item"))
SAME_ITEM = (
    select(location.c.code)
    .join(balance, balance.c.location == location.c.code)
    .where(_MINE, balance.c.quantity > 0, _IS_BIN)
    .group_by(location.c.code, location.c.sequence)
    .order_by(func.max(case((_SAME_LOT, 1), else_=0)).desc(), *_WALK)
    .limit(LOOKED_AT)
)
EMPTY = _first(_USABLE, _BIG_ENOUGH, _FREE, _EMPTY)
EMPTY_IN_ZONE = _first(_USABLE, _IN_ZONE, _BIG_ENOUGH, _FREE, _EMPTY)
WITH_ROOM, WITH_ROOM_IN_ZONE = _first(_USABLE, _UNMIXED, _ROOM), _first(_USABLE, _IN_ZONE, _UNMIXED, _ROOM)
STRATEGIES = (
    select(*(putaway_strategy.c[name] for name in Strategy.__struct_fields__))
    .where(putaway_strategy.c.active == 1)
    .order_by(putaway_strategy.c.position)
)


def bin_of(tx: Tx, code: str, goods: Goods) -> Bin | None:
    """A location with its contents, as seen by these goods."""
    return tx.one(READ_BIN, Bin, code=code, item=goods.item, lot=goods.lot)


def strategies(tx: Tx) -> tuple[Strategy, ...]:
    """The site's rows in their order; without any, the usual ones."""
    return tuple(tx.all(STRATEGIES, Strategy)) or DEFAULT_STRATEGIES


def propose(tx: Tx, goods: Goods, worker: str, *, without: tuple[str, ...] = ()) -> Choice | None:
    """The best bin for these goods now, or None where the house has none. `without` names bins not wanted."""
    ordered = strategies(tx)
    seen: dict[str, Bin] = {}
    for number, strategy in enumerate(ordered):
        for code in codes(tx, goods, strategy, worker):
            if code not in seen and code not in without and (bin := bin_of(tx, code, goods)) is not None:
                seen[code] = bin
        # The rules go by the same order, so once they are content the later strategies need no reading,
        # but for the bins of the next one, which say what lost.
        choice = choose_bin(goods, list(seen.values()), ordered[: number + 1])
        if choice is not None and not choice.runner_up:
            return _with_runner_up(tx, goods, choice, seen, ordered, number + 1, worker, without)
        if choice is not None:
            return choice
    return None


def _with_runner_up(
    tx: Tx,
    goods: Goods,
    choice: Choice,
    seen: dict[str, Bin],
    ordered: tuple[Strategy, ...],
    following: int,
    worker: str,
    without: tuple[str, ...],
) -> Choice:
    for number, strategy in enumerate(ordered[following:], following + 1):
        if strategy.rule == "any_room":  # it asks the whole house, only to name a loser
            break
        for code in codes(tx, goods, strategy, worker)[:2]:
            if code not in seen and code not in without and (bin := bin_of(tx, code, goods)) is not None:
                seen[code] = bin
        again = choose_bin(goods, list(seen.values()), ordered[:number])
        if again is not None and again.bin == choice.bin and again.runner_up:
            return again
    return choice


def codes(tx: Tx, goods: Goods, strategy: Strategy, worker: str) -> list[str]:
    """The first bins a strategy means, in walking order; of the wanted kind, or else of the other."""
    if not strategy.is_for(goods):
        return []
    if strategy.rule == "fixed":
        return [row[0] for row in tx.rows(FIXED, item=goods.item)]
    if strategy.rule == "same_item":
        return [row[0] for row in tx.rows(SAME_ITEM, item=goods.item, lot=goods.lot)]
    zone = strategy.zone or goods.zone
    if strategy.rule == "empty_in_zone" and not zone:
        return []
    facts: dict[str, Any] = {"item": goods.item, "quantity": goods.quantity}
    facts |= {"volume": goods.volume_ml, "weight": goods.weight_g}
    facts |= {"hazard": goods.hazard_class, "kept": goods.temperature}
    if strategy.rule == "any_room":
        statement = WITH_ROOM_IN_ZONE if zone else WITH_ROOM
        facts["lot"] = goods.lot
    else:
        statement = EMPTY_IN_ZONE if zone else EMPTY
        facts |= {"worker": worker, "now": clock.now()}
    if zone:
        facts["in_zone"] = zone
    found: list[str] = []
    for kind in (
        (strategy.kind,) if strategy.kind else sorted(BIN_KINDS, key=lambda kind: (kind == "reserve") != goods.on_lpn)
    ):
        found += [row[0] for row in tx.rows(statement, kind=kind, **facts)]
        if found and strategy.rule != "any_room":
            break  # the walk for the other kind would only be to lose
    return found
