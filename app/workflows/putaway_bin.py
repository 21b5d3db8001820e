"""Putaway, from the proposal to the bin: why this one, why another, and what when there is none.

The bin is judged again at the very scan, for it may have filled while the worker walked. Wrong bins are refused before
anything is asked; a bin that would do is confirmed by scanning it again, and the reason is kept in the event.
"""

from msgspec.structs import replace

from app.errors import BadAmount, Refusal, ScanAgain, State, Unknown
from app.floor.floor import Floor
from app.floor.prompt import Ask, Key, Prompt
from app.floor.prompt import Goods as Shown
from app.floor.readings import LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.work import arrivals, arrived, bins, putaway_handover, putaway_queue, tasks
from app.work.arrived import Load
from app.work.putaway import Bin, why_not

REASONS = {
    "full": "Bin is full",
    "not_reached": "Cannot reach it",
    "damaged": "Bin is damaged",
    "wrong_goods": "Other goods in it",
    "better": "Better place",
}


class OtherBin(ScanAgain):
    code, title = "other_bin", "Another bin"
    says = "Proposed {expected}, scanned {scanned}: free, and it fits."
    todo = "Sure? Scan {scanned} again. Or scan {expected}."


class WholeOnly(State):
    code, title = "whole_only", "All of it"
    says = "{item} has serials: all {expected} go to one bin."
    todo = "Scan a bin that takes them all."


