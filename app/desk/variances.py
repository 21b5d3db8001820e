"""Differences that wait for a decision: what was counted against what the books had, and who may decide on it.

Nothing is adjusted until somebody decides who did not count it, within limits of per cent, quantity and value. What may
not be decided by whoever looks at the page says why in its own row.
"""

import msgspec
from sqlalchemy import Integer, bindparam, case, cast, func, or_, select

from app import clock
from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.variance_evidence import Evidence, evidence_of
from app.desk.words import said, spelled
from app.errors import Refusal
from app.schema.counting import count_line, item_class, stock_count, tally
from app.schema.items import item
from app.schema.places import location
from app.work import limits, people, reasons
from app.work.counting import causes, counts, deciding, undoing
from app.work.counting.causes import Cause
from app.work.counting.closing import Line
from app.work.counting.undoing import Taken
from app.work.reasons import Reason

MOST_DECIDED = 12  # lately decided ones beside the list
MOST_UNKNOWN = 30
STATES = ("review", "recount", "decided", "all")
SORTS = ("longest waiting", "newest", "value")
_LIMITS = ("count_value", "count_percent", "count_quantity")


class VarianceFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = "review"  # review, recount, decided, all
    zone: str = ""
    item: str = ""
    counter: str = ""
    abc: str = ""
    above: int = 0  # worth at least so much, whole units of money
    sort: str = "longest waiting"
    page: int = 1


class Row(Line, frozen=True, kw_only=True):
    """A line with what its reader wants to know."""

    name: str = ""
    zone: str = ""
    abc: str = ""
    who: str = ""  # everybody who counted it
    mine: bool = False  # the reader counted it
    why_not: str = ""  # why the reader may not approve it
    change: int = 0  # what approving it would change today
    proposed: Cause = Cause(code="")
    evidence: Evidence = Evidence()

    @property
    def may(self) -> bool:
        return self.state == "review" and not self.why_not


class Unlinked(msgspec.Struct, frozen=True, kw_only=True):
    """A code that was counted and that nobody knows."""

    count: str
    label: str
    place: str
    worker: str
    quantity: int
    at: int


