"""The label printer prints what we said and obeys nothing else. A second renderer draws, a decoder reads back."""

from __future__ import annotations

import re

import pytest
import zplkit
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from zplkit import Options

from printers import code128, fonts, picture, zpl
from printers.examples import with_text
from printers.labels import (
    OWN_CHARACTERS,
    Command,
    CommandSheet,
    ItemLabel,
    LabelRefused,
    LocationLabel,
    LpnLabel,
    NotEncodable,
    ShippingLabel,
    SymbolTooWide,
    gs1_check_digit,
)
from tests.printers.renderers import scanned
from tests.printers.renderers import zplkit_draws as draws
from tests.printers.samples import HEIGHT_MM, HOSTILE, LABELS, SCANNED, SLIP


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", LABELS)
def test_hostile_text_is_printed_and_never_obeyed(name: str, text: str) -> None:
    height = HEIGHT_MM.get(name, 150)
    plain = zpl.render(LABELS[name], height_mm=height)
    payload = zpl.render(with_text(LABELS[name], text), height_mm=height)
    assert picture.skeleton(payload) == picture.skeleton(plain)
    assert payload.count(b"^XA") == payload.count(b"^XZ") == 1
    assert b"~" not in payload
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f\\]", payload)


def test_what_is_printed_reads_as_it_was_written() -> None:
    for text in ("A^XZ~HS", "_5E^", "Größe ½ £9", "<b>&amp;"):
        label = LpnLabel(lpn="LPN-1", item=text, name="Mug", quantity=1, unit="each")
        assert text in picture.texts(zpl.render(label))


@pytest.mark.parametrize("text", [r"one\&two", "Київ", "Ελλάδα", "a\ufffdb"])
def test_what_the_printers_font_lacks_is_drawn_as_dots(text: str) -> None:
    payload = zpl.render(LpnLabel(lpn="LPN-1", item=text, name="Mug", quantity=1, unit="each"))
    [image] = draws(payload)
    assert payload.count(b"^GFA,") == 1
    assert image.convert("L").crop((0, 130, 800, 240)).getextrema()[0] == 0


def test_a_long_unit_never_cuts_the_number() -> None:
    label = LpnLabel(lpn="LPN-1", item="MUG", name="Mug", quantity=1_234_567, unit="W" * 90)
    assert any(text.startswith("1234567 W") for text in picture.texts(zpl.render(label)))


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300), name=st.sampled_from(sorted(LABELS)))
def test_for_any_text_the_commands_are_the_same_and_it_is_one_label(text: str, name: str) -> None:
    plain, payload = zpl.render(LABELS[name], height_mm=150), zpl.render(with_text(LABELS[name], text), height_mm=150)
    assert picture.skeleton(payload) == picture.skeleton(plain)
    assert payload.count(b"^XZ") == 1
    for hit in re.finditer(rb"\^FO(\d+),\d+(?:\^FR)?\^A0N,(\d+),\d+\^FH_\^FD([^^]*)", payload):
        assert int(hit[1]) + fonts.width_of(picture.field_text(hit[3]), int(hit[2])) <= 800


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=sorted(OWN_CHARACTERS), min_size=1, max_size=14).filter(lambda text: text == text.strip()))
def test_any_own_barcode_is_as_wide_as_computed_and_reads_back(text: str) -> None:
    [image] = draws(zpl.render(LocationLabel(code="A", barcode=text), height_mm=50), height_mm=50)
    assert scanned(image) == [text]
    row = image.convert("L").crop((0, 300, image.width, 301)).tobytes()
    wide = row.rfind(b"\0") - row.find(b"\0") + 1
    assert wide % code128.modules(text) == 0


@settings(max_examples=40, deadline=None)
@given(
    lot=st.text(alphabet="ABCxyz019-_./!\"%&'()*+,:;<=>?", min_size=1, max_size=20),
    serial=st.text("019AZ", max_size=20),
)
def test_any_gs1_lot_and_serial_read_back_from_the_datamatrix(lot: str, serial: str) -> None:
    label = ItemLabel(item="X", name="X", barcode="09506000134352", lot=lot, serial=serial, symbol="gs1_datamatrix")
    payload = zpl.render(label, height_mm=60)
    [image] = draws(payload, height_mm=60)
    [found] = zxingcpp.read_barcodes(image)
    expected = f"010950600013435210{lot}" + (f"\x1d21{serial}" if serial else "")
    assert found.bytes.decode().rstrip("\x1d") == expected


