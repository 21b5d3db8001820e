"""What the ERP sent us: applied, out of date, or dead with a sentence that says what is missing.

A dead letter here is work the floor does not know about: an order that cannot be shipped, an item nobody can scan. Most
of them wait for something and are replayed by themselves when it comes; the others are replayed by a person, or discarded
by two.
"""

import msgspec
from sqlalchemy import bindparam, func, or_, select

from app.db import Tx
from app.desk.paging import Page, page_of, window
from app.desk.words import said, spelled
from app.schema.sync import inbox, turned_away

SHOWN_BODY = 4_000  # characters of a message on the page
MOST_TURNED_AWAY = 20  # shown


class InboxFilter(msgspec.Struct, frozen=True, kw_only=True):
    state: str = ""  # applied, same, stale, dead, discarded
    subject: str = ""
    type: str = ""
    page: int = 1


class Message(msgspec.Struct, frozen=True, kw_only=True):
    source: str
    id: str
    type: str
    subject: str
    version: int
    state: str
    sentence: str
    missing: str
    at: int
    code: str
    body: bytes

    @property
    def text(self) -> str:
        return bytes(self.body).decode("utf-8", "replace")[:SHOWN_BODY]


class TurnedAway(msgspec.Struct, frozen=True, kw_only=True):
    """What was not let in at all; nothing of it was taken."""

    id: str
    at: int
    code: str
    sentence: str
    source: str
    message: str
    type: str
    size: int
    times: int
    body: bytes

    @property
    def text(self) -> str:
        return bytes(self.body).decode("utf-8", "replace")


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    headline: str
    counts: dict[str, int]
    page: Page[Message]
    turned_away: list[TurnedAway]


LIST = (
    select(*(inbox.c[name] for name in Message.__struct_fields__))
    .where(
        or_(bindparam("p_state") == "", inbox.c.state == bindparam("p_state")),
        or_(bindparam("p_subject") == "", inbox.c.subject == bindparam("p_subject")),
        or_(bindparam("p_type") == "", inbox.c.type == bindparam("p_type")),
    )
    .order_by(inbox.c.at.desc(), inbox.c.source, inbox.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
TURNED_AWAY = (
    select(*(turned_away.c[name] for name in TurnedAway.__struct_fields__))
    .order_by(turned_away.c.id.desc())
    .limit(bindparam("most"))
)
WAITING = select(func.count()).where(inbox.c.state == "dead", inbox.c.missing != "")
COUNTS = select(inbox.c.state, func.count()).group_by(inbox.c.state)


def messages(tx: Tx, wanted: InboxFilter, *, export: bool = False) -> Inbox:
    found = tx.all(
        LIST,
        Message,
        p_state=wanted.state,
        p_subject=wanted.subject,
        p_type=wanted.type,
        **window(wanted.page, export=export),
    )
    counts = {str(state): int(number) for state, number in tx.rows(COUNTS)}
    waiting = int(tx.value(WAITING) or 0)
    return Inbox(
        headline=_headline(counts.get("dead", 0) - waiting, waiting, anything=bool(counts)),
        counts=counts,
        page=page_of(found, wanted.page, export=export),
        turned_away=tx.all(TURNED_AWAY, TurnedAway, most=MOST_TURNED_AWAY),
    )


def _headline(stuck: int, waiting: int, *, anything: bool) -> str:
    waits = f"{'waits' if waiting == 1 else 'wait'} for something else"
    if stuck:
        rest = f", {spelled(waiting)} {waits}" if waiting else ""
        return said(f"{spelled(stuck)} message{'' if stuck == 1 else 's'} of the ERP could not be taken in{rest}.")
    if waiting:
        return said(f"{spelled(waiting)} message{'' if waiting == 1 else 's'} of the ERP {waits}.")
    return "Everything the ERP sent is taken in." if anything else "The ERP has sent nothing yet."
