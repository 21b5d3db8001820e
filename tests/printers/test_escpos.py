"""A slip is cut once, at its end, whatever the texts say."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printers import escpos, slip
from printers.labels import LabelRefused, PackingSlip, SlipLine
from tests.printers.samples import HOSTILE, SLIP


def hostile(text: str) -> PackingSlip:
    line = SlipLine(item=text, name=text, quantity=1, unit=text, lot=text)
    return msgspec.structs.replace(
        SLIP, order=text, customer=text, carton=text, address=(text,), sender=text, note=text, lines=(line, line)
    )


def obeyed(payload: bytes) -> set[bytes]:
    return {token[:2] for token in slip.tokens(payload) if token[0] in b"\x1b\x1d\x10"}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_cuts_no_paper_and_opens_no_drawer(text: str) -> None:
    commands = [token for token in slip.tokens(escpos.render(hostile(text))) if token[0] in b"\x1b\x1d\x10"]
    assert [token for token in commands if token[:2] == slip.CUT] == commands[-1:]
    assert {token[:2] for token in commands} <= obeyed(escpos.render(SLIP)) | {b"\x1dv"}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
def test_for_any_text_only_our_commands_are_sent(text: str) -> None:
    assert obeyed(escpos.render(hostile(text))) <= obeyed(escpos.render(SLIP)) | {b"\x1dv"}


def test_the_slip_says_what_is_in_the_carton() -> None:
    assert "TEE-M-BLU                           3 each" in slip.text_of(escpos.render(SLIP))
    assert all(len(line) <= 32 for line in slip.text_of(escpos.render(SLIP, width_mm=58)).splitlines())


def test_a_line_outside_the_code_page_is_drawn_not_guessed() -> None:
    payload = escpos.render(msgspec.structs.replace(SLIP, customer="Київ"))
    assert any(token[:3] == b"\x1dv0" for token in slip.tokens(payload))
    assert "?" not in slip.text_of(payload)
    assert "Žofie Müller, 5 €" in slip.text_of(
        escpos.render(msgspec.structs.replace(SLIP, customer="Žofie Müller, 5 €"))
    )


def test_a_logo_is_made_to_fit() -> None:
    payload = escpos.render(SLIP, width_mm=58, logo=Image.new("RGB", (2000, 500), "black"))
    image = next(token for token in slip.tokens(payload) if token[:2] == b"\x1dv")
    assert image[4] * 8 <= 384


def test_a_copy_says_so_above_the_same_bytes() -> None:
    first = escpos.render(SLIP)
    again = escpos.marked_copy(first, 3)
    assert again.endswith(first)
    assert slip.text_of(again).startswith("*** COPY 3 ***\n")
    with pytest.raises(LabelRefused):
        escpos.marked_copy(b"anything", 2)


def test_paper_we_do_not_know_and_endless_slips_are_refused() -> None:
    with pytest.raises(LabelRefused, match="58 or 80"):
        escpos.render(SLIP, width_mm=76)
    with pytest.raises(LabelRefused, match="400 lines"):
        escpos.render(msgspec.structs.replace(SLIP, lines=SLIP.lines * 201))
