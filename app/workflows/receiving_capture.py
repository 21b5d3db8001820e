"""Receiving, the questions about one item: its lot, its expiry, its serials, how many, and the LPN they stand on.

1. Scan or type the lot; "same lot" keeps the one of the same item just before.
2. Type the expiry: day, month, year.
3. Scan each piece (+1) or case (+N), or type the quantity; of items with serials scan each serial.
4. What is paid by weight is weighed, where its labels do not say it: put it on the scale, or type the grams.
5. Scan the LPN, ask for a new one, or say there is none. Going back throws the count away; nothing was booked.
"""

import msgspec
from msgspec.structs import replace

from app.errors import BadAmount, ScanAgain, WrongKind
from app.floor.floor import Floor, NoScale
from app.floor.prompt import Goods as Shown
from app.floor.prompt import Key, Prompt
from app.floor.readings import ItemReading, LotReading, LpnReading, SerialReading
from app.floor.screens import Screen, build
from app.work import receipts, receiving_rules, shelf_life
from app.work import receiving_weight as weight
from app.workflows import receiving_posting as posting
from app.workflows.receiving_goods import (
    Goods,
    add,
    check_amount,
    facts,
    home,
    job,
    next_question,
    progress,
    with_expiry,
    with_lot,
    with_serial,
)
from devices.trade_numbers import is_gtin


class LooksLikeBarcode(ScanAgain):
    code, title = "looks_like_barcode", "An item barcode?"
    says = "{scanned} looks like an item's barcode, not like a serial."
    todo = "Sure it is the serial? Scan it again."


class _Asking(Screen, frozen=True, kw_only=True):
    """One question about the goods in hand; another label of theirs may answer it too."""

    goods: Goods

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        # The label that began the count is scanned again for what it says, not for one more piece.
        held = self.goods
        told = add(floor, replace(held, quantity=0, declared=0, serials=()), read)
        if (told.lot, told.expiry) == (held.lot, held.expiry):
            raise WrongKind(
                expected="what is asked", scanned=read.label, kind="the item, and its label does not say it"
            )
        return next_question(
            floor, replace(told, quantity=held.quantity, declared=held.declared, serials=held.serials, grams=held.grams)
        )

    def tap_back(self, floor: Floor) -> Screen:
        return home(self.goods)


class AskLot(_Asking, frozen=True, kw_only=True, tag="receiving.lot"):
    """The label said no lot."""

    def prompt(self, floor: Floor) -> Prompt:
        goods = self.goods
        same = (Key(name="same", label="Same lot", note=goods.same_lot),) if goods.same_lot else ()
        none = () if goods.on_hold else (Key(name="none", label="No lot on it", note="comes in on hold"),)
        return _prompt(floor, goods, "Scan or type the lot", "no lot on the label", keys=same + none, ask="text")

    def tap_none(self, floor: Floor) -> Screen:
        """Nobody can say the lot: they come in on hold."""
        goods = self.goods if self.goods.on_hold else replace(self.goods, problem="no_lot")
        return next_question(floor, goods)

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        goods = with_lot(floor, self.goods, shelf_life.parse_lot(read.lot))
        # A lot number that other items share says nothing of this item's date.
        if read.expiry and not goods.expiry and not shelf_life.is_known(floor.tx, read.lot):
            goods = with_expiry(floor, goods, read.expiry, from_label=True)
        return next_question(floor, goods)

    def on_text(self, floor: Floor, text: str) -> Screen:
        return next_question(floor, with_lot(floor, self.goods, shelf_life.parse_lot(text)))

    def tap_same(self, floor: Floor) -> Screen:
        goods = with_lot(floor, self.goods, shelf_life.parse_lot(self.goods.same_lot))
        if goods.same_expiry and not goods.expiry:
            goods = with_expiry(floor, goods, goods.same_expiry)
        return next_question(floor, goods)


