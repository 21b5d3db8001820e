"""In which order a line's parts stand on paper, held against what Unicode's algorithm says of each."""

import pytest

from printers import reading_order


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("Kyiv 12", "0000000"),
        ("for שלום 12, at", "000011111220000"),
        ("שלום Kyiv", "111112222"),
        ("12 שלום", "2211111"),
        ("שלום 1,000-5", "111112222222"),
        ("שלום (Kyiv)", "11111122221"),
        ("", ""),
    ],
)
def test_each_character_has_its_level(text: str, levels: str) -> None:
    assert "".join(str(level) for level in reading_order.levels(text)) == levels


@pytest.mark.parametrize(
    ("runs", "order"),
    [
        ([(0, "a"), (0, "b")], "ab"),
        ([(0, "a"), (1, "B"), (1, "C"), (0, "d")], "aCBd"),
        ([(0, "a"), (1, "B"), (2, "1"), (2, "2"), (1, "C")], "aC12B"),
        ([(1, "A"), (2, "b"), (2, "c"), (1, "D")], "DbcA"),
        ([], ""),
    ],
)
def test_runs_stand_from_left_to_right(runs: list[tuple[int, str]], order: str) -> None:
    assert "".join(reading_order.in_order(runs)) == order
