"""Transfer, the arriving: the LPNs as they were sent, or item by item; what is over is warned of, what is missing ends as
an exception and a write-off somebody else approves."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount, ScanAgain, State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt, Row
from app.floor.readings import DocumentReading, ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.events import TransferReceived
from app.work import arrivals, arrived, corrections_places, transfers, transfers_moving
from app.work.transfers import NotOnTransfer, Transfer
from app.work.transfers_moving import MoreThanShipped

SHOWN = 5


class WhereFirst(Wrong):
    code, title = "where_first", "Where does it stand?"
    says = "Scan the dock or staging place before {scanned}."
    todo = "Scan the place."


class StillSending(State):
    code, title = "still_sending", "More is to come"
    says = "{count} of transfer {transfer} are still to be sent from {site}."
    todo = "Wait for them, or have the desk close it."


class NotAllHere(ScanAgain):
    code, title = "not_all_here", "Not all of it"
    says = "{count} of transfer {transfer} have not arrived."
    todo = "Nothing more comes? Do that once more."


class Receiving(Screen, frozen=True, kw_only=True, tag="transferring.receive"):
    """Where it stands, then each LPN or item."""

    repeats: ClassVar[bool] = True
    transfer: str
    location: str = ""
    item: str = ""  # being counted now
    lot: str = ""
    lpn: str = ""  # what is counted next stands on it

    def prompt(self, floor: Floor) -> Prompt:
        one = transfers.find(floor.tx, self.transfer)
        known = transfers.lines(floor.tx, one.code)
        coming = [line for line in known if line.missing]
        base = Prompt(
            job=f"Transfer {self.transfer}",
            headline="Scan dock or staging",
            subject=f"onto {arrivals.named(self.lpn)}" if self.lpn else f"from {one.source}",
            place=self.location,
            progress=(sum(1 for line in known if line.shipped and not line.missing), len(known)),
            progress_of="lines here",
            hint=f"from {one.source}",
            rows=tuple(Row(left=str(line.missing), name=line.item, detail="on the way") for line in coming[:SHOWN]),
            keys=(Key(name="close", label="Nothing more comes"),) if one.state == "open" else (),
            speech="Scan where it stands.",
        )
        if not self.location:
            return base
        if self.item:
            size = arrived.size_of(floor.tx, self.item)
            return replace(
                base,
                headline="Scan the next, or type how many more",
                ask="quantity",
                big="item",
                rows=(),
                item=Goods(code=self.item, name=size.name, note=f"lot {self.lot}" if self.lot else ""),
                quantity=sum(line.missing for line in known if line.item == self.item),
                quantity_is="on the way",
                unit=size.unit,
                speech="How many more?",
            )
        return replace(
            base,
            headline="Scan what stands on it" if self.lpn else "Scan LPN or item",
            speech="Scan what stands on it." if self.lpn else "Scan the LPN or the item.",
        )

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        one = transfers.find(floor.tx, self.transfer)
        arrivals.check_place(floor.tx, read.location)
        transfers.refuse_place(floor.tx, one, one.target, read.location)
        return replace(self, location=read.location, item="", lot="", lpn="")

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        one = transfers.find(floor.tx, self.transfer)
        self._refuse_nowhere(read.label)
        events = transfers_moving.arrive_lpn(floor.tx, one, read.lpn, self.location)
        if not events:
            return self._onto(floor, one, read)
        for event in events:
            floor.post(event, undoable=len(events) == 1 and transfers.is_ours(floor.tx, one.source))
        told = ", ".join(f"{e.quantity} × {e.item}" for e in events)
        floor.step(f"{arrivals.named(read.lpn)} is here: {told}.{_looked_at(events)}")
        return self._goes_on(floor)

    def _onto(self, floor: Floor, one: Transfer, read: LpnReading) -> Screen:
        """A plate the other site did not tell of: what is scanned next stands on it. The same again: it is complete."""
        if read.lpn == self.lpn:
            return replace(self, lpn="", item="", lot="")
        known = balances.carrier(floor.tx, read.lpn)
        if read.of != "pallet" or (known is not None and known.document != one.lane):
            raise NotOnTransfer(scanned=f"LPN {read.lpn}", transfer=one.code)
        transfers_moving.begins_plate(floor.tx, one, read.lpn, self.location)
        floor.ok(f"{arrivals.named(read.lpn)}: now what stands on it.")
        return replace(self, lpn=read.lpn, item="", lot="")

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        self._refuse_nowhere(read.label)
        one = transfers.find(floor.tx, self.transfer)
        if not any(line.item == read.item for line in transfers.lines(floor.tx, one.code)):
            raise NotOnTransfer(scanned=read.item, transfer=one.code)
        lots = transfers_moving.lots_under_way(floor.tx, one, read.item)
        lot = read.lot or (self.lot if self.item == read.item else "") or (lots[0] if len(lots) == 1 else "")
        if not lot and arrived.lot_tracked(floor.tx, read.item):
            floor.ok("Which lot? Scan it.")
            return replace(self, item=read.item, lot="")
        if arrived.serial_tracked(floor.tx, read.item) and not read.serial:
            floor.ok("Scan the serial.")
            return replace(self, item=read.item, lot=lot)
        return replace(self, item=read.item, lot=lot)._take(floor, read.quantity, read.serial, read.expiry)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        """Another transfer."""
        return build("transferring").on_document(floor, read)  # type: ignore[attr-defined, no-any-return]

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        if not self.item:
            raise WhereFirst(scanned=read.label)
        if not corrections_places.lot_known(floor.tx, self.item, read.lot) and not read.expiry:
            lots = transfers_moving.lots_under_way(floor.tx, transfers.find(floor.tx, self.transfer), self.item)
            if lots:
                raise NotOnTransfer(scanned=f"lot {read.lot}", transfer=self.transfer)
        return replace(self, lot=read.lot)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        item = self.item or read.item
        if not item:
            raise NotOnTransfer(scanned=f"serial {read.serial}", transfer=self.transfer)
        self._refuse_nowhere(read.label)
        return replace(self, item=item)._take(floor, 1, read.serial)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        if not self.item:
            raise BadAmount(amount=quantity, reason="scan the item first", scanned=str(quantity))
        if arrived.serial_tracked(floor.tx, self.item):
            raise BadAmount(amount=quantity, reason="its pieces have serials: scan them", scanned=str(quantity))
        return self._take(floor, quantity)

    def tap_close(self, floor: Floor) -> Screen:
        one = transfers.find(floor.tx, self.transfer)
        known = transfers.lines(floor.tx, one.code)
        ours = transfers.is_ours(floor.tx, one.source)
        if left := sum(line.left for line in known) if ours else max(one.to_go, 0):
            raise StillSending(count=left, transfer=one.code, site=one.source)
        if count := sum(line.missing for line in known):
            floor.confirm(NotAllHere(count=count, transfer=one.code))
        missing, over = transfers.close(
            floor.tx, one, floor.worker, lambda event: floor.post(event, undoable=False)
        )  # fmt: skip
        told = [f"{missing} missing"] * bool(missing) + [f"{over} over"] * bool(over)
        floor.step(f"Transfer {one.code} is closed: {', '.join(told) or 'complete'}.")
        return build("transferring")

    def tap_back(self, floor: Floor) -> Screen:
        return replace(self, item="", lot="") if self.item else build("transferring")

    def _take(self, floor: Floor, quantity: int, serial: str = "", expiry: str = "") -> Screen:
        one = transfers.find(floor.tx, self.transfer)
        if serial and all(way.serial != serial for way in transfers.under_way(floor.tx, one)):
            arrivals.check_serial(floor.tx, self.item, serial)
        events, over = transfers_moving.arrive(
            floor.tx,
            one,
            self.item,
            self.lot,
            quantity,
            self.location,
            serial=serial,
            expiry=expiry,
            lpn=self.lpn,
        )
        if over:
            floor.confirm(MoreThanShipped(quantity=over, item=self.item, site=one.source))
        for event in events:
            floor.post(event, undoable=len(events) == 1 and transfers.is_ours(floor.tx, one.source))
        where = f"on {arrivals.named(self.lpn)}" if self.lpn else f"at {self.location}"
        floor.ok(f"{quantity} × {self.item} {where}.{_looked_at(events)}")
        return self._goes_on(floor)

    def _goes_on(self, floor: Floor) -> Screen:
        one = transfers.find(floor.tx, self.transfer)
        known = transfers.lines(floor.tx, one.code)
        if (
            all(line.received == line.shipped == line.quantity for line in known)
            and one.state == "open"
            and one.to_go <= 0
        ):
            transfers.close(floor.tx, one, floor.worker, lambda event: floor.post(event, undoable=False))
            floor.step(f"Transfer {one.code} is complete.")
            return build("transferring")
        return self

    def _refuse_nowhere(self, scanned: str) -> None:
        if not self.location:
            raise WhereFirst(scanned=scanned)


def _looked_at(events: Sequence[TransferReceived]) -> str:
    return " Inspect first." if any(event.target.status == "inspection" for event in events) else ""
