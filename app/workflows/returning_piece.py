"""Returns, one piece in the hand: what is known of it, what is still asked, and the moment it is received.

1. Its lot, where the item has lots and the label says none; its serial, where it has serials.
2. Why it comes back, where the RMA does not say.
3. What does not fit the papers is warned of once: scan it again, and it is taken in and held.
"""

import msgspec
from msgspec.structs import replace

from app.errors import State, WrongKind
from app.floor.floor import Floor
from app.floor.prompt import Goods as Shown
from app.floor.prompt import Key, Prompt
from app.floor.readings import ItemReading, LotReading, SerialReading
from app.floor.screens import Screen, build
from app.stock.events import ReturnReceived
from app.stock.slots import Slot
from app.work import arrivals, reasons, shelf_life
from app.work.returns import closing, judging, known, taking_in
from app.work.returns.known import Parcel

REASONS = "return"  # kind of reason_code
HELD = frozenset({*judging.HELD_FLAGS, "recalled"})


class FinishPiece(State):
    code, title = "finish_piece", "Another piece"
    says = "{expected} is not finished yet; this is {scanned}."
    todo = "First send {expected} its way."


class OneMoreIsHeld(State):
    code, title = "one_more_is_held", "That one is held"
    says = "One more {scanned} does not fit the papers: {reason}."
    todo = "First send these their way, then scan it as a piece of its own."


