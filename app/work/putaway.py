"""Into which bin do these goods go, and why? Pure rules over structs; app/work/bins.py reads the house for them.

The strategies are rows, tried in their order: the item's own pick face, a bin where it already lies, an empty bin in its
zone, any empty bin, any bin with room. A row may be only for some goods (dangerous, cold, fast) or only for one kind of
place. A bin must be usable, allowed for the item (zone, hazard class, temperature), keep its mixing rule and have room by
quantity, volume, weight and LPNs; the first strategy with such a bin wins. The worker is told why, and why the bin one
would rather have thought of was not chosen, because a proposal nobody understands is not followed.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from app.errors import Refusal, State, Wrong

BIN_KINDS = ("bin", "reserve")
MOST_REASONS = 3
HOUSE_TEMPERATURE = "ambient"  # of a place that says nothing
OF_GOODS = ("hazard_class", "temperature", "velocity")  # what a row may ask of the goods

Rule = Literal["fixed", "same_item", "empty_in_zone", "empty", "any_room"]


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """What wants a bin. Volume and weight are of the whole quantity; 0 where the item master does not know."""

    item: str
    quantity: int
    lot: str = ""
    zone: str = ""  # where the item belongs; empty: anywhere
    volume_ml: int = 0
    weight_g: int = 0
    on_lpn: bool = False  # a whole LPN, which a reserve keeps
    hazard_class: str = ""
    temperature: str = ""  # it must be kept so
    velocity: str = ""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """A location with what lies in it now. Capacities of 0 are no limit."""

    code: str
    kind: str = "bin"
    zone: str = ""
    sequence: int = 0
    mix: str = "any"
    fixed_item: str = ""
    blocked: str = ""
    counted: int = 0  # a count of it is under way
    capacity_quantity: int = 0
    capacity_volume_ml: int = 0
    capacity_weight_g: int = 0
    capacity_lpns: int = 0
    quantity: int = 0
    volume_ml: int = 0
    weight_g: int = 0
    lpns: int = 0
    same_item: int = 0  # of the quantity
    same_lot: int = 0
    same_owner: int = 0
    hazards: str = ""  # classes it may hold
    temperature: str = ""

    @property
    def kept_at(self) -> str:
        return self.temperature or HOUSE_TEMPERATURE


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    rule: Rule
    zone: str = ""  # only bins of this zone
    kind: str = ""  # only places of this kind
    hazard_class: str = ""  # only for such goods; empty: for all
    temperature: str = ""
    velocity: str = ""

    def is_for(self, goods: Goods) -> bool:
        """Does the row speak of these goods at all?"""
        return all(getattr(self, name) in ("", getattr(goods, name)) for name in OF_GOODS)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    bin: str
    kind: str
    rule: Rule
    why: tuple[str, ...]
    runner_up: str = ""
    lost: str = ""  # why the runner-up was not chosen


class NotAllowedHere(Wrong):
    code, title = "not_allowed_here", "Not allowed here"
    says = "{item} may not go to {scanned}: {reason}."
    todo = "Take it to {expected}."


class BinFull(State):
    code, title = "bin_full", "Bin is full"
    says = "{scanned} is full: {reason}."
    todo = "Take it to another bin."


class MixRule(State):
    code, title = "mix_rule", "Must not be mixed"
    says = "{scanned} takes {rule}: {reason}."
    todo = "Take it to another bin."


class BinBlocked(State):
    code, title = "bin_blocked", "Bin is blocked"
    says = "{scanned} is blocked: {reason}."
    todo = "Take it to another bin."


_USUAL: tuple[Rule, ...] = ("fixed", "same_item", "empty_in_zone", "empty", "any_room")
DEFAULT_STRATEGIES = tuple(Strategy(position=position, rule=rule) for position, rule in enumerate(_USUAL, 1))


def choose_bin(goods: Goods, bins: Sequence[Bin], strategies: Sequence[Strategy]) -> Choice | None:
    """First strategy that names a bin wins; a Choice says why, and why the runner-up lost. None: no bin at all."""
    preferred: tuple[Bin, Refusal] | None = None
    for number, strategy in enumerate(strategies):
        if not strategy.is_for(goods):
            continue
        named = sorted((bin for bin in bins if _names(strategy, goods, bin)), key=_preference(goods))
        fitting = []
        for bin in named:
            refusal = why_not(goods, bin)
            if refusal is None:
                fitting.append(bin)
            elif preferred is None and not isinstance(refusal, NotAllowedHere):
                preferred = (bin, refusal)
        if fitting:
            best = fitting[0]
            runner_up, lost = _runner_up(goods, best, fitting, preferred, bins, strategies[number + 1 :])
            why = _why(strategy, goods, best)
            return Choice(bin=best.code, kind=best.kind, rule=strategy.rule, why=why, runner_up=runner_up, lost=lost)
    return None


def why_not(goods: Goods, bin: Bin) -> Refusal | None:
    """What forbids these goods this bin, or None."""
    facts = {"scanned": bin.code, "item": goods.item, "expected": "a bin or reserve"}
    if bin.kind not in BIN_KINDS:
        return NotAllowedHere(**facts, reason=f"it is a {bin.kind}")
    if bin.blocked:
        return BinBlocked(**facts, reason=bin.blocked)
    if bin.counted:
        return BinBlocked(**facts, reason="it is being counted")
    if bin.fixed_item and bin.fixed_item != goods.item:
        return NotAllowedHere(**facts, reason=f"it belongs to {bin.fixed_item}")
    if goods.zone and bin.zone != goods.zone and bin.fixed_item != goods.item:
        facts["expected"] = f"zone {goods.zone}"
        return NotAllowedHere(
            **facts, reason=f"the item belongs to zone {goods.zone}, this is zone {bin.zone or 'none'}"
        )
    if goods.hazard_class and goods.hazard_class not in bin.hazards.split():
        facts["expected"] = f"a place for hazard class {goods.hazard_class}"
        return NotAllowedHere(**facts, reason=f"it may not hold hazard class {goods.hazard_class}")
    if goods.temperature and goods.temperature != bin.kept_at:
        facts["expected"] = f"a place kept {goods.temperature}"
        return NotAllowedHere(**facts, reason=f"the item is kept {goods.temperature}, this place is {bin.kept_at}")
    if bin.mix == "one_owner" and bin.quantity > bin.same_owner:
        return MixRule(**facts, rule="one owner", reason="another owner's goods are in it")
    if bin.mix in ("one_item", "one_lot") and bin.quantity > bin.same_item:
        return MixRule(**facts, rule="one item" if bin.mix == "one_item" else "one lot", reason="another item is in it")
    if bin.mix == "one_lot" and bin.quantity > bin.same_lot:
        return MixRule(**facts, rule="one lot", reason="another lot is in it")
    reason = _too_much(goods, bin)
    return BinFull(**facts, reason=reason) if reason else None


def _too_much(goods: Goods, bin: Bin) -> str:
    if bin.capacity_quantity and bin.quantity + goods.quantity > bin.capacity_quantity:
        return f"room for {max(0, bin.capacity_quantity - bin.quantity)}, you bring {goods.quantity}"
    if bin.capacity_volume_ml and bin.volume_ml + goods.volume_ml > bin.capacity_volume_ml:
        return f"{_litres(bin.capacity_volume_ml - bin.volume_ml)} free, you bring {_litres(goods.volume_ml)}"
    if bin.capacity_weight_g and bin.weight_g + goods.weight_g > bin.capacity_weight_g:
        return f"it may carry {_kilos(bin.capacity_weight_g - bin.weight_g)} more, you bring {_kilos(goods.weight_g)}"
    if goods.on_lpn and bin.kind == "reserve" and bin.capacity_lpns and bin.lpns >= bin.capacity_lpns:
        return f"{bin.lpns} of {bin.capacity_lpns} LPNs are in it"
    return ""


def _litres(volume_ml: int) -> str:
    return f"{max(0, volume_ml) / 1000:.1f} l"


def _kilos(weight_g: int) -> str:
    return f"{max(0, weight_g) / 1000:.1f} kg"


def _names(strategy: Strategy, goods: Goods, bin: Bin) -> bool:
    """Does the strategy mean this bin, room or not?"""
    if strategy.kind and bin.kind != strategy.kind:
        return False
    if strategy.rule == "empty_in_zone":
        zone = strategy.zone or goods.zone
        return bool(zone) and bin.zone == zone and not bin.quantity
    if strategy.zone and bin.zone != strategy.zone:
        return False
    return {
        "fixed": bin.fixed_item == goods.item,
        "same_item": bin.same_item > 0,
        "empty": not bin.quantity,
        "any_room": True,
    }[strategy.rule]


def _preference(goods: Goods) -> Callable[[Bin], tuple[bool, bool, int, str]]:
    """The same lot together, whole LPNs into reserves and loose goods into bins, then the walking order."""
    wanted = "reserve" if goods.on_lpn else "bin"
    return lambda bin: (not (goods.lot and bin.same_lot), bin.kind != wanted, bin.sequence, bin.code)


def _why(strategy: Strategy, goods: Goods, bin: Bin) -> tuple[str, ...]:
    same = "Same item and lot" if goods.lot and bin.same_lot else "Same item"
    here = bin.same_lot if goods.lot and bin.same_lot else bin.same_item
    first = {
        "fixed": f"The pick face of {goods.item}",
        "same_item": f"{same} is here: {here}",
        "empty_in_zone": f"Empty, and in zone {bin.zone}",
        "empty": "Empty, first on the walk",
        "any_room": "The first with room",
    }[strategy.rule]
    room = _room(goods, bin)
    last = "A reserve: the LPN stays whole" if goods.on_lpn and bin.kind == "reserve" else ""
    if not last and goods.zone and bin.zone == goods.zone and strategy.rule != "empty_in_zone":
        last = f"The item's zone, {bin.zone}"
    if goods.hazard_class:
        last = f"May hold hazard class {goods.hazard_class}"
    elif goods.temperature and goods.temperature != HOUSE_TEMPERATURE:
        last = f"It is kept {goods.temperature} here"
    return tuple(reason for reason in (first, room, last) if reason)[:MOST_REASONS]


def _room(goods: Goods, bin: Bin) -> str:
    """`Room for 96, you bring 48`, by the tightest limit that can be said in pieces; empty without a limit."""
    limits = []
    if bin.capacity_quantity:
        limits.append(bin.capacity_quantity - bin.quantity)
    for capacity, filled, bring in (
        (bin.capacity_volume_ml, bin.volume_ml, goods.volume_ml),
        (bin.capacity_weight_g, bin.weight_g, goods.weight_g),
    ):
        if capacity and bring:
            limits.append((capacity - filled) * goods.quantity // bring)
    return f"Room for {min(limits)}, you bring {goods.quantity}" if limits else ""


def outcome(goods: Goods, best: Bin, other: Bin, strategy: Strategy) -> str:
    """Why a bin of this strategy lost against the chosen one, in words; for the full list at the desk."""
    refusal = why_not(goods, other)
    if refusal is not None:
        return in_words(refusal)
    return _behind(goods, best, other) or _LATER[strategy.rule]


def in_words(refusal: Refusal) -> str:
    reason = str(refusal.facts["reason"])
    return f"takes {refusal.facts['rule']}: {reason}" if isinstance(refusal, MixRule) else reason


def _behind(goods: Goods, best: Bin, second: Bin) -> str:
    if goods.lot and best.same_lot and not second.same_lot:
        return "other lots are in it"
    if second.kind != best.kind:
        return "the LPN would be broken up" if best.kind == "reserve" else "it is a reserve"
    return "further along the walk"


def _runner_up(
    goods: Goods,
    best: Bin,
    fitting: Sequence[Bin],
    preferred: tuple[Bin, Refusal] | None,
    bins: Sequence[Bin],
    later: Sequence[Strategy],
) -> tuple[str, str]:
    """The bin one would rather have thought of, and why it lost."""
    if preferred is not None:
        bin, refusal = preferred
        return bin.code, in_words(refusal)
    if len(fitting) > 1:
        return fitting[1].code, _behind(goods, best, fitting[1])
    for strategy in later:
        if not strategy.is_for(goods):
            continue
        others = [bin for bin in bins if bin.code != best.code and _names(strategy, goods, bin)]
        others = sorted((bin for bin in others if why_not(goods, bin) is None), key=_preference(goods))
        if others:
            return others[0].code, _LATER[strategy.rule]
    return "", ""


_LATER: dict[str, str] = {
    "fixed": "its pick face comes later",
    "same_item": "the same item comes later",
    "empty_in_zone": "empty, but nothing of it lies there",
    "empty": "empty, but nothing of it lies there",
    "any_room": "other goods are in it",
}
