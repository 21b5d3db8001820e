"""What a GS1 value must say beyond its shape: check digits, dates that exist, codes that are in use.

A check takes the value and names what is wrong with it in two words, or returns None. Each identifier lists its own.
Source: GS1 General Specifications, 3.2 to 3.9 (per identifier) and 7.9 (check digits and characters).
"""

import re
from collections.abc import Callable

from devices.gs1_codes import COUNTRIES, COUNTRY_LETTERS, CURRENCIES, PACKAGES
from devices.gs1_dates import date, date_or_month, full_date, harvest, time_from
from devices.trade_numbers import check_digit_fits

Check = Callable[[str], str | None]


def checks_of(ai: str) -> tuple[Check, ...]:
    """The content checks of an identifier; families such as 410 to 417 or 391n share theirs."""
    return _CHECKS.get(ai) or _CHECKS.get(ai[:3]) or _CHECKS.get(ai[:2]) or ()


def _key(value: str) -> str | None:
    """Every GS1 key begins with a company prefix, and that with at least four digits."""
    return None if value[:4].isdigit() and len(value) >= 4 else "company prefix"


def _check_digit(start: int, stop: int) -> Check:
    def check(value: str) -> str | None:
        return None if check_digit_fits(value[start:stop]) else "check digit"

    return check


def _country(start: int = 0, also: str = "") -> Check:
    def check(value: str) -> str | None:
        code = value[start : start + 3]
        return None if code in COUNTRIES or code == also else "country code"

    return check


def _countries(value: str) -> str | None:
    codes = [value[at : at + 3] for at in range(0, len(value), 3)]
    return None if all(code in COUNTRIES for code in codes) else "country code"


def _country_letters(value: str) -> str | None:
    return None if value in COUNTRY_LETTERS else "country code"


def _currency(value: str) -> str | None:
    return None if value[:3] in CURRENCIES else "currency code"


def _iban(value: str) -> str | None:
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", value) or value[:2] not in COUNTRY_LETTERS | {"XK"}:
        return "account number"
    digits = "".join(str(int(char, 36)) for char in value[4:] + value[:4])
    return None if int(digits) % 97 == 1 else "account number"


def _position(value: str) -> str | None:
    """The tens of degrees, shifted to be positive: latitude up to 180, longitude up to 360."""
    return None if int(value[:10]) <= 1_800_000_000 and int(value[10:]) <= 3_600_000_000 else "position"


def _roll(value: str) -> str | None:
    """Width, length, core diameter are something; the winding direction is in, out or undefined; splices follow."""
    parts = (value[:4], value[4:9], value[9:12])
    return None if all(map(int, parts)) and value[12] in "019" else "roll dimension"


def _piece(value: str) -> str | None:
    """Piece `nn` of `mm`."""
    piece, total = int(value[14:16]), int(value[16:18])
    return None if 1 <= piece <= total else "piece number"


def _baby(value: str) -> str | None:
    position, total = int(value[0]), int(value[2])
    return None if 1 <= position <= total else "birth order"


def _sex(value: str) -> str | None:
    return None if value in "0129" else "code"


def _medium(value: str) -> str | None:
    return None if 1 <= int(value) <= 10 or int(value) >= 80 else "medium code"


def _package(value: str) -> str | None:
    return None if value in PACKAGES else "package type"


def _not_all_digits(value: str) -> str | None:
    """A medical device's master key may not be taken for a GTIN (General Specifications 3.9, identifier 8014)."""
    return "model number" if value.isdigit() else None


def _importer(value: str) -> str | None:
    return None if re.fullmatch(r"[0-9A-Za-z_-]", value[3]) else "importer index"


def _no_leading_zero(value: str) -> str | None:
    return None if value == "0" or value[0] != "0" else "leading zero"


def _percent(value: str) -> str | None:
    """Text of the ship-to identifiers: a percent sign begins two hexadecimal digits, and none stands for NUL."""
    return "percent code" if re.search(r"%(?![0-9A-Fa-f]{2})|%00", value) else None


def _check_pair(value: str) -> str | None:
    """The two check characters of a model number: modulo 1021 over prime weights (General Specifications 7.9.5)."""
    if len(value) < 6:
        return "check character"
    payload, pair = value[:-2], value[-2:]
    total = sum(_SET_82.index(char) * prime for char, prime in zip(reversed(payload), _PRIMES, strict=False)) % 1021
    return None if pair == _SET_32[total >> 5] + _SET_32[total & 31] else "check character"


_SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def _each(identifiers: str, checks: tuple[Check, ...]) -> dict[str, tuple[Check, ...]]:
    return dict.fromkeys(identifiers.split(), checks)


_CHECKS: dict[str, tuple[Check, ...]] = {
    "00": (_check_digit(0, 18),),
    **_each("01 02 03", (_check_digit(0, 14),)),
    **_each("11 12 13 15 16 17", (date_or_month,)),
    **_each("253 255 41", (_check_digit(0, 13),)),
    "391": (_currency,),
    "393": (_currency,),
    "401": (_key,),
    "402": (_check_digit(0, 17),),
    **_each("421 422 424 426", (_country(),)),
    **_each("423 425", (_countries,)),
    **_each("4300 4301 4302 4303 4304 4305 4306 4310 4311 4312 4313 4314 4315 4316 4320", (_percent,)),
    **_each("4307 4317", (_country_letters,)),
    "4309": (_position,),
    **_each("4324 4325", (date_or_month, time_from(6, nothing="9999"))),
    **_each("4326 7006", (date,)),
    **_each("7003 7011", (date, time_from(6))),
    "7007": (harvest,),
    "7023": (_key,),
    "703": (_country(also="999"),),
    "7040": (_importer,),
    "7041": (_package,),
    "7241": (_medium,),
    "7250": (full_date,),
    "7251": (full_date, time_from(8)),
    "7252": (_sex,),
    **_each("7253 7254 7256 7257 7259", (_percent,)),
    "7258": (_baby,),
    "8001": (_roll,),
    "8003": (_check_digit(1, 14),),
    "8004": (_key,),
    **_each("8006 8026", (_check_digit(0, 14), _piece)),
    "8007": (_iban,),
    "8008": (date, time_from(6)),
    "8010": (_key,),
    "8011": (_no_leading_zero,),
    "8013": (_key, _check_pair),
    "8014": (_key, _check_pair, _not_all_digits),
    **_each("8017 8018", (_check_digit(0, 18),)),
}
