"""RMAs as the ERP sends them: what a customer may send back, its end, and what was decided about the money.

An RMA that goods already came for keeps what it has: its lines can grow, never shrink below what was returned. One that
was cancelled is open again by a newer version. A decision
(refund, replacement, no) is news about what was inspected here; it is written to the journal, so that order, return and
exchange are one trail.
"""

from typing import Annotated, Literal

from msgspec import Meta
from sqlalchemy import bindparam, delete, insert, select, update

from app import clock
from app.db import Tx
from app.schema.documents import sales_order
from app.schema.returns import rma, rma_line
from app.stock import ledger
from app.stock.events import ReturnDecided
from app.stock.ledger import By
from app.work import owners
from app.work.master_terms import (
    MOST_LINES,
    DocumentLine,
    Message,
    Moment,
    OptionalCode,
    Outcome,
    Serial,
    Text,
    applied,
    called_off,
    dead,
    judge,
    judge_cancel,
    judge_lines,
    moment,
    put,
)

MOST_SERIALS = 500  # of one line

PUT_RMA = put(rma)
RMA = select(rma).where(rma.c.code == bindparam("key"))
LINES = (
    select(rma_line.c.line, rma_line.c.item, rma_line.c.quantity, rma_line.c.returned)
    .where(rma_line.c.rma == bindparam("key"))
    .order_by(rma_line.c.line)
)
DROP_LINES = delete(rma_line).where(rma_line.c.rma == bindparam("key"))
ADD_LINE = insert(rma_line).values({column.name: bindparam(column.name) for column in rma_line.c})
END = update(rma).where(rma.c.code == bindparam("key")).values(state="cancelled", version=bindparam("new_version"))
DECIDE = (
    update(rma)
    .where(rma.c.code == bindparam("key"))
    .values(
        decision=bindparam("new_decision"),
        decided=bindparam("told"),
        replacement=bindparam("new_order"),
        decided_at=bindparam("now"),
        version=bindparam("new_version"),
    )
)
CUSTOMER_OF = select(sales_order.c.customer).where(sales_order.c.code == bindparam("key"))


class RmaLine(DocumentLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: OptionalCode = ""  # as the customer said it: a reason of kind `return`
    wish: Literal["", "refund", "exchange"] = ""
    serials: Annotated[tuple[Serial, ...], Meta(max_length=MOST_SERIALS)] = ()  # those shipped


class RmaAuthorised(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="rma.authorised"):
    """A customer may send this back: the whole list of lines, each time."""

    owner: OptionalCode = ""
    order: OptionalCode = ""
    customer: OptionalCode = ""
    tracking: OptionalCode = ""
    expires: Moment | None = None
    lines: Annotated[tuple[RmaLine, ...], Meta(min_length=1, max_length=MOST_LINES)]


class RmaCancelled(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="rma.cancelled"):
    """Nothing (more) may come back on it. What came stays."""


class RmaDecided(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="rma.decided"):
    """What the ERP makes of what was inspected: the money and the replacement are its own."""

    decision: Literal["refund", "part_refund", "replacement", "repair", "refused", "return_goods"]
    sentence: Text = ""
    replacement: OptionalCode = ""  # the order made for it


def authorise(tx: Tx, message: RmaAuthorised, by: By) -> Outcome:
    name = f"RMA {message.code}"
    known = tx.row(RMA, key=message.code)
    kept = {line: (item_, quantity, came) for line, item_, quantity, came in tx.rows(LINES, key=message.code)}
    expires = moment(message.expires)
    alike = (
        known is not None
        and (message.owner or known[1], known[2], known[4], known[6])
        == (known[1], message.order, message.tracking, expires)
        and {line: row[:2] for line, row in kept.items()}
        == {one.line: (one.item, one.quantity) for one in message.lines}
    )
    stored = None if known is None else int(known[12])
    off = known is not None and known[5] == "cancelled"
    settled = called_off(message, name, stored or 0) if off else judge(message, name, stored, alike=alike)
    if settled is not None:
        return settled
    if known is not None and known[5] == "closed":
        return dead(f"{name} is closed already; authorise what may still come under a new number.")
    refused = _refuse_lines(tx, message, name, kept)
    if refused is not None:
        return refused
    owner, wrong = owners.settle(tx, message.owner, [one.item for one in message.lines])
    if wrong:
        return dead(f"{name} {wrong}")
    tx.run(
        PUT_RMA,
        code=message.code,
        owner=owner,
        order_code=message.order,
        customer=message.customer or str(tx.value(CUSTOMER_OF, key=message.order) or ""),
        tracking=message.tracking,
        state="open" if known is None or off else known[5],
        expires=expires,
        decision="" if known is None else known[7],
        decided="" if known is None else known[8],
        replacement="" if known is None else known[9],
        decided_at=0 if known is None else known[10],
        created=clock.now() if known is None else known[11],
        version=message.version or stored or 0,
    )
    tx.run(DROP_LINES, key=message.code)
    tx.many(
        ADD_LINE,
        [
            {
                "rma": message.code,
                "line": one.line,
                "item": one.item,
                "quantity": one.quantity,
                "returned": kept.get(one.line, ("", 0, 0))[2],
                "reason": one.reason,
                "wish": one.wish,
                "serials": " ".join(one.serials),
            }
            for one in message.lines
        ],
    )
    tx.tell("returns")
    became = "known" if known is None else "authorised again" if off else "changed"
    return applied(f"{name} is {became}.", is_new=known is None)


def _refuse_lines(tx: Tx, message: RmaAuthorised, name: str, kept: dict[str, tuple[str, int, int]]) -> Outcome | None:
    if (refused := judge_lines(tx, name, message.lines)) is not None:
        return refused
    asked = {one.line: one for one in message.lines}
    for line, (item_, _, came) in kept.items():
        now = asked.get(line)
        if came and (now is None or now.item != item_ or now.quantity < came):
            return dead(f"{name} line {line}: {came} × {item_} came back already; it cannot become less or another.")
    return None


def cancel(tx: Tx, message: RmaCancelled, by: By) -> Outcome:
    name = f"RMA {message.code}"
    known = tx.row(RMA, key=message.code)
    if known is None:
        return dead(f"{name} is not known yet.", missing=f"rma {message.code}")
    settled = judge_cancel(message, name, known[5], int(known[12]))
    if settled is not None:
        return settled
    tx.run(END, key=message.code, new_version=message.version or known[12])
    tx.tell("returns")
    came = sum(row[3] for row in tx.rows(LINES, key=message.code))
    return applied(f"{name} is cancelled." + (f" Already back and kept: {came} units." if came else ""))


def decide(tx: Tx, message: RmaDecided, by: By) -> Outcome:
    name = f"RMA {message.code}"
    known = tx.row(RMA, key=message.code)
    if known is None:
        return dead(f"{name} is not known yet.", missing=f"rma {message.code}")
    same = (known[7], known[8], known[9]) == (message.decision, message.sentence, message.replacement)
    settled = judge(message, name, int(known[12]), alike=same)
    if settled is not None:
        return settled
    tx.run(
        DECIDE,
        key=message.code,
        new_decision=message.decision,
        told=message.sentence,
        new_order=message.replacement,
        now=clock.now(),
        new_version=message.version or known[12],
    )
    event = ReturnDecided(
        rma=message.code,
        order=known[2],
        decision=message.decision.replace("_", " "),
        sentence=message.sentence,
        replacement=message.replacement,
    )
    ledger.post(tx, event, by)
    tx.tell("returns")
    return applied(f"{name}: {event.decision}.")
