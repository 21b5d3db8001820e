"""Picking: less is there than the books say.

1. Tap Short. Say how many you found (type it, or tap Found) and why the rest is missing.
2. The screen says what will happen: where the rest comes from, what is backordered, that the bin is counted.
3. Confirm. All of it happens at once, and the walk goes on; what you found is picked as usual.
"""

from msgspec.structs import replace

from app.errors import BadAmount
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.screens import Screen, build
from app.work import picking, shorts
from app.work.shorts import REASONS, ShortPlan
from app.workflows import picking_walk as walk
from app.workflows.picking_hand import InHand


class Short(Screen, frozen=True, kw_only=True, tag="picking.short"):
    """How many are there, and why not all?"""

    task: str
    pick: str
    hand: InHand = InHand()
    found: int = 0
    reason: str = "bin_empty"

    def prompt(self, floor: Floor) -> Prompt:
        line = picking.find(floor.tx, self.pick)
        if line is None or line.state != "open":
            return walk.gone_prompt(self.task)
        plan = shorts.plan_short(floor.tx, line, self.found)
        done, lines = picking.count(floor.tx, self.task)
        goods = picking.item_of(floor.tx, line.item)
        return Prompt(
            job=f"Short at {line.location}",
            headline="Why?",
            ask="quantity",
            hint="type how many you found",
            progress=(min(done + 1, lines), lines),
            progress_of="lines",
            under_way=True,
            big="quantity",
            item=Goods(code=goods.code, name=goods.name),
            quantity=plan.missing,
            of=line.left,
            unit=goods.unit,
            quantity_is="missing",
            why=what_follows(plan),
            why_title="Then",
            choices=tuple(
                Key(name="reason", value=code, label=label, pressed=code == self.reason)
                for code, label in REASONS.items()
            ),
            keys=(Key(name="found", label=f"Found {self.found}"),) if line.left > 1 else (),
            main=Key(name="confirm", label=f"Confirm {plan.missing} short", note=REASONS[self.reason].lower()),
            speech=f"{plan.missing} missing. Why?",
        )

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        line = walk.line(floor, self.task, self.pick)
        if line is None:
            return walk.moved_on(floor, self.task, self.pick, self.hand)
        if quantity >= line.left:
            raise BadAmount(amount=quantity, reason="then nothing is missing.", expected=f"less than {line.left}")
        return replace(self, found=quantity)

    def tap_found(self, floor: Floor) -> Screen:
        """Each tap one more, and after the last none."""
        line = walk.line(floor, self.task, self.pick)
        if line is None:
            return walk.moved_on(floor, self.task, self.pick, self.hand)
        return replace(self, found=(self.found + 1) % line.left)

    def tap_reason(self, floor: Floor, reason: str) -> Screen:
        return replace(self, reason=reason) if reason in REASONS else self

    def tap_back(self, floor: Floor) -> Screen:
        return build("picking.go", task=self.task, pick=self.pick)

    def tap_confirm(self, floor: Floor) -> Screen:
        line = walk.line(floor, self.task, self.pick)
        if line is None or self.found >= line.left:
            return walk.moved_on(floor, self.task, self.pick, self.hand)
        plan = shorts.plan_short(floor.tx, line, self.found)
        floor.post(shorts.follow(floor.tx, plan, self.reason, floor.worker), undoable=False)
        floor.step(in_words(plan))
        if not self.found:
            return walk.go_on(floor, self.task)
        if not self.hand.taken or self.hand.taken > self.found:
            return build("picking.take", task=self.task, pick=self.pick)
        tag = "picking.tote_of" if self.hand.taken == self.found else "picking.count"
        return build(tag, task=self.task, pick=self.pick, hand=self.hand)


def what_follows(plan: ShortPlan) -> tuple[str, ...]:
    told = []
    for claim, way in zip(plan.elsewhere, plan.distances_mm, strict=True):
        on = f", {-(-way // 1000)} m on" if way >= 0 else ""
        told.append(f"→ {claim.quantity} more from {claim.slot.location}{on}")
    if plan.backordered:
        told.append(f"→ {plan.backordered} backordered: no other bin has any")
    told.append(f"# {plan.pick.location} is counted today")
    return tuple(told)


def in_words(plan: ShortPlan) -> str:
    from_others = ", ".join(f"{claim.quantity} from {claim.slot.location}" for claim in plan.elsewhere)
    parts = [from_others] if from_others else []
    parts += [f"{plan.backordered} backordered"] if plan.backordered else []
    return f"{plan.missing} short: {', '.join(parts)}."
