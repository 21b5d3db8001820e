"""The reference ledger as one readable page: what the ERP believes is on hand, and what it heard last. No script."""

from collections.abc import Sequence
from html import escape
from typing import Any

from sync.reference_books import Books

SHOWN_EVENTS = 40
SHOWN_STOCK = 200

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #15181c; background: #fff; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d5d9de; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.refused { color: #9c1420; }
@media (prefers-color-scheme: dark) { body { color: #e8eaed; background: #15181c; }
  th, td { border-color: #3a4047; } .refused { color: #ff8a93; } }
"""


def page(books: Books) -> str:
    stock, events, refusals = books.stock(SHOWN_STOCK), books.latest(SHOWN_EVENTS), books.refusals(SHOWN_EVENTS)
    headline = f"{books.count():,} events applied"
    if refusals:
        headline += f", {len(refusals)} rejected and not settled"
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        "<meta http-equiv=refresh content=5><title>Central ledger</title><link rel=stylesheet href=/ledger.css>",
        f"<main><h1>Central ledger: {headline}</h1>",
    ]
    if refusals:
        parts.append("<h2 class=refused>Rejected</h2>")
        parts.append(_table(("key", "type", "document", "reason", "times"), refusals))
    parts.append("<h2>On hand</h2>")
    parts.append(_table(("item", "lot", "status", "quantity"), stock) if stock else "<p>Nothing yet.</p>")
    parts.append("<h2>Last events</h2>")
    parts.append(
        _table(("key", "type", "document", "effect", "time"), events) if events else "<p>Nothing was heard yet.</p>"
    )
    parts.append("</main></html>")
    return "".join(parts)


def _table(names: Sequence[str], rows: list[dict[str, Any]]) -> str:
    head = "".join(f"<th{_kind(rows[0][name])}>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td{_kind(row[name])}>{escape(str(row[name]))}</td>" for name in names) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _kind(value: object) -> str:
    return " class=number" if isinstance(value, int) else ""
