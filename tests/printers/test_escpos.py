"""Slips: cut once, at their end, whatever the texts say; every letter on paper, and their codes read by a scanner."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printers import bitmap, escpos, roll, slip
from printers.labels import LabelRefused
from printers.slip_kinds import AnySlip, PackingSlip
from tests.printers.samples import HOSTILE, SLIP, SLIPS

DRAWN = {slip.PICTURE, slip.CELL, slip.PAGE_CHOSEN, slip.BARS, b"\x1dh", b"\x1dw", b"\x1dH"}


def hostile(sample: AnySlip, text: str) -> AnySlip:
    """The text in every field of the slip and of its lines."""
    return msgspec.structs.replace(sample, **_filled(sample, text))


def _filled(struct: Any, text: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, str):
            told[name] = text
        elif isinstance(value, tuple):
            told[name] = tuple(
                text if isinstance(one, str) else msgspec.structs.replace(one, **_filled(one, text)) for one in value
            )
    return told


def obeyed(payload: bytes) -> set[bytes]:
    return {token[:2] for token in slip.tokens(payload) if not slip.is_text(token)}


def pictures(payload: bytes) -> list[Image.Image]:
    """What is drawn across the paper."""
    found = [token for token in slip.tokens(payload) if token[:2] == slip.PICTURE]
    return [
        Image.frombytes(
            "1", (8 * int.from_bytes(one[4:6], "little"), int.from_bytes(one[6:8], "little")), one[8:]
        ).point(lambda dot: 0 if dot else 255)
        for one in found
    ]


@pytest.mark.parametrize("name", SLIPS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_cuts_no_paper_and_opens_no_drawer(text: str, name: str) -> None:
    payload = escpos.render(hostile(SLIPS[name], text))
    commands = [token for token in slip.tokens(payload) if not slip.is_text(token)]
    assert [token for token in commands if token[:2] == slip.CUT] == commands[-1:]
    assert b"".join(slip.tokens(payload)) == payload, "nothing is left over that a printer would wait for"
    assert {token[:2] for token in commands} <= obeyed(escpos.render(SLIPS[name])) | DRAWN


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=120), st.sampled_from(sorted(SLIPS)))
def test_for_any_text_only_our_commands_are_sent(text: str, name: str) -> None:
    assert obeyed(escpos.render(hostile(SLIPS[name], text))) <= obeyed(escpos.render(SLIPS[name])) | DRAWN


@pytest.mark.parametrize("width_mm", [58, 80])
@pytest.mark.parametrize("name", SLIPS)
def test_nothing_runs_over_the_edge_of_the_paper(name: str, width_mm: int) -> None:
    payload = escpos.render(SLIPS[name], width_mm=width_mm, logo=Image.new("RGB", (2000, 500), "black"))
    assert all(len(line) <= roll.COLUMNS[width_mm] for line in slip.text_of(payload).splitlines())
    assert all(picture.width <= roll.DOTS[width_mm] for picture in pictures(payload))


def test_the_slip_says_what_is_in_the_carton() -> None:
    assert "TEE-M-BLU                           3 each" in slip.text_of(escpos.render(SLIP))


def test_a_count_sheet_cannot_tell_how_much_should_lie_there() -> None:
    sheet = SLIPS["count_sheet"]
    assert not {name for name in sheet.__struct_fields__ if "quantity" in name or "expected" in name}
    told = slip.text_of(escpos.render(sheet))
    assert told.count("How many ________") == 4
    assert "Only MUG" in told


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("packing_slip", "SO-100482"),
        ("load_manifest", "LOAD-T1-001"),
        ("pick_list", "DOC/SO-100482"),
        ("count_sheet", "LOC/A-01-02-3"),
        ("return_receipt", "DOC/RMA-7"),
    ],
)
@pytest.mark.parametrize("width_mm", [58, 80])
def test_its_code_is_read_by_a_scanner(name: str, code: str, width_mm: int) -> None:
    [symbol] = pictures(escpos.render(SLIPS[name], width_mm=width_mm))
    [read] = zxingcpp.read_barcodes(symbol.convert("L"))
    assert (read.text, read.format) == (code, zxingcpp.BarcodeFormat.QRCode)


def test_letters_are_set_in_the_code_page_that_has_them() -> None:
    payload = escpos.render(msgspec.structs.replace(SLIP, customer="Žofie Müller, 5 €", note="Łódź, Győr, Мир"))
    assert "Žofie Müller, 5 €" in slip.text_of(payload)
    assert "Łódź, Győr, Мир" in slip.text_of(payload)
    assert slip.CELL not in obeyed(payload)
    chosen = [token[2] for token in slip.tokens(payload) if token[:2] == slip.PAGE_CHOSEN]
    assert (set(chosen), chosen[-1]) == ({16, 17, 18}, 16)


def test_a_letter_no_code_page_has_is_drawn_in_its_own_place_and_the_rest_of_its_line_is_set() -> None:
    payload = escpos.render(msgspec.structs.replace(SLIP, customer="Tee Ω5 100 g"))
    [cell] = [token for token in slip.tokens(payload) if token[:2] == slip.CELL]
    assert "Tee 5 100 g\n" in slip.text_of(payload)
    drawn = Image.frombytes("1", (24, 12), cell[5:]).transpose(Image.Transpose.TRANSPOSE)
    wanted = bitmap.line_image("Ω", height=24, width=12)
    assert drawn.histogram()[255] == wanted.histogram()[0] > 20, "the very dots of the letter"
    assert int.from_bytes(cell[3:5], "little") == 12


def test_a_wide_letter_takes_two_places_and_lines_break_before_the_edge() -> None:
    assert roll.cells("北京 5") == 6
    assert roll.wrapped("北京" * 20, 32) == ["北京" * 8, "北京" * 8, "北京" * 4]
    paper = msgspec.structs.replace(SLIP, customer="北" * 30)
    cells = [token for token in slip.tokens(escpos.render(paper, width_mm=58)) if token[:2] == slip.CELL]
    assert [int.from_bytes(cell[3:5], "little") for cell in cells] == [24] * 30


@pytest.mark.parametrize("text", ["مرحبا", "हिन्दी", "שלום 5"])
def test_letters_that_join_or_run_from_the_right_are_drawn_as_a_line(text: str) -> None:
    plain = len(pictures(escpos.render(SLIP)))
    payload = escpos.render(msgspec.structs.replace(SLIP, customer=text))
    assert len(pictures(payload)) == plain + 1
    assert "?" not in slip.text_of(payload)


def test_a_copy_says_so_above_the_same_bytes() -> None:
    first = escpos.render(SLIP)
    again = escpos.marked_copy(first, 3)
    assert again.endswith(first)
    assert slip.text_of(again).startswith("*** COPY 3 ***\n")
    with pytest.raises(LabelRefused):
        escpos.marked_copy(b"anything", 2)


def test_opening_the_drawer_leaves_nothing_on_paper() -> None:
    payload = escpos.open_drawer()
    assert slip.DRAWER in obeyed(payload)
    assert not slip.is_on_paper(payload)
    with pytest.raises(LabelRefused):
        escpos.marked_copy(payload, 1)


def test_paper_we_do_not_know_and_endless_slips_are_refused() -> None:
    with pytest.raises(LabelRefused, match="58 or 80"):
        escpos.render(SLIP, width_mm=76)
    with pytest.raises(LabelRefused, match="400 lines"):
        escpos.render(endless())


def endless() -> PackingSlip:
    return msgspec.structs.replace(SLIP, lines=SLIP.lines * 201)
