"""Transfers between sites: what one site sends another, what is on the way, what arrived, and what never did.

A transfer is ordered by the ERP or at the desk. Goods on it are ours until they have arrived: they stand in `~transit`
with a status nobody can promise. Where both sites are in this house, arriving takes them out of there; a site with a
server of its own tells us, over the hub or through the ERP. What is missing when nothing more comes is not simply gone:
it stays in transit, and a write-off is asked for, which somebody else approves.
"""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import and_, bindparam, exists, insert, literal, or_, select, update

from app import clock
from app.db import Tx
from app.errors import BadAmount, State, Unknown, Wrong
from app.schema.items import lot as lots
from app.schema.places import location, site
from app.schema.storage import transfer, transfer_line
from app.stock import balances
from app.stock.events import AnyEvent, TransferClosed, TransferDelivered, TransferReceived, TransferShipped
from app.stock.slots import TRANSIT
from app.work import corrections, exceptions, lots_met, numbers, transfers_promised, transfers_ways
from app.work.corrections import Ask
from app.work.master_terms import KNOWN_ITEM
from app.work.transfers_ways import Way

Post = Callable[[AnyEvent], int]
MOST_LINES = 200  # of a transfer ordered at the desk
LISTED = 50


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    source: str
    target: str
    state: str  # open, closed, cancelled
    asked_by: str
    carrier: str
    due: int
    version: int
    created: int
    to_go: int = -1  # units its site has not sent yet, where that is another house that says so

    @property
    def lane(self) -> str:
        return f"transfer {self.code}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    transfer: str
    line: str
    item: str
    quantity: int
    shipped: int
    received: int

    @property
    def left(self) -> int:
        """To be shipped yet."""
        return max(self.quantity - self.shipped, 0)

    @property
    def missing(self) -> int:
        return max(self.shipped - self.received, 0)


class NoSuchTransfer(Unknown):
    code, title = "unknown_transfer", "Unknown transfer"
    says = "No transfer is called {scanned}."
    todo = "Scan the number on the papers."


class TransferOver(State):
    code, title = "transfer_over", "Transfer is over"
    says = "Transfer {transfer} is {state}."
    todo = "Ask the desk for a new one."


class NotOnTransfer(Wrong):
    code, title = "not_on_transfer", "Not on this transfer"
    says = "{scanned} is not on transfer {transfer}."
    todo = "Put it back."


class MoreThanWanted(BadAmount):
    code, title, scanned_is = "more_than_wanted", "More than wanted", "That would be"
    says = "Transfer {transfer} wants {expected} more × {item}; that would be {scanned}."
    todo = "Take {expected}."


class NotOurSite(Wrong):
    code, title = "other_site", "Another site"
    says = "Transfer {transfer} is for {expected}; {scanned} belongs to {site}."
    todo = "Set it down at {expected}."


class BadTransfer(BadAmount):
    code, title = "bad_transfer", "No transfer"
    says = "{scanned}: {reason}"
    todo = "Look at the form and try again."


_OF = transfer.c.code == bindparam("which")
FIND = select(transfer).where(_OF)
OPEN = select(transfer).where(transfer.c.state == "open").order_by(transfer.c.due, transfer.c.code).limit(LISTED)
LINES = select(transfer_line).where(transfer_line.c.transfer == bindparam("which")).order_by(transfer_line.c.line)
ADD = insert(transfer).values(**{name: bindparam(name) for name in Transfer.__struct_fields__})
ADD_LINE = insert(transfer_line).values(**{name: bindparam(name) for name in Line.__struct_fields__})
_LINE = and_(transfer_line.c.transfer == bindparam("which"), transfer_line.c.line == bindparam("of_line"))
COUNT_SHIPPED = update(transfer_line).where(_LINE).values(shipped=transfer_line.c.shipped + bindparam("q"))
COUNT_RECEIVED = update(transfer_line).where(_LINE).values(received=transfer_line.c.received + bindparam("q"))
STAND = update(transfer).where(_OF).values(state=bindparam("new_state"))
A_SITE = select(literal(1)).where(
    or_(
        exists(select(site.c.code).where(site.c.code == bindparam("of_site"))),
        exists(select(location.c.code).where(location.c.site == bindparam("of_site"))),
    )
)
SITES = select(location.c.site).where(location.c.site != "").distinct().order_by(location.c.site)
TARGETS = select(transfer.c.target).distinct().order_by(transfer.c.target).limit(LISTED)
HOME = select(site.c.code).order_by(site.c.code).limit(1)
SITE_OF = select(location.c.site).where(location.c.code == bindparam("code"))
EXPIRY = select(lots.c.expiry).where(lots.c.item == bindparam("of_item"), lots.c.lot == bindparam("number"))


