"""Labels nobody printed: real ones cut, joined, repeated and dirtied, the same for the same seed."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

_REAL = [row[2] for row in json.loads((Path(__file__).parent / "gs1_vectors.json").read_text())["vectors"]]
_PIECES = [
    "]C1", "]d2", "]Q3", "]e0", "]E0", "]E4", "]I1", "]Q1", "]J1", "]", "\x1d", "\x1d\x1d", "|]e0", "|", "~", "%", "%2F", "%00",
    "https://id.gs1.org/", "HTTP://A/", "/01/", "/10/", "?17=", "&", "gtin/", "LOC/", "CMD/",
    "0109506000134352", "00123456789012345675", "10", "21", "17", "271231", "271301", "37", "8001", "8003", "8007", "8008",
    "8013", "8014", "4309", "7007", "7041", "253", "255", "3103", "3932", "423", "\x00", "\r", "é", "٣", "🏷", "\ud7ff", " ",
]  # fmt: skip
_ALPHABET = "0123456789" * 4 + "ABCXYZabcxyz-./_+\x1d%&?=]|"


def labels(many: int, seed: int) -> Iterator[str]:
    draw = random.Random(seed)
    for _ in range(many):
        way = draw.random()
        if way < 0.45:
            yield _dirtied(draw, draw.choice(_REAL))
        elif way < 0.8:
            parts = [
                draw.choice(_PIECES) if draw.random() < 0.7 else _noise(draw, 14) for _ in range(draw.randint(1, 9))
            ]
            yield "".join(parts)
        elif way < 0.9:
            one, other = draw.choice(_REAL), draw.choice(_REAL)
            yield one[: draw.randint(0, len(one))] + other[draw.randint(0, len(other)) :]
        elif way < 0.99:
            yield draw.choice(("", "]C1", "]d2", "]E0", "https://a/")) + _noise(draw, 60)
        else:
            yield draw.choice(_PIECES) * draw.randint(1, 900)


def _dirtied(draw: random.Random, text: str) -> str:
    for _ in range(draw.randint(1, 3)):
        at = draw.randint(0, len(text))
        what = draw.random()
        if what < 0.4:
            text = text[:at] + draw.choice(_ALPHABET) + text[at + 1 :]
        elif what < 0.6:
            text = text[:at] + text[at + 1 :]
        elif what < 0.8:
            text = text[:at] + draw.choice(_PIECES) + text[at:]
        else:
            text += draw.choice(_ALPHABET)
    return text


def _noise(draw: random.Random, most: int) -> str:
    return "".join(draw.choices(_ALPHABET, k=draw.randint(0, most)))
