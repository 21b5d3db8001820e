"""One label being drawn: millimetres in, ZPL commands out. The only place of the house where a field is written.

Every text goes through `escaped`, so an item named `A^XZ~HS` is printed, never obeyed; our lines are broken and cut
here, so `^FB` and its `\\&` are not needed. A box of n lines always writes n fields, empty ones too: the commands of a
template are the same whatever the texts say (a line the printer's font lacks becomes one `^GF` in place of the text).
Barcodes are measured in whole dots before they are written, and a symbol that does not fit is refused.
"""

from __future__ import annotations

from math import ceil
from typing import Literal

from printers import bitmap, code128, datamatrix, fonts
from printers.labels import LabelRefused, SymbolTooWide, is_sscc, readable

DOTS_PER_MM = {203: 8, 300: 12, 600: 24}
SMALLEST_MODULE_MM = 0.25  # what a handheld laser reads at arm's length
LOGISTIC_MODULE_MM = 0.495  # GS1 General Specifications: SSCC, X-dimension 0.495 to 1.016 mm
LOGISTIC_BAR_MM = 31.75
WIDEST_MODULE_MM = 0.75
WIDEST_MODULE = 10  # dots: the most `^BY` takes; at 600 dpi GS1 wants 12 of an SSCC, which is drawn as dots
MOST_DOTS = 24  # of a module, at any resolution
FOOT_MM = 4.5  # left free at the bottom for the mark of a reprint

Align = Literal["left", "centre", "right"]

_ESCAPES = {ord(c): f"_{ord(c):02X}" for c in "^~_\\"} | {n: f"_{n:02X}" for n in (*range(0x20), 0x7F)}


def escaped(text: str) -> str:
    """Field data under `^FH_`: nothing in it can start a command or an escape, however it is spelt."""
    return text.translate(_ESCAPES)


