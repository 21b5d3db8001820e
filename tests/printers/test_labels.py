"""Labels survive being stored, and what they become on the wire is known to the byte."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from printers import escpos, labels, zpl
from tests.printers.renderers import zplkit_draws
from tests.printers.samples import HEIGHT_MM, LABELS, SLIP

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", [*LABELS, "slip"])
def test_a_label_comes_back_from_json_as_it_was(name: str) -> None:
    label = LABELS.get(name, SLIP)
    assert labels.decode(labels.encode(label)) == label


@pytest.mark.parametrize("name", LABELS)
def test_the_bytes_of_each_label_are_known(name: str) -> None:
    compare(f"{name}.zpl", zpl.render(LABELS[name], height_mm=HEIGHT_MM.get(name, 150)))


@pytest.mark.parametrize("width_mm", [58, 80])
def test_the_bytes_of_the_slip_are_known(width_mm: int) -> None:
    compare(f"slip_{width_mm}.escpos", escpos.render(SLIP, width_mm=width_mm))


def test_a_label_we_do_not_know_is_not_decoded() -> None:
    with pytest.raises(msgspec.ValidationError):
        labels.decode(b'{"type":"poster","text":"x"}')


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("340123450000000017", True), ("340123450000000018", False), ("34012345000000001", False), ("٣" * 18, False)],
)
def test_an_sscc_is_told_by_its_check_digit(text: str, is_one: bool) -> None:
    assert labels.is_sscc(text) is is_one


def compare(name: str, found: bytes) -> None:
    """UPDATE_GOLDEN=1 writes them anew; look at the pictures before committing that."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(found)
    assert found == path.read_bytes()


def test_hold_is_read_from_five_metres() -> None:
    """A two-hundredth of the distance, as on signs: 25 mm of white in the black bar, which reaches both edges."""
    drawn = zplkit_draws(zpl.render(LABELS["hold"], height_mm=HEIGHT_MM["hold"]))[0].convert("L")
    bar = [row for row in range(drawn.height // 2) if drawn.getpixel((2, row)) == drawn.getpixel((797, row)) == 0]
    letters = [row for row in bar if drawn.crop((0, row, drawn.width, row + 1)).getextrema()[1]]
    assert (letters[-1] - letters[0] + 1) / 8 >= 25
    assert letters[0] > bar[0]
    assert letters[-1] < bar[-1]
