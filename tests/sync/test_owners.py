"""A house that keeps goods for two owners tells each one's ERP of its own goods: exactly once, in order, nothing else."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from app.config import ConnectorSettings, Settings
from app.schema.items import item
from app.stock import journal
from app.stock.ledger import By, post
from sync import reconciliations
from sync.switchboard import Switchboard
from tests import engines
from tests.sync.sink import SECRET, House, house, received, running_sink, until

CODES = {"MUG": "ACME", "TEE": "BOLT", "BOX": ""}


def only_acme(floor: House, url: str, batch: int) -> None:
    bound = ConnectorSettings(name="ERP", kind="http", address=url, secret=SECRET, batch=batch, owner="ACME")
    floor.settings = Settings(site="MAIN", connectors=(bound,))
    floor.erp = Switchboard(floor.db, floor.settings)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_erp_bound_to_an_owner_hears_of_its_goods_and_of_all_of_them_once(tmp_path: Path, engine: str) -> None:
    with (
        running_sink(tmp_path) as sink,
        house(tmp_path, sink.url, database=engines.fresh(engine, tmp_path), start=False) as floor,
    ):
        for code, owner in CODES.items():
            floor.db.do(lambda tx, c=code, o=owner: tx.run(insert(item).values(code=c, name=c, owner=o)))  # type: ignore[misc]
        only_acme(floor, sink.url, batch=7)
        floor.erp.start()
        for round_ in range(6):
            floor.post(*[received(f"{round_}-{number}", code) for number in range(10) for code in CODES])
            if round_ == 1:
                sink.fail(die_after_half=True)
                until(sink.is_dead, "the ledger dies in the middle of a batch")
                sink.start()
                floor.erp.retry_now("ERP")
            if round_ == 3:
                floor.restart()
        until(floor.drained, "the backlog drains")
        with floor.db.reading() as tx:
            wanted = [entry.seq for entry in journal.after(tx, 0, 1000) if entry.owner == "ACME"]
            told = {entry.owner for entry in journal.after(tx, 0, 1000)}
        assert told == {"ACME", "BOLT", ""}
        assert sink.seqs() == wanted, "each once, in order"
        assert sink.stock() == {"MUG available": 60}
        state = floor.state()
        assert (state.owner, state.backlog, state.sent + state.duplicates) == ("ACME", 0, 60)
        floor.restart()
        floor.erp.pause("ERP", by="2001")
        follower = floor.erp.followers["ERP"]
        until(lambda: follower._paused, "the follower rests")
        floor.post(received("last", "MUG", 4), received("last", "TEE", 3))
        for doubt, unsent, in_flight in ((0, 4, 0), (200, 0, 4)):  # the others' goods are no difference of this ERP
            follower._courier.doubt(doubt)
            run = reconciliations.reconcile(floor.db, follower, "2001")
            with floor.db.reading() as tx:
                (line,) = reconciliations.differences(tx, run.id)
            assert (run.outcome, run.compared, line.unsent, line.in_flight) == ("agrees", 1, unsent, in_flight)


def test_a_poison_event_of_the_other_owner_hinders_nobody(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink, house(tmp_path, sink.url, start=False) as floor:
        for code, owner in CODES.items():
            floor.db.do(lambda tx, c=code, o=owner: tx.run(insert(item).values(code=c, name=c, owner=o)))  # type: ignore[misc]
        only_acme(floor, sink.url, batch=100)
        sink.fail(unknown_items=["TEE"])
        floor.erp.start()
        floor.post(received("A", "TEE"), received("A", "MUG"), received("A", "TEE"), received("A", "MUG"))
        until(floor.drained, "the backlog drains")
        assert sink.seqs() == [2, 4]
        assert not floor.letters()
        assert floor.db.do(lambda tx: post(tx, received("B", "BOX"), By(worker="1007"))) == 5