class ToBin(Screen, frozen=True, kw_only=True, tag="putaway.to_bin"):
    """Walk there, scan it."""

    load: Load
    bin: str
    why: tuple[str, ...] = ()
    part: int = 0  # less than all of it; 0: all
    not_wanted: tuple[str, ...] = ()
    instead_of: str = ""
    reason: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        return _prompt(
            floor,
            self.load,
            self.part,
            headline="Scan bin",
            place=self.bin,
            why=self.why,
            keys=(Key(name="other", label="Other bin"), Key(name="part", label="Not all fits")),
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        if read.location == self.bin and (refusal := _judge(floor, self.load, self.part, self.bin)[1]) is not None:
            return _another(floor, self, refusal)
        _check(floor, self.load, self.part, read.location)
        if read.location != self.bin:
            floor.confirm(OtherBin(expected=self.bin, scanned=read.location))
            return WhyOther(asking=self, bin=read.location)
        return _post(floor, self, read.location)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """Another LPN: this one stays where it is."""
        loads = arrived.on_lpn(floor.tx, read.lpn)
        if read.lpn == self.load.lpn:
            return self
        _let_go(floor, self.load)
        return take(floor, loads[0])

    def tap_part(self, floor: Floor) -> Screen:
        return HowMany(asking=self)

    def tap_other(self, floor: Floor) -> Screen:
        return WhyOther(asking=self)

    def tap_back(self, floor: Floor) -> Screen:
        _let_go(floor, self.load)
        return build("putaway.start")


class WhyOther(Screen, frozen=True, kw_only=True, tag="putaway.why_other"):
    """Why not the proposed bin?"""

    asking: ToBin
    bin: str = ""  # the one scanned instead; empty: propose another

    def prompt(self, floor: Floor) -> Prompt:
        return _prompt(
            floor,
            self.asking.load,
            self.asking.part,
            headline=f"Why not {self.asking.bin}?",
            ask="choice",
            choices=tuple(Key(name="reason", value=code, label=label) for code, label in REASONS.items()),
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        if code not in REASONS:
            raise Unknown(scanned=f"reason {code[:20]}")
        asking = self.asking
        known = replace(
            asking,
            reason=code,
            instead_of=asking.instead_of or asking.bin,
            not_wanted=(*asking.not_wanted, asking.bin),
        )
        if self.bin:
            return _post(floor, known, self.bin)
        return propose(floor, known)

    def tap_back(self, floor: Floor) -> Screen:
        return self.asking


class HowMany(Screen, frozen=True, kw_only=True, tag="putaway.how_many"):
    """Not all fits: how much goes there? The rest gets a proposal of its own."""

    asking: ToBin

    def prompt(self, floor: Floor) -> Prompt:
        hint = f"of {arrived.quantity_of(floor.tx, self.asking.load)}; the rest gets another bin"
        return _prompt(floor, self.asking.load, 0, headline="Type how many fit", ask="quantity", hint=hint)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        held = arrived.now_at(floor.tx, self.asking.load)
        if quantity > held.quantity:
            raise BadAmount(
                amount=quantity,
                reason=f"only {held.quantity} are here",
                expected=str(held.quantity),
                scanned=str(quantity),
            )
        if quantity == held.quantity:
            return propose(floor, replace(self.asking, part=0))
        if balances.serials_of(floor.tx, held):
            raise WholeOnly(item=held.item, expected=held.quantity, scanned=str(quantity))
        if quantity > held.free:
            raise BadAmount(
                amount=quantity, reason=f"only {held.free} are not promised to orders", scanned=str(quantity)
            )
        return propose(floor, replace(self.asking, part=quantity))

    def tap_back(self, floor: Floor) -> Screen:
        return self.asking


class NoBin(Screen, frozen=True, kw_only=True, tag="putaway.no_bin"):
    """Nothing takes it. The worker may know a bin we did not think of."""

    load: Load
    part: int = 0

    def prompt(self, floor: Floor) -> Prompt:
        return _prompt(
            floor,
            self.load,
            self.part,
            headline="Leave it here",
            hint="a supervisor was told; or scan a bin that takes it",
            place=self.load.location,
            keys=(Key(name="part", label="Part of it"),),
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        _check(floor, self.load, self.part, read.location)
        return _post(floor, ToBin(load=self.load, bin=read.location, part=self.part, reason="overflow"), read.location)

    def tap_part(self, floor: Floor) -> Screen:
        return HowMany(asking=ToBin(load=self.load, bin=""))

    def tap_back(self, floor: Floor) -> Screen:
        _let_go(floor, self.load)
        return build("putaway.start")


def take(floor: Floor, load: Load) -> Screen:
    """Begin with a load: propose its bin, and hold it against others. Raises RunningElsewhere until confirmed."""
    return propose(floor, ToBin(load=load, bin=""))


def propose(floor: Floor, known: ToBin) -> Screen:
    load = known.load
    quantity = known.part or arrived.now_at(floor.tx, load).quantity
    goods = arrived.goods_of(floor.tx, load, quantity)
    choice = bins.propose(floor.tx, goods, floor.worker, without=known.not_wanted)
    point = putaway_handover.on_the_way(floor.tx, floor.worker, load, choice.bin) if choice is not None else None
    key = putaway_queue.going_to(floor.tx, load, choice.bin if choice is not None else "")
    tasks.take(floor.tx, key, floor.worker, floor.device, floor.confirm)
    if choice is None:
        putaway_queue.no_destination(floor.tx, load, quantity, floor.worker)
        floor.warn(f"No bin has room for {quantity} × {load.item}. Leave it at {load.location}.")
        return NoBin(load=load, part=known.part)
    if point is not None:
        return build("putaway.to_handover", load=load, bin=choice.bin, part=known.part, why=choice.why)
    lost = (f"✕ {choice.runner_up}: {choice.lost}",) if choice.runner_up else ()
    return replace(known, bin=choice.bin, why=(*choice.why, *lost))


def _another(floor: Floor, known: ToBin, refusal: Refusal) -> Screen:
    """The bin on the screen was taken while somebody walked there: the next best at once, and no question why."""
    following = propose(floor, replace(known, not_wanted=(*known.not_wanted, known.bin)))
    if not isinstance(following, NoBin):
        floor.warn(f"{refusal.sentence} Now {following.prompt(floor).place}.")
    return following


def _check(floor: Floor, load: Load, part: int, code: str) -> Bin:
    """The bin as it is now. Raises NotAllowedHere, BinFull, MixRule or BinBlocked."""
    bin, refusal = _judge(floor, load, part, code)
    if refusal is not None:
        raise refusal
    return bin


def _judge(floor: Floor, load: Load, part: int, code: str) -> tuple[Bin, Refusal | None]:
    """The bin as it is now, and why it does not take them, if it does not."""
    goods = arrived.goods_of(floor.tx, load, part or arrived.now_at(floor.tx, load).quantity)
    bin = bins.bin_of(floor.tx, code, goods)
    if bin is None:
        raise Unknown(scanned=code)
    return bin, why_not(goods, bin)


def _post(floor: Floor, known: ToBin, code: str) -> Screen:
    load = known.load
    bin = _check(floor, load, known.part, code)
    quantity = known.part or arrived.now_at(floor.tx, load).quantity
    event = arrived.put_away(
        floor.tx,
        load,
        quantity,
        bin.code,
        bin.kind,
        why=known.why[0] if known.why else "",
        instead_of=known.instead_of,
        reason=known.reason,
    )
    floor.post(event)
    floor.step(
        f"{quantity} × {load.item} in {bin.code}" + (f" on {arrivals.named(load.lpn)}" if event.keep_lpn else "")
    )
    if (rest := arrived.rest_of(floor.tx, load)) is not None:
        return take(floor, rest)
    if (task := putaway_queue.open_task(floor.tx, load)) is not None:
        tasks.finish(floor.tx, task.id)
    return build("putaway.start")


def _let_go(floor: Floor, load: Load) -> None:
    if (task := putaway_queue.open_task(floor.tx, load)) is not None and task.worker == floor.worker:
        tasks.cancel(floor.tx, task.id)


def _prompt(
    floor: Floor,
    load: Load,
    part: int,
    *,
    headline: str,
    ask: Ask = "scan",
    hint: str = "",
    place: str = "",
    why: tuple[str, ...] = (),
    keys: tuple[Key, ...] = (),
    choices: tuple[Key, ...] = (),
) -> Prompt:
    of = arrived.size_of(floor.tx, load.item)
    quantity = part or arrived.quantity_of(floor.tx, load)
    note = [f"{quantity} {of.unit}"] + ([f"lot {load.lot}"] if load.lot else [])
    note += [load.status] if load.status != "available" else []
    return Prompt(
        job="Put away",
        subject=arrivals.named(load.lpn) if load.lpn else f"at {load.location}",
        headline=headline,
        ask=ask,
        hint=hint or ("" if load.whole or not load.lpn else "more is on the LPN"),
        place=place,
        big="place" if place else "item",
        item=Shown(code=load.item, name=of.name, note=" · ".join(note)),
        why=why,
        why_title="Why this bin" if why else "",
        keys=keys,
        choices=choices,
        speech=f"{headline} {place}".strip(),
    )
