"""The ledger page: the journal in words, newest first, and what each connector has made of every event.

Where an event stands abroad follows from two numbers: at or below a connector's cursor it is accepted unless it has a
delivery row of its own (dead, parked, waiting, discarded); above the cursor it was not sent yet.
"""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec
from sqlalchemy import bindparam, exists, func, or_, select

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import Piece, many, number, said, spelled
from app.schema.people import worker
from app.schema.stock import journal as entries
from app.schema.stock import movement
from app.schema.sync import connector, delivery, inbox
from app.stock import journal
from app.stock.events import AnyEvent, decode
from app.stock.events.inside import is_between_bins
from app.stock.journal import Entry
from app.work import photos

MOST_LETTERS = 50  # dead letters shown; the rest follows when these are decided
MOST_CONNECTORS = 20


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    document: str = ""
    worker: str = ""
    device: str = ""
    kind: str = ""
    item: str = ""
    owner: str = ""
    page: int = 1


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One journal row as it is read."""

    seq: int
    at: int
    kind: str
    words: str
    worker: str
    worker_name: str
    device: str
    document: str
    owner: str
    photos: tuple[str, ...]  # what somebody took with it: goods that changed their status
    standing: tuple[
        str, ...
    ]  # per connector: accepted, unsent, waiting, parked, dead, asks, discarded; not theirs, between bins: not told


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """An event one ERP refused, or warns of: a person decides."""

    connector: str
    seq: int
    state: str  # dead, asks
    kind: str
    words: str
    document: str
    attempts: int
    answer: str
    reason: str
    decided_by: str
    at: int
    parked: int  # later events of its document that wait behind it


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    told: tuple[Piece, ...]
    connectors: tuple[Any, ...]  # the switchboard's own rows
    letters: tuple[Letter, ...]
    inbox_dead: int
    kinds: tuple[str, ...]
    names: tuple[str, ...]  # of the connectors, in the order of `standing`
    page: Page[Line]
    last: int


_MOVES_ITEM = exists(
    select(movement.c.seq).where(movement.c.seq == entries.c.seq, movement.c.item == bindparam("p_item"))
)
_LIST = (
    select(entries)
    .where(
        or_(bindparam("p_device") == "", entries.c.device == bindparam("p_device")),
        or_(bindparam("p_kind") == "", entries.c.kind == bindparam("p_kind")),
        or_(bindparam("p_item") == "", _MOVES_ITEM),
        or_(bindparam("p_owner") == "", entries.c.owner == bindparam("p_owner")),
    )
    .order_by(entries.c.seq.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
# One statement each, so that the journal's indexes by document and by worker are used.
_BY_WORKER = or_(bindparam("p_worker") == "", entries.c.worker == bindparam("p_worker"))
LIST_ALL = _LIST.where(bindparam("p_document") == "", bindparam("p_worker") == "")
LIST_OF_DOCUMENT = _LIST.where(entries.c.document == bindparam("p_document"), _BY_WORKER)
LIST_OF_WORKER = _LIST.where(entries.c.worker == bindparam("p_worker"), bindparam("p_document") == "")
CURSORS = select(connector.c.name, connector.c.cursor).order_by(connector.c.name).limit(bindparam("most"))
STORIES = select(delivery.c.connector, delivery.c.seq, delivery.c.state).where(
    delivery.c.seq >= bindparam("low"), delivery.c.seq <= bindparam("high")
)
LETTERS = (
    select(
        delivery.c.connector, delivery.c.seq, delivery.c.state, entries.c.kind, entries.c.body, delivery.c.document,
        delivery.c.attempts,
        delivery.c.answer, delivery.c.reason, delivery.c.decided_by, delivery.c.at,
    )
    .join(entries, entries.c.seq == delivery.c.seq)
    .where(or_(delivery.c.state == "dead", delivery.c.state == "asks"))
    .order_by(delivery.c.seq.desc(), delivery.c.connector)
    .limit(bindparam("most"))
)  # fmt: skip
PARKED_BEHIND = select(func.count()).where(
    delivery.c.connector == bindparam("c"), delivery.c.document == bindparam("doc"), delivery.c.state == "parked"
)
INBOX_DEAD = select(func.count()).where(inbox.c.state == "dead")
NAMES = select(worker.c.code, worker.c.name)


def ledger(tx: Tx, wanted: JournalFilter, connectors: Sequence[Any], *, export: bool = False) -> Ledger:
    """The whole page from one snapshot; `connectors` is what the switchboard says of each."""
    found = tx.all(
        LIST_OF_DOCUMENT if wanted.document else LIST_OF_WORKER if wanted.worker else LIST_ALL,
        Entry,
        p_document=wanted.document,
        p_worker=wanted.worker,
        p_device=wanted.device,
        p_kind=wanted.kind,
        p_item=wanted.item,
        p_owner=wanted.owner,
        **window(wanted.page, export=export),
    )
    letters = _letters(tx)
    last, dead = journal.last_seq(tx), int(tx.value(INBOX_DEAD) or 0)
    names = tuple(one.name for one in connectors)
    return Ledger(
        headline=headline(connectors, last),
        told=_told(connectors, len(letters), last, dead),
        connectors=tuple(connectors),
        letters=letters,
        inbox_dead=dead,
        kinds=KINDS,
        names=names,
        page=page_of(in_words(tx, found, connectors), wanted.page, export=export),
        last=last,
    )


def in_words(tx: Tx, found: Sequence[Entry], connectors: Sequence[Any]) -> list[Line]:
    """Entries with their worker's name and where they stand at each connector."""
    if not found:
        return []
    people = {str(code): str(name) for code, name in tx.rows(NAMES)}
    cursors = {str(name): int(cursor) for name, cursor in tx.rows(CURSORS, most=MOST_CONNECTORS)}
    low, high = min(entry.seq for entry in found), max(entry.seq for entry in found)
    stories = {(str(name), int(seq)): str(state) for name, seq, state in tx.rows(STORIES, low=low, high=high)}
    return [
        Line(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            words=entry.event.in_words(),
            worker=entry.worker,
            worker_name=people.get(entry.worker, entry.worker),
            device=entry.device,
            document=entry.document,
            owner=entry.owner,
            photos=_photos(tx, entry),
            standing=tuple(
                _not_told(one, entry)
                or stories.get((one.name, entry.seq), "accepted" if entry.seq <= cursors.get(one.name, 0) else "unsent")
                for one in connectors
            ),
        )
        for entry in found
    ]


