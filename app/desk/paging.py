"""Long lists in pages: every list has an end, and says how much more there is."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

PAGE = 50  # rows on the glass
MOST_PAGES = 400
MOST_CSV = 20_000  # rows in one export

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of rows. `more`: there is another one."""

    rows: tuple[T, ...]
    number: int
    more: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE + 1


def window(page: int, *, export: bool) -> dict[str, int]:
    """What a statement's limit and offset are: one row more than shown, to know whether there are more."""
    if export:
        return {"most": MOST_CSV, "skip": 0}
    return {"most": PAGE + 1, "skip": (min(max(page, 1), MOST_PAGES) - 1) * PAGE}


def page_of(rows: Sequence[T], page: int, *, export: bool) -> Page[T]:
    if export:
        return Page(rows=tuple(rows), number=1, more=False)
    return Page(rows=tuple(rows[:PAGE]), number=min(max(page, 1), MOST_PAGES), more=len(rows) > PAGE)
