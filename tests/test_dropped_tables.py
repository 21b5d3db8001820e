"""An ERP without JSON drops a folder of tables: all of it is taken, or nothing, and it is said what is wrong."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from app import dropped_tables
from app.config import Settings
from app.db import Database
from app.schema.documents import order_line, sales_order
from app.schema.items import item
from app.schema.sync import turned_away
from sync import doors

ITEMS = "code;name\nTEA;Green tea\nMUG;Käsebecher\n"
ORDERS = "code,customer,name\n7,C1,Jo Bloggs\n"
LINES = "order,line,item,quantity\n7,1,TEA,12\n7,2,MUG,2\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def drop(inbox: Path, name: str, done: str | None = "", **tables: str) -> None:
    (inbox / name).mkdir()
    for table, text in tables.items():
        (inbox / name / f"{table}.csv").write_text(text, encoding="utf-8")
    if done is not None:
        (inbox / f"{name}.done").write_text(done, encoding="utf-8")


def sums(**tables: str) -> str:
    return "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}.csv\n" for name, text in tables.items())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_finished_folder_becomes_orders_and_is_put_away_with_its_report(database: Database, inbox: Path) -> None:
    whole = sums(items=ITEMS, orders=ORDERS, order_lines=LINES)
    drop(inbox, "0815", whole, items=ITEMS, orders=ORDERS, order_lines=LINES)
    drop(inbox, "0816", None, items="code\nHALF-WRITTEN\n")
    [report] = dropped_tables.read(database, inbox, Settings())
    assert report.imported
    with database.reading() as tx:
        assert tx.rows(select(sales_order.c.code, sales_order.c.state)) == [("7", "pool")]
        assert tx.rows(select(order_line.c.item, order_line.c.quantity).order_by(order_line.c.line)) == [
            ("TEA", 12), ("MUG", 2),
        ]  # fmt: skip
        assert tx.rows(select(item.c.code).order_by(item.c.code)) == [("MUG",), ("TEA",)]
    assert names(inbox / "done") == ["0815", "0815.done", "0815.report"]
    assert "Imported: 3 changes." in (inbox / "done" / "0815.report").read_text(encoding="utf-8")
    drop(inbox, "0815", items=ITEMS, orders=ORDERS, order_lines=LINES)
    [again] = dropped_tables.read(database, inbox, Settings())
    assert (again.ok, again.changes) == (True, 0)
    assert "0815-2" in names(inbox / "done"), "what was dropped before under this name stays"
    assert doors.read_folder(database, inbox) == [], "the reader of JSON does not see it"
    assert names(inbox) == ["0816", "done"]


@pytest.mark.parametrize(
    ("tables", "done", "told"),
    [
        (
            {"items": ITEMS, "orders": ORDERS, "order_lines": LINES.replace("12", "a dozen")},
            "",
            "order_lines.csv row 2",
        ),
        ({"items": ITEMS, "stations": "code,name\nPACK-9,Theirs\n"}, "", "stations.csv was left out: it is none of"),
        ({"opening_stock": "item,location,quantity\nTEA,A-1,5\n"}, "", "opening_stock.csv was left out"),
        ({"items": ITEMS}, sums(items="other"), "The checksum of items.csv in the done-file does not fit"),
        ({"items": ITEMS}, sums(items=ITEMS, orders=ORDERS), "orders.csv stands in the done-file and is not here"),
        ({"items": "code,name\n" + "X" * dropped_tables.MOST_BYTES}, "", "The tables are larger than 4 MiB together"),
        ({}, "", "There is no table here."),
    ],
)
def test_a_folder_with_anything_wrong_is_not_taken_and_the_desk_hears_why(
    database: Database, inbox: Path, tables: dict[str, str], done: str, told: str
) -> None:
    drop(inbox, "0815", done, **tables)
    drop(inbox, "0816", items="code,name\nNEXT,Is taken all the same\n")
    wrong, right = dropped_tables.read(database, inbox, Settings())
    assert not wrong.ok
    assert right.imported
    with database.reading() as tx:
        assert tx.rows(select(item.c.code)) == [("NEXT",)]
        [(code, source, sentence)] = tx.rows(select(turned_away.c.code, turned_away.c.source, turned_away.c.sentence))
    assert (code, source) == ("bad_file", "0815")
    assert told in sentence
    assert names(inbox / "failed") == ["0815", "0815.done", "0815.report"]
    assert told in (inbox / "failed" / "0815.report").read_text(encoding="utf-8")
