"""Transfer: goods go to another site, or come from one.

Sending
1. Scan the transfer's number, or choose it; a supervisor orders a new one here, too. Then scan an LPN: all of it goes.
   Or scan a place, the item, then how many.
2. Take what it wants onto your trolley; what is missing yet stands on the screen with where it lies: the first to
   expire is promised to it, and other goods want the scan twice.
3. Scan the dock: what you carry for it is on its way. It stays ours, in transit, and nobody can promise it.

Receiving
4. Scan the number or an LPN that is on its way; then where it stands here; then each LPN, or the items. A pallet
   whose label nobody told of: scan the label, then what stands on it.
5. "Nothing more comes" ends it: what is missing is written down, and written off only when somebody approves.

Where the other site has a server of its own it hears of each step at once, so none of them is taken back by "undo".
"""

from app.db import Tx
from app.errors import Forbidden, State, Wrong
from app.floor.floor import Floor
from app.floor.flows import Flow, register
from app.floor.prompt import Key, Prompt, Row
from app.floor.readings import DocumentReading, LocationReading, LpnReading
from app.floor.screens import Screen
from app.work import arrivals, moves, transfers, transfers_moving, transfers_promised, transfers_serving
from app.work.transfers import Line, Transfer, TransferOver
from app.workflows import transferring_order, transferring_receive, transferring_take
from app.workflows.transferring_order import SUPERVISORS

SHOWN = 5
CHOICES = 6


class NotATransfer(Wrong):
    code, title = "not_a_transfer", "Not on its way"
    says = "{scanned} is on no transfer."
    todo = "Scan the transfer's number."


class NothingCarried(State):
    code, title = "nothing_carried", "Nothing for it"
    says = "You carry nothing transfer {transfer} wants."
    todo = "Scan an LPN, or a place and the item."


class Begin(Screen, frozen=True, kw_only=True, tag="transferring"):
    """Which transfer?"""

    def prompt(self, floor: Floor) -> Prompt:
        found = transfers.open_ones(floor.tx)
        return Prompt(
            job="Transfer",
            headline="Scan transfer or LPN",
            hint="" if found else "no transfer is open",
            choices=tuple(
                Key(name="open", value=one.code, label=one.code, note=f"{one.source} → {one.target}")
                for one in found[:CHOICES]
            ),
            keys=(Key(name="new", label="New transfer"),) if floor.seat.is_a(*SUPERVISORS) else (),
            speech="Scan the transfer.",
        )

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        if read.of != "transfer":
            raise NotATransfer(scanned=read.label)
        return open_transfer(floor, transfers.find(floor.tx, read.document))

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        one = transfers.carrying(floor.tx, read.lpn)
        if one is None or not transfers.is_ours(floor.tx, one.target):
            raise NotATransfer(scanned=read.label)
        return transferring_receive.Receiving(transfer=one.code)

    def tap_new(self, floor: Floor) -> Screen:
        if not floor.seat.is_a(*SUPERVISORS):
            raise Forbidden(worker=floor.worker)
        return transferring_order.NewTransfer()

    def tap_open(self, floor: Floor, code: str) -> Screen:
        return open_transfer(floor, transfers.find(floor.tx, code))


class Which(Screen, frozen=True, kw_only=True, tag="transferring.which"):
    """Both sites are in this house: is it sent, or does it arrive?"""

    transfer: str

    def prompt(self, floor: Floor) -> Prompt:
        one = transfers.find(floor.tx, self.transfer)
        return Prompt(
            job=f"Transfer {self.transfer}",
            headline="Send or receive?",
            ask="choice",
            subject=f"{one.source} → {one.target}",
            choices=(
                Key(name="send", label="Send", note=f"from {one.source}"),
                Key(name="receive", label="Receive", note=f"at {one.target}"),
            ),
            speech="Send or receive?",
        )

    def tap_send(self, floor: Floor) -> Screen:
        return Sending(transfer=self.transfer)

    def tap_receive(self, floor: Floor) -> Screen:
        return transferring_receive.Receiving(transfer=self.transfer)

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()


