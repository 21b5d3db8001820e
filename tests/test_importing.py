"""A warehouse from a folder of tables: all of it or nothing, and a second time changes nothing."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from app import importing, importing_tables
from app.config import Settings
from app.db import Database
from app.importing_report import Report
from app.schema.documents import order_line, sales_order
from app.schema.items import item, item_barcode, lot, pack
from app.schema.people import worker
from app.schema.places import location, site
from app.schema.stock import balance, journal
from app.work import master, people

SMALL = {
    "site.csv": "code,name,gs1_company_prefix,aisle_pitch_mm,cross_aisle_mm\nMAIN,Harbour,4012345,3000,2500\n",
    "items.csv": (
        "code,name,weight_g,lot_tracked,expiry_tracked,serial_tracked,packs,barcode\n"
        "TEA,Green tea,120,yes,yes,,case=12,4000000000013\n"
        "MUG,=1+1,350,,,,,\n"
        "KETTLE,Kettle,1500,,,yes,,\n"
    ),
    "barcodes.csv": "barcode;item;unit;quantity\n4000000000020;TEA;case;\n",
    "locations.csv": (
        "code,pattern,zone,kind,block,aisles,bays,levels,bay_pitch_mm,carrier\n"
        ",A-{aisle}-{bay}-{level},A,bin,1,01-03,01-04,1-2,1000,\n"
        ",B-{aisle}-{bay}-{level},B,bin,2,01-03,01-04,1-2,1000,\n"
        "DOCK-1,,,staging,,,,,,\n"
        "LANE-1,,,lane,,,,,,DPD\n"
    ),
    "parties.csv": "code,kind,name\nS1,supplier,Tea Traders\n",
    "stations.csv": "code,name,location\nPACK-1,Packing 1,DOCK-1\n",
    "carton_types.csv": "code,name,length_mm,width_mm,height_mm,weight_g,max_weight_g\nS,Small,200,150,100,80,5000\n",
    "putaway_strategies.csv": "position,rule,zone\n1,same_item,\n2,empty,\n",
    "workers.csv": "code,badge,name,roles,pin\nmara,1001,Mara Keller,worker packer,1234\n",
    "purchase_orders.csv": "code,supplier,due\n4500187,S1,2026-11-21 08:00\n",
    "purchase_order_lines.csv": "purchase_order,line,item,quantity\n4500187,1,TEA,120\n4500187,2,MUG,40\n",
    "orders.csv": "code,customer,name,carrier,cutoff,priority\n7,C1,Jo Bloggs,DPD,2026-11-21 16:00,3\n",
    "order_lines.csv": "order,line,item,quantity\n7,1,TEA,12\n7,2,MUG,2\n",
    "opening_stock.csv": (
        "item,location,quantity,lot,expiry,serials\n"
        "TEA,A-01-01-1,24,L1,2027-05-01,\n"
        "MUG,A-01-02-1,10,,,\n"
        "KETTLE,A-01-03-1,2,,,K1 K2\n"
    ),
}
BERLIN = Settings(timezone="Europe/Berlin")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small warehouse as files."""
    target = tmp_path / "import"
    target.mkdir()
    for name, text in SMALL.items():
        (target / name).write_text(text, encoding="utf-8")
    return target


def look(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(select(*columns).order_by(*columns))]


def nothing_is_there(database: Database) -> bool:
    return not look(database, item.c.code) and not look(database, location.c.code) and not look(database, site.c.code)


def errors(report: Report) -> list[str]:
    return [error.in_words() for error in report.errors]


def test_a_folder_becomes_a_warehouse_and_a_second_run_changes_nothing(database: Database, folder: Path) -> None:
    first = importing.run(database, folder, BERLIN)
    assert errors(first) == []
    assert first.imported
    assert look(database, item.c.code, item.c.name) == [("KETTLE", "Kettle"), ("MUG", "=1+1"), ("TEA", "Green tea")]
    assert look(database, pack.c.item, pack.c.unit, pack.c.quantity) == [("TEA", "case", 12)]
    assert look(database, item_barcode.c.code, item_barcode.c.quantity) == [("4000000000013", 1), ("4000000000020", 12)]
    assert look(database, balance.c.item, balance.c.location, balance.c.lot, balance.c.quantity) == [
        ("KETTLE", "A-01-03-1", "", 2),
        ("MUG", "A-01-02-1", "", 10),
        ("TEA", "A-01-01-1", "L1", 24),
    ]
    assert look(database, lot.c.lot, lot.c.expiry) == [("L1", "2027-05-01")]
    assert look(database, sales_order.c.code, sales_order.c.cutoff) == [("7", 1_795_273_200_000_000)]  # 15:00 UTC
    assert look(database, order_line.c.id, order_line.c.quantity) == [("7/1", 12), ("7/2", 2)]
    assert people.pin_fits(look(database, worker.c.pin_hash)[0][0], "1234")

    [before] = look(database, func.max(journal.c.seq))
    second = importing.run(database, folder, BERLIN)
    assert (second.ok, second.changes) == (True, 0)
    assert look(database, func.max(journal.c.seq)) == [before]


