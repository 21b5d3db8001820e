"""A small floor that tells one sink what happens, and the count at the end: everything once, in order, to the piece."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from app.schema.stock import balance, journal
from sync.follower import Follower
from sync.switchboard import Switchboard
from tests import engines
from tests.sync.contract.faulty import NAME, FaultySink, found
from tests.sync.sink import House, until

BATCH = 20

Stock = Counter[tuple[str, str, str]]  # item, lot, status


class Floor(House):
    def __init__(self, url: str, sink: FaultySink) -> None:
        self.url = url
        self.sink = sink
        self.site = sink.site()
        self._n = 0
        super().__init__(url, sink.settings(self.site), site=self.site)
        self._before = self.stock_there()

    def switchboard(self) -> Switchboard:
        """As in the house, but the connector does not wait long."""
        built = super().switchboard()
        begins = {"batch": BATCH, "moves": 1}
        built.followers[NAME] = Follower(self.db, self.sink.impatient(self.site), site=self.site, begins=begins)
        return built

    def happens(self, count: int) -> list[int]:
        """So many events, of each item the sink knows in turn; their seqs."""
        items = [self.sink.items[(self._n + n) % len(self.sink.items)] for n in range(count)]
        self._n += count
        return self.post(*(found(item, 1 + n % 3) for n, item in enumerate(items)))

    def told(self) -> None:
        """Wait until the sink has accepted all there is, without its patience."""

        def drained() -> bool:
            self.erp.retry_now(NAME)
            return self.drained()

        until(drained, f"the {self.sink.kind} sink has heard of everything", self.sink.told_within_s)

    def offered(self, seq: int) -> str:
        """The event as it goes out."""
        with self.db.reading() as tx:
            return self.erp.request(tx, NAME, seq)

    def stock_there(self) -> Stock | None:
        """By the sink's books; None where it keeps none."""
        rows = self.erp.followers[NAME].connector.snapshot(0)
        if rows is None:
            return None
        there: Stock = Counter()
        for row in rows:
            if row.site in ("", self.site):
                there[row.item, row.lot, row.status] += row.quantity
        return there

    def told_once(self, *, but: tuple[int, ...] = ()) -> None:
        """What the sink has is what happened: each event once, each item's in order, and the same stock; `but` excepted."""
        with self.db.reading() as tx:
            rows = tx.rows(select(journal.c.seq, journal.c.document).order_by(journal.c.seq))
            lying = tx.rows(select(balance.c.item, balance.c.lot, balance.c.status, balance.c.quantity))
        documents = {f"{self.site}.1.{seq}": document for seq, document in rows if seq not in but}
        applied = self.sink.applied(self.site)
        assert sorted(applied) == sorted(documents), "each event once, and none of nobody's"
        lanes: dict[str, list[int]] = {}
        for key in applied:
            lanes.setdefault(documents[key], []).append(int(key.rpartition(".")[2]))
        assert all(lane == sorted(lane) for lane in lanes.values()), "what happened to one item, in its order"
        there = self.stock_there()
        if there is not None and not but:
            assert self._before is not None
            there.subtract(self._before)
            here: Stock = Counter()
            for item, lot, status, quantity in lying:
                here[item, lot, status] += quantity
            assert +there == +here


@contextmanager
def floor_before(sink: FaultySink, folder: Path, *, engine: str = "sqlite", start: bool = True) -> Iterator[Floor]:
    floor = Floor(engines.fresh(engine, folder), sink)
    if start:
        floor.erp.start()
    try:
        yield floor
    finally:
        floor.close()
        sink.mend()
