"""Picking: the cycle of one line, the same on a cart and by hand.

1. Go to the location and scan it (its check digits, typed, do as well).
2. Scan the item, or the LPN it lies in. One piece is one scan, a case counts its pieces; with many, scan one and type
   how many. The lot on the label must be the promised one; serial numbers are scanned piece by piece.
3. Scan this order's tote. That makes it so.
4. Handheld dying? On paper, before a location, prints the rest of the walk.
"""

from typing import ClassVar

from msgspec.structs import replace

from app import clock, fallback_papers
from app.errors import Unknown
from app.floor.floor import Floor
from app.floor.prompt import Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.printing.queueing import queue_label
from app.printing.station_printers import has_printer
from app.stock import balances
from app.stock.events import Picked
from app.work import picking
from app.work.picking import Pick
from app.workflows import picking_hand as hands
from app.workflows import picking_walk as walk
from app.workflows.picking_hand import InHand


class _Line(Screen, frozen=True, kw_only=True):
    """What every question of a line knows."""

    task: str
    pick: str
    hand: InHand = InHand()

    def line(self, floor: Floor) -> Pick | None:
        return walk.line(floor, self.task, self.pick)

    def off(self, floor: Floor) -> Screen:
        return walk.moved_on(floor, self.task, self.pick, self.hand)

    def tap_short(self, floor: Floor) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        return build(
            "picking.short", task=self.task, pick=self.pick, hand=self.hand, found=min(self.hand.taken, found.left - 1)
        )

    def tap_skip(self, floor: Floor) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        picking.skip(floor.tx, found)
        floor.ok(f"{found.location} comes at the end.")
        return walk.go_on(floor, self.task)

    def tap_full(self, floor: Floor) -> Screen:
        if self.line(floor) is None:
            return self.off(floor)
        return build("picking.full", task=self.task, pick=self.pick, hand=self.hand)


class Go(_Line, frozen=True, kw_only=True, tag="picking.go"):
    """Walk there and scan the place."""

    def prompt(self, floor: Floor) -> Prompt:
        return walk.line_prompt(
            floor, self.task, self.pick, "Scan location", big="place", arrived=False,
            keys=(walk.SHORT, walk.SKIP, *((walk.PAPER,) if has_printer(floor, "escpos") else ())),
        )  # fmt: skip

    def tap_paper(self, floor: Floor) -> Screen:
        """The rest of the walk as a list, for a handheld that is about to die. Raises NothingOnPaper, NoPrinter."""
        if self.line(floor) is None:
            return self.off(floor)
        slip = fallback_papers.pick_list(floor.tx, self.task)
        queue_label(floor, slip, subject=self.task, document=f"wave {slip.wave}", once=f"pick_list {clock.new_id()}")
        floor.ok(f"{len(slip.lines)} lines on paper. Scan them when you can.")
        return self

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if read.location != found.location:
            raise walk.WrongLocation(expected=found.location, scanned=read.location)
        return Take(task=self.task, pick=self.pick)

    def on_text(self, floor: Floor, text: str) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        _, _, digits, barcode = floor.tx.row(picking.KIND_OF_PLACE, code=found.location) or ("", "", "", "")
        if text not in {found.location, digits or found.location, barcode or found.location}:
            raise walk.WrongLocation(expected=found.location, scanned=text[:40])
        return Take(task=self.task, pick=self.pick)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        found = self.line(floor)
        return self.off(floor) if found is None else _at_lpn(self, floor, found, read)