def test_what_was_called_off_meanwhile_stays_so_when_the_folder_is_imported_again(
    database: Database, folder: Path
) -> None:
    importing.run(database, folder, BERLIN)
    off = [
        master.decode(f"{kind}.cancel", {"code": code})
        for kind, code in (("order", "7"), ("purchase_order", "4500187"))
    ]
    for message in off:
        assert database.do(lambda tx, said=message: master.apply(tx, said, importing.BY)).state == "applied"  # type: ignore[misc]
    again = importing.run(database, folder, BERLIN)
    assert (again.ok, again.changes) == (True, 0)
    assert "orders.csv row 2 was left out: Order 7 is cancelled; only a newer version opens it again." in again.notices
    assert look(database, sales_order.c.state) == [("cancelled",)]


def test_shelves_come_from_a_pattern_with_their_places_on_the_floor(database: Database, folder: Path) -> None:
    importing.run(database, folder)
    facts = (
        location.c.code,
        location.c.block,
        location.c.aisle,
        location.c.side,
        location.c.position_mm,
        location.c.level,
    )
    bins = {row[0]: row[1:] for row in look(database, *facts)}
    assert len(bins) == 2 * 3 * 4 * 2 + 2
    assert bins["A-01-01-1"] == (0, 0, "left", 500, 1)
    assert bins["A-03-02-2"] == (0, 2, "right", 500, 2)
    assert bins["B-02-03-1"] == (1, 1, "left", 1500, 1)
    assert look(database, site.c.aisles, site.c.blocks, site.c.block_length_mm, site.c.aisle_pitch_mm) == [
        (3, 2, 1500, 3000)
    ]


def test_a_preview_says_what_would_happen_and_keeps_nothing(database: Database, folder: Path) -> None:
    report = importing.preview(database, folder)
    assert [(t.table, t.new) for t in report.tables if t.table in ("items", "locations", "orders")] == [
        ("items", 3),
        ("locations", 50),
        ("orders", 1),
    ]
    assert "orders.csv: 1 row, 1 new, 0 changed, 0 the same\norder_lines.csv: 2 rows, counted in orders.csv" in (
        report.in_words()
    )
    assert report.in_words().endswith("Would import: 67 changes.")
    assert nothing_is_there(database)
    importing.run(database, folder)
    (folder / "items.csv").write_text(SMALL["items.csv"].replace("350", "360"), encoding="utf-8")
    again = importing.preview(database, folder)
    assert {t.table: (t.new, t.changed, t.same) for t in again.tables}["items"] == (0, 1, 2)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("items.csv", "350", "3,5", "items.csv row 3: The row has 9 cells, the heading has 8."),
        ("items.csv", "350", "heavy", "items.csv row 3, weight_g: 'heavy' is not a whole number; write it without"),
        ("items.csv", "350", "-350", "items.csv row 3, weight_g: weight_g must be at least 0."),
        ("items.csv", "weight_g", "gewicht", "items.csv row 1, gewicht: There is no column gewicht. Known are code"),
        ("items.csv", "MUG,", "TEA,", "items.csv row 3, code: TEA is already in row 2."),
        ("items.csv", "MUG,=1", 'MUG,"=1', "items.csv row 3: The row is not sound CSV"),
        ("items.csv", "yes,yes", "perhaps,yes", "items.csv row 2, lot_tracked: 'perhaps' is neither yes nor no."),
        (
            "barcodes.csv",
            ";TEA",
            ";COFFEE",
            "barcodes.csv row 2: Barcode 4000000000020 needs item COFFEE, which is not",
        ),
        (
            "order_lines.csv",
            "7,2,MUG",
            "7,2,CUP",
            "order_lines.csv row 3: Order 7 needs item CUP, which is not known yet.",
        ),
        ("order_lines.csv", "7,2,MUG", "8,2,MUG", "order_lines.csv row 3, order: There is no order 8 in orders."),
        ("order_lines.csv", "MUG,2", "MUG,0", "order_lines.csv row 3, quantity: quantity must be at least 1."),
        ("order_lines.csv", "7,2,MUG", "7,1,MUG", "order_lines.csv row 3, order: 7 1 is already in row 2."),
        ("orders.csv", "16:00", "noon", "orders.csv row 2, cutoff: '2026-11-21 noon' is not a moment; write it as"),
        ("locations.csv", "01-04,1-2", "04-01,1-2", "locations.csv row 2, bays: '04-01' does not count upwards"),
        ("locations.csv", "B-{aisle}", "A-{aisle}", "locations.csv row 3, code: A-01-01-1 is already in row 2."),
        ("locations.csv", "A-{aisle}-{bay}", "A-{bay}", "locations.csv row 2, pattern: The pattern lacks {aisle}"),
        ("locations.csv", "staging", "heap", "locations.csv row 4, kind: kind cannot be 'heap'."),
        ("opening_stock.csv", "L1,2027", ",2027", "opening_stock.csv row 2: TEA is kept by lot: the lot is missing."),
        ("opening_stock.csv", "2027-05-01", "soon", "opening_stock.csv row 2, expiry: 'soon' is not a day; write it"),
        ("opening_stock.csv", "K1 K2", "K1", "opening_stock.csv row 4: KETTLE has serials: 2 are needed, 1 are given."),
        ("opening_stock.csv", "A-01-02-1", "Z-99", "opening_stock.csv row 3: There is no location Z-99."),
        ("workers.csv", "packer", "pirate", "workers.csv row 2: Worker mara: pirate is none of worker, packer"),
    ],
)
def test_one_bad_row_is_named_and_nothing_is_imported(
    database: Database, folder: Path, file: str, old: str, new: str, words: str
) -> None:
    assert old in SMALL[file]
    (folder / file).write_text(SMALL[file].replace(old, new, 1), encoding="utf-8")
    report = importing.run(database, folder)
    assert errors(report)[0].startswith(words)
    assert not report.imported
    assert nothing_is_there(database)


