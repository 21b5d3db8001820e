"""Receipts that differ from what was ordered or announced: each difference with its goods on hold, decided in place.

One row a difference. Goods that wait for it are released, sent back or written off, all of them or some; what is only
short is accepted. A document's own address shows all its lines beside its differences.
"""

import msgspec
from sqlalchemy import Integer, bindparam, case, cast, func, literal, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import many, said, spelled
from app.schema.documents import purchase_order
from app.schema.inbound import asn
from app.schema.items import item
from app.schema.work import discrepancy
from app.stock.ledger import By
from app.work import asn_closing, asns, discrepancies_settling, people, photos, reasons, receipts
from app.work.discrepancies import TITLES, so_far
from app.work.discrepancies_settling import Outcome

KINDS = tuple(TITLES)


class ReceiptFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "open"  # open, closed, all
    kind: str = ""
    supplier: str = ""
    document: str = ""  # "po 4500187": its lines too
    taken: str = ""  # a worker; nobody: not taken yet
    held: int = 0  # 1: only with goods on hold
    q: str = ""  # a document's number, an item or an LPN
    page: int = 1


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    document: str
    supplier: str
    line: str
    item: str
    name: str
    kind: str
    expected: int
    found: int
    reason: str
    owner: str
    due: int
    state: str
    created: int
    taken_by: str
    decided: str
    decided_by: str
    closed: int
    escalated: int
    worker: str
    lot: str
    lpn: str
    location: str
    quantity: int
    cost: int
    photos: tuple[str, ...] = ()
    may: bool = False
    wants_photo: bool = False

    @property
    def value(self) -> int:
        """Cents of what it is about."""
        return self.cost * (self.quantity or abs(self.expected - self.found))

    @property
    def title(self) -> str:
        return TITLES.get(self.kind, self.kind.replace("_", " "))

    @property
    def because(self) -> str:
        """What the worker said, where it says more than the kind."""
        return "" if self.reason in (self.kind, self.title) else self.reason.replace("_", " ")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    item: str
    name: str
    expected: int
    received: int
    difference: str


