"""The demo warehouse can be worked in: everything asked for lies somewhere, and labels are sound."""

from typing import Any

from sqlalchemy import func, select

from app import demo_data, demo_truth, workflows
from app.config import Settings
from app.db import Database
from app.desk import codes
from app.schema.documents import order_line, sales_order
from app.schema.items import item, item_barcode
from app.schema.places import location, site
from app.schema.stock import balance
from app.stock import rebuild
from app.work import people
from devices.trade_numbers import check_digit_fits


def look(database: Database, statement: Any) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(statement)]


def test_the_demo_is_loaded_once_and_is_sound(database: Database) -> None:
    assert demo_data.load(database, Settings())
    assert not demo_data.load(database, Settings())
    assert look(database, select(func.count(item.c.code))) == [(40,)]
    assert look(database, select(func.count(location.c.code)).where(location.c.kind == "bin")) == [(144,)]
    codes = [row[0] for row in look(database, select(item_barcode.c.code)) if row[0].isdigit()]
    assert len(codes) == 80
    assert all(check_digit_fits(code) for code in codes)
    with database.reading() as tx:
        assert rebuild.check(tx).clean


def test_every_order_of_the_demo_can_be_filled_from_stock(database: Database) -> None:
    demo_data.load(database, Settings())
    asked = dict(look(database, select(order_line.c.item, func.sum(order_line.c.quantity)).group_by(order_line.c.item)))
    there = dict(look(database, select(balance.c.item, func.sum(balance.c.quantity)).group_by(balance.c.item)))
    assert {code: (asked[code], there[code]) for code in asked if asked[code] > there[code]} == {}
    assert look(database, select(func.count(sales_order.c.code)).where(sales_order.c.state == "pool")) == [(40,)]


def test_the_demo_has_work_for_every_job_and_codes_to_do_it_with(database: Database) -> None:
    workflows.load()
    demo_data.load(database, Settings())
    with database.reading() as tx:
        sheet = {group.title: [code.text for code in group.codes] for group in codes.sheet(tx, samples=True)}
        truth = demo_truth.truth(tx)
    for title in (
        "Jobs", "POs", "Notices (ASN)", "Announced pallets", "Goods that come", "To put away", "To inspect", "To count",
        "To replenish", "Transfers", "Returns", "Goods sent back", "Lots on hold", "Goods on shelves",
    ):  # fmt: skip
        assert sheet[title], title
    assert {"CMD/START/COUNTING", "CMD/START/RETURNING-NEXT"} <= set(sheet["Jobs"])
    assert not {"4500201", "4500202", "4500203"} & {delivery.po for delivery in truth.deliveries}, "not the crew's"


def test_the_demo_knows_its_floor_and_its_people(database: Database) -> None:
    demo_data.load(database, Settings())
    floor = select(site.c.aisles, site.c.blocks, site.c.block_length_mm, site.c.gs1_company_prefix)
    assert look(database, floor) == [(4, 2, 3000, "4012345")]
    with database.reading() as tx:
        mara = people.by_badge(tx, "1001")
    assert mara is not None
    assert people.pin_fits(mara.pin_hash, "1234")
