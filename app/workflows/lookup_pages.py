"""What a look-up found, cut into pages that fit the smallest handheld: nothing scrolls, so a key turns the page.

The first page says how many there are and what is known of the thing; then come the places, then what happened. A height
is reckoned in lines of the smallest screen (360 × 640, the largest letters), the way the common page draws it.
"""

from collections.abc import Sequence

import msgspec

from app.floor.prompt import Fact, Row

ROOM = 14.0  # lines between status bar and keys, with a verdict above them
TOTAL = 1.3  # the number on hand takes as much
NAME_WIDE, DETAIL_WIDE, VALUE_WIDE = 22, 28, 14  # letters in a line
MOST_ROWS = 3  # more the page would not draw
LONGEST = 80  # letters of one answer; what is longer is cut


class Page(msgspec.Struct, frozen=True, kw_only=True):
    facts: tuple[Fact, ...] = ()
    rows: tuple[Row, ...] = ()


def paged(name: str, facts: Sequence[Fact], rows: Sequence[Row], *, summed: bool) -> list[Page]:
    """At least one page; a thing too high for any page stands alone on one."""
    head = 1.5 * min(2, _lines(name, 18)) + 1
    pages: list[Page] = []
    all_of_it: tuple[Fact | Row, ...] = (*facts, *rows)
    now, room = Page(), ROOM - head - (TOTAL if summed else 0)
    for one in all_of_it:
        high = _height(one)
        if (now.facts or now.rows) and (high > room or len(now.rows) == MOST_ROWS):
            pages.append(now)
            now, room = Page(), ROOM - head
        now, room = _with(now, one), room - high
    return [*pages, now]


def _with(page: Page, one: Fact | Row) -> Page:
    if isinstance(one, Row):
        return msgspec.structs.replace(page, rows=(*page.rows, msgspec.structs.replace(one, name=_cut(one.name))))
    return msgspec.structs.replace(page, facts=(*page.facts, msgspec.structs.replace(one, value=_cut(one.value))))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _height(one: Fact | Row) -> float:
    if isinstance(one, Fact):
        return 1.3 * _lines(one.value[:LONGEST], VALUE_WIDE)
    wide = NAME_WIDE - len(one.right or one.left)
    return (
        1.2 * _lines(one.name[:LONGEST], max(8, wide))
        + _lines(one.detail, max(8, wide + DETAIL_WIDE - NAME_WIDE))
        + 0.7
    )


def _lines(text: str, wide: int) -> int:
    return -(-len(text) // wide)
