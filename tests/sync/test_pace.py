"""Patience with an ERP that is away: waits that grow and are drawn at random, a circuit, batches that fit."""

from sync.connectors.base import TransportError
from sync.pace import CIRCUIT_OPENS_AFTER, FIRST_WAIT_S, LONGEST_WAIT_S, POISON_TRIES, Pace


def test_waits_double_from_half_a_second_to_a_minute_and_are_drawn_at_random_below() -> None:
    asked: list[tuple[float, float]] = []

    def highest(low: float, high: float) -> float:
        asked.append((low, high))
        return high

    pace = Pace(100, chance=highest)
    away = TransportError("away", unknown=False)
    for _ in range(10):
        pace.failed(away, 100)
    assert [high for _, high in asked] == [FIRST_WAIT_S, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[LONGEST_WAIT_S] * 3]
    assert {low for low, _ in asked} == {0.0}  # full jitter
    assert pace.size == 100  # nothing arrived, so the batch is not to blame
    pace.failed(TransportError("carried", carried=True), 100)
    assert pace.size == 100, "on its way, however large"
    pace.failed(TransportError("no answer"), 100)
    assert pace.size == 50
    drawn = {round(_waited(), 6) for _ in range(20)}
    assert len(drawn) > 10


def _waited() -> float:
    pace = Pace(100)
    pace.failed(TransportError("away"), 100)
    assert pace.wait_s <= FIRST_WAIT_S
    return pace.wait_s


def test_the_circuit_opens_after_five_failures_and_closes_with_the_first_answer() -> None:
    pace = Pace(100, chance=lambda low, high: high)
    for _ in range(CIRCUIT_OPENS_AFTER - 1):
        pace.failed(TransportError("away"), 100)
    assert pace.circuit == "closed"
    pace.failed(TransportError("away"), 100)
    assert pace.circuit == "open"
    pace.hurry()
    assert pace.circuit == "half-open"
    pace.succeeded()
    assert (pace.circuit, pace.wait_s) == ("closed", 0.0)


def test_batches_shrink_when_the_sink_stumbles_and_grow_again_and_one_event_is_blamed_alone() -> None:
    pace = Pace(100, chance=lambda low, high: high)
    stumbled = TransportError("stumbled", about_batch=True)
    sizes = []
    for _ in range(8):
        pace.failed(stumbled, pace.size)
        sizes.append(pace.size)
    assert sizes == [50, 25, 12, 6, 3, 1, 1, 1]
    assert not pace.blames_event(stumbled, 1)
    for _ in range(POISON_TRIES):
        pace.failed(stumbled, 1)
    assert pace.blames_event(stumbled, 1)
    assert not pace.blames_event(TransportError("away"), 1)
    grown = []
    for _ in range(8):
        pace.succeeded()
        grown.append(pace.size)
    assert grown == [2, 4, 8, 16, 32, 64, 100, 100]
