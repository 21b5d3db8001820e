"""An ERP that books whatever it is sent, twice if it is sent twice: never offered again before it was asked what it has."""

from collections.abc import Sequence

import pytest

from sync.connectors.base import Answer, Applied, Duplicate, TransportError
from sync.courier import Courier
from sync.messages import Message
from sync.pace import Pace


class BlindErp:
    """No keys, no order: its stock is only right if nobody ever posts in doubt. `answers` are lost, one by one."""

    name, kind, address, way, gather_s = "blind", "blind", "nowhere", "", 0.0

    def __init__(self) -> None:
        self.booked: list[str] = []
        self.asked = 0
        self.lose_answers = 0
        self.silent = 0  # lookups that get no answer
        self.away = 0  # batches that never arrive

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        if self.away:
            self.away -= 1
            raise TransportError("Nobody answers.", unknown=False)
        self.booked += [message.key for message in batch]
        if self.lose_answers:
            self.lose_answers -= 1
            raise TransportError("The line broke before the answer came.")
        return [Applied()] * len(batch)

    def lookup(self, keys: Sequence[str]) -> set[str]:
        self.asked += 1
        if self.silent:
            self.silent -= 1
            raise TransportError("Nobody answers.", unknown=False)
        return set(keys) & set(self.booked)

    def snapshot(self, as_of: int) -> None: ...

    def pull(self, since: str) -> None: ...

    def close(self) -> None: ...


def batch(*seqs: int) -> list[Message]:
    return [Message(key=f"MAIN.1.{seq}", seq=seq, type="x", document="", body=b"{}") for seq in seqs]


def test_after_an_answer_that_never_came_the_erp_is_asked_before_anything_is_offered_again() -> None:
    erp, pace = BlindErp(), Pace(100)
    courier = Courier(erp, pace)
    erp.lose_answers = 1
    with pytest.raises(TransportError):
        courier.offer(batch(1, 2))
    erp.silent = 1
    with pytest.raises(TransportError):
        courier.offer(batch(1, 2, 3))  # the question got no answer either: still nothing is offered
    assert erp.booked == ["MAIN.1.1", "MAIN.1.2"]
    assert courier.offer(batch(1, 2, 3)) == [Duplicate(), Duplicate(), Applied()]
    assert erp.booked == ["MAIN.1.1", "MAIN.1.2", "MAIN.1.3"]
    assert courier.offer(batch(4)) == [Applied()]
    assert erp.asked == 2  # no doubt, no question


def test_what_certainly_did_not_arrive_is_offered_again_without_asking() -> None:
    erp = BlindErp()
    courier = Courier(erp, Pace(100))
    erp.away = 1
    with pytest.raises(TransportError):
        courier.offer(batch(1))
    assert courier.offer(batch(1)) == [Applied()]
    assert (erp.booked, erp.asked) == (["MAIN.1.1"], 0)


def test_with_the_circuit_open_the_next_try_only_asks() -> None:
    erp = BlindErp()
    courier = Courier(erp, Pace(100))
    erp.away = 5
    for _ in range(5):
        with pytest.raises(TransportError):
            courier.offer(batch(1))
    erp.silent = 1
    with pytest.raises(TransportError):
        courier.offer(batch(1))
    assert erp.booked == []
    assert courier.offer(batch(1)) == [Applied()]


def test_what_a_person_offers_again_is_asked_for_first() -> None:
    erp = BlindErp()
    courier = Courier(erp, Pace(100))
    courier.offer(batch(1))
    assert courier.offer(batch(1), ask_first=True) == [Duplicate()]
    assert erp.booked == ["MAIN.1.1"]
