"""Packing, unit by unit: each scan moves what it names from its tote into the open carton, or says why not.

The carton is folded with the first unit, so that looking at an order makes no number. Goods of one item may lie in two
totes or serve two lines; the scan takes the tote that was scanned first. Serials are taken one by one, lots must be
among those picked for this order.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from app.errors import State, Unknown, Wrong
from app.floor import meanings
from app.floor.floor import Floor
from app.floor.prompt import CartonView, Key, Prompt
from app.floor.readings import DocumentReading, ItemReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances, ledger
from app.stock.events import CartonOpened, Packed
from app.stock.refusals import SerialElsewhere
from app.stock.slots import Slot
from app.work import numbers, packing, parcels, progress
from app.work.carton_proposals import Proposal
from app.work.packing import Loose
from app.work.parcels import Carton
from app.workflows.packing_begin import begin
from app.workflows.packing_view import expected_of, page, place, rows_to_scan, size_of, weighed, weight_now
from app.workflows.packing_weigh import weigh_or_ask

MOST_NAMED = 3  # items in one sentence


class WrongItem(Wrong):
    code, title = "wrong_item", "Wrong item"
    says = "{scanned} is not in order {order}; expected {expected}."
    todo = "Put it aside. Nothing was counted."


class OtherOrder(Wrong):
    code, title = "other_order", "Other order"
    says = "{scanned} is for order {other}, this is order {expected}."
    todo = "Put it back into its tote."


class OnlyRemaining(State):
    code, title = "only_remaining", "Too many"
    says = "Only {left} × {item} remaining, scanned {quantity}."
    todo = "Put the rest aside. Nothing was counted."


class AllPacked(State):
    code, title = "all_packed", "All packed"
    says = "All {packed} × {item} are packed already."
    todo = "Put it aside. Nothing was counted."


class WrongLot(Wrong):
    code, title = "wrong_lot", "Wrong lot"
    says = "Expected lot {expected}, scanned lot {scanned}."
    todo = "Put it aside. Nothing was counted."


class CartonEmpty(State):
    code, title = "carton_empty", "Carton is empty"
    says = "Nothing is in this carton yet."
    todo = "Scan a unit into it."


class Items(Screen, frozen=True, kw_only=True, tag="packing.items"):
    """Scan each unit into the carton."""

    repeats = True

    order: str
    proposal: Proposal
    tote: str = ""
    chosen: str = ""  # the packer's own choice
    last: str = ""

    def prompt(self, floor: Floor) -> Prompt:
        carton = self.carton(floor)
        type = carton.type if carton else self.type
        expected = expected_of(floor, carton.lpn if carton else "", type)
        left = sum(row.quantity for row in packing.loose(floor.tx, self.order))
        view = CartonView(
            type=type or "Your choice",
            size=size_of(floor, type),
            why=self.proposal.why if type == self.proposal.type else ("chosen by the packer",),
            weight_g=weight_now(floor),
            label=f"Prints by itself after {left} more.",
        )
        return page(
            floor,
            self.order,
            "Scan an item",
            rows=rows_to_scan(floor, self.order, self.last),
            carton=weighed(view, expected),
            keys=(
                Key(name="other", label="Other carton"),
                Key(name="full", label="Carton full"),
                Key(name="short", label="Short"),
            ),
            speech="Scan an item.",
        )

    @property
    def type(self) -> str:
        return self.chosen or self.proposal.type

    def carton(self, floor: Floor) -> Carton | None:
        return parcels.open_at(floor.tx, self.order, floor.station.location) if floor.station else None

    # ── what is scanned ──────────────────────────────────────────────────────────────────────────────────────────
    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        rows = self._rows(floor, read.item)
        if packing.serial_tracked(floor.tx, read.item):
            if not read.serial:
                return build("packing.serial", items=self, item=read.item)
            return self.put_serial(floor, read.item, read.serial)
        lots = sorted({row.lot for row in rows})
        if lots != [""]:
            if read.lot and read.lot not in lots:
                raise WrongLot(expected=" or ".join(lots), scanned=read.lot)
            if not read.lot and len(lots) > 1:
                return build("packing.lot", items=self, item=read.item, quantity=read.quantity)
            rows = [row for row in rows if row.lot == (read.lot or lots[0])]
        return self.put(floor, rows, read.quantity)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        """A serial label alone: it says which item it is, if it lies in one of this order's totes."""
        rows = packing.loose(floor.tx, self.order)
        fitting = packing.items_of_serial(floor.tx, read.serial, rows)
        named = fitting[0] if len(fitting) == 1 else read.item
        if not named and not meanings.of_code(floor.tx, read.serial, ("serial",)):
            raise Unknown(scanned=read.serial)
        if not named:
            raise SerialElsewhere(serial=read.serial, item="an item", where="not in this tote", scanned=read.serial)
        return self.put_serial(floor, named, read.serial)

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        """Another tote of this order, or, while nothing is in the carton, the tote of another one."""
        if self.order in packing.orders_in(floor.tx, read.lpn):
            floor.ok(f"Tote {read.label}")
            return replace(self, tote=read.lpn)
        self._refuse_open(floor, read.label)
        following = build("packing.start").on_lpn(floor, read)  # type: ignore[attr-defined]
        assert isinstance(following, Screen)
        return following

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.document == self.order:
            return self
        self._refuse_open(floor, read.label)
        return begin(floor, read.document)

    def _refuse_open(self, floor: Floor, scanned: str) -> None:
        carton = self.carton(floor)
        if carton is not None and balances.in_lpn(floor.tx, carton.lpn):
            raise OtherOrder(scanned=scanned, other="another", expected=self.order, right=())

    def _rows(self, floor: Floor, item: str) -> list[Loose]:
        """What is left of an item, the scanned tote first.

        Raises OrderOff, AllPacked when all of it is in, OtherOrder when a neighbour in the tote waits for it, else
        WrongItem.
        """
        packing.workable(floor.tx, self.order)
        rows = packing.loose(floor.tx, self.order)
        mine = sorted((row for row in rows if row.item == item), key=lambda row: row.lpn != self.tote)
        if mine:
            return mine
        known = next((one for one in packing.tally(floor.tx, self.order) if one.item == item), None)
        if known is not None and known.picked:
            raise AllPacked(packed=known.packed, item=item, scanned=item)
        other = packing.owner_beside(floor.tx, self.order, item, rows)
        if other:
            raise OtherOrder(scanned=item, other=other, expected=self.order, right=())
        wanted = sorted({row.item for row in rows})
        named = " or ".join(wanted[:MOST_NAMED]) + f" or {len(wanted) - MOST_NAMED} more" * (len(wanted) > MOST_NAMED)
        raise WrongItem(order=self.order, expected=named, scanned=item, right=wanted)

    # ── into the carton ──────────────────────────────────────────────────────────────────────────────────────────
    def put_serial(self, floor: Floor, item: str, number: str) -> Screen:
        rows = self._rows(floor, item)
        at, lpn, lot = packing.where_is(floor.tx, item, number)
        mine = [row for row in rows if (row.location, row.lpn, row.lot) == (at, lpn, lot)]
        if not mine:
            where = f"in {lpn or at}, not in this tote" if at else "not known here"
            raise SerialElsewhere(serial=number, item=item, where=where, scanned=number)
        return self.put(floor, mine, 1, number)

    def put(self, floor: Floor, rows: Sequence[Loose], quantity: int, serial: str = "") -> Screen:
        """Move it, and go on: the next unit, or the scale. Raises OnlyRemaining, OnHold."""
        item, left = rows[0].item, sum(row.quantity for row in rows)
        if quantity > left:
            raise OnlyRemaining(left=left, item=item, quantity=quantity, scanned=item)
        carton, todo = self.carton(floor) or self.fold(floor), quantity
        for row in rows:
            part = min(todo, row.quantity)
            if part:
                target = Slot(location=carton.location, lpn=carton.lpn, lot=row.lot)
                floor.post(
                    Packed(line=row.line, item=item, quantity=part, source=row.slot, target=target, serial=serial)
                )
            todo -= part
        one = next(one for one in packing.tally(floor.tx, self.order) if one.item == item)
        floor.ok(f"{one.name or item}: {one.packed} of {one.picked}")
        if packing.loose(floor.tx, self.order):
            return replace(self, last=item)
        return weigh_or_ask(floor, self.order, carton)

    def fold(self, floor: Floor, carton: str = "") -> Carton:
        """A carton of the type that stands, new or folded again. Undoing the unit leaves it open: it is only a box."""
        event = CartonOpened(
            order=self.order,
            carton=carton or numbers.carton(floor.tx),
            location=place(floor),
            type=self.type,
            proposed=self.proposal.type,
            why=self.proposal.why[0] if self.proposal.why else "",
        )
        ledger.post(floor.tx, event, floor.by)
        progress.apply(floor.tx, event)
        found = parcels.find(floor.tx, event.carton)
        assert found is not None
        return found

    # ── exceptions ───────────────────────────────────────────────────────────────────────────────────────────────
    def tap_other(self, floor: Floor) -> Screen:
        return build("packing.other", items=self)

    def tap_carton(self, floor: Floor, type: str) -> Screen:
        """`CMD/CARTON:C3` on the shelf, or the choice tapped. An open carton is folded again as this type."""
        chosen = replace(self, chosen=build("packing.other", items=self).named(floor, type))  # type: ignore[attr-defined]
        standing = self.carton(floor)
        if standing is not None and standing.type != chosen.chosen:
            chosen.fold(floor, standing.lpn)
        floor.ok(f"Carton {chosen.chosen}")
        return chosen

    def tap_full(self, floor: Floor) -> Screen:
        carton = self.carton(floor)
        if carton is None or not balances.in_lpn(floor.tx, carton.lpn):
            raise CartonEmpty()
        return weigh_or_ask(floor, self.order, carton)

    def tap_short(self, floor: Floor) -> Screen:
        return build("packing.short", order=self.order)

    def tap_back(self, floor: Floor) -> Screen:
        return build("packing.start")