class Goods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece being identified. Nothing of it is booked yet."""

    parcel: Parcel
    item: str
    quantity: int = 1
    lot: str = ""
    serial: str = ""
    reason: str = ""
    warned: tuple[str, ...] = ()  # flags that were shown and confirmed


def begin(floor: Floor, parcel: Parcel, item: str, quantity: int, *, lot: str = "", serial: str = "") -> Screen:
    """A label of a piece. Raises MoreThanShipped, FinishPiece; NotOnRma, OtherSerial … until confirmed."""
    begun = closing.unfinished(floor.tx, parcel.code)
    if begun:
        raise FinishPiece(expected=begun[0].item, scanned=item)
    of = known.item_of(floor.tx, item)
    goods = Goods(
        parcel=parcel,
        item=item,
        quantity=1 if of.serial_tracked else quantity,
        lot=shelf_life.parse_lot(lot) if lot and of.lot_tracked else "",
        serial=serial if of.serial_tracked else "",
    )
    return next_question(floor, goods)


def next_question(floor: Floor, goods: Goods) -> Screen:
    """What is still missing, in one fixed order; then it is received."""
    of = known.item_of(floor.tx, goods.item)
    goods = _fits(floor, goods)
    if of.lot_tracked and not goods.lot:
        return AskLot(goods=goods)
    if of.serial_tracked and not goods.serial:
        return AskSerial(goods=goods)
    if not (goods.reason or _fit(floor, goods).reason):
        return AskReason(goods=goods)
    return receive(floor, goods)


def _fit(floor: Floor, goods: Goods) -> taking_in.Fit:
    return taking_in.fit(floor.tx, goods.parcel, goods.item, goods.quantity, serial=goods.serial, lot=goods.lot)


def _fits(floor: Floor, goods: Goods) -> Goods:
    """Warn once of each thing that does not fit its papers. Raises DuplicateSerial for a piece that is here already."""
    if goods.serial:
        arrivals.check_serial(floor.tx, goods.item, goods.serial)
    for flag in _fit(floor, goods).flags:
        warning = taking_in.warning_of(flag, goods.parcel, goods.item, goods.serial)
        if warning is not None and flag not in goods.warned:
            floor.confirm(warning)
            goods = replace(goods, warned=(*goods.warned, flag))
    return goods


def receive(floor: Floor, goods: Goods) -> Screen:
    """Book it in: returned, or held where something does not fit."""
    arrivals.check_place(floor.tx, goods.parcel.location)
    number = int(floor.tx.value(known.COUNT_PIECES, which=goods.parcel.code)) + 1
    piece = f"{goods.parcel.code}/{number}"
    _post(floor, goods, piece)
    return build("returning.inspect", parcel=goods.parcel, piece=piece)


def _post(floor: Floor, goods: Goods, piece: str) -> None:
    """Post it, and tell whoever must decide of what does not fit."""
    fit, parcel = _fit(floor, goods), goods.parcel
    held = HELD.intersection(fit.flags)
    event = ReturnReceived(
        parcel=parcel.code,
        rma=parcel.rma,
        order=parcel.order_code,
        piece=piece,
        item=goods.item,
        quantity=goods.quantity,
        target=Slot(location=parcel.location, lot=goods.lot, status="quarantine" if held else "returned"),
        serial=goods.serial,
        rma_line=fit.line,
        customer=parcel.customer,
        label=parcel.label,
        reason=goods.reason or fit.reason,
        wish=fit.wish,
        flags=fit.flags,
    )
    floor.post(event, undoable=not fit.flags)
    taking_in.sign(floor.tx, piece, "received_by", floor.worker)
    taken = known.find_piece(floor.tx, piece)
    assert taken is not None, "it was just written down"
    taking_in.tell(floor.tx, taken, floor.worker)
    if held:
        told = ", ".join(judging.IN_WORDS[flag] for flag in fit.flags if flag in HELD)
        floor.warn(f"{goods.item} is held: {told}.")
    else:
        floor.ok(f"{goods.item}" + (f", serial {goods.serial}, as shipped" if goods.serial else ""))


def take_more(floor: Floor, goods: Goods, piece: known.Piece) -> None:
    """More of the piece on the table, judged together with it. Raises MoreThanShipped, OneMoreIsHeld."""
    fit = _fit(floor, goods)
    new = [flag for flag in fit.flags if flag not in piece.flags.split()]
    if new:
        raise OneMoreIsHeld(scanned=piece.item, reason=", ".join(judging.IN_WORDS[flag] for flag in new))
    event = ReturnReceived(
        parcel=piece.parcel,
        rma=piece.rma,
        order=piece.order_code,
        piece=piece.piece,
        item=piece.item,
        quantity=goods.quantity,
        target=piece.slot,
        rma_line=fit.line,
        customer=piece.customer,
        reason=piece.reason,
        wish=piece.wish,
        flags=tuple(piece.flags.split()),
    )
    floor.post(event)


class _Asking(Screen, frozen=True, kw_only=True):
    """One question about the piece; another label of it may answer, too."""

    goods: Goods

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if read.item != self.goods.item:
            raise FinishPiece(expected=self.goods.item, scanned=read.item)
        told = replace(self.goods, lot=self.goods.lot or read.lot, serial=self.goods.serial or read.serial)
        if told == self.goods and not self._waits_for_yes(told):
            raise WrongKind(
                expected="what is asked", scanned=read.label, kind="the item, and its label does not say it"
            )
        return next_question(floor, told)

    def _waits_for_yes(self, goods: Goods) -> bool:
        return bool(goods.serial or goods.lot)

    def tap_back(self, floor: Floor) -> Screen:
        return build("returning.item", parcel=self.goods.parcel)


class AskLot(_Asking, frozen=True, kw_only=True, tag="returning.lot"):
    """The label said no lot."""

    def prompt(self, floor: Floor) -> Prompt:
        return _prompt(floor, self.goods, "Scan or type the lot", ask="text")

    def on_lot(self, floor: Floor, read: LotReading) -> Screen:
        return next_question(floor, replace(self.goods, lot=shelf_life.parse_lot(read.lot)))

    def on_text(self, floor: Floor, text: str) -> Screen:
        return next_question(floor, replace(self.goods, lot=shelf_life.parse_lot(text)))


class AskSerial(_Asking, frozen=True, kw_only=True, tag="returning.serial"):
    """Which piece is it?"""

    def prompt(self, floor: Floor) -> Prompt:
        return _prompt(floor, self.goods, "Scan its serial")

    def on_serial(self, floor: Floor, read: SerialReading) -> Screen:
        return next_question(floor, replace(self.goods, serial=read.serial))


class AskReason(_Asking, frozen=True, kw_only=True, tag="returning.reason"):
    """The papers do not say why."""

    def prompt(self, floor: Floor) -> Prompt:
        given = reasons.of_kind(floor.tx, REASONS)
        keys = tuple(Key(name="reason", value=one.code, label=one.words) for one in given)
        return _prompt(floor, self.goods, "Why does it come back?", ask="choice", choices=keys)

    def tap_reason(self, floor: Floor, code: str) -> Screen:
        return next_question(floor, replace(self.goods, reason=reasons.check(floor.tx, REASONS, code).code))


def _prompt(floor: Floor, goods: Goods, headline: str, *, ask: str = "scan", choices: tuple[Key, ...] = ()) -> Prompt:
    of = known.item_of(floor.tx, goods.item)
    told = " · ".join(
        word for word in (f"lot {goods.lot}" * bool(goods.lot), f"serial {goods.serial}" * bool(goods.serial)) if word
    )
    return Prompt(
        job=goods.parcel.named,
        subject=goods.parcel.code,
        headline=headline,
        ask=ask,  # type: ignore[arg-type]
        big="item",
        item=Shown(code=goods.item, name=of.name, note=told),
        choices=choices,
        speech=headline,
    )
