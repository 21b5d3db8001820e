"""How much somebody may decide alone: a count's variance, an adjustment, a write-off, an over-receipt, a disposition.

Limits are rows: one for a role, or one for a worker by name, which beats those of their roles; of several roles the
highest holds. A kind nobody gave is nought: then every case goes to a supervisor. What is above the limit is not
refused for good: it is a NeedsRelease, and a supervisor whose own limit reaches that far may release it at the worker's
device (`app/floor/release.py`). Values are cents of the item's standard cost as the ERP sent it; an item without one
cannot be judged by value, and guessing would let anything through.
"""

import msgspec
from sqlalchemy import bindparam, delete, select

from app.db import Tx
from app.errors import BadAmount, NeedsRelease, State
from app.schema.items import item
from app.schema.people import worker_limit
from app.work import people
from app.work.master_terms import put

NO_LIMIT = -1  # in a row
MOST = 2**40

# kind: (how it is called, its unit)
KINDS = {
    "count_value": ("value of a counted variance", "value"),
    "count_percent": ("per cent of a counted variance", "percent"),
    "count_quantity": ("units of a counted variance", "units"),
    "adjust_value": ("value of an adjustment", "value"),
    "adjust_percent": ("per cent of an adjustment", "percent"),
    "adjust_quantity": ("units of an adjustment", "units"),
    "write_off_value": ("value of a write-off", "value"),
    "over_receipt_percent": ("per cent received over the order", "percent"),
    "unplanned_value": ("value received without an order", "value"),
    "disposition_value": ("value of an overridden disposition", "value"),
    "scrap_value": ("value of returned goods scrapped or given away", "value"),
}

_START = {
    "worker": {
        "count_value": 50_00, "count_percent": 2, "count_quantity": 5, "adjust_value": 50_00, "adjust_percent": 2,
        "adjust_quantity": 5, "disposition_value": 50_00, "scrap_value": 50_00,
        "unplanned_value": 200_00,
    },
    "supervisor": {
        "count_value": 1_000_00, "count_percent": 100, "count_quantity": 500, "adjust_value": 1_000_00,
        "adjust_percent": 100, "adjust_quantity": 500, "write_off_value": 500_00, "over_receipt_percent": 20,
        "unplanned_value": 5_000_00, "disposition_value": 1_000_00, "scrap_value": 1_000_00,
    },
    "admin": dict.fromkeys(KINDS, NO_LIMIT),
}  # fmt: skip
DEFAULTS = tuple(
    {"holder": "role", "name": role, "kind": kind, "value": value}
    for role, limits in _START.items()
    for kind, value in limits.items()
)


class AboveLimit(NeedsRelease):
    code, title = "above_limit", "Above your limit"
    says = "{what}: {said}, and {name} may decide up to {most}."
    todo = "Let a supervisor scan their badge."


class NoPrice(State):
    code, title = "no_price", "No price"
    says = "{item} has no price, so a limit of {limit} cannot be judged."
    todo = "Ask for its standard cost from the ERP, or somebody without a limit."


class NoSuchLimit(BadAmount):
    code, title = "no_such_limit", "No such limit"
    says = "{scanned} is no limit: {reason}"
    todo = "Choose one of the list."


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    holder: str  # role, worker
    name: str
    kind: str
    value: int  # −1: no limit


OF_KIND = select(worker_limit).where(worker_limit.c.kind == bindparam("of_kind"))
ALL = select(worker_limit).order_by(worker_limit.c.holder, worker_limit.c.name, worker_limit.c.kind)
PUT = put(worker_limit)
DROP = delete(worker_limit).where(
    worker_limit.c.holder == bindparam("of_holder"),
    worker_limit.c.name == bindparam("of_name"),
    worker_limit.c.kind == bindparam("of_kind"),
)
COST = select(item.c.standard_cost).where(item.c.code == bindparam("code"))


def of(tx: Tx, worker: str, kind: str) -> int | None:
    """How much `worker` may decide alone: cents, per cent or units. None: no limit. 0 where nobody gave one."""
    who = people.by_code(tx, worker)
    roles = who.roles.split() if who is not None else []
    found = tx.all(OF_KIND, Limit, of_kind=kind)
    own = [limit.value for limit in found if limit.holder == "worker" and limit.name == worker]
    values = own or [limit.value for limit in found if limit.holder == "role" and limit.name in roles]
    return None if NO_LIMIT in values else max(values, default=0)


def refuse_above(tx: Tx, worker: str, kind: str, amount: int, *, what: str) -> None:
    """Raises AboveLimit (a NeedsRelease) when `amount`, either sign, is more than `worker` may decide alone."""
    limit = of(tx, worker, kind)
    if limit is not None and abs(amount) > limit:
        who = people.by_code(tx, worker)
        raise AboveLimit(
            what=what,
            kind=kind,
            limit=limit,
            amount=abs(amount),
            said=say(kind, abs(amount)),
            most=say(kind, limit),
            name=who.short_name if who is not None else worker,
        )


def refuse_value_above(tx: Tx, worker: str, kind: str, item: str, quantity: int, *, what: str) -> int:
    """The same for goods by their value, which is returned (0 without a price and without a limit). Raises NoPrice."""
    cost = int(tx.value(COST, code=item) or 0)
    limit = of(tx, worker, kind)
    if limit is not None and not cost:
        raise NoPrice(item=item, limit=say(kind, limit), scanned=item)
    refuse_above(tx, worker, kind, cost * quantity, what=what)
    return cost * abs(quantity)


def value_of(tx: Tx, item: str, quantity: int) -> int | None:
    """Cents of standard cost; None where the ERP sent no price."""
    cost = int(tx.value(COST, code=item) or 0)
    return cost * abs(quantity) if cost else None


def say(kind: str, amount: int) -> str:
    """`240.00`, `12 %`, `5 units`."""
    unit = KINDS[kind][1] if kind in KINDS else "units"
    if unit == "value":
        return f"{amount // 100}.{amount % 100:02d}"
    return f"{amount} %" if unit == "percent" else f"{amount} unit{'' if amount == 1 else 's'}"


def everything(tx: Tx) -> list[Limit]:
    return tx.all(ALL, Limit)


def give(tx: Tx, holder: str, name: str, kind: str, value: int) -> None:
    """Set a limit; −1 is none at all. Raises NoSuchLimit."""
    if kind not in KINDS or holder not in ("role", "worker"):
        raise NoSuchLimit(scanned=kind, reason="nothing asks for it.")
    if holder == "role" and name not in people.ROLES:
        raise NoSuchLimit(scanned=name, reason="that is no role.")
    if holder == "worker" and people.by_code(tx, name) is None:
        raise NoSuchLimit(scanned=name, reason="nobody is called so.")
    if not NO_LIMIT <= value <= MOST:
        raise NoSuchLimit(scanned=str(value), reason="it is 0 or more, or -1 for none.")
    tx.run(PUT, holder=holder, name=name, kind=kind, value=value)


def drop(tx: Tx, holder: str, name: str, kind: str) -> None:
    """Back to what the roles say; of a role, back to nought until the next start gives it the usual one."""
    tx.run(DROP, of_holder=holder, of_name=name, of_kind=kind)
