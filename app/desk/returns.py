"""What came back from customers: what is judged now, what waits for the desk or for its next step, what has left.

Each piece shows its photos, its checklist and what is proposed and why. Held ones, and those that are to go another way,
are decided here; a decision moves nothing, the floor carries it out. A parcel left open is closed here.
"""

from typing import Any

import msgspec
from sqlalchemy import Integer, and_, bindparam, case, cast, func, literal_column, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import many, said, spelled
from app.errors import Refusal
from app.schema.items import item
from app.schema.returns import return_parcel, returned, rma, rma_line
from app.schema.work import task
from app.stock import ledger
from app.stock.ledger import By
from app.work import duties, limits, people, photos, progress
from app.work.returns import closing, counted, deciding, identifying, judging, known, leaving, next_steps, ways
from app.work.returns.disposing import NotReceived
from app.work.returns.known import Parcel, Piece
from app.work.returns.ways import Disposition

STAGES = ("waiting", "desk", "table", "floor", "left", "done", "all")
MOST_OPEN = 50  # parcels named at once


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


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One piece as it is now, with what it waits for."""

    piece: str
    parcel: str
    rma: str
    order_code: str
    customer: str
    item: str
    name: str
    lot: str
    serial: str
    quantity: int
    location: str
    lpn: str
    status: str
    reason: str
    wish: str
    flags: str
    answers: str
    grade: str
    disposition: str
    why: str
    approver: str
    state: str
    received_by: str
    inspected_by: str
    disposed_by: str
    received_at: int
    disposed_at: int
    value: int
    decided: str
    decided_by: str
    decided_because: str
    left_to: str
    left_reference: str
    left_at: int
    decision: str  # of the ERP
    replacement: str
    stage: str
    step: str = ""
    held: str = ""  # why the desk must decide
    proposed: str = ""  # in words
    because: str = ""
    no: tuple[str, ...] = ()  # questions answered with No
    photos: tuple[str, ...] = ()
    allowed: tuple[Disposition, ...] = ()
    why_not: str = ""  # why this person may not decide
    may_leave: bool = False

    @property
    def now(self) -> str:
        """What it waits for, in words."""
        if self.stage == "desk":
            return "Desk decides"
        if self.stage == "table":
            return "Send its way" if self.grade else "To be graded"
        if self.stage == "floor":
            return next_steps.step_of(self.step).words
        return "Left" if self.stage == "left" else "Done"


class OpenParcel(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    rma: str
    order_code: str
    label: str
    opened: int
    pieces: int
    unjudged: int


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """An RMA not all of which has come."""

    code: str
    order_code: str
    customer: str
    tracking: str
    expires: int
    units: int
    came: int


class Returns(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]
    ways: tuple[Disposition, ...]
    reasons: tuple[str, ...]
    parcels: tuple[OpenParcel, ...]
    announced: tuple[Announced, ...]
    counts: dict[str, int]


_ALIVE = or_(task.c.state == "open", task.c.state == "started")
_PIECE_OF = func.substr(task.c.document, len("return ") + 1)  # whole sets, so that they are looked up and not searched


def _waits(kind: str) -> Any:
    return returned.c.piece.in_(select(_PIECE_OF).where(task.c.kind == kind, _ALIVE))


_STAGE = case(
    (returned.c.state == "left", "left"),
    (returned.c.state != "disposed", "table"),
    (_waits(counted.DESK_TASK), "desk"),
    (_waits(counted.TASK), "floor"),
    else_="done",
)
STEPS = select(_PIECE_OF, task.c.reason).where(
    or_(task.c.kind == counted.TASK, task.c.kind == counted.DESK_TASK), _ALIVE
)
_OWN = [name for name in Row.__struct_fields__[: Row.__struct_fields__.index("decision")] if name != "name"]
_WITH = returned.outerjoin(item, item.c.code == returned.c.item).outerjoin(rma, rma.c.code == returned.c.rma)


def _any(name: str) -> Any:
    asked: Any = bindparam(f"p_{name}")
    return or_(asked == "", returned.c[name] == asked)


LIST = (
    select(
        *(returned.c[name] for name in _OWN), func.coalesce(item.c.name, "").label("name"),
        func.coalesce(rma.c.decision, "").label("decision"), func.coalesce(rma.c.replacement, "").label("replacement"),
        _STAGE.label("stage"),
    )
    .select_from(_WITH)
    .where(
        returned.c.quantity > 0,
        or_(
            bindparam("p_stage") == "all",
            bindparam("p_stage") == _STAGE,
            and_(bindparam("p_stage") == "waiting", _STAGE != "left", _STAGE != "done"),
        ),
        or_(bindparam("p_way") == "", returned.c.disposition == bindparam("p_way")),
        *(_any(name) for name in ("reason", "grade", "item", "customer")),
        or_(
            bindparam("p_q") == "", returned.c.rma == bindparam("p_q"), returned.c.order_code == bindparam("p_q"),
            returned.c.parcel == bindparam("p_q"), returned.c.piece == bindparam("p_q"),
            returned.c.serial == bindparam("p_q"),
        ),
        returned.c.received_at >= bindparam("since"),
    )
    .order_by(
        case((_STAGE == "desk", 0), (_STAGE == "table", 1), (_STAGE == "floor", 2), else_=3),
        returned.c.received_at.desc(), returned.c.piece,
    )
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
COUNTS = (
    select(_STAGE.label("stage"), func.count())
    .where(returned.c.quantity > 0, returned.c.state != "left")
    .group_by(literal_column("stage"))
)
DESK = select(func.count()).where(
    task.c.kind == counted.DESK_TASK, or_(task.c.state == "open", task.c.state == "started")
)
REASONS = select(returned.c.reason).where(returned.c.reason != "").distinct().order_by(returned.c.reason).limit(50)
_UNJUDGED = case((and_(returned.c.state != "disposed", returned.c.state != "left"), 1), else_=0)
OPEN_PARCELS = (
    select(
        return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.label,
        return_parcel.c.opened, func.count(returned.c.piece).label("pieces"),
        func.coalesce(func.sum(_UNJUDGED), 0).label("unjudged"),
    )
    .select_from(
        return_parcel.outerjoin(returned, and_(returned.c.parcel == return_parcel.c.code, returned.c.quantity > 0))
    )
    .where(return_parcel.c.state == "open")
    .group_by(
        return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.label,
        return_parcel.c.opened,
    )
    .order_by(return_parcel.c.opened)
    .limit(MOST_OPEN)
)  # fmt: skip
ANNOUNCED = (
    select(
        rma.c.code, rma.c.order_code, rma.c.customer, rma.c.tracking, rma.c.expires,
        cast(func.sum(rma_line.c.quantity), Integer).label("units"),
        cast(func.sum(rma_line.c.returned), Integer).label("came"),
    )
    .join(rma_line, rma_line.c.rma == rma.c.code)
    .where(or_(rma.c.state == "open", rma.c.state == "receiving"))
    .group_by(rma.c.code, rma.c.order_code, rma.c.customer, rma.c.tracking, rma.c.expires, rma.c.created)
    .order_by(rma.c.created, rma.c.code)
    .limit(MOST_OPEN)
)  # fmt: skip
PARCEL = select(
    return_parcel.c.code, return_parcel.c.rma, return_parcel.c.order_code, return_parcel.c.customer,
    return_parcel.c.label,
).where(return_parcel.c.code == bindparam("which"), return_parcel.c.state == "open")  # fmt: skip


class NotOpen(NotReceived):
    code, title = "parcel_not_open", "Not open"
    says = "Parcel {scanned} is not open."
    todo = "Look at the list again."


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
    rows = tuple(_with_evidence(tx, row, steps.get(row.piece, ""), worker) for row in shown.rows)
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


def _is_no(asked: dict[str, ways.Check], code: str, answer: str) -> bool:
    return asked[code].is_no(answer) if code in asked else answer == "no"


def _wrong(check: ways.Check | None, code: str, answer: str) -> str:
    """`works`, or what it should measure: `temperature 2 to 8 °C (it was 12)`."""
    if check is None or check.kind != "measure":
        return (check.words if check else code).lower()
    return f"{check.words.lower()} {check.limits} (it was {answer})"


def _with_evidence(tx: Tx, row: Row, step: str, worker: str) -> Row:
    piece = known.find_piece(tx, row.piece)
    assert piece is not None, "it was just read"
    asked = {check.code: check for check in ways.checks_of(tx, known.item_of(tx, piece.item).category)}
    answers = judging.answers_of(piece)
    proposed, because = _proposed(tx, piece)
    why_not = _why_not(tx, piece, worker) if worker else ""
    here = row.stage in ("desk", "table", "floor") or (row.stage == "done" and piece.location[:1] != "~")
    ask = bool(worker and piece.grade and here and piece.status != "available" and not why_not)
    return msgspec.structs.replace(
        row,
        step=step,
        held=judging.why_held(piece),
        proposed=proposed,
        because=because,
        no=tuple(
            _wrong(asked.get(code), code, answer) for code, answer in answers.items() if _is_no(asked, code, answer)
        ),
        photos=tuple(photo.hash for photo in photos.of(tx, piece.subject)),
        allowed=tuple(judging.allowed(tx, piece, answers, at_desk=True)) if ask else (),
        why_not=why_not if piece.grade and here else "",
        may_leave=bool(worker) and piece.state == "disposed" and here and _leaves(tx, piece),
    )


def _proposed(tx: Tx, piece: Piece) -> tuple[str, str]:
    if not piece.grade or piece.state not in ("inspected", "received"):
        return "", ""
    found = judging.propose(tx, piece, piece.grade, judging.answers_of(piece))
    return found.way.words, "; ".join(found.why)


def _why_not(tx: Tx, piece: Piece, worker: str) -> str:
    try:
        duties.refuse_same(tx, "inspect_return", piece.inspected_by, "override_disposition", worker)
    except Refusal as refusal:
        return refusal.sentence
    return ""


def _leaves(tx: Tx, piece: Piece) -> bool:
    try:
        leaving.leave(tx, piece)
    except Refusal:
        return False
    return True


# ── acting ───────────────────────────────────────────────────────────────────────────────────────────────────────────
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


def close(tx: Tx, code: str, *, worker: str, device: str) -> str:
    """A parcel nobody works on any more. Raises NotOpen, StillToJudge."""
    parcel = tx.one(PARCEL, Parcel, which=code)
    event = closing.close(tx, parcel) if parcel is not None else None
    if event is None:
        raise NotOpen(scanned=code)
    ledger.post(tx, event, By(worker=worker, device=device, cause="desk"))
    progress.apply(tx, event)
    return f"Parcel {code} is closed."
