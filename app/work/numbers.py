"""Numbers the site gives out: SSCCs, licence plates, waves and tasks. None is ever given out twice.

Each counter stands in the site's row and moves in the same transaction as what it numbers: what is rolled back was
never printed. A restore must skip ahead, because labels of the lost hour are still on the goods.
"""

import re

from sqlalchemy import Column, case, select, update
from sqlalchemy.sql import ClauseElement

from app.db import Tx
from app.errors import State
from app.schema.places import site

OWN_NUMBER = re.compile(r"(?P<kind>LPN|T|C)-\d{3,18}")  # a licence plate of our own rolls: pallet, tote, carton
SSCC_DIGITS = 17  # before the check digit: extension digit, company prefix, serial reference

OUR_PREFIX = select(site.c.gs1_company_prefix).order_by(site.c.code).limit(1)
OUR_RANGE = select(site.c.gs1_company_prefix, site.c.sscc_from, site.c.sscc_to).order_by(site.c.code).limit(1)
_OURS = select(site.c.code).order_by(site.c.code).limit(1).scalar_subquery()


def _next(counter: Column[int]) -> ClauseElement:
    return update(site).where(site.c.code == _OURS).values({counter.name: counter + 1}).returning(counter)


NEXT_SSCC = (
    update(site)
    .where(site.c.code == _OURS)
    .values(sscc_serial=case((site.c.sscc_serial < site.c.sscc_from, site.c.sscc_from), else_=site.c.sscc_serial + 1))
    .returning(site.c.sscc_serial)
)
NEXT_LPN = _next(site.c.lpn_number)
NEXT_WAVE = _next(site.c.wave_number)
NEXT_TASK = _next(site.c.task_number)
NEXT_RETURN = _next(site.c.return_number)


class NoSite(State):
    code, title = "no_site", "No site yet"
    says = "This warehouse has no site row, so it cannot number anything."
    todo = "Import site.csv first."


class NumbersUsedUp(State):
    code, title = "numbers_used_up", "Numbers used up"
    says = "All SSCCs under the company prefix {prefix} were given out."
    todo = "Ask GS1 for another prefix."


class RangeUsedUp(State):
    code, title = "range_used_up", "Numbers used up"
    says = "This site gave out its last SSCC, serial {last}: the ones after it are another site's."
    todo = "Ask the admin for another range: sscc_from and sscc_to in the settings."


class NoPrefix(State):
    code, title = "no_prefix", "No GS1 prefix"
    says = "The site has no GS1 company prefix of 4 to 12 digits, so it has no SSCCs."
    todo = "Set gs1_company_prefix."


def check_digit(digits: str) -> str:
    """GS1 General Specifications 7.9: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def sscc(tx: Tx) -> str:
    """The next 18-digit SSCC. The extension digit counts on when the serial references are used up."""
    found = tx.row(OUR_RANGE) or ("", 0, 0)
    prefix, last = str(found[0]), int(found[2])
    if not (prefix.isascii() and prefix.isdigit() and 4 <= len(prefix) <= 12):
        raise NoPrefix()
    serial = _take(tx, NEXT_SSCC)
    if last and serial > last:
        raise RangeUsedUp(last=last)
    room = SSCC_DIGITS - len(prefix)
    if serial >= 10**room:
        raise NumbersUsedUp(prefix=prefix)
    counted = f"{serial:0{room}d}"
    digits = counted[0] + prefix + counted[1:]
    return digits + check_digit(digits)


def is_ours(tx: Tx, code: str) -> bool:
    """Is it of a roll of this house: `LPN-…`, or an SSCC under its own company prefix and of its own range?"""
    if code.isascii() and code.isdigit() and len(code) == SSCC_DIGITS + 1:
        prefix, first, last = tx.row(OUR_RANGE) or ("", 0, 0)
        if not prefix or not code[1:].startswith(prefix):
            return False
        return not last or first <= int(code[0] + code[1 + len(prefix) : SSCC_DIGITS]) <= last
    return OWN_NUMBER.fullmatch(code) is not None


def lpn(tx: Tx) -> str:
    """The code of a new licence plate: an SSCC where the site has a company prefix, else `LPN-00000001`."""
    return sscc(tx) if tx.value(OUR_PREFIX) else f"LPN-{_take(tx, NEXT_LPN):08d}"


def carton(tx: Tx) -> str:
    """The number of a shipping carton: an SSCC where the site has a company prefix, else `C-00000001`."""
    return sscc(tx) if tx.value(OUR_PREFIX) else f"C-{_take(tx, NEXT_LPN):08d}"


def wave(tx: Tx) -> str:
    return f"W-{_take(tx, NEXT_WAVE):04d}"


def task(tx: Tx) -> str:
    return f"TSK-{_take(tx, NEXT_TASK):05d}"  # T-00001 would be a tote


def transfer(tx: Tx, source: str = "") -> str:
    """`TR-00007`; with the site that sends where another house is to know it by that number: `TR-NORTH-00007`."""
    return f"TR-{source}{'-' * bool(source)}{_take(tx, NEXT_TASK):05d}"


def return_parcel(tx: Tx) -> str:
    return f"R-{_take(tx, NEXT_RETURN):05d}"


def _take(tx: Tx, statement: ClauseElement) -> int:
    taken = tx.rows(statement)
    if not taken:
        raise NoSite()
    return int(taken[0][0])
