"""Taking back one's own last step: a compensating event, shown as such in the ledger for ever.

It reaches back until another event touched the same goods. What documents counted is counted back by the same rules,
a licence plate the step made is void and so is its label, and the worker stands at the screen where the step was made.
"""

from collections.abc import Callable

from app.db import Tx
from app.errors import NothingToUndo, Refusal, UndoTooLate
from app.floor import screens
from app.floor.floor import FIRST_SCREEN, Floor
from app.floor.screens import Screen
from app.stock import balances, journal, ledger
from app.stock.events import AnyEvent, Undone
from app.stock.events.base import Event
from app.stock.slots import Carry
from app.work import progress

MOST_TOLD = 2  # items

on_undone: list[Callable[[Tx, Undone], None]] = []  # what else ends with an undone step: its label is void


def undo(floor: Floor) -> Screen:
    """Take back the worker's own last step by a compensating event, and stand where it was made.

    Raises NothingToUndo, or UndoTooLate when the goods moved on since.
    """
    seat, tx = floor.seat, floor.tx
    entry = journal.entry(tx, seat.undo_seq) if seat.undo_seq else None
    if entry is None:
        raise NothingToUndo()
    event = entry.event
    moves = list(event.movements())
    for move in moves:
        target = move.target
        since = tx.value(
            journal.MOVED_SINCE,
            seq=entry.seq,
            item=move.item,
            lot=move.lot,
            location=target.location,
            lpn=target.lpn,
        )
        if since is not None:
            raise UndoTooLate(reason=f"event {since} took {move.item} from {target.lpn or target.location}.")
    before = {move.source.lpn: move.source.location for move in moves if move.source.lpn}
    stood = {carry.lpn: carry for carry in event.stood_before()}
    carried = []
    for carry in event.carries():
        if carry.lpn in stood:
            _refuse_carried_on(tx, carry)
            carried.append(stood[carry.lpn])
        elif carry.kind:
            carried.append(Carry(lpn=carry.lpn, location=carry.location, state="void"))
        elif carry.lpn in before:
            carried.append(Carry(lpn=carry.lpn, location=before[carry.lpn]))
    undone = Undone(
        seq=entry.seq,
        kind=entry.kind,
        lane=entry.document,
        moved=tuple(move.back() for move in reversed(moves)),
        claimed=tuple(claim.back() for claim in reversed(list(event.claims()))),
        carried=tuple(carried),
    )
    try:
        ledger.post(tx, undone, floor.by)
    except Refusal as why:
        raise UndoTooLate(reason=why.sentence) from None
    progress.apply(tx, event, -1)
    for rule in on_undone:
        rule(tx, undone)
    floor.step(f"Undone: {_briefly(event)}.")
    screen = screens.decode(seat.undo_screen, bytes(seat.undo_state))
    return screen if screen is not None else screens.build(FIRST_SCREEN)


def _briefly(event: AnyEvent) -> str:
    """What is back, in a band two lines high: the goods, not their way."""
    if type(event).in_words is not Event.in_words:
        return event.in_words().removesuffix(".")
    back: dict[str, int] = {}
    for move in event.movements():
        back[move.item] = back.get(move.item, 0) + move.quantity
    told = [f"{quantity} × {item}" for item, quantity in list(back.items())[:MOST_TOLD]]
    more = [f"{len(back) - MOST_TOLD} items more"] if len(back) > MOST_TOLD else []
    return ", ".join(told + more) or str(type(event).__struct_config__.tag).replace("_", " ")


def _refuse_carried_on(tx: Tx, carry: Carry) -> None:
    now = balances.carrier(tx, carry.lpn)
    if now is None or (now.location, now.parent) != (carry.location, carry.parent):
        where = now.parent or now.location if now is not None else "gone"
        raise UndoTooLate(reason=f"LPN {carry.lpn} is at {where} now.")
