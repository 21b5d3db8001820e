"""The day that the proof works through is imported as it stands, and is as mixed as a real floor."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import importing
from app.db import Database
from app.schema.documents import order_line, po_line, sales_order
from app.schema.places import location, site
from devices.trade_numbers import check_digit_fits
from tests.proof import day
from tests.proof.converter import convert
from tests.proof.truth import Truth

TODAY = date(2026, 11, 21)


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    return convert(tmp_path / "day", orders=50, min_lines=500, seed=3, day=TODAY)


def part(truth: Truth, field: str) -> float:
    return sum(bool(item[field]) for item in truth["items"].values()) / len(truth["items"])  # type: ignore[literal-required]


def test_the_day_is_mixed_as_promised(truth: Truth) -> None:
    assert truth["is_real"] == (not truth["about"].startswith("GENERATED"))
    assert (len(truth["orders"]), truth["line_count"] >= 500) == (50, True)
    assert part(truth, "lot_tracked") >= 0.20
    assert part(truth, "serial_tracked") >= 0.05
    assert part(truth, "case") >= 0.30
    assert all(item["weight_g"] > 0 and min(item["size_mm"]) > 0 for item in truth["items"].values())
    assert all(check_digit_fits(item["barcode"]) for item in truth["items"].values())
    assert len(truth["bin_shorts"]) >= 0.02 * len(truth["items"])
    assert len(truth["receipt_shorts"]) >= 0.02 * len(truth["deliveries"])


def test_what_the_trucks_bring_fills_all_orders_but_the_planted_shorts(truth: Truth) -> None:
    there = {d["item"]: sum(pallet["quantity"] for pallet in d["pallets"]) for d in truth["deliveries"]}
    gone = {short["item"]: short for short in truth["bin_shorts"]}
    for code, item in truth["items"].items():
        missing = gone[code]["missing"] if code in gone else 0
        lacking = item["demand"] - (there[code] - missing)
        assert lacking == gone[code]["unfillable"] if code in gone else lacking <= 0
    short = {(s["po"], s["line"]): s["missing"] for s in truth["receipt_shorts"]}
    for d in truth["deliveries"]:
        assert d["ordered"] - there[d["item"]] == short.get((d["po"], d["line"]), 0)
        for pallet in d["pallets"]:
            assert len(pallet["serials"]) == (pallet["quantity"] if truth["items"][d["item"]]["serial_tracked"] else 0)
    assert json.loads(json.dumps(truth)) == truth


def test_the_day_is_imported_as_it_stands_and_twice_is_once(database: Database, tmp_path: Path, truth: Truth) -> None:
    report = importing.run(database, tmp_path / "day")
    assert [error.in_words() for error in report.errors] == []
    with database.reading() as tx:
        assert tx.value(select(func.count(sales_order.c.code))) == 50
        assert tx.value(select(func.count(order_line.c.id))) == truth["line_count"]
        assert tx.value(select(func.sum(po_line.c.quantity))) == sum(d["ordered"] for d in truth["deliveries"])
        assert tx.value(select(func.count(location.c.code)).where(location.c.kind == "bin")) == truth["places"]["bins"]
        assert tx.row(select(site.c.aisles, site.c.blocks)) == (12, 2)
    assert importing.run(database, tmp_path / "day").changes == 0


def test_the_same_seed_gives_the_same_day(tmp_path: Path, truth: Truth) -> None:
    assert convert(tmp_path / "again", orders=50, min_lines=500, seed=3, day=TODAY) == truth
    for file in (tmp_path / "day").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_without_the_data_the_day_is_generated_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(day.SETTING, raising=False)
    made = day.day_of_orders(50, 900, 1, 30, 24)
    assert made.about == "GENERATED orders of the same shape, seed 1, because PICKFACE_PLANNING_DATA is not set"
    assert sum(len(order) for order in made.orders) >= 900
    assert max(len(order) for order in made.orders) <= 30
    assert max(max(order.values()) for order in made.orders) <= 24
