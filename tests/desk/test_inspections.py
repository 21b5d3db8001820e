"""What waits for inspection and what was found stands on one page; the rows behind it are kept on another."""

import csv
import io
import re

from litestar import Litestar
from litestar.testing import TestClient

from app.db import Tx
from app.stock.events import Received
from app.stock.ledger import By, post
from app.stock.slots import Slot
from app.work import progress
from app.work.inspections import deciding, lots, sampling, switching
from tests.desk.house import Desk

Client = TestClient[Litestar]
BY = By(worker="lena", device="HH-02")


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def receive(tx: Tx) -> None:
    slot = Slot(location="DOCK-1", lpn="LPN-0777", lot="L9", status="inspection")
    event = Received(po="4500187", line="1", item="HON-500", quantity=10, target=slot, new_lpn=True)
    post(tx, event, By(worker="mara"))


def inspect(tx: Tx) -> None:
    found = lots.begin(tx, "HON-500", "L9", "lena")
    while not (found := lots.find(tx, found.id)).verdict:
        event = sampling.unit(tx, found, "", "", quantity=1)
        post(tx, event, BY)
        progress.apply(tx, event)
    decided = deciding.verdict(tx, found, "", lambda: "LPN-0778")
    deciding.close(tx, found, decided.event, post(tx, decided.event, BY), BY)


def test_from_waiting_to_the_result_and_its_csv(client: Client) -> None:
    ruth = Desk(client, "ruth")
    assert headline(ruth.see("/desk/inspections")) == "Nothing waits for inspection."
    db = client.app.state.house.db
    db.do(receive)
    page = ruth.see("/desk/inspections")
    assert headline(page) == "One lot waits for inspection."
    assert "L9" in page
    db.do(inspect)
    page = ruth.see("/desk/inspections?q=L9")
    assert headline(page) == "Nothing waits for inspection."
    assert "Passed" in page
    rows = list(csv.DictReader(io.StringIO(client.get("/desk/inspections?format=csv").text.lstrip("\ufeff"))))
    assert [(row["item"], row["result"], row["received by"], row["inspected by"]) for row in rows] == [
        ("HON-500", "passed", "mara", "lena")
    ]
    stopped = switching.Standing(item="HON-500", supplier="", severity="tightened", stopped=1)
    db.do(lambda tx: switching.keep(tx, stopped))
    assert "Set it back" in ruth.see("/desk/inspections")
    assert "is inspected again, tightened" in ruth.press("/desk/inspections/set_back", item="HON-500").text
    assert "is not stopped" in ruth.press("/desk/inspections/set_back", item="HON-500").text


def test_a_row_that_contradicts_another_is_refused_at_the_desk(client: Client) -> None:
    vera = Desk(client, "vera")
    assert "no row says so" in headline(vera.see("/desk/inspections/plans"))
    assert 'hx-post="/desk/inspections' not in vera.see("/desk/inspections/plans")
    assert vera.press("/desk/inspections/rule", item="MUG-BLU").status_code == 403
    ruth = Desk(client, "ruth")
    answer = ruth.press("/desk/inspections/letter", level="II", lot_from="100", lot_to="200", letter="F")
    assert (answer.headers["x-refusal"], "the lot sizes overlap" in answer.text) == ("plan_contradicts", True)
    less = {"severity": "normal", "aql": "1.0", "letter": "K", "size": "20", "accept": "3", "reject": "4"}
    assert "a larger lot would be looked at less" in ruth.press("/desk/inspections/plan", **less).text
    assert "is inspected, level II, AQL 1.0" in ruth.press("/desk/inspections/rule", item="HON-500").text
    assert ruth.press("/desk/inspections/rule", item="NOTHING").headers["x-refusal"] == "bad_rule"
    assert "looked at" in ruth.press("/desk/inspections/check", code="smell", words="Smells good").text
    change = {"from_status": "expired", "to_status": "damaged", "roles": "supervisor"}
    assert "Expired may become damaged, by supervisor." in ruth.press("/desk/inspections/change", **change).text
    same = ruth.press("/desk/inspections/change", from_status="expired", to_status="expired")
    assert same.headers["x-refusal"] == "bad_change"
    assert headline(ruth.see("/desk/inspections/plans")) == "One row says what is inspected when it comes."