class Variances(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    may: str  # up to how much the reader may decide
    page: Page[Row]
    decided: tuple[Row, ...]
    mine_lately: tuple[Taken, ...]  # what the reader may still take back
    counted: int  # lines in the last day
    right: int  # of them right at once
    unknown: tuple[Unlinked, ...]
    zones: tuple[str, ...]
    reasons: tuple[Reason, ...]
    causes: tuple[Reason, ...]

    @property
    def words(self) -> dict[str, str]:
        return {one.code: one.words for one in self.reasons}

    @property
    def because(self) -> dict[str, str]:
        return {one.code: one.words for one in self.causes}

    @property
    def mine(self) -> tuple[Row, ...]:
        """What the reader may approve all at once."""
        return tuple(row for row in self.page.rows if row.may)


_ROWS = (
    select(
        *(count_line.c[name] for name in Line.__struct_fields__), func.coalesce(item.c.name, "").label("name"),
        func.coalesce(location.c.zone, "").label("zone"), func.coalesce(item_class.c["class"], "").label("abc"),
    )
    .select_from(
        count_line.outerjoin(item, item.c.code == count_line.c.item)
        .outerjoin(location, location.c.code == count_line.c.place)
        .outerjoin(item_class, item_class.c.item == count_line.c.item)
    )
)  # fmt: skip
_IS_DECIDED = or_(*(count_line.c.state == state for state in ("posted", "approved", "rejected")))
_LISTED = (
    _ROWS.where(
        or_(
            bindparam("p_state") == "all",
            count_line.c.state == bindparam("p_state"),
            (bindparam("p_state") == "decided") & _IS_DECIDED,
        ),
        or_(bindparam("p_zone") == "", location.c.zone == bindparam("p_zone")),
        or_(bindparam("p_item") == "", count_line.c.item == bindparam("p_item")),
        or_(bindparam("p_counter") == "", count_line.c.counter == bindparam("p_counter")),
        or_(bindparam("p_abc") == "", item_class.c["class"] == bindparam("p_abc")),
        or_(count_line.c.value < 0, count_line.c.value >= bindparam("p_above")),
    )
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
LISTS = {
    "longest waiting": _LISTED.order_by(count_line.c.created, count_line.c.id),
    "newest": _LISTED.order_by(count_line.c.created.desc(), count_line.c.id),
    "value": _LISTED.order_by(
        case((count_line.c.value < 0, 0), else_=1), count_line.c.value.desc(), count_line.c.created
    ),  # without a price it may be worth anything
}
WHEN = case((count_line.c.state == "posted", count_line.c.created), else_=count_line.c.decided)  # the rule: at once
DECIDED = (
    _ROWS.where(_IS_DECIDED, bindparam("since") <= WHEN).order_by(WHEN.desc(), count_line.c.id).limit(bindparam("most"))
)
COUNT = select(func.count()).where(count_line.c.state == "review")
LATELY = select(count_line.c.state, func.count()).where(count_line.c.created >= bindparam("since")).group_by(
    count_line.c.state
)  # fmt: skip
UNKNOWN = (
    select(
        tally.c["count"], tally.c.label, stock_count.c.place, stock_count.c.worker,
        cast(func.sum(tally.c.quantity), Integer).label("quantity"), func.min(tally.c.at).label("at"),
    )
    .join(stock_count, stock_count.c.id == tally.c["count"])
    .where(tally.c.item == "", tally.c.void == "", stock_count.c.state == "closed")
    .group_by(tally.c["count"], tally.c.label, stock_count.c.place, stock_count.c.worker)
    .order_by(func.min(tally.c.at))
    .limit(bindparam("most"))
)  # fmt: skip
ZONES = select(location.c.zone).where(location.c.zone != "").distinct().order_by(location.c.zone).limit(50)


def listing(tx: Tx, wanted: VarianceFilter, *, worker: str = "", export: bool = False) -> Variances:
    """The page from one snapshot, as `worker` may act on it."""
    asked = {
        "p_state": wanted.state, "p_zone": wanted.zone, "p_item": wanted.item.strip(), "p_counter": wanted.counter,
        "p_abc": wanted.abc, "p_above": min(max(wanted.above, 0), 10**12) * 100,
    }  # fmt: skip
    found = tx.all(LISTS.get(wanted.sort, LISTS["newest"]), Row, **asked, **window(wanted.page, export=export))
    counting = {count.place for count in counts.of_worker(tx, worker)}  # a counter is not told here either
    found = [row for row in found if row.place not in counting]
    shown = page_of(found, wanted.page, export=export)
    since = clock.now() - clock.DAY
    names: dict[str, str] = {}
    rows = tuple(_known(tx, row, worker, names, evidence=not export) for row in shown.rows)
    lately = {str(state): int(n) for state, n in tx.rows(LATELY, since=since)}
    return Variances(
        headline=headline(int(tx.value(COUNT) or 0), rows, wanted.state),
        may=_allowance(tx, worker),
        page=msgspec.structs.replace(shown, rows=rows),
        decided=tuple(
            _known(tx, row, worker, names, evidence=False)
            for row in tx.all(DECIDED, Row, since=since, most=MOST_DECIDED)
        ),
        counted=sum(lately.values()),
        right=lately.get("right", 0),
        unknown=tuple(tx.all(UNKNOWN, Unlinked, most=MOST_UNKNOWN)),
        zones=tuple(row[0] for row in tx.rows(ZONES)),
        reasons=tuple(reasons.of_kind(tx, deciding.KIND)),
        causes=tuple(reasons.of_kind(tx, causes.KIND)),
        mine_lately=undoing.lately(tx, worker),
    )


def headline(waiting: int, rows: tuple[Row, ...], state: str) -> str:
    if state != "review":
        told = {"recount": "Differences that are counted again.", "decided": "What was decided."}
        return told.get(state, "All that was counted.")
    if not waiting:
        return "No variance waits for a decision."
    text = f"{spelled(waiting)} variance{' waits' if waiting == 1 else 's wait'}"
    others = sum(1 for row in rows if not row.may)
    if not others:
        return said(f"{text}.")
    return said(
        f"{text}, not for you to decide."
        if waiting == 1
        else f"{text}, {spelled(others)} of them not for you to decide."
    )


def _known(tx: Tx, row: Row, worker: str, names: dict[str, str], *, evidence: bool) -> Row:
    counters = (*row.earlier.split(), row.counter)
    why, change, proposed = "", row.difference, Cause(code="")
    if row.state == "review":
        change, proposed = deciding.change_of(tx, row), causes.propose(tx, row)
        try:
            deciding.judge(tx, row, worker)
        except Refusal as refusal:
            why = refusal.sentence
    return msgspec.structs.replace(
        row,
        who=", ".join(_name(tx, code, names) for code in dict.fromkeys(counters)),
        mine=worker in counters,
        why_not=why,
        change=change,
        proposed=proposed,
        decided_by=_name(tx, row.decided_by, names) if row.decided_by else "",
        evidence=evidence_of(tx, row) if evidence and row.state == "review" else Evidence(),
    )


def _name(tx: Tx, code: str, names: dict[str, str]) -> str:
    if code not in names:
        who = people.by_code(tx, code)
        names[code] = who.short_name if who else code
    return names[code]


def _allowance(tx: Tx, worker: str) -> str:
    told = [limits.say(kind, limit) for kind in _LIMITS if (limit := limits.of(tx, worker, kind)) is not None]
    return f"You may decide up to {', '.join(told)}." if told else "You may decide on any amount."
