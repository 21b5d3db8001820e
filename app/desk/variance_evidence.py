"""What a difference is decided on: who counted how many when, what moved since, each scan, photos, and the neighbourhood.

All of it is read from the journal and the tallies; nothing is said that cannot be followed to its row.
"""

import msgspec
from sqlalchemy import Integer, bindparam, cast, func, or_, select

from app import clock
from app.db import Tx
from app.schema.counting import count_line, stock_count
from app.schema.stock import balance, journal, movement
from app.schema.work import exception
from app.stock.events import decode
from app.work import people, photos
from app.work.counting import tallies
from app.work.counting.closing import Line

MOST_LOOKS = 6
MOST_MOVES = 20
MOST_SCANS = 60
MOST_PLACES = 5
SHORTS_WITHIN = 30 * clock.DAY


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One person's count of it."""

    round: int
    counter: str
    device: str
    created: int
    counted: int
    book: int
    difference: int
    position: int
    state: str
    count: str


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A journal row that moved it."""

    seq: int
    at: int
    words: str
    units: int
    worker: str
    document: str


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    at: int
    label: str
    quantity: int
    serial: str
    seq: int
    void: str  # undone, retyped, moved
    typed: int


class Note(msgspec.Struct, frozen=True, kw_only=True):
    where: str
    what: str
    at: int = 0


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    looks: tuple[Look, ...] = ()
    moves: tuple[Move, ...] = ()
    scans: tuple[Scan, ...] = ()
    more_scans: int = 0
    photos: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def agree(self) -> str:
        """`by two people, same difference`."""
        found = self.looks
        if len(found) < 2:
            return "blind, by one person"
        same = len({look.difference for look in found}) == 1
        return f"blind, by {len({look.counter for look in found})} people, {'same' if same else 'another'} difference"


_OF_KEY = (
    count_line.c.place == bindparam("place"), count_line.c.item == bindparam("item"),
    count_line.c.lpn == bindparam("lpn"), count_line.c.lot == bindparam("lot"),
)  # fmt: skip
LOOKS = (
    select(
        *(count_line.c[name] for name in Look.__struct_fields__ if name != "device"),
        func.coalesce(stock_count.c.device, "").label("device"),
    )
    .outerjoin(stock_count, stock_count.c.id == count_line.c["count"])
    .where(*_OF_KEY)
    .order_by(count_line.c.created.desc(), count_line.c.id.desc())
    .limit(bindparam("most"))
)
MOVES = (
    select(
        movement.c.seq, movement.c.quantity, movement.c.target, movement.c.target_lpn, movement.c.source,
        movement.c.source_lpn, journal.c.at, journal.c.body, journal.c.worker, journal.c.document,
    )
    .join(journal, journal.c.seq == movement.c.seq)
    .where(
        movement.c.item == bindparam("item"), movement.c.seq > bindparam("since"), movement.c.lot == bindparam("lot"),
        or_(
            movement.c.source_lpn == bindparam("lpn"), movement.c.target_lpn == bindparam("lpn"),
        ),
        or_(
            movement.c.source == bindparam("place"), movement.c.target == bindparam("place"), bindparam("lpn") != "",
        ),
    )
    .order_by(movement.c.seq.desc(), movement.c.n.desc())
    .limit(bindparam("most"))
)  # fmt: skip
WAITING_ELSEWHERE = (
    select(count_line.c.place, count_line.c.difference, count_line.c.created)
    .where(
        count_line.c.item == bindparam("item"), count_line.c.id != bindparam("which"), count_line.c.difference != 0,
        or_(count_line.c.state == "review", count_line.c.state == "recount"),
    )
    .order_by(count_line.c.created.desc())
    .limit(bindparam("most"))
)  # fmt: skip
RIGHT_BEFORE = (
    select(count_line.c.created)
    .where(*_OF_KEY, count_line.c.state == "right")
    .order_by(count_line.c.created.desc())
    .limit(1)
)
SHORTS = select(func.count(), func.max(exception.c.created)).where(
    exception.c.item == bindparam("item"), exception.c.location == bindparam("place"),
    exception.c.created > bindparam("since"),
)  # fmt: skip
PROMISED = select(cast(func.sum(balance.c.allocated), Integer)).where(
    balance.c.item == bindparam("item"), balance.c.location == bindparam("place"), balance.c.lpn == bindparam("lpn"),
    balance.c.lot == bindparam("lot"),
)  # fmt: skip


def evidence_of(tx: Tx, line: Line) -> Evidence:
    key = {"place": line.place, "item": line.item, "lpn": line.lpn, "lot": line.lot}
    chain = [
        msgspec.structs.replace(look, counter=_name(tx, look.counter))
        for look in _this_time(tx.all(LOOKS, Look, **key, most=MOST_LOOKS))
    ]
    since = min((look.position for look in chain), default=line.position)
    scans = [row for row in tallies.everything(tx, line.count) if row.key == line.key]
    return Evidence(
        looks=tuple(chain),
        moves=tuple(_moves(tx, line, since)),
        scans=tuple(
            Scan(at=one.at, label=one.label, quantity=one.quantity, serial=one.serial, seq=one.seq, void=one.void,
                 typed=one.typed)
            for one in scans[-MOST_SCANS:]
        ),
        more_scans=max(0, len(scans) - MOST_SCANS),
        photos=tuple(
            dict.fromkeys(photo.hash for look in chain for photo in photos.of(tx, f"count {look.count}"))
        ),
        notes=tuple(_notes(tx, line, key)),
    )  # fmt: skip


def _this_time(looks: list[Look]) -> list[Look]:
    """Oldest first, since the last one that was decided or right."""
    chain: list[Look] = []
    for look in looks:
        if look.state not in ("review", "recount", "superseded"):
            break
        chain.insert(0, look)
    return chain


def _moves(tx: Tx, line: Line, since: int) -> list[Move]:
    rows = tx.rows(
        MOVES, item=line.item, since=since, lot=line.lot, lpn=line.lpn, place=line.place, most=MOST_MOVES
    )  # fmt: skip
    found = []
    for seq, quantity, target, target_lpn, source, source_lpn, at, body, worker, document in rows:
        if line.lpn:
            came, went = target_lpn == line.lpn, source_lpn == line.lpn
        else:
            came, went = (target, target_lpn) == (line.place, ""), (source, source_lpn) == (line.place, "")
        if came == went:
            continue
        units = quantity if came else -quantity
        words = decode(bytes(body)).in_words()
        found.append(Move(seq=seq, at=at, words=words, units=units, worker=_name(tx, worker), document=document))
    return found


def _notes(tx: Tx, line: Line, key: dict[str, str]) -> list[Note]:
    notes = []
    promised = int(tx.value(PROMISED, **key) or 0)
    if promised:
        notes.append(Note(where=line.place, what=f"{promised} promised to orders: what is missing will be short"))
    for place, difference, created in tx.rows(WAITING_ELSEWHERE, item=line.item, which=line.id, most=MOST_PLACES):
        where = "the same place" if place == line.place else "another place"
        notes.append(Note(where=place, what=f"same item, {where}: {difference:+} waits too", at=created))
    right = tx.value(RIGHT_BEFORE, **key)
    if right:
        notes.append(Note(where=line.place, what="counted right", at=int(right)))
    shorts, last = tx.rows(SHORTS, item=line.item, place=line.place, since=clock.now() - SHORTS_WITHIN)[0]
    if shorts:
        notes.append(Note(where=line.place, what=f"exceptions with it here in 30 days: {shorts}", at=int(last)))
    return notes


def _name(tx: Tx, code: str) -> str:
    who = people.by_code(tx, code) if code else None
    return who.short_name if who else code
