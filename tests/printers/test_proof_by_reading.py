"""Proof by reading: every label, drawn by two renderers that know nothing of each other, scans as what it says.

Ordinary words and hostile ones, 203, 300 and 600 dpi, the house's paper and GS1's A6 and A5. That it is
white round a symbol is seen on the picture; what GS1 asks at each resolution is computed in `test_gs1_sizes.py`.
"""

from __future__ import annotations

import re

import pytest
from PIL import Image

from printers import code128, datamatrix, templates, zpl
from printers.canvas import DOTS_PER_MM
from printers.examples import HOSTILE, LOW, with_text
from printers.labels import LpnLabel, SymbolTooWide
from printers.placeholders import pattern
from tests.printers.renderers import BOTH, scanned, zplkit_draws
from tests.printers.samples import HEIGHT_MM, LABELS, SCANNED

PAPERS = {"A6": (105, 148), "A5": (148, 210)}
BARS = re.compile(rb"\^FO(\d+),(\d+)\^BY(\d+),3,(\d+)\^BCN,\d+,N,N,N,([AN])\^FH_\^FD([^^]*)")
SQUARE = re.compile(rb"\^FO(\d+),(\d+)\^BXN,(\d+),200")


def read_back(name: str, text: str, *, dpi: int, renderer: str) -> None:
    height = HEIGHT_MM.get(name, 150)
    label = with_text(LABELS[name], text) if text else LABELS[name]
    drawn = BOTH[renderer](zpl.render(label, dpi=dpi, height_mm=height), dpi=dpi, height_mm=height)
    assert len(drawn) == 1
    assert scanned(drawn[0]) == sorted(SCANNED[name])


def test_every_template_has_a_sample() -> None:
    assert {templates.name_of(label) for label in LABELS.values()} == set(templates.BUILT_IN)


@pytest.mark.parametrize("text", ["", HOSTILE], ids=["ordinary", "hostile"])
@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("renderer", BOTH)
def test_each_label_is_one_label_and_scans_as_what_it_says(renderer: str, name: str, text: str) -> None:
    read_back(name, text, dpi=203, renderer=renderer)


@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("name", LABELS)
def test_and_so_on_finer_printers(name: str, dpi: int) -> None:
    """One renderer, the small labels by both; the long form asks everything of both."""
    read_back(name, HOSTILE if len(name) % 2 else "", dpi=dpi, renderer="zplkit")
    if dpi == 300 and name in LOW:
        read_back(name, HOSTILE, dpi=dpi, renderer="zebrash")


@pytest.mark.faults
@pytest.mark.parametrize("dpi", [300, 600])
@pytest.mark.parametrize("text", ["", HOSTILE], ids=["ordinary", "hostile"])
@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("renderer", BOTH)
def test_and_with_every_text(renderer: str, name: str, text: str, dpi: int) -> None:
    read_back(name, text, dpi=dpi, renderer=renderer)


@pytest.mark.parametrize("dpi", [203, 600])
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", ["shipping", "lpn"])
def test_a_logistic_label_is_scanned_on_a6_and_a5(name: str, paper: str, dpi: int) -> None:
    width, height = PAPERS[paper]
    payload = zpl.render(LABELS[name], dpi=dpi, width_mm=width, height_mm=height)
    for draw in BOTH.values() if dpi == 203 else [zplkit_draws]:
        [image] = draw(payload, dpi=dpi, width_mm=width, height_mm=height)
        assert scanned(image) == SCANNED[name]


@pytest.mark.parametrize("name", LABELS)
def test_round_every_symbol_it_is_white(name: str) -> None:
    height = HEIGHT_MM.get(name, 150)
    label = with_text(LABELS[name], "W" * 300)
    payload = zpl.render(label, height_mm=height)
    [image] = zplkit_draws(payload, height_mm=height)
    for left, top, module, high, mode, text in BARS.findall(payload):
        said = text.decode()
        found = code128.sscc_codewords(said.removeprefix(">;>800")) if mode == b"N" else code128.codewords(said)
        wide = (11 * (len(found) - 1) + 13) * int(module)
        quiet = code128.QUIET_MODULES * int(module)
        x, y = int(left), int(top)
        assert x >= quiet
        assert x + wide + quiet <= image.width
        for edge in (x - quiet, x + wide):
            assert is_white(image.crop((edge, y, edge + quiet, y + int(high))))
    for left, top, module in SQUARE.findall(payload):
        x, y, one = int(left), int(top), int(module)
        side = one * datamatrix.side(len(datamatrix.gs1_codewords(str(pattern("{gs1}", type(label))(label)))))
        for at in ((x - one, y, x, y + side), (x + side, y, x + side + one, y + side), (x, y - one, x + side, y)):
            assert is_white(image.crop(at))
        assert is_white(image.crop((x, y + side, x + side, y + side + one)))


def test_a_symbol_that_does_not_fit_is_refused_with_its_width() -> None:
    for dpi in DOTS_PER_MM:
        with pytest.raises(SymbolTooWide) as refused:
            zpl.render(LABELS["shipping"], dpi=dpi, width_mm=80, height_mm=150)
        assert f"{refused.value.width_mm:.1f} mm wide" in refused.value.sentence
        label = LpnLabel(lpn="A" * 40, item="MUG", name="Mug", quantity=1, unit="each")
        with pytest.raises(SymbolTooWide):
            zpl.render(label, dpi=dpi, width_mm=50, height_mm=50)


def is_white(image: Image.Image) -> bool:
    return black(image) == (0, 0, 0, 0)


def black(image: Image.Image) -> tuple[int, int, int, int]:
    """The box of what is printed."""
    return image.convert("L").point(lambda grey: 255 if grey < 128 else 0).getbbox() or (0, 0, 0, 0)
