"""Code 128 and GS1-128 in bars: how wide a symbol is before it is sent, and what the virtual printer draws.

`codewords` follows the same automatic choice of subsets that label printers make in mode A (digits in pairs where that
is shorter), so the width we check is the width that is printed; a test compares it with a second renderer.
A symbol is modules: 11 for each codeword, 13 for the stop, and 10 of white at either side that belong to it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from printers.labels import OWN_CHARACTERS, NotEncodable

QUIET_MODULES = 10
MAX_BARCODE_CHARACTERS = 60
GS = "\x1d"
START_B, START_C, TO_B, TO_C, FNC1, STOP = 104, 105, 100, 99, 102, 106

# ISO/IEC 15417: bar, space, bar … widths of codewords 0 to 106.
_PATTERNS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
)
PATTERNS = _PATTERNS.split()


def check_own(text: str) -> str:
    """The text, if our own barcodes may carry it; else NotEncodable with the reason."""
    if not text:
        raise NotEncodable("This label has no barcode text.")
    if len(text) > MAX_BARCODE_CHARACTERS:
        raise NotEncodable(
            f"The barcode {text[:20]!r}… has {len(text)} characters; at most {MAX_BARCODE_CHARACTERS} are printed."
        )
    wrong = next((c for c in text if c not in OWN_CHARACTERS), None)
    if wrong is not None:
        raise NotEncodable(f"The barcode {text!r} has {wrong!r} in it; use digits, capitals and - . / + % $ or space.")
    return text


@lru_cache(maxsize=4096)
def modules(text: str) -> int:
    """Width of a plain Code 128 of `text`, in modules, without quiet zones."""
    return 11 * (len(codewords(text)) - 1) + 13


def sscc_codewords(sscc: str) -> list[int]:
    """GS1-128 of application identifier 00: Start C, FNC1, then digits in pairs."""
    digits = "00" + sscc
    return closed([START_C, FNC1, *(int(digits[n : n + 2]) for n in range(0, len(digits), 2))])


def gs1_codewords(elements: str) -> list[int]:
    """GS1-128 of an element string, <GS> (0x1D) between its variable-length elements; the leading FNC1 is added."""
    return codewords(GS + elements)


def codewords(text: str) -> list[int]:
    """Plain Code 128 in subsets B and C, start to stop; <GS> becomes FNC1."""
    at, subset_c = 0, _digits(text, 0) >= 4
    found = [START_C if subset_c else START_B]
    while at < len(text):
        if text[at] == GS:
            found.append(FNC1)
            at += 1
            continue
        run = _digits(text, at)
        if subset_c:
            if run >= 2:
                found.append(int(text[at : at + 2]))
                at += 2
                continue
            subset_c = False
            found.append(TO_B)
        elif run >= 4:
            subset_c = True
            found.append(TO_C)
            continue
        found.append(ord(text[at]) - 32)
        at += 1
    return closed(found)


def closed(found: list[int]) -> list[int]:
    """With check codeword and stop."""
    check = (found[0] + sum(n * value for n, value in enumerate(found))) % 103
    return [*found, check, STOP]


def bars(found: list[int]) -> list[tuple[int, int]]:
    """(position, width) of each black bar, in modules from the first bar's left edge."""
    widths = [int(w) for codeword in found for w in PATTERNS[codeword]]
    edges = [0]
    for width in widths:
        edges.append(edges[-1] + width)
    return [(left, right - left) for n, (left, right) in enumerate(pairwise(edges)) if n % 2 == 0]


def _digits(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return end - at