class Receipts(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    page: Page[Row]
    suppliers: tuple[str, ...]
    lines: tuple[Line, ...]
    reasons: tuple[str, ...]


_PO, _ASN = purchase_order, asn
_SUPPLIER = func.coalesce(_PO.c.supplier, _ASN.c.supplier, "")
_OWN = [discrepancy.c[name] for name in Row.__struct_fields__ if name in discrepancy.c]
_FROM = (
    discrepancy.outerjoin(item, item.c.code == discrepancy.c.item)
    .outerjoin(_PO, literal("po ") + _PO.c.code == discrepancy.c.document)
    .outerjoin(_ASN, literal("asn ") + _ASN.c.code == discrepancy.c.document)
)
_ASKED = (
    or_(bindparam("p_state") == "all", discrepancy.c.state == bindparam("p_state")),
    or_(bindparam("p_kind") == "", discrepancy.c.kind == bindparam("p_kind")),
    or_(bindparam("p_supplier") == "", bindparam("p_supplier") == _SUPPLIER),
    or_(bindparam("p_document") == "", discrepancy.c.document == bindparam("p_document")),
    or_(bindparam("p_held") == 0, discrepancy.c.quantity > 0),
    or_(
        bindparam("p_taken") == "",
        (bindparam("p_taken") == "nobody") & (discrepancy.c.taken_by == ""),
        discrepancy.c.taken_by == bindparam("p_taken"),
    ),
    or_(
        bindparam("p_q") == "",
        discrepancy.c.document == literal("po ") + bindparam("p_q"),
        discrepancy.c.document == literal("asn ") + bindparam("p_q"),
        discrepancy.c.item == bindparam("p_q"),
        discrepancy.c.lpn == bindparam("p_q"),
    ),
)
LIST = (
    select(
        *_OWN, _SUPPLIER.label("supplier"), func.coalesce(item.c.name, "").label("name"),
        func.coalesce(item.c.standard_cost, 0).label("cost"),
    )
    .select_from(_FROM)
    .where(*_ASKED)
    .order_by(
        case((discrepancy.c.state != "open", 2), (discrepancy.c.quantity > 0, 0), else_=1),
        case((discrepancy.c.state == "open", discrepancy.c.due), else_=-discrepancy.c.closed), discrepancy.c.id,
    )
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)  # fmt: skip
SUMS = select(
    func.count(),
    func.count(discrepancy.c.document.distinct()),
    cast(func.coalesce(func.sum(discrepancy.c.quantity), 0), Integer),
    cast(func.coalesce(func.sum(case((discrepancy.c.due < bindparam("now"), 1), else_=0)), 0), Integer),
).where(discrepancy.c.state == "open")
SUPPLIERS = (
    select(_SUPPLIER.label("name")).select_from(_FROM).where(_SUPPLIER != "").distinct().order_by("name").limit(50)
)


def listing(tx: Tx, asked: ReceiptFilter, *, worker: str = "", export: bool = False) -> Receipts:
    """Open ones first, of these what holds goods, then what is due first."""
    found = tx.all(
        LIST, Row, p_state=asked.state, p_kind=asked.kind, p_supplier=asked.supplier, p_document=asked.document,
        p_held=asked.held, p_taken=asked.taken, p_q=asked.q, **window(asked.page, export=export),
    )  # fmt: skip
    shown = page_of(found, asked.page, export=export)
    wants = {one.code for one in reasons.of_kind(tx, "discrepancy") if one.photo}
    if not export:
        shown = msgspec.structs.replace(shown, rows=tuple(_with_photos(tx, row, worker, wants) for row in shown.rows))
    return Receipts(
        headline=headline(tx, asked),
        page=shown,
        suppliers=tuple(row[0] for row in tx.rows(SUPPLIERS)),
        lines=lines_of(tx, asked.document),
        reasons=tuple(one.words for one in reasons.of_kind(tx, "discrepancy")),
    )


def _with_photos(tx: Tx, row: Row, worker: str, wants: set[str]) -> Row:
    taken = tuple(photo.hash for photo in photos.of(tx, f"discrepancy {row.id}"))
    return msgspec.structs.replace(
        row, photos=taken, may=row.worker != worker, wants_photo=not taken and row.kind in wants
    )


def headline(tx: Tx, asked: ReceiptFilter) -> str:
    if asked.document:
        return f"{asked.document[:1].upper()}{asked.document[1:]}".replace("Po ", "PO ").replace("Asn ", "ASN ")
    if asked.state != "open":
        return "What was decided on receipts." if asked.state == "closed" else "Receipts that differ, decided ones too."
    cases, documents, held, late = (int(value) for value in tx.row(SUMS, now=clock.now()) or (0, 0, 0, 0))
    if not cases:
        return "All receipts are as ordered, or decided."
    told = f"{spelled(documents)} receipt{' differs' if documents == 1 else 's differ'}"
    told += f", {many(held, 'unit')} wait{'s' if held == 1 else ''} on hold" if held else ""
    return said(told + (f", {spelled(late)} overdue." if late else "."))


def lines_of(tx: Tx, document: str) -> tuple[Line, ...]:
    """All lines of a PO or a notice, as it should be and as it is."""
    kind, _, code = document.partition(" ")
    if kind == "po":
        open = receipts.is_open(tx, code)
        return tuple(
            Line(
                line=one.line, item=one.item, name=one.name, expected=one.quantity, received=one.received,
                difference=so_far(one, open=open),
            )
            for one in receipts.lines(tx, code)
        )  # fmt: skip
    if kind == "asn":
        open = asns.is_open(tx, code)
        return tuple(
            Line(
                line=one.line.line, item=one.line.item, name=one.line.name, expected=one.line.quantity,
                received=one.line.received, difference=one.so_far(open=open),
            )
            for one in asn_closing.outcomes(tx, code)
        )  # fmt: skip
    return ()


def take(tx: Tx, key: str, *, worker: str) -> str:
    """Raises AlreadyClosed."""
    return discrepancies_settling.take(tx, key, worker)


def decide(tx: Tx, key: str, outcome: Outcome, *, quantity: int, reason: str, worker: str, device: str) -> str:
    """Raises all that discrepancies_settling.settle does."""
    by = By(worker=worker, device=device, cause="desk")
    told = discrepancies_settling.settle(tx, key, outcome, reason, by, quantity=quantity)
    people.note(tx, "discrepancy_decided", worker, device, f"discrepancy {key}: {told} {reason}")
    return told
