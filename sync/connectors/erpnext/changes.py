"""What changed in ERPNext since the last look, by Frappe's `modified`: nothing is lost, some is seen twice.

Pages go on behind the last stamp, and within one stamp behind the last name; counting rows instead would skip one
whenever another changes between two pages. Each look begins a minute back, because a transaction there may be committed
later than it is dated.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sync.connectors.erpnext.rest import A_PAGE, MOST_PAGES, Filter, Rest, Row

OVERLAP = timedelta(minutes=1)
BEGINNING = "1970-01-01 00:00:00.000000"


class Changes:
    """`since` and `newest` are the newest `modified` of each document type, before and after this look."""

    def __init__(self, rest: Rest, since: Mapping[str, str]) -> None:
        self._rest = rest
        self.since = since
        self.newest = dict(since)

    def of(self, doctype: str, filters: Sequence[Filter], fields: Sequence[str]) -> Iterator[list[Row]]:
        """Pages, in the order of `modified`."""
        asked = ["name", "modified", *fields]
        at, name = _a_little_before(self.since.get(doctype, BEGINNING)), ""
        for _ in range(MOST_PAGES):
            if name:
                same = self._rest.rows(doctype, [*filters, ["modified", "=", at], ["name", ">", name]], asked)
                yield from self._seen(doctype, same)
                if len(same) == A_PAGE:
                    name = same[-1]["name"]
                    continue
            later = ["modified", ">" if name else ">=", at]
            page = self._rest.rows(doctype, [*filters, later], asked, order="modified asc, name asc")
            yield from self._seen(doctype, page)
            if len(page) < A_PAGE:
                return
            at, name = page[-1]["modified"], page[-1]["name"]

    def _seen(self, doctype: str, page: list[Row]) -> Iterator[list[Row]]:
        if page:
            self.newest[doctype] = max(self.newest.get(doctype, ""), page[-1]["modified"])
            yield page


def _a_little_before(modified: str) -> str:
    return modified if modified == BEGINNING else str(datetime.fromisoformat(modified) - OVERLAP)
