"""The desk's pages in groups, as the departments of a warehouse are: two dozen names side by side fit no glass.

The bar shows the groups, each with what waits in it; under it stand the pages of the group one is in. Another group's
pages unfold under the pointer or the keyboard's focus. A page no group names is found in the last one, so a new page is
one line in the tabs and, once somebody decided where it belongs, a word here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

GROUPS = (
    ("Inbound", ("receipts", "arrivals", "inspections", "returns", "recovery")),
    ("Stock", ("counting", "variances", "corrections", "holds", "transfers", "strategies")),
    ("Outbound", ("waves", "orders", "loads", "carriers")),
    ("Work", ("tasks", "exceptions", "unusual", "triggers", "overrides")),
    ("Find", ("trace", "service")),
    ("House", ("devices", "prints", "ledger", "inbox", "people")),
)


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    href: str
    waiting: int  # what waits there for a decision
    current: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    tabs: tuple[Tab, ...]
    current: bool

    @property
    def href(self) -> str:
        """Its first page where something waits, else its first."""
        return next((tab.href for tab in self.tabs if tab.waiting), self.tabs[0].href)

    @property
    def waiting(self) -> int:
        return sum(tab.waiting for tab in self.tabs)


def grouped(
    tabs: Sequence[tuple[str, str, str, str]], counts: Any, page: str, under: Mapping[str, str] | None = None
) -> list[Group]:
    """The groups with at least one page this login may open, in the order of `GROUPS`; `page` is the one that is open.

    A page without a tab of its own stands `under` another's.
    """
    current = page if any(tab[0] == page for tab in tabs) else (under or {}).get(page, "")
    of = {key: name for name, keys in GROUPS for key in keys}
    last = GROUPS[-1][0]
    groups = []
    for name, keys in GROUPS:
        mine = [tab for tab in tabs if of.get(tab[0], last) == name]
        mine.sort(key=lambda tab: keys.index(tab[0]) if tab[0] in keys else len(keys))
        shown = tuple(
            Tab(
                key=key,
                name=word,
                href=href,
                waiting=getattr(counts, counted) if counted else 0,
                current=key == current,
            )
            for key, word, href, counted in mine
        )
        if shown:
            groups.append(Group(name=name, tabs=shown, current=any(tab.current for tab in shown)))
    return groups
