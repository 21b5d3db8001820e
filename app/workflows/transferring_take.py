"""Transfer, the taking: an LPN, or pieces from a place, onto the trolley. Never more than the transfer wants."""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount, ScanAgain
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.readings import ItemReading, LocationReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.stock import balances
from app.stock.balances import Balance
from app.stock.events import Moved
from app.work import arrivals, arrived, moves, transfers, transfers_moving, transfers_promised
from app.work.moves_refused import NothingThere
from app.work.transfers import NotOnTransfer, Transfer


class OtherGoodsFirst(ScanAgain):
    code, title = "other_goods_first", "Other goods first"
    says = "{item} at {expected} are promised to transfer {transfer}: they expire or came in first."
    todo = "Take those, or do the same again to take these."


class AtPlace(Screen, frozen=True, kw_only=True, tag="transferring.take"):
    """Which item, which lot, how many?"""

    repeats: ClassVar[bool] = True
    transfer: str
    location: str
    item: str = ""
    lot: str = ""
    lot_known: bool = False

    def prompt(self, floor: Floor) -> Prompt:
        rows = self._rows(floor)
        if not self.item or (len(rows) > 1 and not self.lot_known):
            return Prompt(
                job=f"Transfer {self.transfer}",
                headline="Scan or type the lot" if self.item else "Scan item",
                place=self.location,
                big="place",
                choices=tuple(
                    Key(name="row", value=str(n), label=row.item, note=_note(row)) for n, row in enumerate(rows)
                ),
                speech="Scan the item.",
            )
        size, most = arrived.size_of(floor.tx, self.item), self._most(floor)
        return Prompt(
            job=f"Transfer {self.transfer}",
            subject=f"at {self.location}",
            headline="Type how many",
            ask="quantity",
            hint=f"wanted: {most} · or scan each piece",
            big="item",
            item=Goods(code=self.item, name=size.name, note=f"lot {self.lot}" if self.lot else ""),
            quantity=most,
            quantity_is="to take",
            unit=size.unit,
            keys=(Key(name="all", label=f"All {most}"),) if most else (),
            speech="How many?",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        here = replace(self, item=read.item, lot=read.lot, lot_known=bool(read.lot))
        rows = here._rows(floor)
        if not rows:
            raise NotOnTransfer(scanned=f"{read.item} {read.lot}".strip(), transfer=self.transfer)
        if len(rows) > 1:
            return here
        if read.item == self.item and (self.lot_known or len(rows) == 1) and not read.serial:
            return self._take(floor, rows[0], read.quantity)
        if read.serial:
            return self._take(floor, rows[0], 1, read.serial)
        return here._chosen(floor, rows[0])

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        rows = [row for row in self._rows(floor) if row.lot == read.lot]
        if len(rows) != 1:
            raise NotOnTransfer(scanned=f"lot {read.lot}", transfer=self.transfer)
        return self._chosen(floor, rows[0])

    def on_text(self, floor: Floor, text: str) -> Screen:
        return self.on_lot(floor, LotReading(label=text[:20], lot=text[:20]))

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        for row in self._rows(floor):
            if read.serial in balances.serials_of(floor.tx, row):
                return self._take(floor, row, 1, read.serial)
        raise NotOnTransfer(scanned=f"serial {read.serial}", transfer=self.transfer)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        rows = self._rows(floor)
        if not self.item or len(rows) != 1:
            raise BadAmount(amount=quantity, reason="scan the item first", scanned=str(quantity))
        if quantity < rows[0].quantity and balances.serials_of(floor.tx, rows[0]):
            raise BadAmount(amount=quantity, reason="its pieces have serials: scan them", scanned=str(quantity))
        return self._take(floor, rows[0], quantity)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        return build("transferring.send", transfer=self.transfer).on_location(floor, read)  # type: ignore[attr-defined, no-any-return]

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return take_lpn(floor, self.transfer, read.lpn)

    def tap_all(self, floor: Floor) -> Screen:
        return self.on_quantity(floor, self._most(floor))

    def tap_row(self, floor: Floor, number: str) -> Screen:
        rows = self._rows(floor)
        if not (number.isascii() and number.isdigit() and int(number) < len(rows)):
            raise NotOnTransfer(scanned=number[:20], transfer=self.transfer)
        return self._chosen(floor, rows[int(number)])

    def tap_back(self, floor: Floor) -> Screen:
        return build("transferring.send", transfer=self.transfer)

    def _chosen(self, floor: Floor, row: Balance) -> Screen:
        """One piece there, or one wanted: it is taken; else how many?"""
        here = replace(self, item=row.item, lot=row.lot, lot_known=True)
        serials = balances.serials_of(floor.tx, row)
        return here._take(floor, row, 1) if here._most(floor) == 1 and not serials else here

    def _take(self, floor: Floor, row: Balance, quantity: int, serial: str = "") -> Screen:
        one, carried = transfers.find(floor.tx, self.transfer), moves.carried(floor.tx, floor.worker)
        transfers_moving.refuse_take(floor.tx, one, [row], carried, quantity)
        _post(floor, one, moves.take_rows(floor.tx, [row], floor.worker, quantity, serial))
        floor.ok(f"{quantity} × {row.item} on your trolley.")
        here = replace(self, item=row.item, lot=row.lot, lot_known=True)
        return here if here._most(floor) else build("transferring.send", transfer=self.transfer)

    def _rows(self, floor: Floor) -> list[Balance]:
        """Free goods here that it wants; of the item and lot said, if they are. Stopped ones only to say why they stay."""
        names = {line.item for line in transfers.lines(floor.tx, self.transfer)}
        rows = [
            row
            for row in transfers_promised.opened(floor.tx, self.transfer, balances.at_location(floor.tx, self.location))
            if row.item in names
            and row.free
            and self.item in ("", row.item)
            and (not self.lot_known or row.lot == self.lot)
        ]
        return [row for row in rows if row.status == "available"] or (rows if self.item else [])

    def _most(self, floor: Floor) -> int:
        carried = moves.carried(floor.tx, floor.worker)
        have = sum(row.quantity for thing in carried for row in thing.rows if row.item == self.item)
        free = sum(row.free for row in self._rows(floor))
        return max(min(free, transfers.wanted(floor.tx, self.transfer, self.item) - have), 0)


def at_place(floor: Floor, transfer: str, place: str) -> Screen:
    """A place stands for its only content. Raises NotMoved, BinBlocked, NothingThere, ScanOne."""
    moves.check_source(floor.tx, place)
    if (plate := moves.only_lpn(floor.tx, place)) != "":
        return take_lpn(floor, transfer, plate)
    screen = AtPlace(transfer=transfer, location=place)
    rows = screen._rows(floor)
    if not rows:
        raise NothingThere(scanned=f"{place} for transfer {transfer}")
    return screen._chosen(floor, rows[0]) if len(rows) == 1 else screen


def take_lpn(floor: Floor, transfer: str, code: str) -> Screen:
    """All of an LPN goes. Raises what moves.take_lpn raises, NotOnTransfer, OnHold, MoreThanWanted."""
    tx, one = floor.tx, transfers.find(floor.tx, transfer)
    own = transfers_promised.name_of(transfer)
    plate = moves.movable(tx, code, floor.worker, own=own)
    carried = moves.carried(tx, floor.worker)
    transfers_moving.refuse_take(tx, one, moves.held_in(tx, plate), carried)
    _post(floor, one, moves.take_lpn(tx, code, floor.worker, own=own))
    floor.ok(f"{arrivals.named(code)} is on your trolley.")
    return build("transferring.send", transfer=transfer)


def _post(floor: Floor, one: Transfer, event: Moved) -> None:
    """Take them: their promise, or that of the goods they are taken instead of, is over. Raises OtherGoodsFirst."""
    carried = moves.carried(floor.tx, floor.worker)
    left: dict[str, int] = {}
    for item in dict.fromkeys(move.item for move in event.contents):
        have = sum(row.quantity for thing in carried for row in thing.rows if row.item == item)
        now = sum(move.quantity for move in event.contents if move.item == item)
        left[item] = max(transfers.wanted(floor.tx, one.code, item) - have - now, 0)
    event, passed = transfers_promised.taken(floor.tx, one.code, event, left)
    if passed:
        first = passed[-1]
        lot = f" lot {first.lot}" if first.lot else ""
        floor.confirm(
            OtherGoodsFirst(item=first.item, expected=f"{first.lpn or first.location}{lot}", transfer=one.code)
        )
    floor.post(event)


def _note(row: Balance) -> str:
    return " · ".join([f"{row.free} free", *([f"lot {row.lot}"] if row.lot else [])])
