"""Triggers: when something holds, something is done about it, and both are written down with their figures.

A rule is a row (rules.py); each kind of rule is one file that reads facts and one pure function that judges them at a
moment. The chore in firing.py judges now, the dry run in dry_run.py judges the moments of the last week with the same
function. Nothing of it runs inside a scan: facts are read beside the writer, and only what fires is written.
"""

from app.work.triggers import (
    delayed_receipt,
    firing,
    limit_exceeded,
    receiving_discrepancy,
    return_spike,
    shipment_at_risk,
    stock_under,
)

__all__ = [
    "delayed_receipt",
    "firing",
    "limit_exceeded",
    "receiving_discrepancy",
    "return_spike",
    "shipment_at_risk",
    "stock_under",
]
