"""The desk's bar: every page is found in exactly one group, what waits is added up, and a new page is not lost."""

from types import SimpleNamespace

from app.web.desk_groups import grouped
from app.web.desk_pages import TABS

NOTHING = SimpleNamespace(**dict.fromkeys({counted for *_, counted in TABS if counted}, 0))


def test_every_page_stands_in_one_group_and_the_one_shown_is_marked() -> None:
    groups = grouped(TABS, NOTHING, "holds")
    assert sorted(tab.key for group in groups for tab in group.tabs) == sorted(key for key, *_ in TABS)
    assert [(group.name, tab.key) for group in groups for tab in group.tabs if tab.current] == [("Stock", "holds")]
    assert [group.name for group in groups if group.current] == ["Stock"]
    below = grouped(TABS, NOTHING, "order", {"order": "orders", "holds": "waves"})
    assert [group.name for group in below if group.current] == ["Outbound"], "an order's page stands under the orders"


def test_a_group_says_what_waits_in_it_and_leads_there() -> None:
    tabs = (("receipts", "Receipts", "/r", ""), ("inspections", "Inspections", "/i", "inspections"))
    [inbound] = grouped(tabs, SimpleNamespace(inspections=3), "")
    assert (inbound.waiting, inbound.href) == (3, "/i")
    assert grouped(tabs, SimpleNamespace(inspections=0), "")[0].href == "/r"


def test_a_page_nobody_put_into_a_group_is_in_the_last_and_an_empty_group_is_not_drawn() -> None:
    groups = grouped((("brand_new", "Brand new", "/desk/brand-new", ""),), NOTHING, "brand_new")
    assert [(group.name, group.current) for group in groups] == [("House", True)]
