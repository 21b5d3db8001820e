"""Correct stock, why: the reason makes it so where it is within the worker's limit; above it, somebody else decides.

1. Choose the reason; take the photo it wants.
2. Above your limit: a supervisor who stands here releases it with badge and PIN; else it waits for the desk.
"""

from msgspec.structs import replace

from app.errors import NeedsRelease
from app.floor.floor import Floor
from app.floor.prompt import Fact, Goods, Key, Prompt
from app.floor.screens import Screen, build
from app.work import arrived, corrections, limits, reasons
from app.work.corrections import ALONE, DIRECTION, Ask


class Why(Screen, frozen=True, kw_only=True, tag="adjusting.why"):
    """Why?"""

    ask: Ask

    def prompt(self, floor: Floor) -> Prompt:
        asked = _prompt(floor, self.ask)
        if self.ask.reason:
            return replace(asked, headline="Take a photo", ask="photo", photo=True, hint="this reason wants one")
        way = 1 if self.ask.change > 0 else -1
        return replace(
            asked,
            headline="Why?",
            ask="choice",
            choices=tuple(
                Key(name="reason", value=one.code, label=one.words, note="photo" if one.photo else "")
                for one in reasons.of_kind(floor.tx, self.ask.kind)
                if self.ask.kind == "write_off" or DIRECTION.get(one.code, way) == way
            ),
            speech="Why?",
        )

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        reason = reasons.check(floor.tx, self.ask.kind, code)
        ask = replace(self.ask, reason=reason.code)
        return Why(ask=ask) if reason.photo and not ask.photo else settle(floor, ask)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        ask = replace(self.ask, photo=name)
        return settle(floor, ask) if ask.reason else Why(ask=ask)

    def tap_back(self, floor: Floor) -> Screen:
        if self.ask.reason:
            return Why(ask=replace(self.ask, reason=""))
        return build("adjusting.amount", item=self.ask.item, slot=self.ask.slot, kind=self.ask.kind)


class Decide(Screen, frozen=True, kw_only=True, tag="adjusting.decide"):
    """It is more than the worker may decide: who does?"""

    ask: Ask
    above: str  # what the limit said

    def prompt(self, floor: Floor) -> Prompt:
        return replace(
            _prompt(floor, self.ask),
            headline="Who decides?",
            ask="choice",
            why=(f"✕ {self.above}",),
            why_title="Above your limit",
            choices=(
                Key(name="supervisor", label="Supervisor is here", note="badge and PIN"),
                Key(name="desk", label="Ask the desk", note="it waits for approval"),
            ),
            speech="This is above your limit. Who decides?",
        )

    def tap_supervisor(self, floor: Floor) -> Screen:
        supervisor = floor.grant.supervisor if floor.grant is not None else ""
        try:
            corrections.refuse_limits(floor.tx, floor.worker, self.ask)
        except NeedsRelease as needed:
            floor.release(needed, document=f"item {self.ask.item}")
            corrections.refuse_limits(floor.tx, supervisor, self.ask)  # every limit of theirs, not only the one asked
        return _post(floor, self.ask, supervisor or ALONE)

    def tap_desk(self, floor: Floor) -> Screen:
        kept, _ = corrections.begin(floor.tx, self.ask, floor.worker)
        floor.step(f"{kept.ask.what}: waits for the desk.")
        return build("adjusting")

    def tap_back(self, floor: Floor) -> Screen:
        return Why(ask=replace(self.ask, reason=""))


def settle(floor: Floor, ask: Ask) -> Screen:
    """Within the limits it is posted; above them somebody else is asked. Raises NoPrice, MoreThanFree."""
    try:
        corrections.refuse_limits(floor.tx, floor.worker, ask)
    except NeedsRelease as needed:
        corrections.refuse(floor.tx, ask)
        return Decide(ask=ask, above=needed.sentence)
    return _post(floor, ask, ALONE)


def _post(floor: Floor, ask: Ask, approver: str) -> Screen:
    _, event = corrections.begin(floor.tx, ask, floor.worker, approver=approver)
    assert event is not None, "with an approver it is posted"
    floor.post(event)
    floor.step(f"{ask.what}.")
    return build("adjusting")


def _prompt(floor: Floor, ask: Ask) -> Prompt:
    of = arrived.size_of(floor.tx, ask.item)
    value = limits.value_of(floor.tx, ask.item, ask.change)
    note = " · ".join(word for word in (f"lot {ask.slot.lot}" * bool(ask.slot.lot), ask.serial) if word)
    worth = (Fact(label="Value", value=limits.say("adjust_value", value)),) if value is not None else ()
    return Prompt(
        job="Write off" if ask.kind == "write_off" else "Correct stock",
        subject=f"at {ask.place}",
        headline="",
        big="item",
        item=Goods(code=ask.item, name=of.name, note=note),
        quantity=abs(ask.change),
        quantity_is="written off" if ask.kind == "write_off" else "more" if ask.change > 0 else "less",
        unit=of.unit,
        facts=worth,
    )