class Sending(Screen, frozen=True, kw_only=True, tag="transferring.send"):
    """Take what it wants; scan the dock when you are there."""

    transfer: str

    def prompt(self, floor: Floor) -> Prompt:
        one = transfers.find(floor.tx, self.transfer)
        known, carried = transfers.lines(floor.tx, one.code), moves.carried(floor.tx, floor.worker)
        have = sum(thing.quantity for thing in carried)
        shipped = sum(1 for line in known if not line.left)
        open_now = [line for line in known if line.left]
        return Prompt(
            job=f"Transfer {self.transfer}",
            headline="Scan dock, or take more" if have else "Scan LPN or place" if open_now else "All of it is sent",
            subject=f"to {one.target}",
            hint=f"to {one.target}",
            progress=(shipped, len(known)),
            progress_of="lines sent",
            done=(f"{have} on your trolley",) if have else (),
            rows=tuple(_row(floor, line) for line in open_now[:SHOWN])
            + ((Row(name=f"and {len(open_now) - SHOWN} more"),) if len(open_now) > SHOWN else ()),
            speech="Scan what you take.",
        )

    def on_lpn(self, floor: Floor, read: LpnReading) -> Screen:
        return transferring_take.take_lpn(floor, self.transfer, read.lpn)

    def on_document(self, floor: Floor, read: DocumentReading) -> Screen:
        """Another transfer: what is on the trolley stays there."""
        return Begin().on_document(floor, read)

    def on_location(self, floor: Floor, read: LocationReading) -> Screen:
        one = transfers.find(floor.tx, self.transfer)
        if read.of != "dock":
            transfers.refuse_place(floor.tx, one, one.source, read.location)
            return transferring_take.at_place(floor, self.transfer, read.location)
        if one.state != "open":
            raise TransferOver(transfer=one.code, state=one.state)
        transfers.refuse_place(floor.tx, one, one.source, read.location)
        events = transfers_moving.ship(floor.tx, one, moves.carried(floor.tx, floor.worker), read.location)
        if not events:
            raise NothingCarried(transfer=one.code)
        for event in events:
            floor.post(event, undoable=len(events) == 1 and transfers.is_ours(floor.tx, one.target))
        sent = sum(event.quantity for event in events)
        left = sum(line.left for line in transfers.lines(floor.tx, one.code))
        floor.step(f"{sent} on the way to {one.target}." + (f" {left} to go." if left else " That is all of it."))
        return self if left else Begin()

    def tap_back(self, floor: Floor) -> Screen:
        return Begin()


def open_transfer(floor: Floor, one: Transfer) -> Screen:
    """Straight to what can be done with it here. Raises TransferOver."""
    known = transfers.lines(floor.tx, one.code)
    sends = one.state == "open" and transfers.is_ours(floor.tx, one.source) and any(line.left for line in known)
    arrives = transfers.is_ours(floor.tx, one.target) and (
        one.state == "open" or bool(transfers.under_way(floor.tx, one))
    )
    local = transfers.is_ours(floor.tx, one.source)
    arrives = arrives and (not local or any(line.missing for line in known) or not sends)
    if sends:
        transfers_serving.serve(floor.tx, one, floor.by)
    if sends and arrives:
        return Which(transfer=one.code)
    if sends:
        return Sending(transfer=one.code)
    if arrives:
        return transferring_receive.Receiving(transfer=one.code)
    raise TransferOver(transfer=one.code, state="on its way" if one.state == "open" else one.state)


def _row(floor: Floor, line: Line) -> Row:
    """What is left of a line, and where free pieces lie first on the walk."""
    own = transfers_promised.of(floor.tx, line.transfer, line.item)
    free = (row for row in moves.lies(floor.tx, line.item) if row.status == "available")
    lies = own[0] if own else next(free, None)
    where = f"at {arrivals.named(lies.lpn) if lies.lpn else lies.location}" if lies is not None else "none free here"
    if lies is not None and lies.lot:
        where += f" lot {lies.lot}"
    return Row(left=str(line.left), name=line.item, detail=where)


def _waiting(tx: Tx) -> str:
    n = len(transfers.open_ones(tx))
    return f"{n} open" if n else ""


register(
    Flow(name="transferring", title="Transfer", icon="load", roles=("worker",), start=Begin, waiting=_waiting, order=66)
)
