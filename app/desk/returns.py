"""What came back from customers: what is judged now, what waits for the desk or for its next step, what has left.

Each piece shows its photos, its checklist and what is proposed and why. Held ones, and those that are to go another way,
are decided here; a decision moves nothing, the floor carries it out.
"""

import msgspec

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.return_evidence import with_evidence
from app.desk.return_parcels import ANNOUNCED, OPEN_PARCELS, Announced, OpenParcel
from app.desk.returned_pieces import COUNTS, LIST, REASONS, STEPS, Row
from app.desk.words import many, said, spelled
from app.stock import ledger
from app.stock.ledger import By
from app.work import limits, people, progress
from app.work.returns import deciding, identifying, known, leaving, ways
from app.work.returns.disposing import NotReceived
from app.work.returns.ways import Disposition


class ReturnFilter(msgspec.Struct, frozen=True, kw_only=True):
    stage: str = "waiting"  # of STAGES
    way: str = ""
    reason: str = ""
    grade: str = ""
    item: str = ""
    customer: str = ""
    q: str = ""  # RMA, order, parcel, serial
    days: int = 0  # came in within; 0: ever
    page: int = 1


class Returns(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]
    ways: tuple[Disposition, ...]
    reasons: tuple[str, ...]
    parcels: tuple[OpenParcel, ...]
    announced: tuple[Announced, ...]
    counts: dict[str, int]


def listing(tx: Tx, wanted: ReturnFilter, *, worker: str = "", export: bool = False) -> Returns:
    """What waits for the desk first, then what lies on the table, then what waits for its next step."""
    since = clock.now() - wanted.days * clock.DAY if wanted.days > 0 else 0
    found = tx.all(
        LIST, Row, p_stage=wanted.stage, p_way=wanted.way, p_reason=wanted.reason, p_grade=wanted.grade,
        p_item=wanted.item.strip(), p_customer=wanted.customer.strip(), p_q=wanted.q.strip(), since=since,
        **window(wanted.page, export=export),
    )  # fmt: skip
    shown = page_of(found, wanted.page, export=export)
    counts = {str(stage): int(count) for stage, count in tx.rows(COUNTS)}
    steps = {str(piece): str(step) for piece, step in tx.rows(STEPS)}
    rows = tuple(with_evidence(tx, row, steps.get(row.piece, ""), worker) for row in shown.rows)
    return Returns(
        headline=headline(counts, wanted.stage, len(found)),
        page=msgspec.structs.replace(shown, rows=rows),
        ways=tuple(ways.ways(tx)),
        reasons=tuple(str(row[0]) for row in tx.rows(REASONS)),
        announced=tuple(tx.all(ANNOUNCED, Announced)),
        parcels=tuple(tx.all(OPEN_PARCELS, OpenParcel)),
        counts=counts,
    )


def headline(counts: dict[str, int], stage: str, shown: int) -> str:
    """What waits, in a sentence. Pure."""
    if stage not in ("waiting", "desk"):
        named = {"table": "on the table", "floor": "with a next step", "left": "that left", "done": "that are done"}
        return said(f"{many(shown, 'return')} {named.get(stage, 'in all')}.")
    waits = counts.get("desk", 0)
    if waits:
        return said(f"{spelled(waits)} return{' waits' if waits == 1 else 's wait'} for your decision.")
    rest = counts.get("table", 0) + counts.get("floor", 0)
    return f"Nothing to decide; {many(rest, 'piece')} on the way." if rest else "No return waits."


def decide(tx: Tx, piece: str, way: str, *, reason: str, worker: str, device: str) -> str:
    """Raises NotReceived, NotGraded, AlreadySo, WhyThat, SamePerson, AboveLimit, NoPrice, LotRecalled, OpenedHygiene."""
    return deciding.decide(tx, piece, way, reason, worker, device)


def identify(tx: Tx, parcel: str, to: str, *, worker: str, device: str) -> str:
    """Raises NoSuchParcel, KnownAlready, NotSent, RmaEnded, MoreThanShipped."""
    told = identifying.identify(tx, parcel, to, By(worker=worker, device=device, cause="desk"))
    people.note(tx, "return_identified", worker, device, told)
    return told


def gone(tx: Tx, code: str, *, to: str, reference: str, worker: str, device: str) -> str:
    """Somebody took it: sold off, to the supplier, given away. Raises NotReceived, StaysHere, AboveLimit, LotRecalled."""
    piece = known.find_piece(tx, code)
    if piece is None or not piece.quantity:
        raise NotReceived(scanned=code)
    event = leaving.leave(tx, piece, to=to, reference=reference)
    way = ways.way(tx, piece.disposition)
    what = f"{way.words} for {piece.quantity} × {piece.item}"
    limits.refuse_value_above(tx, worker, "scrap_value", piece.item, piece.quantity, what=what)
    ledger.post(tx, event, By(worker=worker, device=device, cause="desk"))
    progress.apply(tx, event)
    people.note(tx, "return_left", worker, device, f"{code}: {event.in_words()}")
    return said(f"{event.in_words()}.")