def _not_told(connector: Any, entry: Entry) -> str:
    """Why this ERP is not told of it, or the empty text."""
    if connector.owner not in ("", entry.owner):
        return "not theirs"
    return "" if connector.moves or not is_between_bins(entry.event) else "between bins"


def _photos(tx: Tx, entry: Entry) -> tuple[str, ...]:
    if entry.kind != "status_changed":
        return ()
    return tuple(photo.hash for photo in photos.of(tx, f"status {entry.seq}"))


def _letters(tx: Tx) -> tuple[Letter, ...]:
    letters = []
    for name, seq, state, kind, body, document, attempts, answer, reason, by, at in tx.rows(LETTERS, most=MOST_LETTERS):
        letters.append(
            Letter(
                connector=name, seq=seq, state=state, kind=kind, words=decode(bytes(body)).in_words(), document=document,
                attempts=attempts, answer=answer, reason=reason, decided_by=by, at=at,
                parked=int(tx.value(PARKED_BEHIND, c=name, doc=document) or 0),
            )
        )  # fmt: skip
    return tuple(letters)


def headline(connectors: Sequence[Any], last: int) -> str:
    """Who has everything, and who waits for what."""
    if not connectors:
        return "No ERP is connected; the journal keeps everything."
    sentences = []
    for one in connectors:
        if one.state in ("waiting", "stopped"):
            sentences.append(f"{one.name} does not answer: {many(one.backlog, 'event')} wait.")
        elif one.state == "paused":
            sentences.append(f"{one.name} is paused: {many(one.backlog, 'event')} wait.")
        elif one.dead:
            sentences.append(f"{one.name} refused {many(one.dead, 'event')}.")
        elif one.asks:
            sentences.append(f"{one.name} warns of {many(one.asks, 'event')}.")
    well = [one for one in connectors if one.state == "sending" and not one.dead and not one.asks]
    behind = sum(one.backlog for one in well)
    if well and not sentences:
        who = well[0].name if len(well) == 1 else said(f"all {spelled(len(well))} connectors")
        verb = "has" if len(well) == 1 else "have"
        sentences.append(
            f"{who} {verb} everything but the last {many(behind, 'event')}." if behind else f"{who} {verb} everything."
        )
    return " ".join(sentences[:2])


def _told(connectors: Sequence[Any], letters: int, last: int, inbox_dead: int) -> tuple[Piece, ...]:
    oldest = max((one.oldest_unsent_s for one in connectors), default=0)
    backlog = sum(one.backlog for one in connectors)
    pieces = [Piece(text=f"Journal at event {number(last)}. ")]
    if backlog:
        minutes = f"{oldest // 60} min" if oldest >= 60 else f"{oldest} s"
        pieces.append(Piece(text=f"Oldest unsent {minutes}, {many(backlog, 'event')}. "))
    pieces += [
        Piece(text=f"{many(letters, 'event')} to decide", href="#letters")
        if letters
        else Piece(text="No dead letters"),
        Piece(text=". "),
    ]
    if inbox_dead:
        pieces += [
            Piece(text=many(inbox_dead, "message"), href="/desk/inbox?state=dead"),
            Piece(text=" of the ERP not taken in yet."),
        ]
    return tuple(pieces)


KINDS = tuple(sorted(str(event.__struct_config__.tag) for event in get_args(AnyEvent)))
