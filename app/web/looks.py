"""What a screen decides before it is drawn: small pure functions from a Prompt or a Verdict to what the eye needs.

A worker compares two codes at arm's length, so the part that differs is marked; a location is read slot by slot, so its
slots are named; three keys fit side by side under a thumb, so the fourth waits behind "More".
"""

import re
from collections.abc import Sequence

import msgspec

from app.floor.prompt import CartonView, Key, Prompt, Row, Verdict

SLOT_NAMES = ("aisle", "bay", "level")
LONGEST_BIG_PLACE = 7.1  # digits that fit a 360 px screen at 72 px
LONGEST_PLACE = 10.6  # and at 48 px
CAPITAL, DASH = 1.1, 0.6  # digits wide
MOST_ROWS = 5  # with a second line each; no handheld page scrolls
MOST_SHORT_ROWS = 7
MOST_CHOICES = 8
PADDED = ("quantity", "measure", "date")  # asked with the number pad
TYPED = ("quantity", "date", "text")
_PARTS = re.compile(r"([^0-9A-Za-z]+)")

UNDO = Key(name="undo", label="Undo")


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    shown: tuple[Key, ...]
    rest: tuple[Key, ...]  # behind "More"


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    position: int  # 1-based; 0 when the tote is not on it
    cells: tuple[tuple[int, int, bool], ...]  # x, y, here
    width: int
    height: int
    cell: int


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    differs: bool = False


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal in the order it is read: what to do, then what else there is to know."""

    first: str
    more: str


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """The weight on its scale bar, 0–400 wide, the band of what is allowed from 100 to 300."""

    kg: str
    low: str
    high: str
    mark: int
    fits: bool
    word: str


def place_slots(place: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """(slot, its name)… where the place reads as aisle-bay-level, and the size class that fits the glass."""
    wide = sum(DASH if letter == "-" else CAPITAL if letter.isalpha() else 1.0 for letter in place)
    size = "" if wide <= LONGEST_BIG_PLACE else "mid" if wide <= LONGEST_PLACE else "small"
    parts = place.split("-")
    if len(parts) == len(SLOT_NAMES) and all(0 < len(part) <= 3 for part in parts):
        return tuple(zip(parts, SLOT_NAMES, strict=True)), size
    return (), size


def key_row(prompt: Prompt, *, most: int) -> KeyRow:
    """Undo always first; as many keys as fit, and what does not behind "More". A pad has room for a single word key."""
    keys = (UNDO, *prompt.keys) if prompt.can_undo else prompt.keys
    behind = prompt.choices[MOST_CHOICES:]
    if prompt.ask in PADDED and not prompt.choices:
        most = 1
    elif prompt.ask == "quantity":
        most = 1  # beside the key that opens the typing
    if len(keys) <= most and not behind:
        return KeyRow(shown=keys, rest=())
    return KeyRow(shown=keys[: most - 1], rest=(*keys[most - 1 :], *behind))


def cart(totes: Sequence[str], tote: str) -> Cart:
    """The cart's totes in two rows as they stand, the one that is meant filled."""
    columns = max(1, (len(totes) + 1) // 2 if len(totes) > 2 else len(totes))
    cell = min(28, (96 - 4 * (columns - 1)) // columns - 2)
    pitch = cell + 4
    cells = tuple(
        (2 + (at % columns) * pitch, 2 + (at // columns) * pitch, name == tote) for at, name in enumerate(totes)
    )
    lines = -(-len(totes) // columns)
    position = totes.index(tote) + 1 if tote in totes else 0
    return Cart(position=position, cells=cells, width=columns * pitch, height=lines * pitch, cell=cell)


def lines_of(rows: Sequence[Row], *, less: int = 0) -> tuple[tuple[Row, ...], int]:
    """The rows that fit, and how many more there are; `less` so many, where a verdict or a hint stands above them."""
    most = (MOST_ROWS if any(row.detail for row in rows) else MOST_SHORT_ROWS) - less
    return (tuple(rows), 0) if len(rows) <= most else (tuple(rows[: most - 1]), len(rows) - most + 1)


def reasons(why: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(icon, words): a tick for a reason, a cross for what spoke against, an arrow for what follows."""
    icons = {"✕ ": "cross", "→ ": "move", "✓ ": "check", "# ": "count"}
    return tuple((icons.get(line[:2], "check"), line[2:] if line[:2] in icons else line) for line in why)


def sentences(verdict: Verdict) -> Words:
    """What to do is read first. What was expected and scanned is on the glass already, so it is not said again."""
    todo, _, rest = verdict.todo.partition(". ")
    first = f"{todo}." if rest else todo
    said = verdict.expected and verdict.scanned and verdict.sentence.startswith("Expected ")
    more = rest if said or not (verdict.expected and verdict.scanned) else f"{verdict.sentence} {rest}".strip()
    return Words(first=first, more=more)


def marked(expected: str, scanned: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both codes in pieces, the differing ones marked: slot by slot where they are built alike, else the differing middle."""
    if not expected or not scanned:
        return (Piece(text=expected),), (Piece(text=scanned),)
    left, right = _PARTS.split(expected), _PARTS.split(scanned)
    if len(left) == len(right) and len(left) > 1:
        pairs = list(zip(left, right, strict=True))
        if all(one != other for one, other in pairs[::2]):  # nothing in common: marking all of it would say nothing
            return (Piece(text=expected),), (Piece(text=scanned),)
        return (
            tuple(Piece(text=one, differs=one != other) for one, other in pairs if one),
            tuple(Piece(text=other, differs=one != other) for one, other in pairs if other),
        )
    head = _alike(expected, scanned)
    tail = _alike(expected[head:][::-1], scanned[head:][::-1])
    if head + tail < 2:
        return (Piece(text=expected),), (Piece(text=scanned),)
    return _cut(expected, head, tail), _cut(scanned, head, tail)


def _alike(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _cut(code: str, head: int, tail: int) -> tuple[Piece, ...]:
    end = len(code) - tail
    pieces = (Piece(text=code[:head]), Piece(text=code[head:end], differs=True), Piece(text=code[end:]))
    return tuple(piece for piece in pieces if piece.text)


def tolerance(carton: CartonView) -> Tolerance | None:
    """Where the weight stands in what is allowed; None before there is anything to compare with."""
    if carton.high_g <= 0:
        return None
    width = max(1, carton.high_g - carton.low_g)
    mark = round(100 + 200 * (carton.weight_g - carton.low_g) / width)
    fits = carton.low_g <= carton.weight_g <= carton.high_g
    return Tolerance(
        kg="" if carton.weight_g < 0 else f"{carton.weight_g / 1000:.3f}",
        low=f"{carton.low_g / 1000:.3f}",
        high=f"{carton.high_g / 1000:.3f}",
        mark=min(397, max(3, mark)),
        fits=fits,
        word="As expected" if fits else "Too light" if carton.weight_g < carton.low_g else "Too heavy",
    )
