"""A company as somebody sets it up who begins with Tryton: warehouse, statuses, partners, accounts, products.

All of it through Tryton's own doors. Our module may come later, when there is a company already, as in most houses.
"""

from sync.connectors.tryton.rpc import Rpc
from tests.tryton.company import PRODUCTS, SERIALS, Company, decimal, make_products

STATUSES = ("INSPECTION", "QUARANTINE", "DAMAGED", "RETURNED", "EXPIRED", "RECALLED", "IN_TRANSIT")
NUMBERS = {"Purchase": "PO-", "Customer Shipment": "SO-", "Customer Return Shipment": "RMA-"}


def set_up(rpc: Rpc) -> None:
    erp = Company(rpc)
    user = join_every_group(erp)
    currency = erp.create(
        "currency.currency", name="Euro", symbol="€", code="EUR", digits=2, rounding=decimal("0.01")
    )  # fmt: skip
    ours = erp.create("party.party", name="Lantern Goods", code="HOUSE")
    company = erp.create("company.company", party=ours, currency=currency)
    erp.call("res.user.write", [user], {"companies": [["add", [company]]], "company": company})
    erp.context = {"company": company}
    storage = erp.find("stock.location", ["code", "=", "STO"])
    for status in STATUSES:
        erp.create("stock.location", name=status.title(), code=status, type="storage", parent=storage)
    erp.create("stock.location", name="Scrap", code="SCRAP", type="lost_found")
    lost = erp.find("stock.location", ["type", "=", "lost_found"], ["code", "=", None])
    erp.call("stock.location.write", [lost], {"code": "LOST"})
    for code, name in (("ACME", "Acme Textiles"), ("HIVE", "Hive & Honey"), ("NORD", "Nordlicht"), ("ANNA", "Anna")):
        address = {"street": f"{name} Street 1", "city": "Bremen", "postal_code": "28195"}
        erp.create("party.party", name=name, code=code, addresses=[["create", [address]]])
    for kind, prefix in NUMBERS.items():
        erp.call("ir.sequence.write", [erp.find("ir.sequence", ["name", "=", kind])], {"prefix": prefix})
    erp.create("product.category", name=SERIALS)
    make_accounts(erp)
    make_products(erp, 1, PRODUCTS)


def join_every_group(erp: Company) -> int:
    """The administrator, who may then do what there is to do; a module brings groups of its own."""
    user = erp.find("res.user", ["login", "=", "admin"])
    erp.call("res.user.write", [user], {"groups": [["add", erp.call("res.group.search", [])]]})
    return user


def make_accounts(erp: Company) -> None:
    """The chart of accounts that comes with Tryton, by its wizard: then goods that came or left can be invoiced."""
    wizard = "wizard.account.create_chart"
    session, *_ = erp.press(f"{wizard}.create")
    [root] = erp.call("account.account.template.search", [["parent", "=", None], ["type", "!=", None]])
    company = erp.context["company"]
    told = {"account": {"company": company, "account_template": root}}
    erp.press(f"{wizard}.execute", session, told, "create_account")
    of = {
        kind: min(
            erp.call(
                "account.account.search",
                [[f"type.{kind}", "=", True], ["party_required", "=", by_party], ["closed", "!=", True]],
            )
        )
        for kind, by_party in (("receivable", True), ("payable", True), ("expense", False), ("revenue", False))
    }
    parties = {"account_receivable": of["receivable"], "account_payable": of["payable"]}
    goods = {"category_account_expense": of["expense"], "category_account_revenue": of["revenue"]}
    told["properties"] = {"company": company, **parties, **goods}
    erp.press(f"{wizard}.execute", session, told, "create_properties")
    erp.press(f"{wizard}.delete", session)
    erp.create(
        "product.category", name="Goods", accounting=True, account_expense=of["expense"], account_revenue=of["revenue"]
    )
