"""Which goods are inspected when they come, and what is looked at: rows by item, supplier and category.

The narrowest row holds: item and supplier, then item, supplier and category, supplier, category, everything. A row may
skip lots: then only every n-th lot of the item is inspected, counted in lots that came since the last inspected one.
"""

import msgspec
from sqlalchemy import Integer, bindparam, cast, delete, func, or_, select, text

from app.db import Tx
from app.errors import BadAmount
from app.schema.documents import party, purchase_order
from app.schema.items import item
from app.schema.quality import inspection_check, inspection_rule
from app.schema.stock import journal, movement
from app.schema.storage import transfer
from app.stock.quantity import lies_within
from app.stock.slots import Status
from app.work.inspections import plans
from app.work.master_terms import put

MOST_EVERY = 100
KINDS = ("judge", "measure", "photo")

CHECK_DEFAULTS = tuple(
    {
        "category": "", "code": code, "position": position, "words": told, "kind": kind, "low": 0, "high": 0, "unit": "",
        "active": 1,
    }
    for position, (code, told, kind) in enumerate(
        (("sound", "Sound", "photo"), ("label", "Rightly labelled", "judge"), ("complete", "Complete", "judge")), 1
    )
)  # fmt: skip


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    item: str = ""
    supplier: str = ""
    category: str = ""
    level: str = "II"
    aql: str = "1.0"
    every: int = 1
    active: int = 1

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        return (self.item != "", self.supplier != "", self.category != "")

    def in_words(self) -> str:
        told = [self.item, self.supplier and f"from {self.supplier}", self.category and f"category {self.category}"]
        return " ".join(part for part in told if part) or "everything"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at on a unit."""

    category: str = ""
    code: str
    position: int = 0
    words: str = ""
    kind: str = "judge"
    low: int = 0
    high: int = 0
    unit: str = ""
    active: int = 1

    def fits(self, measured: str) -> bool:
        return lies_within(measured, self.low, self.high)

    @property
    def limits(self) -> str:
        return f"{self.low} to {self.high} {self.unit}".strip()


class BadRule(BadAmount):
    code, title = "bad_rule", "That rule cannot be"
    says = "{scanned}: {reason}"
    todo = "Change the row, or another one first."


MATCHING = select(inspection_rule).where(
    inspection_rule.c.active == 1,
    or_(inspection_rule.c.item == "", inspection_rule.c.item == bindparam("of_item")),
    or_(inspection_rule.c.supplier == "", inspection_rule.c.supplier == bindparam("of_supplier")),
    or_(inspection_rule.c.category == "", inspection_rule.c.category == bindparam("of_category")),
)
ALL = select(inspection_rule).order_by(inspection_rule.c.item, inspection_rule.c.supplier, inspection_rule.c.category)
PUT = put(inspection_rule)
DROP = delete(inspection_rule).where(
    inspection_rule.c.item == bindparam("of_item"),
    inspection_rule.c.supplier == bindparam("of_supplier"),
    inspection_rule.c.category == bindparam("of_category"),
)
CATEGORY = select(item.c.category).where(item.c.code == bindparam("code"))
CATEGORY_KNOWN = select(item.c.code).where(item.c.category == bindparam("of_category")).limit(1)
SUPPLIER_KNOWN = select(party.c.code).where(party.c.code == bindparam("code"))
SUPPLIER_OF = select(purchase_order.c.supplier).where(purchase_order.c.code == bindparam("code"))
PO_OF_SUPPLIER = select(purchase_order.c.code).where(purchase_order.c.supplier == bindparam("code")).limit(1)
SENT_BY = select(transfer.c.code).where(transfer.c.source == bindparam("code")).limit(1)
CHECKS = (
    select(inspection_check)
    .where(
        inspection_check.c.active == 1,
        or_(inspection_check.c.category == "", inspection_check.c.category == bindparam("of_category")),
    )
    .order_by(inspection_check.c.position, inspection_check.c.code)
)
ALL_CHECKS = select(inspection_check).order_by(
    inspection_check.c.category, inspection_check.c.position, inspection_check.c.code
)
PUT_CHECK = put(inspection_check)
_IN = text("movement.source = '~supplier'")  # literal, for the partial index movement_came
_CAME = (
    select(movement.c.target_status, movement.c.seq)
    .join(journal, journal.c.seq == movement.c.seq)
    .where(movement.c.item == bindparam("of_item"), _IN)
)
# The same lot on the same document has been judged already.
JUDGED = (
    _CAME.where(movement.c.lot == bindparam("of_lot"), journal.c.document == bindparam("of_document"))
    .order_by(movement.c.seq.desc())
    .limit(1)
)
LAST_INSPECTED = select(func.coalesce(func.max(movement.c.seq), 0)).where(
    movement.c.item == bindparam("of_item"), _IN, movement.c.target_status == "inspection"
)
_LOT = journal.c.document + "/" + movement.c.lot
SKIPPED = (
    select(cast(func.count(_LOT.distinct()), Integer))
    .select_from(movement.join(journal, journal.c.seq == movement.c.seq))
    .where(movement.c.item == bindparam("of_item"), _IN, movement.c.seq > bindparam("since"))
)


def needed(tx: Tx, of_item: str, supplier: str, *, lot: str = "", document: str = "") -> bool:
    """Do these goods come in under inspection? The same lot of the same document is answered alike."""
    rule = rule_of(tx, of_item, supplier)
    if rule is None:
        return False
    judged = tx.row(JUDGED, of_item=of_item, of_lot=lot, of_document=document) if document else None
    if judged is not None:
        return bool(judged[0] == "inspection")
    if rule.every == 1:
        return True
    last = int(tx.value(LAST_INSPECTED, of_item=of_item) or 0)
    return last == 0 or int(tx.value(SKIPPED, of_item=of_item, since=last) or 0) + 1 >= rule.every


def arrives_as(tx: Tx, of_item: str, po: str, *, lot: str = "", document: str = "") -> Status:
    """The status goods of a PO come in with. `document` is the lane their receipt is told in, the PO's by default."""
    supplier = str(tx.value(SUPPLIER_OF, code=po) or "")
    return "inspection" if needed(tx, of_item, supplier, lot=lot, document=document or f"po {po}") else "available"