# ── what is known of it ──────────────────────────────────────────────────────────────────────────────────────────────
def find(tx: Tx, code: str) -> Transfer:
    found = tx.one(FIND, Transfer, which=code)
    if found is None:
        raise NoSuchTransfer(scanned=code[:40] or "Nothing")
    return found


def lines(tx: Tx, code: str) -> list[Line]:
    return tx.all(LINES, Line, which=code)


def open_ones(tx: Tx) -> list[Transfer]:
    return tx.all(OPEN, Transfer)


def is_ours(tx: Tx, code: str) -> bool:
    """Is this site in this house, with its places in our books?"""
    return tx.value(A_SITE, of_site=code) is not None


def own_sites(tx: Tx) -> list[str]:
    return [row[0] for row in tx.rows(SITES)]


def known_sites(tx: Tx) -> list[str]:
    """Those of this house, and those goods were sent to before."""
    return sorted({*own_sites(tx), *(row[0] for row in tx.rows(TARGETS))})


def here(tx: Tx) -> str:
    """The site of this house; of several the first."""
    return str(tx.value(HOME) or "")


def under_way(tx: Tx, one: Transfer) -> list[Way]:
    """What of it is in transit now: as our journal has it, or as the site that sent it says."""
    return transfers_ways.sent(tx, one.lane) if is_ours(tx, one.source) else transfers_ways.coming(tx, one.code)


def carrying(tx: Tx, lpn: str) -> Transfer | None:
    """The transfer an LPN is on that is on its way now: in our transit, or announced by another house."""
    plate = balances.carrier(tx, lpn)
    code = transfers_ways.carries(tx, lpn) if plate is not None and plate.location == TRANSIT else ""
    code = code or transfers_ways.announces(tx, lpn)
    return tx.one(FIND, Transfer, which=code) if code else None


def expiry_of(tx: Tx, of_item: str, lot: str) -> str:
    return str(tx.value(EXPIRY, of_item=of_item, number=lot) or "") if lot else ""


def wanted(tx: Tx, code: str, of_item: str) -> int:
    """How many of an item are still to be shipped."""
    return sum(line.left for line in lines(tx, code) if line.item == of_item)


def refuse_place(tx: Tx, one: Transfer, site_code: str, place: str) -> None:
    """Raises NotOurSite where a place is not of the site the step belongs to."""
    if not is_of(tx, site_code, place):
        found = tx.value(SITE_OF, code=place) or "no site"
        raise NotOurSite(transfer=one.code, expected=site_code, scanned=place, site=found)


def is_of(tx: Tx, site_code: str, place: str) -> bool:
    """Is a place of a site? Where this house is one site, places need not say so."""
    found = tx.value(SITE_OF, code=place) or ""
    return found == site_code or not (found or (is_ours(tx, site_code) and len(own_sites(tx)) > 1))


# ── ordering, closing ────────────────────────────────────────────────────────────────────────────────────────────────
def order(tx: Tx, source: str, target: str, asked: Sequence[tuple[str, int]], *, worker: str) -> Transfer:
    """A transfer ordered here. Raises BadTransfer."""
    if not source or not target or source == target:
        raise BadTransfer(scanned=f"{source or 'nowhere'} to {target or 'nowhere'}", reason="that is no way to go.")
    if not asked or len(asked) > MOST_LINES:
        raise BadTransfer(scanned=f"{len(asked)} lines", reason=f"one at least, {MOST_LINES} at most.")
    for code, quantity in asked:
        if tx.value(KNOWN_ITEM, key=code) is None:
            raise BadTransfer(scanned=code, reason="nobody knows that item.")
        if quantity < 1:
            raise BadTransfer(scanned=f"{quantity} × {code}", reason="one at least.")
    one = Transfer(
        code=numbers.transfer(tx, "" if is_ours(tx, target) else source), source=source, target=target, state="open",
        asked_by=worker, carrier="", due=0, version=0, created=clock.now(),
    )  # fmt: skip
    write(tx, one, [(str(n), code, quantity, 0) for n, (code, quantity) in enumerate(asked, 1)])
    return one


