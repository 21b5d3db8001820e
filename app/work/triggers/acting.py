"""What a rule that fired does: goods set aside, a task, an alert, or a decision asked for. Each raises a case.

The case is what the desk sees at once, ranked among all others; the firing's row keeps what was done in words, the case
and the number of the event where stock was touched.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy import bindparam, or_, select, update

from app import clock
from app.db import Tx
from app.errors import Refusal
from app.schema.documents import order_line
from app.schema.places import location
from app.schema.stock import balance, lpn
from app.schema.work import pick, task
from app.stock.ledger import By
from app.work import exceptions, holds, holds_promises, replenishing, set_aside, tasks
from app.work.triggers.kinds import Finding, Rule

MOST_COUNTS = 5  # places counted for one firing
URGENT = 1  # the priority of what would miss its truck


class Did(msgspec.Struct, frozen=True, kw_only=True):
    words: str
    exception: str
    seq: int  # of the last event it made; 0: stock and ERP were not touched


STANDS_AT = (
    select(balance.c.location)
    .join(location, location.c.code == balance.c.location)
    .where(
        balance.c.item == bindparam("of_item"),
        balance.c.quantity > 0,
        set_aside.IS_STANDING,
        or_(
            bindparam("doc") == "",
            balance.c.lpn.in_(select(lpn.c.code).where(lpn.c.document == bindparam("doc"))),
        ),
    )
    .group_by(balance.c.location)
    .order_by(balance.c.location)
    .limit(MOST_COUNTS)
)
TASKS_OF_ORDER = (
    select(pick.c.task)
    .join(order_line, order_line.c.id == pick.c.line)
    .where(order_line.c.order_code == bindparam("of_order"), pick.c.state == "open")
)
HURRY = (
    update(task)
    .where(
        or_(task.c.id.in_(TASKS_OF_ORDER), task.c.document == bindparam("of_document")),
        or_(task.c.state == "open", task.c.state == "started"),
        task.c.priority > URGENT,
    )
    .values(priority=URGENT)
)


def act(tx: Tx, rule: Rule, finding: Finding, by: By) -> Did:
    """Do what the rule says, and raise the case. What cannot be done is part of the case, not the end of it."""
    before = tx.head
    words = _DO[rule.action](tx, finding, by) if rule.action in _DO else ""
    case = exceptions.add(
        tx,
        {"hold": "trigger_hold", "approval": "trigger_approval"}.get(rule.action, "trigger_alert"),
        f"{rule.title}: {finding.sentence}{f' {said(words)}.' if words else ''}",
        document=finding.document,
        item=finding.item,
        location=finding.location,
        worker=finding.worker,
        owner=rule.owner,
        quantity=finding.quantity,
        lot=finding.lot,
        by=by,
    )
    told = f"{rule.owner} asked to approve" if rule.action == "approval" else f"{rule.owner} told"
    seq = tx.head[0] if tx.head and tx.head != before else 0
    return Did(words=f"{words}; {told}" if words else told, exception=case, seq=seq)


def said(text: str) -> str:
    return text[:1].upper() + text[1:]


def _hold(tx: Tx, finding: Finding, by: By) -> str:
    """The receipt's goods are set aside; of an item that comes back, the worst lot is held."""
    if finding.document:
        aside = set_aside.of_document(tx, finding.item, finding.document, by, reason="trigger")
        return aside.in_words() or f"nothing of {finding.item} is free to set aside"
    if not finding.lot:
        return f"{finding.item} has no lots, so nothing was held"
    why = finding.sentence[: holds.MOST_REASON]
    try:
        held, given = holds_promises.stop(tx, finding.item, finding.lot, "hold", why, by)
    except Refusal as refused:
        return refused.sentence.rstrip(".")
    return f"lot {held.lot} of {held.item} is on hold. {given.in_words()}".rstrip(".")


def _task(tx: Tx, finding: Finding, by: By) -> str:
    """An order's tasks are made urgent; an item is brought from reserve, or counted where it stands."""
    if finding.document.startswith("order "):
        moved = tx.run(HURRY, of_order=finding.document.removeprefix("order "), of_document=finding.document)
        tx.tell("tasks")
        return f"{moved} task{'' if moved == 1 else 's'} of it made urgent" if moved else ""
    if not finding.document and replenishing.look(tx, item=finding.item):
        return f"{finding.item} is brought from reserve"
    places = [row[0] for row in tx.rows(STANDS_AT, of_item=finding.item, doc=finding.document)]
    return "; ".join(_count(tx, finding, place) for place in places)


def _count(tx: Tx, finding: Finding, place: str) -> str:
    if tx.value(exceptions.OPEN_COUNT, of_place=place, of_item=finding.item) is not None:
        return f"{place} is to be counted already"
    tasks.add(
        tx, "count", document=finding.document, place=place, item=finding.item, priority=exceptions.COUNT_PRIORITY,
        due=clock.now() + exceptions.ANSWER_WITHIN, reason="a rule fired",
    )  # fmt: skip
    return f"{place} is to be counted"


_DO: dict[str, Callable[[Tx, Finding, By], str]] = {"hold": _hold, "task": _task}