def test_opening_stock_with_another_quantity_is_refused_not_added(database: Database, folder: Path) -> None:
    importing.run(database, folder)
    (folder / "opening_stock.csv").write_text(SMALL["opening_stock.csv"].replace(",24,", ",30,"), encoding="utf-8")
    assert errors(importing.run(database, folder)) == [
        "opening_stock.csv row 2: TEA at A-01-01-1 was opened with 24 before. Correct it by a count."
    ]


def test_every_dialect_of_csv_is_read(database: Database, folder: Path) -> None:
    mugs = "code\tname\nCAFÉ\tCafé crème\n"
    for file in (
        "purchase_order_lines.csv",
        "purchase_orders.csv",
        "orders.csv",
        "order_lines.csv",
        "opening_stock.csv",
    ):
        (folder / file).unlink()
    (folder / "barcodes.csv").unlink()
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        (folder / "items.csv").write_bytes(mugs.replace("\n", "\r\n").encode(encoding))
        report = importing.run(database, folder)
        assert errors(report) == []
        assert look(database, item.c.code, item.c.name) == [("CAFÉ", "Café crème")]
        assert any("read as Windows-1252" in notice for notice in report.notices) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"code,name\nA,x\nB,\x81\n", "items.csv row 3: The row is neither UTF-8 nor Windows-1252"),
        ("code,name\nA,x\n".encode("utf-16"), "items.csv: The file is UTF-16. Save it as 'CSV UTF-8'."),
        (b"code,name\nA,\x00\n", "items.csv row 2: The file holds zero bytes"),
        (b"", "items.csv: The file is empty"),
        (b"code,code\nA,B\n", "items.csv row 1, code: Two columns are named code."),
        (b"name\nTea\n", "items.csv row 1, code: The column code is missing."),
    ],
)
def test_a_file_that_is_no_table_is_refused(database: Database, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "items.csv").write_bytes(content)
    assert errors(importing.run(database, tmp_path))[0].startswith(words)


def test_a_million_rows_are_refused_in_a_sentence(database: Database, tmp_path: Path) -> None:
    with (tmp_path / "items.csv").open("w", encoding="utf-8") as file:
        file.write("code\n")
        file.writelines(f"I{number}\n" for number in range(importing_tables.MOST_ROWS + 1))
    assert errors(importing.run(database, tmp_path)) == [
        "items.csv: There are more than 200,000 rows; one import takes at most that many. Split the file."
    ]
    assert nothing_is_there(database)


def test_an_xlsx_workbook_is_read_sheet_by_sheet(database: Database, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Items"
    for row in (
        [],
        ["Code", "Name", "Weight g", "Barcode"],
        ["MUG", "=SUM(A1)", 350.0, 4000000000013],
        [12, None, None, None],
    ):
        sheet.append(row)
    sheet["B3"].data_type = "s"
    book.create_sheet("Notes").append(["for us"])
    book.save(tmp_path / "master.xlsx")
    report = importing.run(database, tmp_path)
    assert errors(report) == []
    assert look(database, item.c.code, item.c.name, item.c.weight_g) == [("12", "", 0), ("MUG", "=SUM(A1)", 350)]
    assert look(database, item_barcode.c.code) == [("4000000000013",)]
    sheet["C3"] = "heavy"
    book.save(tmp_path / "master.xlsx")
    assert errors(importing.run(database, tmp_path))[0].startswith(
        "master.xlsx [Items] row 3, weight_g: 'heavy' is not"
    )


def test_a_broken_workbook_and_an_empty_folder_get_a_sentence(database: Database, tmp_path: Path) -> None:
    assert errors(importing.run(database, tmp_path / "nowhere"))[0].startswith("import: There is no folder")
    assert "There is no table here" in errors(importing.run(database, tmp_path))[0]
    (tmp_path / "items.xlsx").write_bytes(b"PK not really")
    assert errors(importing.run(database, tmp_path))[0].startswith("items.xlsx: The file is not an XLSX workbook")