class Canvas:
    """Paper `width_mm` by `height_mm`; `x`, `y`, `w`, `h` below are millimetres from the top left corner."""

    def __init__(self, *, dpi: int, width_mm: int, height_mm: int) -> None:
        if dpi not in DOTS_PER_MM:
            raise LabelRefused(f"A label printer has 203, 300 or 600 dpi, not {dpi}.")
        if not (20 <= width_mm <= 220 and 15 <= height_mm <= 990):
            raise LabelRefused(f"A label of {width_mm} × {height_mm} mm cannot be laid out.")
        self.dpi, self.dots = dpi, DOTS_PER_MM[dpi]
        self.width, self.height = float(width_mm), float(height_mm)
        self.margin = 4.0 if width_mm >= 70 else 2.0
        self.inner = self.width - 2 * self.margin
        self.commands = [f"^XA^CI28^PW{width_mm * self.dots}^LL{height_mm * self.dots}^LH0,0"]

    def finished(self) -> bytes:
        return ("".join(self.commands) + "^XZ\n").encode()

    def text(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        text: str,
        *,
        lines: int = 1,
        align: Align = "left",
        white: bool = False,
    ) -> None:
        """Text in a box: as large as `lines` lines of it allow, shrunk, broken and at last cut to fit."""
        dots = self.dots
        pitch = int(h * dots / lines)
        largest = max(8, pitch * 9 // 10)
        width = max(dots, int(w * dots))
        size, broken = fonts.fit(text, width=width, height=largest, lines=lines)
        left, top = int(x * dots), int(y * dots) + max(0, (pitch - size * 4 // 5) // 2)  # capitals stand in the middle
        reverse = "^FR" if white else ""
        for n, line in enumerate(broken):
            at = left
            if align != "left":
                spare = max(0, width - fonts.width_of(line, size))
                at += spare if align == "right" else spare // 2
            if fonts.in_font(line):
                drawn = f"^A0N,{size},{size}^FH_^FD{escaped(line)}"
            else:
                drawn = bitmap.graphic_field(bitmap.line_image(line, height=size, width=width))
            self.commands.append(f"^FO{at},{top + n * pitch}{reverse}{drawn}^FS")

    def captioned(self, x: float, y: float, w: float, h: float, caption: str, text: str, *, lines: int = 1) -> None:
        """A small word over a large one; no caption where there is nothing to say."""
        small = min(h * 0.28, 4.0)
        self.text(x, y, w, small, caption if text else "")
        self.text(x, y + small, w, h - small, text, lines=lines)

    def box(self, x: float, y: float, w: float, h: float, *, line: float | None = None) -> None:
        """A frame `line` thick, or a black bar without it."""
        width, height = max(1, int(w * self.dots)), max(1, int(h * self.dots))
        thick = min(width, height) if line is None else max(1, int(line * self.dots))
        self.commands.append(f"^FO{int(x * self.dots)},{int(y * self.dots)}^GB{width},{height},{thick}^FS")

    def rule(self, y: float) -> None:
        self.box(self.margin, y, self.inner, 0.4)

    def code128(self, x: float, y: float, w: float, h: float, text: str, *, align: Align = "centre") -> None:
        """Plain Code 128, mode A, without its text: the readable line is a field of its own."""
        modules = code128.modules(code128.check_own(text))
        at, module = self._fitted(modules, x, w, text, SMALLEST_MODULE_MM, align, most=WIDEST_MODULE)
        self._bars(at, y, module, h, "A", text)

    def sscc(self, x: float, y: float, w: float, h: float, sscc: str, *, logistic: bool) -> None:
        """GS1-128 of an SSCC, mode N, start C, FNC1 first. `logistic` keeps GS1's sizes or refuses."""
        modules = 11 * (len(code128.sscc_codewords(sscc)) - 1) + 13
        least = LOGISTIC_MODULE_MM if logistic else SMALLEST_MODULE_MM
        at, module = self._fitted(modules, x, w, sscc, least, "centre")
        high = max(h, LOGISTIC_BAR_MM) if logistic else h
        if module <= WIDEST_MODULE:
            self._bars(at, y, module, high, "N", f">;>800{sscc}")
        else:
            drawn = bitmap.bars_field(code128.sscc_codewords(sscc), module, ceil(high * self.dots))
            self.commands.append(f"^FO{at},{int(y * self.dots)}{drawn}^FS")

    def plate(self, x: float, y: float, w: float, h: float, code: str) -> None:
        """A licence plate's barcode and, below it, the same to read: GS1-128 for an SSCC, else our own Code 128."""
        text_h = min(max(h * 0.14, 3.2), 6.0)
        bars, sscc = h - text_h - 0.5, is_sscc(code)
        if sscc:
            self.sscc(x, y, w, bars, code, logistic=False)
        else:
            self.code128(x, y, w, bars, code)
        self.text(x, y + bars + 0.5, w, text_h, readable(code), align="centre")

    def logistic(self, x: float, y: float, w: float, h: float, carton: str) -> None:
        """What a carton is scanned by; GS1's sizes hold for an SSCC."""
        if is_sscc(carton):
            self.sscc(x, y, w, h, carton, logistic=True)
        else:
            self.code128(x, y, w, h, carton)

    def graphic(self, x: float, y: float, drawn: str) -> None:
        """A stored picture, as one graphic command; none where there is no such picture."""
        if drawn:
            self.commands.append(f"^FO{int(x * self.dots)},{int(y * self.dots)}{drawn}^FS")

    def gs1_datamatrix(self, x: float, y: float, size: float, elements: str) -> None:
        """A square symbol and its white within `size`; `elements` has <GS> where one of variable length ends."""
        side = datamatrix.side(len(datamatrix.gs1_codewords(elements)))
        module = min(int(size * self.dots) // (side + 2), self.dots)
        if module < max(2, self.dots // 4):
            wide = (side + 2) * max(2, self.dots // 4) / self.dots
            raise SymbolTooWide(elements.replace("\x1d", " "), width_mm=wide, available_mm=size)
        mark = next(c for c in "#@|$" if c not in elements)
        message = f"{mark}1" + elements.replace("\x1d", f"{mark}1")
        place = f"^FO{int(x * self.dots) + module},{int(y * self.dots) + module}"  # one module of white is ours
        self.commands.append(f"{place}^BXN,{module},200,,,,{mark},1^FH_^FD{escaped(message)}^FS")

    def _fitted(
        self, modules: int, x: float, w: float, text: str, least_mm: float, align: Align, *, most: int = MOST_DOTS
    ) -> tuple[int, int]:
        """(left edge, module) in dots: the widest whole-dot module whose symbol and quiet zones fit."""
        # The true density: 203 dpi is 7.99 dots per mm, and GS1 measures the paper.
        dots_per_mm = self.dpi / 25.4
        available, whole = int(w * self.dots), modules + 2 * code128.QUIET_MODULES
        least = ceil(round(least_mm * dots_per_mm, 1))
        module = min(int(WIDEST_MODULE_MM * self.dots), available // whole, most)
        if module < least:
            raise SymbolTooWide(text, width_mm=whole * least / self.dots, available_mm=w)
        spare = available - whole * module
        shift = {"left": 0, "centre": spare // 2, "right": spare}[align]
        return int(x * self.dots) + shift + code128.QUIET_MODULES * module, module

    def _bars(self, at: int, y: float, module: int, h: float, mode: str, field: str) -> None:
        high = ceil(h * self.dots)
        self.commands.append(
            f"^FO{at},{int(y * self.dots)}^BY{module},3,{high}^BCN,{high},N,N,N,{mode}^FH_^FD{escaped(field)}^FS"
        )
