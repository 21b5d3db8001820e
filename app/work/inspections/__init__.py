"""Inspecting what came in: which goods, how many of them, what is looked at, and what follows.

needed(tx, item, supplier, …) -> bool     asked by receiving: such goods come in with status `inspection`
lots.py        what waits; beginning one, counting its units, deciding it
plans.py       lot size → code letter → sample size and acceptance number, as rows
switching.py   normal, tightened, reduced: how strictly the next lot is looked at
rules.py       which items and suppliers, with skip-lot; the checklist by category
"""

from app.work.inspections.rules import arrives_as, arrives_from

__all__ = ["arrives_as", "arrives_from"]
