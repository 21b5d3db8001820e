"""Picking: the cart and its totes.

1. A walk of several orders wants a cart: scan one that is free. One order alone is carried by hand, in one tote.
2. Scan an empty tote for each place on the cart; from then on it collects that order and no other.
3. A tote that is full stays where it is: scan another empty one, and the order goes on in that.
"""

from app.errors import Wrong
from app.floor.floor import Floor
from app.floor.prompt import Prompt
from app.floor.readings import LocationReading, LpnReading
from app.floor.screens import Screen, build
from app.stock.events import Moved
from app.stock.slots import Carry
from app.work import people, picking, tasks
from app.workflows import picking_walk as walk
from app.workflows.picking_hand import InHand


class NotACart(Wrong):
    code, title = "not_a_cart", "Not a cart"
    says = "{scanned} is a {kind}, not a cart."
    todo = "Scan a cart."


class Cart(Screen, frozen=True, kw_only=True, tag="picking.cart"):
    """Which cart?"""

    task: str

    def prompt(self, floor: Floor) -> Prompt:
        totes = picking.totes(floor.tx, self.task)
        _, lines = picking.count(floor.tx, self.task)
        return Prompt(
            job="Pick",
            headline="Scan cart",
            hint=f"{len(totes)} totes, {lines} lines",
            subject=self.task,
            totes=walk.on_cart(totes),
            speech="Scan a cart.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        tasks.keep(floor.tx, self.task, floor.worker, floor.device)
        take_cart(floor, self.task, read)
        return walk.go_on(floor, self.task)


def take_cart(floor: Floor, task: str, read: LocationReading) -> None:
    """Raises NotACart or CartInUse."""
    if read.of != "cart":
        raise NotACart(scanned=read.location, kind=read.of)
    used = picking.task_on_cart(floor.tx, read.location)
    if used is not None and used[0] != task:
        who = people.by_code(floor.tx, used[1])
        raise picking.CartInUse(scanned=read.location, task=used[0], holder=who.short_name if who else "nobody")
    picking.set_cart(floor.tx, task, read.location)


def bring(floor: Floor, task: str, read: LpnReading) -> None:
    """An empty tote comes onto the cart (or into the hand)."""
    picking.refuse_tote(floor.tx, read.lpn, read.of)
    carry = Carry(lpn=read.lpn, location=walk.cart_of(floor, task), kind="tote" if read.new else "")
    floor.post(Moved(contents=(), carried=(carry,)), undoable=False)


class EmptyTote(Screen, frozen=True, kw_only=True, tag="picking.tote"):
    """An empty tote for each order of the walk."""

    task: str

    def prompt(self, floor: Floor) -> Prompt:
        found, wanted = tasks.find(floor.tx, self.task), picking.without_tote(floor.tx, self.task)
        if found is None or wanted is None:
            return walk.gone_prompt(self.task)
        totes = picking.totes(floor.tx, self.task)
        return Prompt(
            job=f"Pick {walk.name(found)}",
            headline="Scan empty tote",
            hint=f"for order {wanted.order_code}, place {wanted.position}",
            progress=(sum(bool(tote.tote) for tote in totes) + 1, len(totes)),
            progress_of="totes",
            under_way=True,
            tote=str(wanted.position),
            totes=walk.on_cart(totes),
            done=tuple(tote.shown for tote in totes if tote.tote and not tote.full),
            speech=f"Scan an empty tote for place {wanted.position}.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        tasks.keep(floor.tx, self.task, floor.worker, floor.device)
        wanted = picking.without_tote(floor.tx, self.task)
        if wanted is not None:
            bring(floor, self.task, read)
            picking.assign(floor.tx, wanted, read.lpn)
            floor.ok(f"Tote {wanted.position} is {read.lpn}.")
        return walk.go_on(floor, self.task)


class AnotherTote(Screen, frozen=True, kw_only=True, tag="picking.full"):
    """The tote is full: another empty one for the same order."""

    task: str
    pick: str
    hand: InHand = InHand()

    def prompt(self, floor: Floor) -> Prompt:
        return walk.line_prompt(
            floor, self.task, self.pick, "Scan empty tote", big="", hand=self.hand, hint="the full one stays", keys=()
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        found = walk.line(floor, self.task, self.pick)
        full = picking.open_tote(floor.tx, self.task, found.order_code) if found else None
        if found is None or full is None:
            return walk.moved_on(floor, self.task, self.pick, self.hand)
        bring(floor, self.task, read)
        picking.replace_full(floor.tx, full, read.lpn)
        floor.ok(f"Tote {full.position} is {read.lpn} now; {full.tote} is closed.")
        return self._return(found.left)

    def tap_back(self, floor: Floor) -> Screen:
        found = walk.line(floor, self.task, self.pick)
        return walk.moved_on(floor, self.task, self.pick, self.hand) if found is None else self._return(found.left)

    def _return(self, left: int) -> Screen:
        tag = "picking.tote_of" if self.hand.taken == left else "picking.count" if self.hand.taken else "picking.take"
        return build(tag, task=self.task, pick=self.pick, hand=self.hand)
