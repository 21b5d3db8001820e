"""The sizes GS1 asks of a symbol, at every resolution and on every paper it is usual on: computed, nothing is rendered.

GS1 General Specifications, symbol specification tables: bars in general distribution are 0.495 to 1.016 mm wide (X), with
10 X white beside them; on a logistic unit 31.75 mm high. A GS1 DataMatrix has 1.5 times that X, and 1 X white on all four
sides. The hold label is a second sign on a plate that has its logistic label: of the height it keeps what its words leave.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from printers import code128, datamatrix, fonts, zpl
from printers.canvas import DOTS_PER_MM, LOGISTIC_BAR_MM, LOGISTIC_MODULE_MM
from printers.examples import with_text
from printers.picture import field_text
from printers.placeholders import pattern
from tests.printers.samples import HEIGHT_MM, LABELS

PAPERS = {"usual": (100, 0), "A6": (105, 148), "A5": (148, 210)}
MOST_MM = 1.016
SQUARE_TIMES = 1.5
SSCC_MODULES = 11 * (len(code128.sscc_codewords("340123450000000017")) - 1) + 13

FIELD = re.compile(rb"\^FO(\d+),(\d+)(?:\^FR)?(\^.*?)\^FS", re.DOTALL)
TEXT = re.compile(rb"\^A0N,(\d+),\d+\^FH_\^FD([^^]*)")
FRAME = re.compile(rb"\^GB(\d+),(\d+),")
BARS = re.compile(rb"\^BY(\d+),3,(\d+)\^BCN,\d+,N,N,N,N")
DOTS = re.compile(rb"\^GFA,(\d+),\d+,(\d+),([0-9A-F]+):")  # of bars wider than a printer's own command makes them
MATRIX = re.compile(rb"\^BXN,(\d+),200")

Box = tuple[int, int, int, int]  # left, top, right, bottom in dots


def measured(payload: bytes, label: Any) -> tuple[int, Box, Box, list[Box]]:
    """(X, the symbol, the same with its quiet zones, everything else with ink) in dots."""
    found, others = list[tuple[int, Box, Box]](), list[Box]()
    for left, top, drawn in FIELD.findall(payload):
        x, y = int(left), int(top)
        if text := TEXT.fullmatch(drawn):
            size = int(text[1])
            others.append((x, y, x + fonts.width_of(field_text(text[2]), size), y + size))
        elif frame := FRAME.match(drawn):
            others.append((x, y, x + int(frame[1]), y + int(frame[2])))
        elif matrix := MATRIX.match(drawn):
            one = int(matrix[1])
            side = one * datamatrix.side(len(datamatrix.gs1_codewords(pattern("{gs1}", type(label))(label))))
            box = (x, y, x + side, y + side)
            found.append((one, box, (x - one, y - one, x + side + one, y + side + one)))
        else:
            one, high = bars_of(drawn)
            box = (x, y, x + SSCC_MODULES * one, y + high)
            found.append((one, box, (box[0] - 10 * one, y, box[2] + 10 * one, box[3])))
    [(one, box, white)] = found
    return one, box, white, others


def bars_of(drawn: bytes) -> tuple[int, int]:
    if bars := BARS.match(drawn):
        return int(bars[1]), int(bars[2])
    dots = DOTS.match(drawn)
    assert dots is not None
    runs = re.findall("1+|0+", f"{int(dots[3], 16):b}".rstrip("0"))
    return min(len(run) for run in runs), int(dots[1]) // int(dots[2])


@pytest.mark.parametrize("dpi", DOTS_PER_MM)
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("name", ["shipping", "lpn", "hold", "item_gs1", "lot_gs1", "serial_gs1"])
def test_a_symbol_has_the_sizes_of_gs1(name: str, paper: str, dpi: int) -> None:
    width, height = PAPERS[paper]
    height = height or HEIGHT_MM[name]
    for label in (LABELS[name], with_text(LABELS[name], "W" * 300)):
        one, box, white, others = measured(zpl.render(label, dpi=dpi, width_mm=width, height_mm=height), label)
        times = SQUARE_TIMES if name.endswith("_gs1") else 1.0
        assert LOGISTIC_MODULE_MM * times <= one * 25.4 / dpi <= MOST_MM * times
        assert white[0] >= 0
        assert white[1] >= 0
        assert white[2] <= width * DOTS_PER_MM[dpi]
        assert white[3] <= height * DOTS_PER_MM[dpi]
        for ink in others:
            assert ink[0] >= white[2] or ink[2] <= white[0] or ink[1] >= white[3] or ink[3] <= white[1], ink
        if name in ("shipping", "lpn"):
            assert (box[3] - box[1]) * 25.4 / dpi >= LOGISTIC_BAR_MM
        if name == "shipping":  # the lowest thing on the label
            assert all(ink[3] <= box[1] for ink in others)
