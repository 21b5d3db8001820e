"""What is kept for each owner stands on a page and in a CSV to send them; a house without owners never sees any of it."""

import csv
import io
import re

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import update

from app.schema.items import item
from tests.desk.house import Desk


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def test_each_owner_has_its_own_list(client: TestClient[Litestar]) -> None:
    vera = Desk(client, "vera")
    assert headline(vera.see("/desk/owners")) == "All goods are the house&#39;s own."
    assert "Their stock" not in vera.see("/desk/orders"), "one owner needs no set-up"
    client.app.state.house.db.do(lambda tx: tx.run(update(item).where(item.c.code == "HON-500").values(owner="ACME")))
    assert "Their stock" in vera.see("/desk/orders?owner=ACME")
    assert headline(vera.see("/desk/owners")) == "One owner keeps goods here."
    assert re.search(r"\d+ units of ACME are here", headline(vera.see("/desk/owners?owner=ACME")))
    assert "Nothing is like that" in vera.see("/desk/owners?owner=BOLT")
    text = client.get("/desk/owners?owner=ACME&format=csv").text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {(row["owner"], row["item"]) for row in rows} == {("ACME", "HON-500")}
    assert {row["status"] for row in rows} == {"available", "quarantine"}
