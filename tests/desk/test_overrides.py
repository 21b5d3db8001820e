"""Every override stands at the desk with both names, and nobody who is not a supervisor reads the list."""

import csv
import io
import re

from litestar import Litestar
from litestar.testing import TestClient

from app import clock, schema
from app.db import Database, Tx
from app.stock import ledger
from app.stock.events import Overridden
from app.stock.ledger import By
from tests.desk.house import Desk

Client = TestClient[Litestar]


def three(tx: Tx) -> None:
    for supervisor, rule, what, kind, limit, amount, lane in (
        ("ruth", "over_tolerance", "14 × HON-500 received, 12 ordered", "over_receipt_percent", 10, 16, "po 4500187"),
        ("lena", "above_limit", "12 × MUG-BLU less in A-01-02", "adjust_quantity", 5, 12, "item MUG-BLU"),
        ("ruth", "above_limit", "=3 × KET-1L written off", "write_off_value", 0, 8970, "item KET-1L"),
    ):
        event = Overridden(
            worker="mara", supervisor=supervisor, rule=rule, what=what, kind=kind, limit=limit, amount=amount,
            reason="agreed", lane=lane,
        )  # fmt: skip
        ledger.post(tx, event, By(worker="mara", device="HH-01"))


def test_every_override_is_listed_with_both_names_and_as_csv(client: Client) -> None:
    ruth = Desk(client, "ruth")
    assert "<h1>No override in the last seven days.</h1>" in ruth.see("/desk/overrides")
    database = client.app.state.house.db
    assert isinstance(database, Database)
    database.do(three)
    page = ruth.see("/desk/overrides")
    assert "<h1>Three overrides in the last seven days, released by two people.</h1>" in page
    first = re.sub(r"<[^>]+>", " ", re.findall(r'<tr data-row="\d+">(.*?)</tr>', page, re.S)[0])
    assert (
        re.sub(r"\s+", " ", first)
        .strip()
        .startswith(
            "=3 × KET-1L written off Above limit 0.00 89.70 Mara Keller Ruth Vogel Agreed with the office item KET-1L HH-01"
        )
    )
    assert len(re.findall(r'<tr data-row="\d+">', ruth.see("/desk/overrides?supervisor=lena"))) == 1
    assert len(re.findall(r'<tr data-row="\d+">', ruth.see("/desk/overrides?rule=above_limit"))) == 2
    assert len(re.findall(r'<tr data-row="\d+">', ruth.see("/desk/overrides?document=po+4500187"))) == 1
    assert "Nothing is like that." in ruth.see("/desk/overrides?worker=lena")
    text = ruth.client.get("/desk/overrides?supervisor=ruth&format=csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["worker"], row["supervisor"], row["limit"], row["amount"]) for row in rows] == [
        ("mara", "ruth", "0.00", "89.70"),
        ("mara", "ruth", "10 %", "16 %"),
    ]
    assert rows[0]["what"] == "'=3 × KET-1L written off", "no formula for the spreadsheet"


def test_only_supervisors_read_it(client: Client) -> None:
    vera = Desk(client, "vera")
    assert client.get("/desk/overrides", headers={"Accept": "text/html"}).status_code == 403
    assert "/desk/overrides" not in vera.see("/desk/waves")


def test_who_received_the_goods_does_not_decide_what_is_missing(client: Client) -> None:
    database = client.app.state.house.db
    now = clock.now()
    row = {"id": "d-9", "document": "po 4500187", "item": "HON-500", "kind": "short", "expected": 24, "found": 12}
    database.do(
        lambda tx: tx.run(schema.work.discrepancy.insert().values(**row, owner="supervisor", due=now, worker="ruth"))
    )
    ruth = Desk(client, "ruth")
    told = ruth.press("/desk/exceptions/close", source="discrepancy", id="d-9", reason="came later")
    assert (told.status_code, told.headers["x-refusal"]) == (403, "same_person")
    assert "Ruth V. received these goods, so somebody else must decide what is missing." in told.text
    lena = Desk(client, "lena")
    assert lena.press("/desk/exceptions/close", source="discrepancy", id="d-9", reason="came later").status_code == 200
