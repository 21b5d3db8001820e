"""What one ERP is told of, and how late: goods that only change their bin are the floor's own business."""

from app import clock
from app.db import Tx
from app.desk import ledger
from app.stock import journal
from app.stock.ledger import By, post
from tests.sync.sink import House, Sink, broken, moved, opened, received, until


def test_what_only_changes_its_bin_is_not_told_unless_somebody_switches_it_on(floor: House, sink: Sink) -> None:
    floor.erp.change_setting("ERP", "moves", 0, 0, by="ada")
    floor.post(opened("MUG", 10), moved("MUG", 3), broken("MUG", 2), moved("MUG", 1))
    until(floor.drained, "the rest is told")
    assert sink.seqs() == [1, 3]
    assert sink.stock() == {"MUG available": 8, "MUG damaged": 2}
    with floor.db.reading() as tx:
        lines = ledger.in_words(tx, journal.latest(tx, 9), floor.erp.states(tx))
    assert [line.standing for line in lines] == [("between bins",), ("accepted",), ("between bins",), ("accepted",)]
    floor.erp.change_setting("ERP", "moves", 1, 1, by="ada")
    floor.post(moved("MUG", 1))
    until(lambda: sink.seqs() == [1, 3, 5], "from now on")


def test_what_is_accepted_long_after_it_happened_counts_as_late(floor: House, sink: Sink) -> None:
    def long_ago(tx: Tx) -> None:
        by = By(worker="1007", device="HH-07", cause="scan", at=clock.now() - 6 * clock.MINUTE)
        post(tx, received("1", "MUG"), by)

    floor.db.do(long_ago)
    floor.post(received("2", "MUG"))
    until(floor.drained, "both are told")
    assert (floor.state().sent, floor.state().late) == (2, 1)
    floor.erp.change_setting("ERP", "late_min", 10, 0, by="ada")
    floor.db.do(long_ago)
    until(lambda: floor.state().sent == 3, "told as well")
    assert floor.state().late == 1
