"""The feed itself: it walks behind the journal on a thread of its own and says what changed, within a second.

It wakes with each commit, gathers for a moment, reads the items the new events are about and those whose demand differs,
and says those that are not as it said before. What no event tells (a lot that expired, a bin that was blocked) it finds by
looking at some items each second, all of them in turn. It lives in memory: after a restart the feed has another name, and
whoever followed the old one asks for a snapshot, as after any gap. The floor never waits for it.

A feed that cannot read any more must not go on answering as if nothing were sold: once its last look is half a minute
ago its doors answer 503, its streams end, and it rings.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import msgspec

from app import clock
from app.db import Database, Tx
from app.errors import Refusal
from app.stock import journal
from app.work import allocation
from sync import epochs, inbound
from sync.availability import reading
from sync.availability.said import (
    CHANGED,
    SNAPSHOT,
    STOCK,
    AvailabilityChanged,
    AvailabilitySnapshot,
    Available,
    StockSnapshot,
)
from sync.failing import Failing, in_words, once_more
from sync.messages import SEQUENCE_DIGITS, Identity, schema_of

GATHER_S = 0.4  # commits that come close together are told together
LOOK_S = 1.0  # the longest nap
COUNT_S = 10.0  # what is wanted is summed up so often whatever is heard
IN_TURN = 100  # items looked at each second without a reason
AT_ONCE = 500  # items in one message
KEPT = 1_000  # messages somebody may be behind
STOP_WITHIN_S = 5.0
OLD_AFTER_S = 30.0  # since the last look that read everything

log = logging.getLogger("pickface.availability")


class NotReadYet(Refusal):
    code, title, http = "not_read_yet", "One moment", 503
    says = "The stock is being read: ask again in a moment."


class StockIsOld(Refusal):
    code, title, http = "stock_is_old", "Stock not known", 503
    says = "The stock was last read {seconds} s ago, and what was sold since is not known here."
    todo = "Sell nothing on the last figures. Ask again: the answers go on as soon as the stock is read again."
    retry_after_s = 10


class Feed:
    def __init__(self, database: Database, site: str) -> None:
        self._db = database
        self._identity = Identity(site=site)
        self.name = clock.new_id()
        self.on_change: list[Callable[[bytes], None]] = []
        self._known: dict[str, Available] = {}
        self._wanted: dict[str, int] = {}
        self._as_of = self._heard = self._sequence = 0
        self._is_open = False
        self._turn = ""  # the last item looked at without a reason
        self._said: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()  # over what was said and what is known
        self._bell, self._stopping = threading.Event(), threading.Event()
        self._demand = threading.Event()  # other quantities may be wanted
        self._thread: threading.Thread | None = None
        self._looked = time.monotonic()
        self.failing: Failing | None = None

    # ── for the doors ────────────────────────────────────────────────────────────────────────────────────────────
    def snapshot(self, codes: Sequence[str] = ()) -> bytes:
        """All items, or those asked for, as they were last said. Raises NotReadYet, StockIsOld."""
        self.check()
        with self._lock:
            if not self._is_open:
                raise NotReadYet()
            known = self._known
            found = [known[code] for code in dict.fromkeys(codes) if code in known] if codes else list(known.values())
            told = AvailabilitySnapshot(
                feed=self.name, sequence=self._sequence, as_of=self._as_of, heard=self._heard, items=tuple(found)
            )
        return self._message(SNAPSHOT, f"{self.name}.{told.sequence}.{clock.new_id()}", told.sequence, told)

    def since(self, feed: str, sequence: int) -> list[bytes] | None:
        """What was said after `sequence` of `feed`, oldest first; None where that is another feed, or too long ago.

        Raises StockIsOld: nothing said is not the same as nothing sold.
        """
        self.check()
        with self._lock:
            if feed != self.name or sequence > self._sequence:
                return None
            if sequence < self._sequence and (not self._said or self._said[0][0] > sequence + 1):
                return None
            return [body for number, body in self._said if number > sequence]

    def stock(self) -> bytes:
        """What is on hand now, by item, lot and status; read anew."""
        with self._db.reading() as tx:
            told = StockSnapshot(as_of=journal.last_seq(tx), heard=inbound.heard(tx), stock=reading.on_hand(tx))
        return self._message(STOCK, f"{self._identity.key(told.as_of)}.stock.{told.heard}", told.as_of, told)

    @property
    def old_s(self) -> int:
        """How long ago the stock was read, in seconds; 0 while it is read as it should be."""
        since = time.monotonic() - self._looked
        return max(1, int(since)) if since >= OLD_AFTER_S else 0

    def check(self) -> None:
        """Raises StockIsOld."""
        if seconds := self.old_s:
            raise StockIsOld(seconds=seconds)

    # ── its life ─────────────────────────────────────────────────────────────────────────────────────────────────
    def start(self) -> None:
        self._db.on_news.append(self._hear)
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="availability", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._bell.set()
        if self._hear in self._db.on_news:
            self._db.on_news.remove(self._hear)
        if self._thread is not None:
            self._thread.join(timeout=STOP_WITHIN_S)

    def open(self) -> None:
        """Read all there is; nothing is said of it."""
        self._identity = self._db.do(lambda tx: epochs.identity(tx, self._identity.site, clock.now()))
        with self._db.reading() as tx:
            codes: list[str] = []
            while some := reading.items_after(tx, codes[-1] if codes else "", AT_ONCE):
                codes += some
            as_of, heard, wanted = journal.last_seq(tx), inbound.heard(tx), reading.wanted(tx)
            found = self._read(tx, codes, wanted)
        with self._lock:
            self._as_of, self._heard, self._wanted = as_of, heard, wanted
            self._known = {one.item: one for one in found if one.stock or one.ordered}
            self._is_open = True
        self._looked = time.monotonic()

    def _hear(self, news: set[str]) -> None:
        if news & reading.DEMAND:
            self._demand.set()
        self._bell.set()

    def _work(self) -> None:
        looked = counted = 0.0
        while not self._stopping.is_set():
            self._bell.wait(LOOK_S)
            self._stopping.wait(GATHER_S)
            self._bell.clear()
            try:
                if not self._is_open:
                    self.open()
                in_turn = IN_TURN if time.monotonic() - looked >= LOOK_S else 0
                looked = time.monotonic() if in_turn else looked
                demand = self._demand.is_set() or time.monotonic() - counted >= COUNT_S
                counted = time.monotonic() if demand else counted
                self._demand.clear()
                self.look(in_turn, demand=demand)
            except Exception as problem:  # a database that is away: the next look reads what was missed
                self._demand.set()
                self.failing = once_more(self.failing, in_words(problem))
                if self.failing.times == 1:
                    log.warning("the availability feed stumbled: %s", self.failing.sentence)
            else:
                self.failing = None

    # ── one look ─────────────────────────────────────────────────────────────────────────────────────────────────
    def look(self, in_turn: int = IN_TURN, *, demand: bool = True) -> int:
        """Read what changed and say it; how many messages were said. Without `demand`, what is wanted is summed up only
        where an event says that it changed.
        """
        codes: set[str] = set()
        with self._db.reading() as tx:
            as_of, heard = self._as_of, inbound.heard(tx)
            demand = demand or heard != self._heard  # whoever is told that it was heard must find it in the sum
            while entries := reading.events_after(tx, as_of):
                codes |= reading.touched(entries)
                demand = demand or any(entry.kind in reading.CLAIMING for entry in entries)
                as_of = entries[-1].seq
            wanted = reading.wanted(tx) if demand else self._wanted
            codes |= reading.differing(self._wanted, wanted)
            if in_turn:
                some = reading.items_after(tx, self._turn, in_turn)
                codes.update(some)
                self._turn = some[-1] if len(some) == in_turn else ""
            found = self._read(tx, sorted(codes), wanted)
        news = [
            one for one in found if one != self._known.get(one.item, Available(item=one.item, sellable=0, ordered=0))
        ]
        said = self._say(news, as_of, heard, wanted)
        for body in said:
            for tell in self.on_change:
                tell(body)
        self._looked = time.monotonic()
        return len(said)

    def _read(self, tx: Tx, codes: Sequence[str], wanted: Mapping[str, int]) -> list[Available]:
        today, home = allocation.site_day(tx), self._identity.site
        return [reading.of_item(tx, code, wanted.get(code, 0), today, home) for code in codes]

    def _say(self, news: list[Available], as_of: int, heard: int, wanted: dict[str, int]) -> list[bytes]:
        said = []
        with self._lock:
            self._as_of, self._heard, self._wanted = as_of, heard, wanted
            for first in range(0, len(news), AT_ONCE):
                part = tuple(news[first : first + AT_ONCE])
                self._sequence += 1
                told = AvailabilityChanged(
                    feed=self.name, sequence=self._sequence, as_of=as_of, heard=heard, items=part
                )
                body = self._message(CHANGED, f"{self.name}.{self._sequence}", self._sequence, told)
                self._said.append((self._sequence, body))
                said.append(body)
            for one in news:
                if one.stock or one.ordered:
                    self._known[one.item] = one
                else:
                    self._known.pop(one.item, None)
        return said

    def _message(self, type_: str, id: str, sequence: int, told: msgspec.Struct) -> bytes:
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "datacontenttype": "application/json",
                "id": id,
                "source": self._identity.site,
                "type": type_,
                "time": clock.as_datetime(clock.now()),
                "sequence": str(sequence).zfill(SEQUENCE_DIGITS),
                "dataschema": schema_of(type_),
                "data": told,
            }
        )
