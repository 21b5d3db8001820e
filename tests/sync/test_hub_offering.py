"""What the hub's worker does with one site's events where the ERP refuses one or stumbles, against the reference ledger."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from sync.connectors.base import Answer, Applied, Held, Rejected
from sync.connectors.http import HttpConnector
from sync.hub_offering import Offered, Offering
from sync.messages import Message
from sync.pace import POISON_TRIES, Pace
from tests.sync.sink import SECRET, Sink, running_sink
from tests.sync.test_connectors import message

SITE = "NORTH"


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running_sink(tmp_path_factory.mktemp("ledger")) as running:
        yield running


class Site:
    """Its offering, and how often the worker had to rest."""

    def __init__(self, sink: Sink, *, at_once: int) -> None:
        self.rests = 0
        self.next: list[Message] = []
        self._connector = HttpConnector("ERP", sink.url, SECRET)
        self._offering = Offering(self._connector, Pace(at_once), asyncio.Lock())

    def offers(self, batch: Sequence[Offered]) -> list[Answer]:
        async def rest(seconds: float) -> None:
            self.rests += seconds > 0
            assert self.rests < 3 * POISON_TRIES, "no end of it"

        async def ahead() -> list[Message]:
            return self.next if self.rests > POISON_TRIES else []

        return asyncio.run(self._offering.offer(batch, ask_first=False, rest=rest, ahead=ahead))


def test_behind_a_refusal_is_held_what_was_offered_with_it_also_in_another_piece(sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    site = Site(sink, at_once=1)
    first, behind, later = (message(SITE, seq, "GHOST", po="PO-1") for seq in (1, 2, 4))
    mug = message(SITE, 3)
    refused, held, taken = site.offers([(first, "a"), (behind, "a"), (mug, "a")])
    assert isinstance(refused, Rejected)
    assert (held, taken) == (Held(), Applied())
    sink.fail()
    assert site.offers([(later, "b")]) == [Applied()], "the site's next offer is made knowing the refusal"


def test_the_event_it_stumbles_over_is_blamed_only_where_it_takes_another(sink: Sink) -> None:
    sink.fail(stumble_items=["BOMB"])
    site = Site(sink, at_once=8)
    batch = [message(SITE, seq, item) for seq, item in enumerate(("MUG", "BOMB"), 11)]
    site.next = [message(SITE, 13, "CAP")]
    mug, blamed = site.offers([(one, "a") for one in batch])
    assert mug == Applied()
    assert isinstance(blamed, Rejected)
    assert "stumbled over the batch" in blamed.why
    assert site.rests > POISON_TRIES, "not before there was another to try"
    assert sink.seqs()[-2:] == [11, 13]
