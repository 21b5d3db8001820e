"""How ERPNext is asked: Frappe's REST API, one user's token, JSON both ways.

`/api/resource/<DocType>` lists and inserts, `/api/resource/<DocType>/<name>` reads, changes and deletes,
`/api/method/<dotted.path>` calls; see https://docs.frappe.io/framework/user/en/api/rest. One request is one database
transaction there, rolled back when it ends in an error.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from sync import asking
from sync.asking import NoReply
from sync.connectors.base import TransportError
from sync.connectors.erpnext.troubles import trouble

ANSWER_WITHIN_S = 60.0  # a long document with valuation and accounts takes seconds there
LARGEST_ANSWER = 32 * 1024 * 1024  # bytes
A_PAGE = 100  # rows in one answer
NAMES_AT_ONCE = 25  # in one filter: they travel in the URL
MOST_PAGES = 10_000

Row = dict[str, Any]
Filter = Sequence[Any]
T = TypeVar("T")


class Rest:
    def __init__(self, address: str, token: str, *, within_s: float = ANSWER_WITHIN_S) -> None:
        self.address = address.rstrip("/")
        self._within_s = within_s
        # https://docs.frappe.io/framework/user/en/api/rest#1-token-based-authentication
        self._headers = {"Authorization": f"token {token}", "Accept": "application/json"}
        self._client = asking.client(within_s)

    def rows(
        self, doctype: str, filters: Sequence[Filter], fields: Sequence[str], *,
        either: Sequence[Filter] = (), order: str = "name asc", parent: str = "",
    ) -> list[Row]:  # fmt: skip
        """One page; of `either` one filter at least is met. https://docs.frappe.io/framework/user/en/api/rest#listing-documents"""
        asked = {
            "fields": msgspec.json.encode(fields).decode(),
            "filters": msgspec.json.encode(filters).decode(),
            "order_by": order,
            "limit_page_length": str(A_PAGE),
            **({"or_filters": msgspec.json.encode(either).decode()} if either else {}),
            **({"parent": parent} if parent else {}),
        }
        return self._told(self._ask("GET", f"{_path(doctype)}?{urlencode(asked)}"), list[Row])

    def all_rows(
        self, doctype: str, filters: Sequence[Filter], fields: Sequence[str], *,
        either: Sequence[Filter] = (), parent: str = "",
    ) -> Iterator[Row]:  # fmt: skip
        """Page by page, each behind the last name of the one before, so that nothing slips through between two."""
        last: list[Filter] = []
        for _ in range(MOST_PAGES):
            page = self.rows(doctype, [*filters, *last], ["name", *fields], either=either, parent=parent)
            yield from page
            if len(page) < A_PAGE:
                return
            last = [["name", ">", page[-1]["name"]]]

    def named(self, doctype: str, names: Iterable[str], fields: Sequence[str]) -> Iterator[Row]:
        """Those with these names, some at a time."""
        for some in batched(sorted(names)):
            yield from self.rows(doctype, [["name", "in", some]], ["name", *fields])

    def children(self, doctype: str, of: str, parents: Sequence[str], fields: Sequence[str]) -> dict[str, list[Row]]:
        """The rows of a child table, by their parent, in their order."""
        found: dict[str, list[Row]] = {name: [] for name in parents}
        for some in batched(parents):
            for row in self.all_rows(doctype, [["parent", "in", some]], ["parent", "idx", *fields], parent=of):
                found[row["parent"]].append(row)
        return {name: sorted(rows, key=lambda row: row["idx"]) for name, rows in found.items()}

    def read(self, doctype: str, name: str) -> Row:
        """https://docs.frappe.io/framework/user/en/api/rest#read"""
        return self._told(self._ask("GET", _path(doctype, name)), Row)

    def insert(self, doctype: str, values: Row) -> Row:
        """https://docs.frappe.io/framework/user/en/api/rest#create; with `docstatus` 1 it is submitted in the same
        transaction (https://docs.frappe.io/framework/user/en/basics/doctypes/docstatus).
        """
        return self._told(self._ask("POST", _path(doctype), values), Row)

    def change(self, doctype: str, name: str, values: Row) -> Row:
        """https://docs.frappe.io/framework/user/en/api/rest#update"""
        return self._told(self._ask("PUT", _path(doctype, name), values), Row)

    def delete(self, doctype: str, name: str) -> None:
        """https://docs.frappe.io/framework/user/en/api/rest#delete"""
        self._ask("DELETE", _path(doctype, name))

    def call(self, method: str, **params: Any) -> Any:
        """https://docs.frappe.io/framework/user/en/api/rest#remote-method-calls"""
        return self._ask("POST", f"/api/method/{method}", params)["message"]

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, values: Row | None = None) -> Row:
        body = b"" if values is None else msgspec.json.encode(values)
        headers = {**self._headers, **({} if values is None else {"Content-Type": "application/json"})}
        try:
            response, raw = asking.ask(
                self._client, self.address, path, body, headers,
                within_s=self._within_s, most=LARGEST_ANSWER, method=method,
            )  # fmt: skip
        except NoReply as no:
            raise TransportError(no.sentence, unknown=no.reached, raw=no.raw) from None
        try:
            told = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            told = None
        if not isinstance(told, dict):
            told = {}
        if response.is_success and ("data" in told or "message" in told):
            return told
        raise trouble(self.address, response, raw, told)

    def _told(self, told: Row, shape: type[T]) -> T:
        try:
            return msgspec.convert(told.get("data"), shape)
        except msgspec.ValidationError as problem:
            raise TransportError(f"{self.address} talks nonsense: {problem}.") from None


def batched(names: Sequence[str]) -> Iterator[list[str]]:
    """As many as go into one filter."""
    for first in range(0, len(names), NAMES_AT_ONCE):
        yield list(names[first : first + NAMES_AT_ONCE])


def _path(doctype: str, name: str = "") -> str:
    return f"/api/resource/{quote(doctype, safe='')}" + (f"/{quote(name, safe='')}" if name else "")
