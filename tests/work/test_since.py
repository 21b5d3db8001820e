"""Where in the journal a time begins, also where handhelds that had no network handed their events in days late."""

import random
from collections.abc import Callable

import pytest

from app import clock
from app.db import Tx
from app.stock import ledger
from app.stock.events import Counted
from app.stock.ledger import By
from app.stock.slots import Slot
from app.work.since import LATE, first_seq
from tests.world import World

START = 1_790_000_000_000_000


@pytest.mark.parametrize("share_late", [0.0, 0.2])
def test_no_event_of_the_time_is_missed(build: Callable[[str], World], share_late: float) -> None:
    world, dice = build(""), random.Random(4)
    kept: list[int] = []

    def live(tx: Tx) -> None:
        for n in range(400):
            at = START + n * clock.HOUR
            kept.append(at - 3 * clock.DAY if dice.random() < share_late else at)
            event = Counted(task="C", item="MUG", slot=Slot(location="A-01"), quantity=1)
            ledger.post(tx, event, By(worker="mara", at=kept[-1]))

    world.db.do(live)
    with world.db.reading() as tx:
        for hour in (-5, 0, 3, 150, 399, 500):
            moment = START + hour * clock.HOUR
            first = first_seq(tx, moment)
            missed = [n for n, at in enumerate(kept, 1) if at >= moment and n < first]
            assert not missed
            assert first <= 1 + max(0, hour + 1) + 20
            assert first >= min(401, hour - LATE // clock.HOUR - 20)
