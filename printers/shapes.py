"""The shapes of a label as SVG: letters, frames, ellipses and strokes, each in a box of whole dots.

Black on white paper, as a label printer has it: `white` takes ink away again. What stands on a label may be hostile, so the
only text that gets in is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from printers import code128
from printers.fonts import CAP_HEIGHT

FONT = "'Liberation Sans Narrow','Arial Narrow','Roboto Condensed','Helvetica Neue',Arial,sans-serif"

At = tuple[int, int, int, int]  # left, top, width, height


def lettering(text: str, at: At, *, turned: str = "N", by_foot: bool = False, white: bool = False) -> str:
    """`at` is left, top (or the line it stands on), height, width; turned right, over or up in its own box."""
    x, y, size, wide = at
    place = f'x="{x}" y="{y + (0 if by_foot else size * CAP_HEIGHT):.1f}"'
    if turned != "N":
        moves = {
            "R": f"translate({x + size} {y}) rotate(90)",
            "I": f"translate({x + wide} {y + size}) rotate(180)",
            "B": f"translate({x} {y + wide}) rotate(270)",
        }
        place = f'x="0" y="{size * CAP_HEIGHT:.1f}" transform="{moves[turned]}"'
    return (
        f'<text {place} font-size="{size * 1.04:.1f}" font-family="{FONT}" font-weight="700" fill="{_ink(white)}" '
        f'textLength="{wide}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(text)}</text>'
    )


def frame(at: At, line: int, *, corner: int = 0, white: bool = False) -> str:
    """Filled where the line leaves nothing of its inside."""
    x, y, w, h = at
    rounded = f' rx="{corner}"' if corner else ""
    if 2 * line >= min(w, h):
        return f'<rect x="{x}" y="{y}" width="{w}" height="{h}"{rounded} fill="{_ink(white)}"/>'
    half = line / 2
    return (
        f'<rect x="{x + half}" y="{y + half}" width="{w - line}" height="{h - line}"{rounded} '
        f'fill="none" stroke="{_ink(white)}" stroke-width="{line}"/>'
    )


def ellipse(at: At, line: int, *, white: bool = False) -> str:
    x, y, w, h = at
    middle = f'cx="{x + w / 2}" cy="{y + h / 2}"'
    if 2 * line >= min(w, h):
        return f'<ellipse {middle} rx="{w / 2}" ry="{h / 2}" fill="{_ink(white)}"/>'
    return (
        f'<ellipse {middle} rx="{(w - line) / 2}" ry="{(h - line) / 2}" '
        f'fill="none" stroke="{_ink(white)}" stroke-width="{line}"/>'
    )


def stroke(at: At, line: int, *, falling: bool = False, white: bool = False) -> str:
    """From corner to corner, `line` dots wide measured across; `falling` to the right."""
    x, y, w, h = at
    start, end = (y, y + h) if falling else (y + h, y)
    return f'<path d="M{x} {start}h{line}L{x + w + line} {end}h-{line}z" fill="{_ink(white)}"/>'


def bars(codewords: list[int], x: int, y: int, module: int, tall: int) -> str:
    drawn = "".join(f"M{x + at * module} {y}h{w * module}v{tall}h-{w * module}z" for at, w in code128.bars(codewords))
    return f'<path d="{drawn}"/>'


def runs(row: Iterable[bool]) -> list[tuple[int, int]]:
    """(start, end) of each black run."""
    found, start = list[tuple[int, int]](), -1
    for n, black in enumerate((*row, False)):
        if black and start < 0:
            start = n
        elif not black and start >= 0:
            found.append((start, n))
            start = -1
    return found


def _ink(white: bool) -> str:
    return "#fff" if white else "#000"