def test_our_widths_are_those_of_the_printers_font() -> None:
    for text in ("WWWW", "iiii", "Harrison & Sons", "A-01-02-3", "8,50 % @ #4"):
        payload = f"^XA^CI28^PW1600^LL200^FO0,0^A0N,100,100^FD{text}^FS^XZ".encode()
        row = zplkit.render(payload, Options(profile="zd621", width=1600, height=200, dpi=203)).labels[0].rasterize()
        ink = max(bytes(row.pixels)[n * row.width : (n + 1) * row.width].rfind(b"\0") for n in range(row.height))
        assert abs(fonts.width_of(text, 100) - ink) <= 10  # strikes are rounded to whole dots per letter


def test_a_symbol_too_wide_is_refused_with_its_width() -> None:
    with pytest.raises(SymbolTooWide) as refused:
        zpl.render(LocationLabel(code="A-01-02-3-LEFT-OF-THE-PILLAR"), width_mm=50, height_mm=30)
    assert refused.value.width_mm > refused.value.available_mm == 50
    assert f"{refused.value.width_mm:.1f} mm" in refused.value.sentence


def test_a_logistic_label_keeps_the_sizes_of_gs1_or_is_refused() -> None:
    payload = zpl.render(LABELS["shipping"])
    [(module, high)] = re.findall(rb"\^BY(\d+),3,(\d+)\^BCN,\d+,N,N,N,N", payload)
    assert 0.495 <= int(module) * 25.4 / 203 <= 1.016
    assert int(high) / 8 >= 31.75
    with pytest.raises(SymbolTooWide):
        zpl.render(LABELS["shipping"], width_mm=80)
    with pytest.raises(LabelRefused, match="mm of height"):
        zpl.render(LABELS["shipping"], height_mm=60)


@pytest.mark.parametrize("code", ["", "lower", "A^B", "A>B", "Ä", "A\n", "A" * 61])
def test_a_barcode_we_do_not_print_is_refused(code: str) -> None:
    with pytest.raises(NotEncodable):
        zpl.render(ShippingLabel(carton=code, order="1", customer="x"))


@pytest.mark.parametrize("lot", ["a" * 21, "A\x1d21B", "Ä", "a b"])
def test_a_lot_gs1_does_not_allow_is_refused(lot: str) -> None:
    with pytest.raises(NotEncodable, match="lot"):
        zpl.render(ItemLabel(item="X", name="X", barcode="09506000134352", lot=lot, symbol="gs1_datamatrix"))
    with pytest.raises(NotEncodable, match="GTIN"):
        zpl.render(ItemLabel(item="X", name="X", barcode="09506000134353", symbol="gs1_datamatrix"))


def test_a_sheet_with_too_many_commands_is_refused() -> None:
    commands = tuple(Command(caption="x", barcode=f"C{n}") for n in range(15))
    with pytest.raises(LabelRefused, match="two sheets"):
        zpl.render(CommandSheet(title="All", commands=commands))


def test_a_slip_is_not_a_label() -> None:
    with pytest.raises(LabelRefused, match="receipt printer"):
        zpl.render(SLIP)


@pytest.mark.parametrize("name", LABELS)
def test_a_reprint_is_the_same_label_marked(name: str) -> None:
    height = HEIGHT_MM.get(name, 150)
    first = zpl.render(LABELS[name], height_mm=height)
    again = zpl.marked_copy(first, 2)
    assert again.startswith(first.removesuffix(b"^XZ\n"))
    assert picture.texts(again) == [*picture.texts(first), "COPY 2"]
    [image] = draws(again, height_mm=height)
    assert scanned(image) == sorted(SCANNED[name])


def test_only_our_own_label_is_marked() -> None:
    for payload in (b"^XA^FDx^FS^XZ", b"", zpl.render(LABELS["tote"])[:-1]):
        with pytest.raises(LabelRefused):
            zpl.marked_copy(payload, 2)


def test_check_digits_are_those_of_gs1() -> None:
    assert gs1_check_digit("0950600013435") == "2"
