"""GS1 DataMatrix (ECC 200, ISO/IEC 16022) as a grid of modules: how large the symbol is, and what is drawn.

The printer makes its own symbol from `^BX`; ours is the check that it fits and the picture on the virtual printer.
Only the ASCII encoding (digits in pairs) and square symbols up to 48 × 48 are here: a GTIN, an expiry date, a lot and a
serial of 20 characters each fill 32 × 32 at most.
"""

from __future__ import annotations

from functools import lru_cache

from printers.labels import NotEncodable

FNC1 = 232
# Side in modules: (regions per side, data codewords, error codewords). Symbols of one Reed-Solomon block.
SIZES = {
    10: (1, 3, 5),
    12: (1, 5, 7),
    14: (1, 8, 10),
    16: (1, 12, 12),
    18: (1, 18, 14),
    20: (1, 22, 18),
    22: (1, 30, 20),
    24: (1, 36, 24),
    26: (1, 44, 28),
    32: (2, 62, 36),
    36: (2, 86, 42),
    40: (2, 114, 48),
    44: (2, 144, 56),
    48: (2, 174, 68),
}

Grid = list[list[bool]]


def gs1_codewords(elements: str) -> list[int]:
    """Element string with <GS> (0x1D) between variable-length elements; the leading FNC1 is added."""
    found, at = [FNC1], 0
    while at < len(elements):
        two = elements[at : at + 2]
        if len(two) == 2 and two.isdigit():
            found.append(130 + int(two))
            at += 2
            continue
        found.append(FNC1 if elements[at] == "\x1d" else ord(elements[at]) + 1)
        at += 1
    return found


def side(codewords: int) -> int:
    """Modules along one side of the smallest square symbol."""
    for modules, (_, capacity, _) in SIZES.items():
        if codewords <= capacity:
            return modules
    raise NotEncodable(f"{codewords} codewords do not fit a DataMatrix of 48 × 48; shorten lot or serial.")


@lru_cache(maxsize=256)
def grid(elements: str) -> tuple[tuple[bool, ...], ...]:
    """True where a module is black; finder pattern included, quiet zone not."""
    message = gs1_codewords(elements)
    modules = side(len(message))
    regions, capacity, check = SIZES[modules]
    padded = _pad(message, capacity)
    inner = modules - 2 * regions
    placed = _place(padded + _reed_solomon(padded, check), inner)
    region = inner // regions
    whole: Grid = [[False] * modules for _ in range(modules)]
    for row in range(modules):
        for column in range(modules):
            y, x = row % (region + 2), column % (region + 2)
            if x == 0 or y == region + 1:
                black = True
            elif y == 0:
                black = x % 2 == 0
            elif x == region + 1:
                black = y % 2 == 1
            else:
                black = placed[row // (region + 2) * region + y - 1][column // (region + 2) * region + x - 1]
            whole[row][column] = black
    return tuple(tuple(line) for line in whole)


def _pad(message: list[int], capacity: int) -> list[int]:
    """129 first, then the 253-state algorithm, so that padding has no pattern of its own."""
    padded = list(message)
    if len(padded) < capacity:
        padded.append(129)
    while len(padded) < capacity:
        value = 129 + (149 * (len(padded) + 1)) % 253 + 1
        padded.append(value if value <= 254 else value - 254)
    return padded


def _reed_solomon(message: list[int], check: int) -> list[int]:
    """Over GF(256) with x^8 + x^5 + x^3 + x^2 + 1."""
    power, log = [1] * 255, [0] * 256
    for n in range(1, 255):
        power[n] = power[n - 1] << 1 ^ (0x12D if power[n - 1] & 0x80 else 0)
        log[power[n]] = n

    def times(a: int, b: int) -> int:
        return power[(log[a] + log[b]) % 255] if a and b else 0

    generator = [1]
    for n in range(1, check + 1):
        longer = [*generator, 0]
        for m, factor in enumerate(generator):
            longer[m + 1] ^= times(factor, power[n])
        generator = longer
    rest = [0] * check
    for codeword in message:
        lead = codeword ^ rest[0]
        rest = [*rest[1:], 0]
        for m in range(check):
            rest[m] ^= times(generator[m + 1], lead)
    return rest


def _place(codewords: list[int], size: int) -> Grid:
    """Annex F of the standard: codewords in diagonal sweeps, each an L of eight modules, with four special corners."""
    cells: list[list[bool | None]] = [[None] * size for _ in range(size)]
    left = iter(codewords)

    def module(row: int, column: int, codeword: int, bit: int) -> None:
        if row < 0:
            row, column = row + size, column + 4 - (size + 4) % 8
        if column < 0:
            row, column = row + 4 - (size + 4) % 8, column + size
        cells[row][column] = bool(codeword >> (8 - bit) & 1)

    def shape(*places: tuple[int, int]) -> None:
        codeword = next(left)
        for bit, (row, column) in enumerate(places, 1):
            module(row, column, codeword, bit)

    def utah(r: int, c: int) -> None:
        shape(
            (r - 2, c - 2), (r - 2, c - 1), (r - 1, c - 2), (r - 1, c - 1), (r - 1, c), (r, c - 2), (r, c - 1), (r, c)
        )

    n, row, column = size, 4, 0
    while row < n or column < n:
        if row == n and column == 0:
            shape((n - 1, 0), (n - 1, 1), (n - 1, 2), (0, n - 2), (0, n - 1), (1, n - 1), (2, n - 1), (3, n - 1))
        if row == n - 2 and column == 0 and n % 4:
            shape((n - 3, 0), (n - 2, 0), (n - 1, 0), (0, n - 4), (0, n - 3), (0, n - 2), (0, n - 1), (1, n - 1))
        if row == n - 2 and column == 0 and n % 8 == 4:
            shape((n - 3, 0), (n - 2, 0), (n - 1, 0), (0, n - 2), (0, n - 1), (1, n - 1), (2, n - 1), (3, n - 1))
        if row == n + 4 and column == 2 and not n % 8:
            shape((n - 1, 0), (n - 1, n - 1), (0, n - 3), (0, n - 2), (0, n - 1), (1, n - 3), (1, n - 2), (1, n - 1))
        while row >= 0 and column < n:
            if row < n and column >= 0 and cells[row][column] is None:
                utah(row, column)
            row, column = row - 2, column + 2
        row, column = row + 1, column + 3
        while row < n and column >= 0:
            if row >= 0 and column < n and cells[row][column] is None:
                utah(row, column)
            row, column = row + 2, column - 2
        row, column = row + 3, column + 1
    if cells[n - 1][n - 1] is None:
        cells[n - 1][n - 1] = cells[n - 2][n - 2] = True
    return [[bool(cell) for cell in line] for line in cells]
