"""What stands on a dock or in staging and wants a bin: whole LPNs, and items lying loose.

A `Load` is what one proposal is made for: one item of one lot, on an LPN or loose. An LPN of several items is several
loads, put away one after the other; the last of them takes the LPN along.
"""

import msgspec
from sqlalchemy import bindparam, or_, select

from app.db import Tx
from app.errors import Ambiguous, State, Unknown, Wrong
from app.schema.items import item
from app.schema.places import location
from app.schema.stock import balance, lpn
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import PutAway
from app.stock.slots import Movement, Status
from app.work.arrivals import ARRIVAL_KINDS
from app.work.putaway import BIN_KINDS, Goods


class Load(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of one lot that wants a bin."""

    item: str
    location: str
    lpn: str = ""
    lot: str = ""
    status: Status = "available"
    whole: bool = True  # nothing else is on the LPN

    @property
    def lane(self) -> str:
        """The document of its task."""
        return f"lpn {self.lpn}" if self.lpn else f"loose {self.item} {self.lot} {self.status} at {self.location}"


class ItemSize(msgspec.Struct, frozen=True, kw_only=True):
    """What a bin must know of an item."""

    name: str
    unit: str
    zone: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    hazard_class: str = ""
    temperature: str = ""
    velocity: str = ""
    lot_tracked: int = 0
    serial_tracked: int = 0


class UnknownLpn(Unknown):
    code, title = "unknown_lpn", "Unknown LPN"
    says = "Nobody received LPN {scanned}."
    todo = "Receive it first, or scan the item."


class EmptyLpn(State):
    code, title = "empty_lpn", "Empty LPN"
    says = "Nothing is on LPN {scanned}."
    todo = "Scan the LPN the goods stand on, or the item."


class AlreadyPutAway(State):
    code, title = "already_put_away", "Put away already"
    says = "{scanned} was put away: it is at {where}."
    todo = "Take the next one."


class NotWaiting(Wrong):
    code, title = "not_waiting", "Not to put away"
    says = "{scanned} does not wait to be put away: {reason}."
    todo = "Leave it where it is."


class ScanOneLpn(State):
    code, title = "scan_one_lpn", "LPNs on it"
    says = "LPN {scanned} holds {count} more LPNs."
    todo = "Scan one of them."


_ARRIVED = or_(*(location.c.kind == kind for kind in ARRIVAL_KINDS))
WAITING = (
    select(balance)
    .join(location, location.c.code == balance.c.location)
    .outerjoin(lpn, lpn.c.code == balance.c.lpn)
    .where(
        _ARRIVED,
        balance.c.quantity > 0,
        balance.c.allocated == 0,  # what an order waits for is picked from the dock, before the rest is put away
        balance.c.status != "returned",  # what came back waits for its disposition, not for a bin
        or_(balance.c.lpn == "", lpn.c.kind == "pallet"),
    )
)
LOOSE = WAITING.where(balance.c.item == bindparam("item"), balance.c.lpn == "").order_by(
    balance.c.location, balance.c.lot, balance.c.status
)
ON_LPNS = WAITING.where(balance.c.item == bindparam("item"), balance.c.lpn != "").limit(1)
KIND_OF = select(location.c.kind).where(location.c.code == bindparam("code"))
SIZE = select(*(item.c[name] for name in ItemSize.__struct_fields__)).where(item.c.code == bindparam("code"))


# ── what was scanned ─────────────────────────────────────────────────────────────────────────────────────────────────
def on_lpn(tx: Tx, code: str) -> list[Load]:
    """The loads on an LPN, one an item and lot.

    Raises UnknownLpn, EmptyLpn, AlreadyPutAway, NotWaiting or ScanOneLpn.
    """
    known = balances.carrier(tx, code)
    if known is None:
        raise UnknownLpn(scanned=code)
    if known.state == "gone":
        raise AlreadyPutAway(scanned=f"LPN {code}", where=known.location)
    if known.kind != "pallet":
        raise NotWaiting(scanned=code, reason=f"it is a {known.kind}")
    kind = str(tx.value(KIND_OF, code=known.location) or "")
    held = balances.in_lpn(tx, code)
    if held and kind in BIN_KINDS:
        raise AlreadyPutAway(scanned=f"LPN {code}", where=known.location)
    if nested := [child for child in balances.nested(tx, code) if child.state == "open"]:
        raise ScanOneLpn(scanned=code, count=len(nested))
    if not held:
        raise EmptyLpn(scanned=code)
    if kind not in ARRIVAL_KINDS:
        raise NotWaiting(scanned=f"LPN {code}", reason=f"it stands at {known.location}")
    if promised := sum(row.allocated for row in held):
        raise NotWaiting(scanned=f"LPN {code}", reason=f"orders wait for {promised} of it, a picker fetches them first")
    return [load_of(row, whole=len(held) == 1) for row in held]


def loose(tx: Tx, code: str) -> list[Load]:
    """Where an item lies loose. Raises NotWaiting where it does not, naming an LPN it is on."""
    found = [load_of(row) for row in tx.all(LOOSE, Balance, item=code)]
    if found:
        return found
    carried = tx.one(ON_LPNS, Balance, item=code)
    if carried is not None:
        raise NotWaiting(scanned=code, reason=f"it stands on an LPN, {carried.lpn}: scan that")
    raise NotWaiting(scanned=code, reason="none of it lies on a dock or in staging")


def at_place(tx: Tx, code: str) -> list[Load]:
    """A staging place stands for its only content. Raises NotWaiting, or Ambiguous when more stands there."""
    if tx.value(KIND_OF, code=code) not in ARRIVAL_KINDS:
        raise NotWaiting(scanned=code, reason="goods wait on docks and in staging")
    held = balances.at_location(tx, code)
    plates = {row.lpn for row in held}
    if not held:
        raise NotWaiting(scanned=code, reason="nothing stands there")
    if len(plates) > 1 or (plates == {""} and len(held) > 1):
        raise Ambiguous(scanned=code, meanings="several goods that stand there: scan one LPN or item")
    return on_lpn(tx, held[0].lpn) if held[0].lpn else [load_of(held[0])]


def load_of(row: Balance, *, whole: bool = True) -> Load:
    return Load(item=row.item, location=row.location, lpn=row.lpn, lot=row.lot, status=row.status, whole=whole)


# ── what it is, and moving it ────────────────────────────────────────────────────────────────────────────────────────
def now_at(tx: Tx, load: Load) -> Balance:
    """The load as it stands now. Raises AlreadyPutAway when somebody moved it meanwhile."""
    held = _find(tx, load)
    if held is not None:
        return held
    elsewhere = balances.carrier(tx, load.lpn) if load.lpn else None
    where = elsewhere.location if elsewhere is not None else "another place"
    raise AlreadyPutAway(scanned=f"LPN {load.lpn}" if load.lpn else load.item, where=where)


def quantity_of(tx: Tx, load: Load) -> int:
    """0 when somebody moved it meanwhile: a screen must still be drawn."""
    held = _find(tx, load)
    return held.quantity if held is not None else 0


def _find(tx: Tx, load: Load) -> Balance | None:
    for row in balances.of_item_at(tx, load.item, load.location):
        if (row.lpn, row.lot, row.status) == (load.lpn, load.lot, load.status):
            return row
    return None


def size_of(tx: Tx, code: str) -> ItemSize:
    found = tx.one(SIZE, ItemSize, code=code)
    assert found is not None, f"stock of {code}, which has no item row"
    return found


def lot_tracked(tx: Tx, code: str) -> bool:
    return size_of(tx, code).lot_tracked > 0


def serial_tracked(tx: Tx, code: str) -> bool:
    return size_of(tx, code).serial_tracked > 0


def goods_of(tx: Tx, load: Load, quantity: int) -> Goods:
    of = size_of(tx, load.item)
    volume = of.length_mm * of.width_mm * of.height_mm * quantity
    return Goods(
        item=load.item,
        quantity=quantity,
        lot=load.lot,
        zone=of.zone,
        volume_ml=-(-volume // 1000),
        weight_g=of.weight_g * quantity,
        on_lpn=bool(load.lpn) and load.whole and quantity == quantity_of(tx, load),
        hazard_class=of.hazard_class,
        temperature=of.temperature,
        velocity=of.velocity,
    )


def put_away(
    tx: Tx, load: Load, quantity: int, target: str, kind: str, *, why: str = "", instead_of: str = "", reason: str = ""
) -> PutAway:
    """The event that brings a load, or a part of it, into a bin. A reserve keeps a whole LPN; a bin takes the goods out."""
    held = now_at(tx, load)
    all_of_it = quantity == held.quantity
    keep = kind == "reserve" and bool(load.lpn) and load.whole and all_of_it
    slot = held.slot.at(target, held.lpn if keep else "")
    if all_of_it:
        moves = balances.moves_of(tx, held, slot)
    else:
        moves = [Movement(item=held.item, quantity=quantity, source=held.slot, target=slot)]
    return PutAway(
        lpn=load.lpn,
        target=target,
        contents=tuple(moves),
        keep_lpn=keep,
        part=bool(load.lpn) and not (load.whole and all_of_it),
        why=why,
        instead_of=instead_of,
        reason=reason,
    )


def rest_of(tx: Tx, load: Load) -> Load | None:
    """What is still to be put away of the same LPN, or of the same loose goods."""
    rows = balances.in_lpn(tx, load.lpn) if load.lpn else balances.of_item_at(tx, load.item, load.location)
    left = [row for row in rows if row.location == load.location and row.lpn == load.lpn]
    same = [row for row in left if (row.item, row.lot, row.status) == (load.item, load.lot, load.status)]
    following = same or (left if load.lpn else [])
    return load_of(following[0], whole=len(left) == 1) if following else None
