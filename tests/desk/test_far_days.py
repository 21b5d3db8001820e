"""Days no calendar reckons with: refused at every door, and where one lies in an old row the pages and scans go on."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient

from app import clock
from app.db import Database
from app.desk.words import Hours
from app.importing_columns import facts_of
from app.importing_tables import Row
from app.schema.documents import purchase_order, sales_order
from app.schema.work import task, wave
from app.stock import ledger
from app.work import bins, master, shelf_life
from app.work.counting import schedule
from app.work.master_terms import MOST, MOST_COST, MOST_G, MOST_MM3
from app.workflows import packing_view
from tests import engines
from tests.desk import house
from tests.desk.house import Desk
from tests.workflows.picking_floor import Picking, start
from tests.world import World

FAR = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z")
NEAR = ("2000-01-01T00:00:00+14:00", "2199-12-31T23:59:59-12:00")
AT_THE_ENDS = (253_402_300_799 * clock.SECOND, -62_135_647_200 * clock.SECOND, 2**62, -(2**62))  # µs; two of no year

LINE = {"line": "1", "item": "MUG-BLU", "quantity": 1}
LINES = {"lines": [LINE]}
ON_PALLET = {**LINE, "po": "4500187", "lot": "L1"}
MOMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "order.release": ("cutoff", LINES), "order.change": ("promised", LINES), "purchase_order.upsert": ("due", LINES),
    "asn.upsert": ("until", {"lines": [ON_PALLET]}), "rma.authorised": ("expires", LINES),
    "transfer.release": ("due", {"source": "MAIN", "target": "NORTH", **LINES}),
}  # fmt: skip
DAYS: dict[str, dict[str, Any]] = {
    "asn.upsert": {"lines": [{**ON_PALLET, "expiry": "?"}]},
    "item.upsert": {"barcodes": [{"code": "1", "valid_to": "?"}]},
    "barcode.upsert": {"item": "MUG-BLU", "valid_from": "?"},
    "transfer.announced": {"source": "N", "target": "S", "event": "1", "lines": [{**LINE, "expiry": "?"}]},
}


@pytest.mark.parametrize("kind", MOMENTS)
def test_a_moment_beyond_the_years_is_refused_with_its_field(kind: str) -> None:
    name, rest = MOMENTS[kind]
    for far in FAR:
        with pytest.raises(master.Unreadable, match=f"{name}: .* is no day we reckon with; they are 2000") as refused:
            master.decode(kind, {"code": "X", **rest, name: far})
        assert refused.value.code == "bad_content"
    for near in NEAR:
        master.decode(kind, {"code": "X", **rest, name: near})


@pytest.mark.parametrize("kind", DAYS)
def test_so_is_a_day(kind: str) -> None:
    told = json.dumps({"code": "X", **DAYS[kind]})
    for far in ("9999-12-31", "0001-01-01", "1999-12-31", "2200-01-01"):
        with pytest.raises(master.Unreadable, match="is no day we reckon with"):
            master.decode(kind, json.loads(told.replace("?", far)))
    master.decode(kind, json.loads(told.replace("?", "2199-12-31")))
    with pytest.raises(master.Unreadable):
        master.decode(kind, json.loads(told.replace("?", "soon")))


@pytest.mark.parametrize(("table", "column"), [("orders", "cutoff"), ("opening_stock", "expiry")])
def test_a_row_of_a_table_is_told_its_column(table: str, column: str) -> None:
    row = Row(number=7, cells={"code": "1", "item": "MUG", "location": "A", "quantity": "1", column: "9999-12-31"})
    _, [trouble] = facts_of(table, row, ZoneInfo("UTC"))
    assert (trouble.row, trouble.column) == (7, column)
    assert trouble.sentence == "'9999-12-31' is no day we reckon with; they are 2000-01-01 to 2199-12-31."


@pytest.mark.parametrize("typed", ["31.12.1999", "9999-12-31", "0001-01-01"])
def test_a_day_typed_on_the_floor_is_asked_again(typed: str) -> None:
    with pytest.raises(shelf_life.BadDate, match="days are from 2000-01-01 to 2199-12-31"):
        shelf_life.parse_date(typed)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_moment_of_no_calendar_is_told_all_the_same(zone: str) -> None:
    hours = Hours(zone)
    for at in AT_THE_ENDS:
        assert all(told(at) for told in (hours.clock, hours.moment, hours.left, hours.ago, hours.iso))


PAGES = (
    "/desk/orders", "/desk/waves", "/desk/lines", "/desk/tasks", "/desk/order?code=100471", "/desk/order?code=100472",
    "/desk/service?q=100471", "/desk/trace?q=100471", "/desk/trace?q=4500187", "/desk/receipts", "/desk/arrivals",
    "/desk/carriers?grams=900&to=20457+Hamburg&promised=9999-12-31",
)  # fmt: skip
TOO_LARGE = (
    f"/desk/orders?cutoff={'9' * 30}", f"/desk/orders?short={'9' * 30}", f"/desk/variances?state=all&above={'9' * 30}",
    f"/desk/trace?q=100471&page={'9' * 30}",
)  # fmt: skip


def test_rows_from_the_time_when_any_day_was_taken_are_drawn(tmp_path: Path) -> None:
    url = engines.fresh("sqlite", tmp_path)
    database = Database(url)
    world = house.lay_out(database)
    for table, column in ((sales_order, "cutoff"), (sales_order, "promised"), (task, "due"), (wave, "cutoff")):
        key = next(iter(table.primary_key.columns))
        for number, (code,) in enumerate(world.rows(table.select().with_only_columns(key))):
            world.change(table, key == code, **{column: AT_THE_ENDS[number % 2]})
    world.change(purchase_order, purchase_order.c.code == "4500187", due=AT_THE_ENDS[0])
    database.close()
    with TestClient(house.open_house(url, tmp_path, house.used_doors()), base_url="http://127.0.0.1:8080") as client:
        desk = Desk(client, "ada")
        for page in PAGES:
            desk.see(page)
        for page in TOO_LARGE:
            assert client.get(page).status_code == 400, page
            desk.see(page.replace("9" * 30, "9" * 12))
        assert desk.press("/desk/waves/create", cutoff="9" * 30).status_code == 400


@pytest.mark.parametrize("at", AT_THE_ENDS)
def test_an_order_with_such_a_cut_off_is_picked_and_packed(database: Database, at: int) -> None:
    floor = Picking(World(database, "A-01  MUG  10"))
    floor.order("7", ("MUG", 2), cutoff=at)
    floor.release()
    floor.tote("T-1")
    mara = start(floor, "T-1").scan("A-01", "#MUG")
    assert mara.refusal == ""
    with database.reading() as tx:
        assert "cut-off" in packing_view.hurry(tx, "DPD", "", at)


def test_the_most_of_everything_that_may_be_told_still_adds_up(database: Database) -> None:
    """Quantity × measure is summed by the engines in 64 bits: nine pallets of the most there may be."""
    world = World(database)
    facts = {
        "code": "BIG",
        "name": "Big",
        "weight_g": MOST_G,
        "standard_cost": MOST_COST,
        "length_mm": MOST_MM3 // 10**6,
    }
    sent = {**facts, "width_mm": 1_000, "height_mm": 1_000}
    outcome = database.do(lambda tx: master.apply(tx, master.decode("item.upsert", sent), ledger.By(worker="erp")))
    assert outcome.state == "applied", outcome.sentence
    world.barcodes["BIG"] = "BIG"  # known
    for number in range(9):
        world.stock(f"A-01 BIG {MOST} lpn=LPN-{number}")
    with database.reading() as tx:
        assert tx.row(bins.READ_BIN, code="A-01", item="BIG", lot="") is not None
        (place,) = tx.rows(schedule.PLACES, last_class="C", since=0)
    assert place[2] == 9 * MOST * MOST_COST
    larger = database.do(
        lambda tx: master.apply(tx, master.decode("item.upsert", {**sent, "width_mm": 1_001}), ledger.By(worker="erp"))
    )
    assert (larger.state, larger.sentence) == ("dead", "Item BIG: it would fill more than 100 m³.")
