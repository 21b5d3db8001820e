"""What would this item or LPN get now, and why: every row with the bins it looked at, and why each of them lost.

The floor shows one reason and one runner-up; whoever tends the rows wants to see all of them before anybody walks. Only
read, nothing is held or promised.
"""

import msgspec
from msgspec.structs import replace

from app.db import Tx
from app.errors import BadAmount, Unknown
from app.stock import balances
from app.work import arrived, bins, putaway_handover
from app.work.arrived import Load
from app.work.master_terms import KNOWN_ITEM
from app.work.putaway import Choice, Goods, Strategy, outcome, why_not
from app.work.putaway_rows import in_words

MOST = 1_000_000_000  # pieces asked about
SHOWN = 5  # bins of one row


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    bin: str
    words: str
    chosen: bool = False


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the list, and what became of it."""

    position: int
    words: str
    note: str = ""  # where it named no bin
    bins: tuple[Judged, ...] = ()


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    goods: Goods
    lpn: str
    choice: Choice | None
    handover: str  # where the goods change hands on the way
    tried: tuple[Tried, ...]


def what_now(tx: Tx, code: str, quantity: int = 1) -> tuple[Answered, ...]:
    """One answer per item: an LPN may hold several. Raises Unknown, EmptyLpn, BadAmount."""
    if not 0 < quantity <= MOST:
        raise BadAmount(amount=quantity, reason="ask about one piece or more", scanned=str(quantity))
    plate = balances.carrier(tx, code)
    if plate is not None:
        held = balances.in_lpn(tx, code)
        if not held:
            raise arrived.EmptyLpn(scanned=code)
        loads = [arrived.load_of(row, whole=len(held) == 1) for row in held]
        wanted = [arrived.goods_of(tx, load, row.quantity) for load, row in zip(loads, held, strict=True)]
        here = (plate.location,)
        return tuple(answer(tx, goods, lpn=code, here=here) for goods in wanted)
    if tx.value(KNOWN_ITEM, key=code) is None:
        raise Unknown(scanned=code)
    return (answer(tx, replace(arrived.goods_of(tx, Load(item=code, location=""), quantity), on_lpn=False)),)


def answer(tx: Tx, goods: Goods, *, lpn: str = "", here: tuple[str, ...] = ()) -> Answered:
    choice = bins.propose(tx, goods, "", without=here)
    point = putaway_handover.point_before(tx, choice.bin) if choice is not None else None
    return Answered(
        goods=goods,
        lpn=lpn,
        choice=choice,
        handover=point.in_words() if point is not None else "",
        tried=tuple(_tried(tx, goods, strategy, choice, here) for strategy in bins.strategies(tx)),
    )


def _tried(tx: Tx, goods: Goods, strategy: Strategy, choice: Choice | None, here: tuple[str, ...]) -> Tried:
    named = Tried(position=strategy.position, words=in_words(strategy))
    if not strategy.is_for(goods):
        return replace(named, note="not for these goods")
    found = [code for code in bins.codes(tx, goods, strategy, "") if code not in here]
    if not found:
        return replace(named, note="no such place")
    best = bins.bin_of(tx, choice.bin, goods) if choice is not None else None
    judged = []
    for code in sorted(found, key=lambda code: best is None or code != best.code)[:SHOWN]:
        bin = bins.bin_of(tx, code, goods)
        if bin is None:
            continue
        if best is not None and choice is not None and code == best.code:
            judged.append(Judged(bin=code, words="; ".join(choice.why), chosen=True))
        elif best is not None:
            judged.append(Judged(bin=code, words=outcome(goods, best, bin, strategy)))
        elif (refusal := why_not(goods, bin)) is not None:
            judged.append(Judged(bin=code, words=str(refusal.facts["reason"])))
    return replace(named, bins=tuple(judged))