def write(tx: Tx, one: Transfer, asked: Sequence[tuple[str, str, int, int]]) -> None:
    """Keep a new transfer with its lines: (line, item, quantity, shipped by a site of another house)."""
    tx.run(ADD, **msgspec.structs.asdict(one))
    for number, code, quantity, shipped in asked:
        tx.run(
            ADD_LINE, transfer=one.code, line=number, item=code, quantity=quantity, shipped=shipped, received=0
        )  # fmt: skip
    tx.tell("transfers")


def cancel(tx: Tx, one: Transfer, post: Post) -> None:
    """Before anything left. Raises TransferOver."""
    if one.state != "open" or any(line.shipped for line in lines(tx, one.code)):
        raise TransferOver(transfer=one.code, state="on its way" if one.state == "open" else one.state)
    give_back(tx, one, "cancelled", post)
    tx.run(STAND, which=one.code, new_state="cancelled")
    tx.tell("transfers")


def give_back(tx: Tx, one: Transfer, why: str, post: Post) -> None:
    """Nothing on the shelves waits for it any more."""
    for event in transfers_promised.ended(tx, one.code, f"transfer {one.code} {why}"):
        post(event)


def close(tx: Tx, one: Transfer, worker: str, post: Post) -> tuple[int, int]:
    """Nothing more comes: what is missing and over. The missing is asked to be written off, and stays in transit till then.

    Raises TransferOver.
    """
    if one.state != "open":
        raise TransferOver(transfer=one.code, state=one.state)
    known = lines(tx, one.code)
    missing = sum(line.missing for line in known)
    over = sum(max(line.received - line.shipped, 0) for line in known)
    give_back(tx, one, "closed", post)
    post(TransferClosed(transfer=one.code, missing=missing, over=over, from_site=one.source, to_site=one.target))
    for way in under_way(tx, one) if is_ours(tx, one.source) else []:
        ask = Ask(
            kind="write_off", item=way.item, slot=way.slot, change=-way.quantity, booked=way.quantity,
            serial=way.serial, reason="lost",
        )  # fmt: skip
        corrections.begin(tx, ask, worker)
    for line in known:
        if line.missing:
            words = f"{line.missing} × {line.item} of transfer {one.code} did not arrive at {one.target}."
            _raise(tx, "transfer_short", words, one, line, line.missing, worker)
        elif line.received > line.shipped:
            extra = line.received - line.shipped
            words = f"{extra} × {line.item} more than shipped arrived with transfer {one.code} at {one.target}."
            _raise(tx, "transfer_over", words, one, line, extra, worker)
    return missing, over


def _raise(tx: Tx, code: str, words: str, one: Transfer, line: Line, quantity: int, worker: str) -> None:
    exceptions.add(tx, code, words, document=one.lane, item=line.item, quantity=quantity, worker=worker)


# ── what the lines count ─────────────────────────────────────────────────────────────────────────────────────────────
def counted(tx: Tx, event: TransferShipped | TransferReceived | TransferDelivered | TransferClosed, sign: int) -> None:
    """Progress: shipped, received, over."""
    if isinstance(event, TransferClosed):
        tx.run(STAND, which=event.transfer, new_state="closed" if sign > 0 else "open")
    else:
        count = COUNT_SHIPPED if isinstance(event, TransferShipped) else COUNT_RECEIVED
        tx.run(count, which=event.transfer, of_line=event.line, q=sign * event.quantity)
    if isinstance(event, TransferReceived) and not event.local:
        transfers_ways.received(tx, event, sign)
    if isinstance(event, TransferReceived) and event.target.lot and not event.local and sign > 0:
        lots_met.meet(tx, event.item, event.target.lot, event.expiry)
    tx.tell("transfers")
