"""The part of the company prefix's SSCC serials that is this site's own.

GS1 gives the prefix to the company, not to the site: two sites with databases of their own would both begin at serial 1
and print one number on two pallets. So each site has a range in its settings, kept in the site's row, where the numbers
are given out. A serial is the extension digit and the serial reference together, as one number. When nine tenths are
used the admin has a case, once a range; when all are, no more are given out.
"""

import msgspec
from sqlalchemy import bindparam, func, or_, select, update

from app.db import Tx
from app.schema.places import site
from app.schema.work import exception
from app.work import chores, exceptions
from app.work.numbers import SSCC_DIGITS

WARN_PERCENT = 90
EVERY_S = 600.0
CODE = "numbers_run_out"

MINE = (
    select(site.c.code, site.c.gs1_company_prefix, site.c.sscc_serial, site.c.sscc_from, site.c.sscc_to)
    .order_by(site.c.code)
    .limit(1)
)
SET = (
    update(site)
    .where(
        site.c.code == bindparam("of_site"),
        or_(site.c.sscc_from != bindparam("first"), site.c.sscc_to != bindparam("last")),
    )
    .values(sscc_from=bindparam("first"), sscc_to=bindparam("last"))
)
TOLD = select(func.count()).where(exception.c.code == CODE, exception.c.document == bindparam("about"))


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """`used` is the last serial given out."""

    site: str
    prefix: str
    first: int
    last: int
    used: int
    given: bool  # by the settings; else it is all of the prefix

    @property
    def percent(self) -> int:
        return 100 * max(0, min(self.used, self.last) - self.first + 1) // (self.last - self.first + 1)

    @property
    def sentence(self) -> str:
        return (
            f"{self.percent} % of the SSCC serials {self.first} to {self.last} of site {self.site} are used: "
            "give it another range (sscc_from and sscc_to in its settings), or ask GS1 for another prefix."
        )


def of(tx: Tx) -> Range | None:
    """None where the site has no company prefix."""
    row = tx.row(MINE)
    if row is None or not row[1]:
        return None
    code, prefix, used, first, last = row
    end = last or 10 ** (SSCC_DIGITS - len(prefix)) - 1
    return Range(site=code, prefix=prefix, first=first, last=end, used=used, given=bool(last))


def settle(tx: Tx, first: int, last: int) -> str:
    """Make the settings' range the site's. Returns what is wrong with it, or nothing; then nothing is changed."""
    row = tx.row(MINE)
    if odd := trouble(first, last, "" if row is None else str(row[1])):
        return odd
    if row is not None:
        tx.run(SET, of_site=row[0], first=first, last=last)
    return ""


def trouble(first: int, last: int, prefix: str) -> str:
    """Why a range cannot be; empty where it can. Without a prefix its length is not known yet."""
    if first == last == 0:
        return ""
    if first < 0 or last <= first:
        return f"The SSCC range {first} to {last} holds nothing: sscc_to must be above sscc_from."
    room = 10 ** (SSCC_DIGITS - len(prefix))
    if last >= room:
        under = f"the company prefix {prefix}" if prefix else "any company prefix"
        return f"The SSCC range {first} to {last} does not fit: {under} has the serials 0 to {room - 1}."
    return ""


def warnings(tx: Tx, *, carried: bool) -> list[str]:
    """What to say at the start; `carried` to a hub, where other sites may have the same prefix."""
    mine = of(tx)
    if mine is None:
        return []
    told = [mine.sentence] if mine.percent >= WARN_PERCENT else []
    if carried and not mine.given:
        told.append(
            f"Site {mine.site} tells a hub and may take every SSCC of the company prefix {mine.prefix}: where another "
            "site has that prefix, too, give each a range of its own (sscc_from and sscc_to in its settings)."
        )
    return told


def running_out(tx: Tx) -> Range | None:
    """The range, where nine tenths are used and nobody was told."""
    mine = of(tx)
    if mine is None or mine.percent < WARN_PERCENT or tx.value(TOLD, about=_document(mine)):
        return None
    return mine


def tell(tx: Tx, mine: Range) -> None:
    if not tx.value(TOLD, about=_document(mine)):  # another server may have told meanwhile
        exceptions.add(tx, CODE, mine.sentence, document=_document(mine))


def _document(mine: Range) -> str:
    return f"SSCC {mine.prefix} {mine.first} to {mine.last}"


chores.register("SSCCs that run out", EVERY_S, tell, look=running_out)