class _Taking(_Line, frozen=True, kw_only=True):
    """Standing before the bin: each label adds to what is in the hand."""

    repeats: ClassVar[bool] = True
    named: bool = False  # the item was scanned, and each piece of it has a serial: that is next

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if read.item != found.item:
            raise walk.WrongItem(expected=found.item, scanned=read.item, place=found.location)
        goods = picking.item_of(floor.tx, found.item)
        hand = hands.with_lot(self.hand, found, read.lot) if found.lot and read.lot else self.hand
        if goods.serial_tracked:
            if not read.serial:
                floor.ok(f"{found.item}: now the serial.")
                return replace(self, hand=hand, named=True)
            hand = hands.with_serial(floor, hand, found, read.serial)
            return _took(floor, self, found, hand)
        if found.lot and not hand.lot_seen:
            if picking.lots_at(floor.tx, found) > 1:
                floor.ok(f"Several lots lie here: scan lot {found.lot}.")
                counted = replace(hand, unit=read.unit, pack=read.quantity)
                return SayLot(task=self.task, pick=self.pick, hand=counted)
            hand = replace(hand, lot_seen=True)
        return _took(floor, self, found, hands.more(hand, found, read.quantity, read.unit))

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if read.item and read.item != found.item:
            raise walk.WrongItem(expected=found.item, scanned=f"{read.item} {read.serial}", place=found.location)
        if not picking.item_of(floor.tx, found.item).serial_tracked:
            raise walk.ItemFirst(item=found.item, scanned=read.serial, expected=found.item)
        return _took(floor, self, found, hands.with_serial(floor, self.hand, found, read.serial))

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        """A bare code that nothing else knows reads as a lot; for goods with serials it is one more of those."""
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if found.lot == read.lot:
            return replace(self, hand=hands.with_lot(self.hand, found, read.lot))
        if picking.item_of(floor.tx, found.item).serial_tracked:
            return _took(floor, self, found, hands.with_serial(floor, self.hand, found, read.lot))
        if not found.lot:
            raise Unknown(scanned=read.label)
        raise hands.WrongLot(expected=found.lot, scanned=read.lot, item=found.item)

    def tap_back(self, floor: Floor) -> Screen:
        return Go(task=self.task, pick=self.pick) if not self.hand.taken else Take(task=self.task, pick=self.pick)


class Take(_Taking, frozen=True, kw_only=True, tag="picking.take"):
    """Scan the item (or the LPN it lies in)."""

    def prompt(self, floor: Floor) -> Prompt:
        headline = "Scan the serial" if self.named else "Scan item"
        return walk.line_prompt(floor, self.task, self.pick, headline, big="item", hand=self.hand)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        found = self.line(floor)
        return self.off(floor) if found is None else _at_lpn(self, floor, found, read)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if read.location != found.location:
            raise walk.WrongLocation(expected=found.location, scanned=read.location)
        return self


class Counting(_Taking, frozen=True, kw_only=True, tag="picking.count"):
    """Scan the next piece, or type how many; the tote may come early, the rest is then asked for again."""

    def prompt(self, floor: Floor) -> Prompt:
        headline = "Scan serial" if self.hand.serials else "Scan next"
        hint = "" if self.hand.serials else "or type how many"
        return walk.line_prompt(floor, self.task, self.pick, headline, big="quantity", hand=self.hand, hint=hint)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if self.hand.serials:
            raise walk.ItemFirst(item=f"serial of each {found.item}", scanned=str(quantity), expected="serial")
        if quantity > found.left:
            raise hands.TooMany(left=found.left, item=found.item, scanned=str(quantity), expected=str(found.left))
        return _took(floor, self, found, replace(self.hand, taken=quantity))

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if read.lpn == found.lpn:
            return self
        return put(floor, self, found, read)


class SayLot(_Line, frozen=True, kw_only=True, tag="picking.lot"):
    """The label named no lot and several lie here: scan the lot."""

    def prompt(self, floor: Floor) -> Prompt:
        return walk.line_prompt(floor, self.task, self.pick, "Scan lot", big="item", hand=self.hand)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return self._with(floor, read.lot)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        found = self.line(floor)
        if found is not None and read.item != found.item:
            raise walk.WrongItem(expected=found.item, scanned=read.item, place=found.location)
        if found is not None and not read.lot:
            raise hands.WrongLot(expected=found.lot, scanned="no lot", item=found.item)
        return self._with(floor, read.lot)

    def _with(self, floor: Floor, lot: str) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        hand = hands.with_lot(self.hand, found, lot)
        return _took(floor, self, found, hands.more(hand, found, self.hand.pack, self.hand.unit))

    def tap_back(self, floor: Floor) -> Screen:
        return Take(task=self.task, pick=self.pick)


