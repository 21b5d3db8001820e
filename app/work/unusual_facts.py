"""What the unusual figures are counted from: the journal of the last four weeks, and the returns that came in.

    short       a pick that found less, by who picked, what and where                      of all picks
    shrinkage   goods written off or counted away: what, where, and who last took from there   of all takes
    adjustment  corrections asked for by hand, up or down, by who asked                    of all takes
    returned    pieces that came back: the item always; who picked them and from where only where the customer says
                "wrong" or "damaged"                                                       of all picks

A worker who counts only reports, so a count's correction is no correction of theirs. What was taken back is not counted.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import bindparam, or_, select

from app import clock
from app.db import Tx
from app.schema.returns import returned
from app.schema.stock import journal, movement
from app.stock.events import Adjusted, PickShort, Undone, WrittenOff, decode
from app.work import unusual_sums
from app.work.since import first_seq
from app.work.unusual import TITLES, Judged, Tally, judge
from app.work.unusual_sums import KINDS, WINDOW, Occasions

MOST_EVENTS = 20_000  # cases read in one look, the newest
MOST_RETURNS = 3_000
AT_FAULT = ("wrong_item", "damaged")  # reasons of a return that speak of who picked it
BY_ALL = dict.fromkeys(TITLES, KINDS)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, with everybody and everything it is counted for."""

    measure: str
    seq: int  # its event; 0: a returned piece
    at: int
    worker: str
    item: str
    location: str
    units: int
    words: str
    document: str


_CASES = ("pick_short", "adjusted", "written_off", "undone")
HAPPENED = (
    select(journal.c.seq, journal.c.at, journal.c.worker, journal.c.document, journal.c.body)
    .where(journal.c.seq >= bindparam("seq"), or_(*(journal.c.kind == kind for kind in _CASES)))
    .order_by(journal.c.seq.desc())
    .limit(MOST_EVENTS)
)
LAST_TAKER = (
    select(journal.c.worker)
    .join_from(movement, journal, journal.c.seq == movement.c.seq)
    .where(
        movement.c.item == bindparam("of_item"),
        movement.c.lot == bindparam("of_lot"),
        movement.c.source == bindparam("place"),
        movement.c.seq < bindparam("before"),
        journal.c.kind != "adjusted",
        journal.c.kind != "written_off",
    )
    .order_by(movement.c.seq.desc())
    .limit(1)
)
CAME_BACK = (
    select(
        returned.c.piece, returned.c.received_at, returned.c.item, returned.c.order_code, returned.c.reason,
        returned.c.quantity,
    )
    .where(returned.c.received_at > bindparam("since"), returned.c.quantity > 0)
    .order_by(returned.c.received_at.desc())
    .limit(MOST_RETURNS)
)  # fmt: skip
PICKED_BY = (
    select(journal.c.worker, movement.c.source)
    .join_from(journal, movement, movement.c.seq == journal.c.seq)
    .where(
        journal.c.document == bindparam("of_document"), journal.c.kind == "picked", movement.c.item == bindparam("of_item")
    )
    .order_by(journal.c.seq)
    .limit(1)
)  # fmt: skip


def look(tx: Tx, now: int) -> tuple[list[Judged], list[Case]]:
    """Every list judged, and the cases behind them. Reads only."""
    seq = first_seq(tx, now - WINDOW)
    cases = [*events(tx, seq, now - WINDOW), *pieces(tx, now - WINDOW)]
    found: list[Judged] = []
    for kind in KINDS:
        occasions = unusual_sums.of(tx, kind, now - WINDOW)
        for measure in TITLES:
            found += judge(measure, kind, tally(measure, kind, occasions, cases))
    return found, cases


def tally(measure: str, kind: str, occasions: Iterable[Occasions], cases: Iterable[Case]) -> list[Tally]:
    """Cases and occasions per subject; the same thing at the same place by the same worker on one day counts once."""
    happened: dict[str, set[tuple[object, ...]]] = {}
    units: dict[str, int] = {}
    for one in cases:
        subject = getattr(one, kind)
        if one.measure != measure or not subject:
            continue
        once: tuple[object, ...] = (one.worker, one.item, one.location, one.at // clock.DAY)
        happened.setdefault(subject, set()).add(once if one.seq else (one.document, one.words))
        units[subject] = units.get(subject, 0) + one.units
    of = {one.subject: one.picks if measure in ("short", "returned") else one.takes for one in occasions}
    return [
        Tally(
            subject=subject,
            cases=(n := len(happened.get(subject, ()))),
            of=max(of.get(subject, 0), n) if measure == "returned" else of.get(subject, 0) + n,
            units=units.get(subject, 0),
        )
        for subject in sorted({*of, *happened})
    ]


def events(tx: Tx, seq: int, since: int) -> list[Case]:
    found: list[Case] = []
    back: set[int] = set()
    for number, at, worker, document, body in tx.rows(HAPPENED, seq=seq):
        event = decode(bytes(body))
        if isinstance(event, Undone):
            back.add(event.seq)
        elif number in back or at <= since:
            continue
        elif isinstance(event, PickShort):
            place, what = event.slot.location, event.missing
            found.append(_case("short", number, at, worker, event.item, place, what, event.in_words(), document))
        elif isinstance(event, Adjusted | WrittenOff):
            found += _correction(tx, event, number, at, document)
    return found


def _correction(tx: Tx, event: Adjusted | WrittenOff, seq: int, at: int, document: str) -> list[Case]:
    change = event.change if isinstance(event, Adjusted) else -event.quantity
    words, place = event.in_words(), event.slot.location
    found: list[Case] = []
    if change < 0:
        before = {"of_item": event.item, "of_lot": event.slot.lot, "place": place, "before": seq}
        taker = str(tx.value(LAST_TAKER, **before) or "")
        found.append(_case("shrinkage", seq, at, taker, event.item, place, -change, words, document))
    counted = isinstance(event, Adjusted) and event.count
    asked_by = "" if counted else event.asked_by
    found.append(_case("adjustment", seq, at, asked_by, event.item, place, abs(change), words, document))
    return found


def _case(
    measure: str, seq: int, at: int, worker: str, item: str, place: str, units: int, words: str, document: str
) -> Case:
    return Case(
        measure=measure, seq=seq, at=at, worker=worker, item=item, location="" if place.startswith("~") else place,
        units=units, words=words, document=document,
    )  # fmt: skip


def pieces(tx: Tx, since: int) -> list[Case]:
    found: list[Case] = []
    for piece, at, item, order, reason, quantity in tx.rows(CAME_BACK, since=since):
        picked = tx.row(PICKED_BY, of_document=f"order {order}", of_item=item) if order and reason in AT_FAULT else None
        worker, place = picked or ("", "")
        why = reason.replace("_", " ") or "no reason"
        words = f"{quantity} × {item} came back as {piece}: {why}"
        document = f"order {order}" if order else ""
        found.append(_case("returned", 0, at, str(worker), item, str(place), quantity, words, document))
    return found
