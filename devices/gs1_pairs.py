"""Which identifiers need another beside them, and which exclude each other.

A lot is the lot of something: `10` needs `01`, `02`, `03`, `8006` or `8026`. `01` (the item itself) and `37` (how many of
the content) contradict each other. What excludes is always refused, for the floor would have to choose which half of a
label to believe. What is missing may stand in another symbol of the same label, as on every pallet whose SSCC has bars of
its own; it is held against a symbol only where that symbol claims to be whole: it names its thing, or it says what means
nothing without its thing, a serial or a signature.

The rows read `identifiers … | needs one of …`, several columns where it needs several; `8006+21` is both together, and
`31` any identifier that begins so. Source: GS1 General Specifications 25.0, 4.13 (excluded) and 4.14 (required), and the
table of the GS1 Barcode Syntax Dictionary.
"""

from collections.abc import Collection
from functools import lru_cache

Alternatives = tuple[tuple[str, ...], ...]

_NEEDED = """
    02                                                   | 37
    10 11 13 15 16                                       | 01 02 03 8006 8026
    12                                                   | 8020
    17                                                   | 01 02 03 255 8006 8026
    20 240 241 242 422 7001                              | 01 02 8006 8026
    21                                                   | 01 03 8006
    22 235 243 337 71 8001 8014 8200                     | 01
    250                                                  | 01 8006 | 21
    251 7021 7240 8012                                   | 01 8006
    254                                                  | 414
    30 423 424 425 426 8005 8008                         | 01 02
    310 311 312 313 314 315 316 32 350 351 352 356 357   | 01 02
    360 361 364 365 366                                  | 01 02
    330 331 332 333 334 335 336 34 353 354 355 362 363   | 00 01
    367 368 369 8009                                     | 00 01
    37                                                   | 00 | 02 8026
    390                                                  | 255 8020
    391                                                  | 8020
    392                                                  | 01 | 30 31 32 35 36
    393 395                                              | 30 31 32 35 36
    394 8111                                             | 255
    403 4300 4301 4302 4304 4305 4306 4307 4308 4309     | 00
    4310 4311 4312 4314 4315 4316 4317 4318 4319 432 433 | 00
    7041                                                 | 00
    4303                                                 | 4302
    4313                                                 | 4312
    415                                                  | 8020
    427                                                  | 01 02 | 422
    7002 7003 7005 7006 7007 7008 7009 7010 7011 703     | 01 02
    7004                                                 | 01 | 10
    7020                                                 | 01 8006 | 416
    7022                                                 | 7021
    723                                                  | 01 8004
    7241 7242 7253 7254 7255 7256 8019                   | 8017 8018
    7250 7251 7252 7257 7259                             | 8018
    7258                                                 | 8018+7259
    8007                                                 | 415
    8011                                                 | 8010
    8020                                                 | 415
    8026                                                 | 37
    8030 | 00 01+21 253 255 8003 8004 8006+21 8010+8011 8017 8018
"""

_EXCLUDED = """
    01 02                | 255
    01                   | 02 03 37
    02                   | 03
    03                   | 37
    21                   | 235
    255                  | 415 8006 8020 8026
    390                  | 391 394 8111
    392                  | 393
    394                  | 8111
    395                  | 392 393 8005
    420                  | 421
    421                  | 4307
    422 423 424 425      | 426
    4330                 | 4331
    4332                 | 4333
    7250                 | 7251
    7253 7254 7255       | 7256 7259
    7256                 | 7259
    8006                 | 01 37
    8017                 | 8018
    8026                 | 02 8006
"""

# Keys, what stands for one, and what means nothing without one.
_WHOLE = (
    *("00", "01", "02", "03", "253", "255", "401", "402", "414", "415", "417"),
    *("8003", "8004", "8006", "8010", "8013", "8017", "8018", "8026"),
    *("21", "250", "8011", "8019", "8030"),
)
_ONE_OF_A_KIND = ("31", "32", "33", "34", "35", "36", "39")  # A measure or price is given once, with one decimal point.
_SIGNED_SERIAL = {"253": 13, "255": 13, "8003": 14}  # A signature signs one piece: these must run on behind their key.


def clash(identifiers: Collection[str]) -> tuple[str, str] | None:
    """Two of them that cannot stand on one label."""
    if len(identifiers) < 2:
        return None
    for one in identifiers:
        for start in _excluded_by(one):
            for other in identifiers:
                if other != one and other.startswith(start):
                    return one, other
    return None


def lacking(values: dict[str, str]) -> tuple[str, str] | None:
    """One of them and what it lacks, in words; None also for a symbol that does not claim to be whole."""
    if not any(ai.startswith(_WHOLE) for ai in values):
        return None
    for ai in values:
        for alternatives in _needed_by(ai):
            if not any(all(_is_there(part, values) for part in parts) for parts in alternatives):
                return ai, " or ".join(_said(parts) for parts in alternatives)
    if "8030" in values:
        for ai, length in _SIGNED_SERIAL.items():
            if len(values.get(ai, "")) == length:
                return "8030", f"the serial part of ({ai})"
    return None


def _is_there(start: str, identifiers: Collection[str]) -> bool:
    return start in identifiers or (len(start) == 2 and any(ai.startswith(start) for ai in identifiers))


def _said(parts: tuple[str, ...]) -> str:
    return " with ".join(f"({part})" if part not in _ONE_OF_A_KIND else f"({part}…)" for part in parts)


@lru_cache(maxsize=1024)
def _needed_by(ai: str) -> tuple[Alternatives, ...]:
    return _NEEDS.get(ai) or _NEEDS.get(ai[:3]) or _NEEDS.get(ai[:2]) or ()


@lru_cache(maxsize=1024)
def _excluded_by(ai: str) -> tuple[str, ...]:
    same = (ai[:3],) if len(ai) == 4 and ai.startswith(_ONE_OF_A_KIND) else ()
    return same + _EXCLUDES.get(ai, ()) + (_EXCLUDES.get(ai[:3], ()) if len(ai) == 4 else ())


def _rows(table: str) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for row in table.strip().splitlines():
        identifiers, *columns = row.split("|")
        for ai in identifiers.split():
            found.setdefault(ai, []).extend(column.split() for column in columns)
    return found


_NEEDS = {
    ai: tuple(tuple(tuple(parts.split("+")) for parts in column) for column in columns)
    for ai, columns in _rows(_NEEDED).items()
}
_EXCLUDES = {ai: tuple(start for column in columns for start in column) for ai, columns in _rows(_EXCLUDED).items()}
