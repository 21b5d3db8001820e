"""The rows a house begins with: ten ways on, a rule for each grade, a short checklist, what is hygiene, the policy.

They are what a general warehouse would do on its first day; each is a row to change. Values are cents of one unit.
"""

import msgspec

from app.work.returns.ways import Category, Check, Disposition, Policy, Rule

_WAYS = (
    Disposition(
        code="restock", words="Restock", status="available", next_task="putaway", message="return.restocked",
        recovers_percent=100,
    ),
    Disposition(
        code="refurbish", words="Refurbish", next_task="refurbish", message="return.refurbish", recovers_percent=75,
        otherwise="discount",
    ),
    Disposition(
        code="repair", words="Repair", next_task="repair", message="return.repair", recovers_percent=60,
        otherwise="liquidate",
    ),
    Disposition(
        code="discount", words="Sell at a discount", next_task="relabel", message="return.discount", recovers_percent=65
    ),
    Disposition(
        code="liquidate", words="Liquidate", status="damaged", next_task="liquidate", message="return.liquidate",
        recovers_percent=20,
    ),
    Disposition(
        code="quarantine", words="Quarantine", status="quarantine", next_task="decide", message="return.held", label="hold"
    ),
    Disposition(
        code="vendor_claim", words="Claim from supplier", status="damaged", next_task="claim",
        message="return.vendor_claim", label="hold", recovers_percent=90, photo=1,
    ),
    Disposition(code="donate", words="Donate", status="damaged", next_task="donate", message="return.donate"),
    Disposition(code="scrap", words="Scrap", place="scrap", message="return.scrapped", label="none", photo=1),
    Disposition(
        code="return_to_customer", words="Back to customer", next_task="ship_back", message="return.refused"
    ),
)  # fmt: skip
WAYS = tuple(msgspec.structs.replace(way, position=10 * at) for at, way in enumerate(_WAYS, 1))
RULES = (
    Rule(grade="A", disposition="restock", words="as new"),
    Rule(grade="B", value_to=20_00, disposition="discount", words="used, worth less"),
    Rule(grade="B", value_from=20_00, disposition="refurbish", words="used, worth making good"),
    Rule(grade="C", value_to=50_00, disposition="liquidate", words="worn or incomplete"),
    Rule(grade="C", value_from=50_00, disposition="repair", words="broken, worth repairing"),
    Rule(grade="D", disposition="scrap", words="beyond use"),
    Rule(reason="defect", grade="B", disposition="vendor_claim", words="the supplier's to make good"),
    Rule(reason="defect", grade="C", disposition="vendor_claim", words="the supplier's to make good"),
    Rule(reason="defect", grade="D", value_from=20_00, disposition="vendor_claim", words="the supplier's to make good"),
    Rule(reason="too_late", grade="D", disposition="return_to_customer", words="too late and worn: not taken back"),
)
CHECKS = (
    Check(category="", code="complete", words="All parts there", position=10, worst="C"),
    Check(category="", code="sealed", words="Unopened", position=20, worst="B", opened=1),
    Check(category="", code="sound", words="No damage", position=30, worst="C"),
    Check(category="electrical", code="works", words="Works", position=25, worst="D"),
    Check(category="clothing", code="unworn", words="Not worn", position=25, worst="C"),
)
CATEGORIES = (
    Category(code="hygiene", name="Hygiene", opened_goes="scrap"),
    Category(code="cosmetics", name="Cosmetics", opened_goes="scrap"),
    Category(code="food", name="Food", opened_goes="scrap"),
)
DEFAULT_WAYS, DEFAULT_RULES, DEFAULT_CHECKS, DEFAULT_CATEGORIES, DEFAULT_POLICY = (
    tuple(msgspec.structs.asdict(row) for row in rows) for rows in (WAYS, RULES, CHECKS, CATEGORIES, (Policy(),))
)