class AskExpiry(_Asking, frozen=True, kw_only=True, tag="receiving.expiry"):
    """The label said no date."""

    def prompt(self, floor: Floor) -> Prompt:
        may_lack = not receipts.item_of(floor.tx, self.goods.item, po=self.goods.po).expiry_tracked
        keys = (Key(name="none", label="None on goods"),) if may_lack else ()
        hint = "no expiry on the label: day, month, year"
        return _prompt(floor, self.goods, "Type the expiry", hint, keys=keys, ask="date")

    def on_date(self, floor: Floor, text: str) -> Screen:
        return next_question(floor, with_expiry(floor, self.goods, shelf_life.parse_date(text)))

    def tap_none(self, floor: Floor) -> Screen:
        if receipts.item_of(floor.tx, self.goods.item, po=self.goods.po).expiry_tracked:
            raise shelf_life.BadDate(scanned="none", reason=f"{self.goods.item} comes in with its date or not at all")
        return next_question(floor, replace(self.goods, no_expiry=True))


class _Counting(Screen, frozen=True, kw_only=True):
    """How many, until the LPN ends it."""

    goods: Goods

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return book(floor, self.goods, posting.plate(floor, self.goods, read))

    def tap_here(self, floor: Floor) -> Screen:
        """They stand on the pallet that is being counted."""
        if not self.goods.sscc:
            raise posting.NoPallet()
        read = LpnReading(label=self.goods.sscc, lpn=self.goods.sscc)
        return book(floor, self.goods, posting.plate(floor, self.goods, read))

    def tap_new_lpn(self, floor: Floor) -> Screen:
        posting.refuse_other_pallet(self.goods, "a new LPN")
        return book(floor, self.goods, posting.Plate(begins=True, made_here=True))

    def tap_no_lpn(self, floor: Floor) -> Screen:
        posting.refuse_other_pallet(self.goods, "the floor")
        return book(floor, self.goods, posting.NO_PLATE)

    def tap_labels(self, floor: Floor) -> Screen:
        """Labels for pieces that have none."""
        return build("receiving.labels", goods=self.goods)

    def tap_problem(self, floor: Floor) -> Screen:
        """Something is wrong with these very goods."""
        goods = self.goods
        return build(
            "receiving.problem", goods=goods, po=goods.po, asn=goods.asn, sscc=goods.sscc, location=goods.location
        )

    def tap_back(self, floor: Floor) -> Screen:
        return not_booked(floor, self.goods)


_NEW = Key(name="new_lpn", label="New LPN")
_ENDS = (_NEW, Key(name="no_lpn", label="No LPN"))
_ON_PALLET = (Key(name="here", label="On this pallet"),)
_PROBLEM = Key(name="problem", label="Problem")
_LABELS = Key(name="labels", label="Labels")


def not_booked(floor: Floor, goods: Goods) -> Screen:
    """Back from goods that were counted and are on no LPN yet: the count is gone, and that is said."""
    if goods.count:
        floor.warn(f"{goods.count} × {goods.item} not booked: scan them again.")
    return home(goods)


def _ends(goods: Goods) -> tuple[Key, ...]:
    if goods.on_hold:
        return (_NEW, _LABELS)
    return (*(_ON_PALLET if goods.sscc else _ENDS), _PROBLEM, _LABELS)


def book(floor: Floor, goods: Goods, on: posting.Plate) -> Screen:
    """Nothing is missing but, for goods paid by weight, their weight: then it is asked before they are booked."""
    if receipts.item_of(floor.tx, goods.item).catch_weight and goods.weighed != goods.count:
        posting.refuse_unfinished(floor, goods)
        return AskWeight(goods=goods, on=on)
    return posting.receive(floor, goods, on)


class AskWeight(Screen, frozen=True, kw_only=True, tag="receiving.weight"):
    """What do they weigh together? On the scale, or typed."""

    goods: Goods
    on: posting.Plate

    def prompt(self, floor: Floor) -> Prompt:
        station = floor.station
        keys = (Key(name="weigh", label="Weigh"),) if station is not None and station.scale else ()
        asked = _prompt(floor, self.goods, "Type the weight", f"of all {self.goods.count} together", keys=keys)
        return msgspec.structs.replace(asked, ask="quantity", unit="g")

    def on_quantity(self, floor: Floor, grams: int) -> Screen:
        return self._weighed(floor, grams)

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        """A label that says the weight of the whole."""
        if read.item != self.goods.item or not read.weight_g:
            raise WrongKind(expected="the weight", scanned=read.label, kind="an item without a weight")
        return self._weighed(floor, read.weight_g)

    def tap_weigh(self, floor: Floor) -> Screen:
        if floor.station is None or not floor.station.scale:
            raise NoScale(reason="This station has no scale.")
        return self._weighed(floor, floor.ports.weigh(floor.station.scale))

    def _weighed(self, floor: Floor, grams: int) -> Screen:
        weight.check(receipts.item_of(floor.tx, self.goods.item), self.goods.count, grams)
        return posting.receive(floor, replace(self.goods, grams=grams, weighed=self.goods.count), self.on)

    def tap_back(self, floor: Floor) -> Screen:
        return next_question(floor, self.goods)


