"""Three sites trade for a while: ten kills −9, one of them cut off for a day, and every unit is where the books say.

The short form, floors in the test's own process, is `tests/sync/test_sites.py`. Here everything is a process of its own,
the floors are worked over HTTP, and the auditor reads the files after each kill and at the end.
"""

import random
import threading
import time
from pathlib import Path

import pytest

from tests.faults import sites_audit
from tests.faults.sites import Company, Hand, Order, company

ORDERS = 12  # of each site, to the two others in turn
KILLS = ("WEST", "leaf NORTH", "hub", "worker", "ledger", "SOUTH", "worker", "hub", "NORTH", "leaf SOUTH")
BETWEEN_S = (2.0, 5.0)
DAY = 5_000  # events of the site that is cut off
SETTLED_WITHIN_S = 300.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800), pytest.mark.xdist_group("nats")]


def test_three_sites_ten_kills_a_lost_day_and_every_unit_is_accounted_for(tmp_path: Path) -> None:
    with company(tmp_path, ORDERS) as three:
        floor = Floor(three)
        floor.start()
        west, chance = three.sites["WEST"], random.Random(7)
        for number, what in enumerate(KILLS):
            time.sleep(chance.uniform(*BETWEEN_S))
            three.kill(what)
            assert sites_audit.never_ahead(three.files) == [], what
            if number == len(KILLS) // 2:
                west.leaf.kill()
                west.server.stop()
                west.a_day_of_work(DAY)
                west.server.start()
        begun = time.monotonic()
        west.leaf.start()
        floor.wait()
        while wrong := sites_audit.unsettled(three.files, three.sink.database):
            assert time.monotonic() < begun + SETTLED_WITHIN_S, "\n".join(wrong)
            time.sleep(1)
        print(
            f"{len(KILLS)} kills, {floor.sent} transfers sent, {floor.taken_in} taken in; settled "
            f"{time.monotonic() - begun:.0f} s after a site was back that had {DAY:,} events to tell"
        )
        assert (floor.sent, floor.taken_in) == (3 * ORDERS, 3 * ORDERS)


class Floor:
    """Two workers at each site, until all that was ordered is sent and taken in."""

    def __init__(self, three: Company) -> None:
        self.sent = self.taken_in = 0
        self._wrong: list[str] = []
        self._threads = []
        for name, site in three.sites.items():
            for work in (
                lambda site=site: self._send(Hand(site, "B-mara"), site.orders),
                lambda site=site, name=name: self._take_in(Hand(site, "B-kim"), three.for_site(name)),
            ):
                self._threads.append(threading.Thread(target=self._noted, args=(work,), daemon=True))

    def start(self) -> None:
        for one in self._threads:
            one.start()

    def wait(self) -> None:
        for one in self._threads:
            one.join(SETTLED_WITHIN_S)
        assert self._wrong == []

    def _noted(self, work) -> None:  # type: ignore[no-untyped-def]
        try:
            work()
        except Exception as problem:
            self._wrong.append(repr(problem))

    def _send(self, hand: Hand, orders: list[Order]) -> None:
        for order in orders:
            hand.send(order)
            self.sent += 1
            time.sleep(2)

    def _take_in(self, hand: Hand, orders: list[Order]) -> None:
        waiting, until = list(orders), time.monotonic() + SETTLED_WITHIN_S
        while waiting and time.monotonic() < until:
            order = waiting.pop(0)
            if hand.take_in(order):
                self.taken_in += 1
            else:
                waiting.append(order)
                time.sleep(0.5)
