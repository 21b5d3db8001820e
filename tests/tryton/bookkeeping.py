"""The company's accountant in Tryton: opens the year, and posts what the floor's movements made to be invoiced.

An account move is Tryton's own: a drafted invoice holds what was received or shipped, and posting it books the money. What
one is worth is counted on its lines, by the kind of account.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.tryton.company import Company

KINDS = ("expense", "payable", "revenue", "receivable")


def posted(erp: Company, kind: str, number: str) -> dict[str, str]:
    """Posts the drafted invoices of a purchase or sale: kind of account → debit less credit of their moves, in euros."""
    open_the_year(erp)
    lines = erp.call(f"{kind}.line.search", [[f"{kind}.number", "=", number]])
    origins = [f"{kind}.line,{line}" for line in lines]
    invoices = erp.call("account.invoice.search", [["lines.origin", "in", origins], ["state", "=", "draft"]])
    for nth, invoice in enumerate(invoices, 1):
        paper = {"invoice_date": _day(date.today()), "reference": f"{number}/{nth}"}  # as the partner numbers it
        erp.call("account.invoice.write", [invoice], paper)
    erp.call("account.invoice.post", invoices)
    moves = [one["move"] for one in erp.read("account.invoice", invoices, "move")]
    found = {}
    for account in KINDS:
        rows = erp.call(
            "account.move.line.search_read",
            [["move", "in", moves], ["move.state", "=", "posted"], [f"account.type.{account}", "=", True]],
            0, None, None, ["debit", "credit"],
        )  # fmt: skip
        if rows:
            found[account] = str(sum(_euros(row["debit"]) - _euros(row["credit"]) for row in rows))
    return found


def open_the_year(erp: Company) -> None:
    """Fiscal year, its one period, and the numbers of moves and invoices; nothing where there is one already."""
    if erp.call("account.fiscalyear.search", []):
        return
    year, company = date.today().year, erp.context["company"]
    begin, end = _day(date(year - 1, 1, 1)), _day(date(year + 1, 12, 31))
    moves, invoices = (_numbers(erp, of) for of in ("Account Move", "Invoice"))
    kinds = [f"{way}_{paper}_sequence" for way in ("in", "out") for paper in ("invoice", "credit_note")]
    each = {"company": company, **dict.fromkeys(kinds, invoices)}
    period = {"name": str(year), "start_date": begin, "end_date": end, "type": "standard"}
    erp.create(
        "account.fiscalyear", name=str(year), start_date=begin, end_date=end, company=company, move_sequence=moves,
        invoice_sequences=[["create", [each]]], periods=[["create", [period]]],
    )  # fmt: skip


def _numbers(erp: Company, of: str) -> int:
    kind = erp.find("ir.sequence.type", ["name", "=", of])
    return erp.create("ir.sequence.strict", name=of, sequence_type=kind, company=erp.context["company"])


def _euros(told: dict[str, str]) -> Decimal:
    return Decimal(told["decimal"])


def _day(day: date) -> dict[str, Any]:
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}