class Count(_Counting, frozen=True, kw_only=True, tag="receiving.count"):
    """Each scan adds; the LPN ends the count."""

    repeats = True

    def prompt(self, floor: Floor) -> Prompt:
        return _prompt(
            floor, self.goods, "Scan next, or the LPN", "or type the quantity", keys=_ends(self.goods), counting=True
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        goods = add(floor, self.goods, read)
        unit = receipts.item_of(floor.tx, goods.item).unit
        added = goods.quantity - self.goods.quantity
        floor.ok(f"+ {added} {unit}" + (f", one {read.unit}" if added > 1 and read.unit != unit else ""))
        return Count(goods=goods)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        goods = check_amount(floor, replace(self.goods, quantity=quantity))
        floor.ok(f"{quantity} {receipts.item_of(floor.tx, goods.item).unit}")
        return Count(goods=goods)


class Serials(_Counting, frozen=True, kw_only=True, tag="receiving.serials"):
    """Each piece by its serial; a typed number or a case label says how many must follow."""

    def prompt(self, floor: Floor) -> Prompt:
        goods = self.goods
        whole = bool(goods.serials) and len(goods.serials) >= goods.declared
        headline = "Scan next serial, or the LPN" if whole else "Scan serial"
        return _prompt(floor, goods, headline, "one by one", keys=_ends(goods) if whole else (), counting=True)

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        if is_gtin(read.serial):
            floor.confirm(LooksLikeBarcode(scanned=read.serial, expected="a serial"))
        return self._with(floor, check_amount(floor, with_serial(floor, self.goods, read.serial)))

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        told = add(floor, self.goods, read)
        if told == self.goods:
            floor.ok("Now scan its serial.")
            return self
        return self._with(floor, told)

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        if quantity < len(self.goods.serials):
            raise BadAmount(
                amount=quantity, reason=f"{len(self.goods.serials)} serials were scanned", scanned=str(quantity)
            )
        return self._with(floor, check_amount(floor, replace(self.goods, declared=quantity)))

    def tap_back(self, floor: Floor) -> Screen:
        """Takes back the last serial; without one, the whole count."""
        if self.goods.serials:
            return Serials(goods=replace(self.goods, serials=self.goods.serials[:-1]))
        return not_booked(floor, self.goods)

    def _with(self, floor: Floor, goods: Goods) -> Screen:
        floor.ok(f"{len(goods.serials)} of {goods.count}" if goods.count else "Scan its serial.")
        return Serials(goods=goods)


def _prompt(
    floor: Floor,
    goods: Goods,
    headline: str,
    hint: str,
    *,
    keys: tuple[Key, ...] = (),
    ask: str = "scan",
    counting: bool = False,
) -> Prompt:
    of = receipts.item_of(floor.tx, goods.item)
    blind = receiving_rules.is_blind(floor.tx, goods.po)
    case = f"{goods.unit} = {goods.pack} {of.unit}" if goods.pack > 1 and goods.unit != of.unit else ""
    awaited = (
        0
        if blind or not goods.po
        else sum(line.left for line in receipts.lines(floor.tx, goods.po) if line.item == goods.item)
    )
    left = goods.declared or awaited
    return Prompt(
        job=job(goods),
        headline=headline,
        subject="on hold" if goods.on_hold else "",
        ask=ask,  # type: ignore[arg-type]
        hint=hint,
        progress=progress(floor, goods.po),
        progress_of="lines",
        big="quantity" if counting else "item",
        item=Shown(code=of.code, name=of.name, note=case),
        quantity=(len(goods.serials) if goods.by_serial else goods.quantity) if counting else None,
        of=left if counting and (goods.declared or (goods.po and not blind)) else None,
        unit=of.unit,
        quantity_is="received" if counting else "",
        facts=facts(goods),
        keys=keys,
        speech=f"{headline}.",
    )