class IntoTote(_Line, frozen=True, kw_only=True, tag="picking.tote_of"):
    """All of it is in the hand: scan this order's tote."""

    def prompt(self, floor: Floor) -> Prompt:
        found = picking.find(floor.tx, self.pick)
        tote = picking.open_tote(floor.tx, self.task, found.order_code) if found else None
        headline = f"Scan tote {tote.position}" if tote else "Scan tote"
        return walk.line_prompt(
            floor, self.task, self.pick, headline, big="tote", hand=self.hand, hint=tote.tote if tote else "",
            keys=(walk.SHORT, walk.FULL), wants=(tote.tote,) if tote else (),
        )  # fmt: skip

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        found = self.line(floor)
        return self.off(floor) if found is None else put(floor, self, found, read)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        found = self.line(floor)
        if found is None:
            return self.off(floor)
        if read.item != found.item:
            raise walk.WrongItem(expected=found.item, scanned=read.item, place=found.location, right=())
        scanned = self.hand.taken + read.quantity
        raise hands.TooMany(left=found.left, item=found.item, scanned=str(scanned), expected=str(found.left))

    def tap_back(self, floor: Floor) -> Screen:
        return Take(task=self.task, pick=self.pick)


# ── what a label adds ────────────────────────────────────────────────────────────────────────────────────────────────
def _at_lpn(screen: _Line, floor: Floor, found: Pick, read: LpnReading) -> Screen:
    """The LPN the goods lie in says where they are, and, holding nothing else, what they are."""
    if read.lpn != found.lpn:
        if read.of == "tote" or not found.lpn:
            raise walk.ItemFirst(item=found.item, scanned=read.lpn, expected=found.item)
        raise walk.WrongLpn(expected=found.lpn, scanned=read.lpn)
    inside = {(held.item, held.lot) for held in balances.in_lpn(floor.tx, found.lpn)}
    if inside != {(found.item, found.lot)} or picking.item_of(floor.tx, found.item).serial_tracked:
        return Take(task=screen.task, pick=screen.pick)
    hand = replace(screen.hand, lot_seen=True)
    if found.left == 1:
        return _took(floor, screen, found, hands.more(hand, found, 1, "each"))
    return Counting(task=screen.task, pick=screen.pick, hand=hand)


def _took(floor: Floor, screen: _Line, found: Pick, hand: InHand) -> Screen:
    if hand.taken == found.left:
        return IntoTote(task=screen.task, pick=screen.pick, hand=hand)
    floor.ok(f"{hand.taken} taken, {found.left - hand.taken} to go.")
    return Counting(task=screen.task, pick=screen.pick, hand=hand)


def put(floor: Floor, screen: _Line, found: Pick, read: LpnReading) -> Screen:
    """The goods in the hand go into this order's tote: the one event of a line."""
    hand = screen.hand
    totes = picking.totes(floor.tx, screen.task)
    tote = picking.open_tote(floor.tx, screen.task, found.order_code)
    if tote is None:
        return walk.go_on(floor, screen.task)
    if read.lpn != tote.tote:
        other = next((t for t in totes if t.tote == read.lpn), None)
        raise walk.WrongTote(expected=tote.shown, scanned=other.shown if other else read.lpn, right=tote.tote)
    if not hand.taken:
        raise walk.ItemFirst(item=found.item, scanned=read.lpn, expected=found.item)
    if hand.taken > found.left:
        raise hands.TooMany(left=found.left, item=found.item, scanned=str(hand.taken), expected=str(found.left))
    cart = walk.cart_of(floor, screen.task)
    carrier = balances.carrier(floor.tx, tote.tote)
    if carrier is not None and carrier.location != cart:
        raise walk.ToteElsewhere(scanned=read.lpn, where=carrier.location, expected=cart)
    floor.post(
        Picked(
            line=found.line,
            pick=found.id,
            item=found.item,
            quantity=hand.taken,
            source=found.slot,
            target=found.slot.at(cart, tote.tote),
            serials=hand.serials,
            unit=hand.unit,
            pack=hand.pack,
        )
    )
    goods = picking.item_of(floor.tx, found.item)
    floor.ok(f"{hand.taken} × {goods.name or goods.code} in tote {tote.position}")
    following = walk.go_on(floor, screen.task, found.location, found.lpn)
    if hand.lot_seen and isinstance(following, Take) and following.pick == found.id:
        return replace(following, hand=InHand(lot_seen=True))
    return following
