"""News fetched from an ERP that is asked rather than one that pushes: each thing goes into the inbox like any message.

Page by page, and after each it is written down how far we are and by which kind of connector, so that a restart goes on
from there, and another kind under the same name from its own beginning; an ERP whose numbers may begin anew is asked for
everything after a start. The same news may come again and again; what says the same
as the last message of its thing is left out before it costs the writer anything, and so is a message that was heard
before under its own id. What was called off and is ordered again in the same words is news.
While the ERP is away it is simply asked again: nothing here waits for it. But orders do not come in meanwhile, and an ERP
that is told nothing just then looks well; so since when it cannot be asked, and why, is kept for the monitor.
Of several servers the one that tells the ERP asks it, too; another begins where that one has written down to be.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db import Database, Tx
from app.schema.sync import connector, inbox
from sync import doors
from sync.connectors.base import Connector, TransportError
from sync.envelopes import BadEnvelope, Envelope, Unread, read_events
from sync.failing import Failing, once_more

ASK_EVERY_S = 5.0
AT_ONCE = 20  # messages in one turn of the writer
MOST_PAGES = 10_000  # of one walk
MOST_REMEMBERED = 100  # of what was turned away, so that it is not written down at each asking

_NAME: BindParameter[str] = bindparam("c")
ASKED_TO = select(connector.c.asked_to).where(connector.c.name == _NAME)
ASKED = (
    upsert(connector)
    .values(name=_NAME, asked_to=bindparam("so_far"))
    .on_conflict_do_update(index_elements=["name"], set_={"asked_to": bindparam("so_far")})
)
HEARD = select(inbox.c.id).where(inbox.c.source == bindparam("from_source"), inbox.c.id == bindparam("key"))
LAST_SAID = (  # of an order its release, its change, its hold or its cancel
    select(inbox.c.type, inbox.c.body)
    .where(
        inbox.c.source == bindparam("from_source"),
        inbox.c.subject == bindparam("about"),
        inbox.c.type.like(bindparam("of_thing")),
        inbox.c.state != "stale",
    )
    .order_by(inbox.c.at.desc())
    .limit(1)
)

# Without what no reading says, but somebody may push under the ERP's name.
LAST_READ = LAST_SAID.where(inbox.c.type != "order.hold", inbox.c.type != "order.change")

log = logging.getLogger(__name__)


class Puller:
    """Asks one connector, and remembers from where to go on. `unasked` is read from any thread."""

    def __init__(
        self, db: Database, connector: Connector, site: str, is_ours: Callable[[], bool] = lambda: True
    ) -> None:
        self._db = db
        self._connector = connector
        self._site = site
        self._is_ours = is_ours
        self._since: str | None = None
        self._turned_away: deque[bytes] = deque(maxlen=MOST_REMEMBERED)
        self.unasked: Failing | None = None

    def pull(self) -> int:
        """Take in what is new; how many messages. Raises TransportError."""
        taken = 0
        for _ in range(MOST_PAGES):
            if not self._is_ours():
                self._since = None
                break
            if self._since is None:
                self._since = self._asked_to()
            pulled = self._connector.pull(self._since)
            if pulled is None:
                break
            events = [one for body in pulled.events for one in self._read(body)]
            taken += sum(
                self._take(events[first : first + AT_ONCE], dated=pulled.dated)
                for first in range(0, len(events), AT_ONCE)
            )
            if pulled.keep and pulled.next != self._since:
                so_far = f"{self._connector.kind} {pulled.next}"
                self._db.do(lambda tx, so_far=so_far: tx.run(ASKED, c=self._connector.name, so_far=so_far))  # type: ignore[misc]
            self._since = pulled.next
            if not pulled.more:
                break
        return taken

    def _read(self, body: bytes) -> list[Envelope | Unread]:
        """One that cannot be read is turned away by itself: the page it stands on, and all pages after it, come in."""
        try:
            return read_events(body, self._site)
        except BadEnvelope as problem:
            return [Unread(code=problem.code, sentence=problem.sentence, source=self._connector.name, body=body)]

    def _asked_to(self) -> str:
        """By this kind of connector; each has words of its own for how far that is."""
        with self._db.reading() as tx:
            kind, _, so_far = (tx.value(ASKED_TO, c=self._connector.name) or "").partition(" ")
        return so_far if kind == self._connector.kind else ""

    def ask(self) -> None:
        try:
            self.pull()
        except TransportError as problem:
            log.info("%s was not asked: %s", self._connector.name, problem.sentence)
            self.unasked = once_more(self.unasked, problem.sentence)
        except Exception as problem:
            self.unasked = once_more(self.unasked, f"What it says could not be taken in: {problem}")
            raise
        else:
            self.unasked = None

    def _take(self, events: list[Envelope | Unread], *, dated: bool) -> int:
        last = LAST_SAID if dated else LAST_READ
        with self._db.reading() as tx:
            fresh = [
                one for one in events if not (self._kept(one) if isinstance(one, Unread) else _said(tx, one, last))
            ]
        if fresh:
            self._db.do(lambda tx: [doors.accept_event(tx, one) for one in fresh])
            self._turned_away += [one.body for one in fresh if isinstance(one, Unread)]
        return len(fresh)

    def _kept(self, one: Unread) -> bool:
        """Turned away before: an ERP that is asked says it again each time."""
        return one.body in self._turned_away


def _said(tx: Tx, event: Envelope, last: Select[Any]) -> bool:
    """Nothing the inbox would answer otherwise than it did, or that says what was said last of this thing."""
    if tx.row(HEARD, from_source=event.source, key=event.id) is not None:
        return True
    thing = event.type.partition(".")[0]
    said = tx.row(last, from_source=event.source, about=event.subject, of_thing=f"{thing}.%")
    return said is not None and said[0] == event.type and bytes(said[1]) == bytes(event.data)
