"""Sentences and forecasts, without a warehouse."""

from datetime import UTC, datetime

import pytest

from app import clock
from app.desk.waves import Standing, WaveFilter, WaveRow, foresee, headline
from app.desk.words import Hours, many, number, span, spelled

NOON = int(datetime(2026, 11, 19, 12, 0, tzinfo=UTC).timestamp()) * clock.SECOND  # a Thursday


def wave(**facts: int | str) -> WaveRow:
    usual = {
        "code": "W-1", "state": "picking", "cutoff": NOON + 2 * clock.HOUR, "carrier": "", "created": NOON - 4 * clock.HOUR,
        "released": NOON - 2 * clock.HOUR, "created_by": "ruth", "orders": 4, "lines": 100, "picked": 60, "packed": 20,
        "loaded": 0, "short": 0, "touched": 60, "workers": 2,
    }  # fmt: skip
    return WaveRow(**{**usual, **facts})  # type: ignore[arg-type]


def test_a_wave_ahead_of_its_tick_is_on_plan_and_says_when_it_is_done() -> None:
    seen = foresee(wave(), NOON)
    assert (seen.verdict, seen.word, seen.expected, seen.behind) == ("ok", "On plan", 0.5, 0)
    assert seen.done_at == NOON + 80 * clock.MINUTE  # 60 lines in two hours, 40 to go
    assert seen.slack == 40 * clock.MINUTE


def test_a_wave_too_slow_for_its_truck_says_by_how_much() -> None:
    seen = foresee(wave(picked=40), NOON)
    assert (seen.verdict, seen.behind) == ("risk", 10)
    assert seen.why == "10 lines behind plan. At its pace it is done 1 h 00 too late."


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"state": "planned"}, "Not released"),
        ({"state": "releasing"}, "Releasing"),
        ({"state": "pulled_back"}, "Pulled back"),
        ({"cutoff": NOON - clock.MINUTE}, "Late"),
        ({"cutoff": NOON - clock.MINUTE, "state": "planned"}, "Late"),
        ({"picked": 100}, "Picked"),
        ({"picked": 100, "packed": 100, "loaded": 100, "cutoff": NOON - clock.MINUTE}, "Loaded"),
        ({"picked": 0}, "At risk"),  # half its time is gone and nobody has begun
        ({"picked": 1, "released": NOON - clock.MINUTE}, "On plan"),  # too early to tell
        ({"cutoff": 0}, "On plan"),
        ({"lines": 0, "picked": 0, "packed": 0}, "Picked"),
    ],
)
def test_every_standing_has_its_word(facts: dict[str, int | str], word: str) -> None:
    assert foresee(wave(**facts), NOON).word == word


def test_the_headline_says_the_worst_first() -> None:
    def told(*waves: WaveRow) -> str:
        standings: tuple[Standing, ...] = tuple(foresee(one, NOON) for one in waves)
        return headline(standings, WaveFilter())

    late, risk, well = wave(cutoff=NOON - 1), wave(picked=10), wave()
    assert told() == "No wave is open."
    assert told(well) == "The open wave is on plan."
    assert told(well, well) == "Every wave on the floor is on plan."
    assert told(risk, well) == "One of two waves may miss its cut-off."
    assert told(risk, risk, well) == "Two of three waves may miss their cut-off."
    assert told(late, risk, well) == "One of three waves has missed its cut-off, one more may."
    assert told(well, wave(state="planned")) == "The open wave is on plan, one waits to be released."
    assert told(wave(cutoff=0)) == "One wave is open, without a cut-off."
    assert told(wave(state="planned")) == "One wave waits to be released."


def test_numbers_and_spans_read_as_people_say_them() -> None:
    assert (number(1120), number(-12), spelled(3), spelled(13)) == ("1\u00a0120", "− 12", "three", "13")
    assert (many(1, "line"), many(0, "line"), many(2, "box", "boxes")) == ("1 line", "0 lines", "2 boxes")
    assert [span(m * clock.MINUTE) for m in (0, 28, 88, -4, 3 * 1440 + 60)] == [
        "0 min", "28 min", "1 h 28", "− 4 min", "3 d 1 h",
    ]  # fmt: skip


def test_times_are_the_sites_own() -> None:
    hours = Hours("Europe/Berlin", NOON)
    assert hours.clock(NOON) == "13:00"
    assert hours.clock(NOON + 21 * clock.HOUR) == "Fri 10:00"
    assert hours.clock(NOON - 2 * clock.DAY) == "17 Nov 13:00"
    assert hours.clock(0) == "–"
    assert hours.ago(NOON - 9 * clock.MINUTE) == "9 min ago"
    assert hours.iso(NOON) == "2026-11-19T13:00:00+01:00"
    assert Hours("Nowhere/Nothing", NOON).clock(NOON) == "12:00"
