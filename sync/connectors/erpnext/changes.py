"""What changed in ERPNext since the last look, by Frappe's `modified`: nothing is lost, some is seen twice.

Pages go on behind the last stamp, and within one stamp behind the last name; counting rows instead would skip one
whenever another changes between two pages. Each look begins a minute back, because a transaction there may be committed
later than it is dated.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from app import clock
from sync.connectors.erpnext.rest import A_PAGE, MOST_PAGES, Filter, Rest, Row

OVERLAP = timedelta(minutes=1)
BEGINNING = "1970-01-01 00:00:00.000000"


class Changes:
    """`since` and `newest` are the newest `modified` of each look, before and after this look."""

    def __init__(self, rest: Rest, since: Mapping[str, str]) -> None:
        self._rest = rest
        self.since = since
        self.newest = dict(since)

    def of(
        self, doctype: str, filters: Sequence[Filter], fields: Sequence[str], *, which: str = "", days: int = 0
    ) -> Iterator[list[Row]]:  # fmt: skip
        """Pages, in the order of `modified`; the first look goes back as far as it can, or some days. `which` tells apart
        two looks at one document type: each goes on from what it saw itself.
        """
        asked = ["name", "modified", *fields]
        began = _stamp(clock.as_datetime(clock.now()) - timedelta(days=days)) if days else BEGINNING
        self.newest.setdefault(doctype + which, began)  # where nothing is found, the next look still begins there
        at, name = _a_little_before(self.since.get(doctype + which, began)), ""
        for _ in range(MOST_PAGES):
            if name:
                same = self._rest.rows(doctype, [*filters, ["modified", "=", at], ["name", ">", name]], asked)
                yield from self._seen(doctype + which, same)
                if len(same) == A_PAGE:
                    name = same[-1]["name"]
                    continue
            later = ["modified", ">" if name else ">=", at]
            page = self._rest.rows(doctype, [*filters, later], asked, order="modified asc, name asc")
            yield from self._seen(doctype + which, page)
            if len(page) < A_PAGE:
                return
            at, name = page[-1]["modified"], page[-1]["name"]

    def _seen(self, look: str, page: list[Row]) -> Iterator[list[Row]]:
        if page:
            self.newest[look] = max(self.newest.get(look, ""), page[-1]["modified"])
            yield page


def _a_little_before(modified: str) -> str:
    return modified if modified == BEGINNING else _stamp(datetime.fromisoformat(modified) - OVERLAP)


def _stamp(moment: datetime) -> str:
    """As Frappe writes it, in its own time zone, which a day or two make no matter."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
