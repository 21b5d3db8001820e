"""The floor goes first: a backlog drains beside it in small stretches with rests between, and at full speed at night."""

import threading
from collections.abc import Sequence
from pathlib import Path

from app.db import Tx
from app.stock import ledger
from sync import dead_letters, delivery
from sync.connectors.base import Answer
from sync.courtesy import LONGEST_BREATHS, LONGEST_REST_S, PIECE, SHARE, Courtesy
from sync.messages import Message
from tests.sync.sink import House, Sink, house, opened, received, until

BACKLOG = 1500
SETTING = 500  # events at once, as the settings have it


def test_a_rest_is_as_long_as_the_work_was_worth_and_only_while_somebody_posts() -> None:
    courtesy = Courtesy(lambda: False)
    courtesy.worked(1.0)
    assert courtesy.rest_s() == 0.0  # the night: nobody posts
    courtesy.heard()
    courtesy.worked(0.015)
    rest = courtesy.rest_s()
    assert 0.015 / SHARE * 0.8 < rest <= 0.015 / SHARE
    courtesy.worked(60.0)
    assert courtesy.rest_s() == LONGEST_REST_S


def test_it_holds_its_breath_while_a_scan_is_written_but_not_for_ever() -> None:
    looks: list[bool] = []

    def at_work() -> bool:
        looks.append(len(looks) % 3 < 2)  # two looks in three find a scan being written
        return looks[-1]

    courtesy = Courtesy(at_work)
    assert list(courtesy.unhurried(range(3 * PIECE))) == list(range(3 * PIECE))
    assert looks == []  # the night
    courtesy.heard()
    assert list(courtesy.unhurried(range(3 * PIECE))) == list(range(3 * PIECE))
    assert len(looks) == 9, "three breaths, each till the scan was written"
    looks.clear()
    never_still = Courtesy(lambda: at_work() or True)
    never_still.heard()
    assert list(never_still.unhurried([1])) == [1]
    assert len(looks) == LONGEST_BREATHS


def test_a_backlog_drains_in_its_order_beside_a_floor_at_work(tmp_path: Path, sink: Sink) -> None:
    with house(tmp_path, sink.url, batch=SETTING, start=False) as floor:
        floor.post(opened("MUG", 1000))
        for first in range(0, BACKLOG, 500):
            floor.post(*[received(str(first + n), "MUG") for n in range(500)])
        floor.db.do(lambda tx: delivery.open_connector(tx, "ERP", "MAIN"))
        floor.db.do(lambda tx: dead_letters.pause(tx, "ERP", "2001"))
        sizes = _watched(floor)
        over = threading.Event()
        scans = threading.Thread(target=_scans, args=(floor, over))
        floor.erp.start()
        scans.start()
        until(lambda: floor.state().last_seq > BACKLOG + 2, "somebody scans")
        try:
            floor.erp.resume("ERP", by="2001")
            until(lambda: floor.state().accepted_to > BACKLOG, "the backlog drains")
        finally:
            over.set()
            scans.join()
        until(floor.drained, "what was scanned meanwhile follows")
        drained = sink.seqs()
        assert drained == list(range(1, len(drained) + 1))
    assert sizes.count(SETTING) >= BACKLOG // SETTING - 1, "what breathes needs no smaller batches"


def _watched(floor: House) -> list[int]:
    """How many events each batch held that was sent."""
    sizes: list[int] = []
    connector = floor.erp.followers["ERP"].connector
    post = connector.post

    def watched(batch: Sequence[Message]) -> list[Answer]:
        sizes.append(len(batch))
        return post(batch)

    connector.post = watched  # type: ignore[method-assign]
    return sizes


def _scans(floor: House, over: threading.Event) -> None:
    """Somebody receives a mug, fifty times a second."""
    number = 0
    while not over.wait(0.02):
        number += 1
        event = received(f"live-{number}", "MUG")

        def scan(tx: Tx) -> int:
            return ledger.post(tx, event, ledger.By(worker="1007", device="HH-07", cause="scan"))  # noqa: B023

        floor.db.do(scan)