def arrives_from(tx: Tx, of_item: str, site: str) -> Status:
    """The status goods of another site come in with. Only a row that names them does it: their item, category or site.

    No lot is skipped: what another site sends comes seldom.
    """
    rule = rule_of(tx, of_item, site)
    return "inspection" if rule is not None and any(rule.rank) else "available"


def rule_of(tx: Tx, of_item: str, supplier: str) -> Rule | None:
    """The narrowest row that holds, or None."""
    category = str(tx.value(CATEGORY, code=of_item) or "")
    found = tx.all(MATCHING, Rule, of_item=of_item, of_supplier=supplier, of_category=category)
    return max(found, key=lambda rule: rule.rank, default=None)


def is_item(tx: Tx, code: str) -> bool:
    return tx.value(CATEGORY, code=code) is not None


def rules(tx: Tx) -> list[Rule]:
    return tx.all(ALL, Rule)


def save(tx: Tx, new: Rule) -> None:
    """Add or change a rule. Raises BadRule where it names what is not there or cannot be."""
    name = new.in_words()
    if new.item and tx.value(CATEGORY, code=new.item) is None:
        raise BadRule(scanned=name, reason=f"there is no item {new.item}.")
    if new.item and new.category:
        raise BadRule(scanned=name, reason="an item has its category already: name one of them.")
    if new.category and tx.value(CATEGORY_KNOWN, of_category=new.category) is None:
        raise BadRule(scanned=name, reason=f"no item has the category {new.category}.")
    known = new.supplier and any(
        tx.value(asked, code=new.supplier) for asked in (SUPPLIER_KNOWN, PO_OF_SUPPLIER, SENT_BY)
    )
    if new.supplier and not known:
        raise BadRule(scanned=name, reason=f"there is no supplier {new.supplier}.")
    if not 1 <= new.every <= MOST_EVERY:
        raise BadRule(scanned=name, reason=f"every {new.every}. lot cannot be: 1 to {MOST_EVERY}.")
    if new.level not in plans.levels(tx) or new.aql not in plans.aqls(tx):
        raise BadRule(scanned=name, reason=f"there is no plan for level {new.level} and AQL {new.aql}.")
    tx.run(PUT, **msgspec.structs.asdict(new))


def drop(tx: Tx, of_item: str, supplier: str, category: str) -> None:
    tx.run(DROP, of_item=of_item, of_supplier=supplier, of_category=category)


def checks_of(tx: Tx, of_item: str) -> list[Check]:
    """What is looked at on each unit: its category's own checks, and those for everything."""
    category = str(tx.value(CATEGORY, code=of_item) or "")
    return tx.all(CHECKS, Check, of_category=category)


def checks(tx: Tx) -> list[Check]:
    return tx.all(ALL_CHECKS, Check)


def save_check(tx: Tx, new: Check) -> None:
    """Add or change one thing to look at. Raises BadRule."""
    if not new.code or not new.words or new.kind not in KINDS:
        raise BadRule(scanned=new.code or "Nothing", reason=f"it needs a code, words, and one of {', '.join(KINDS)}.")
    if new.low > new.high or (new.kind == "measure" and new.low == new.high == 0):
        raise BadRule(scanned=new.words, reason=f"nothing lies between {new.low} and {new.high}.")
    if new.category and tx.value(CATEGORY_KNOWN, of_category=new.category) is None:
        raise BadRule(scanned=new.words, reason=f"no item has the category {new.category}.")
    tx.run(PUT_CHECK, **msgspec.structs.asdict(new))
