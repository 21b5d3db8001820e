"""Receipts that differ, at the desk: filtered by address, decided in place, exported as seen."""

import csv
import io
import re
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import insert

from app import clock, schema
from app.db import Tx
from app.stock import ledger
from app.stock.events import UnplannedReceived
from app.stock.slots import Slot
from app.work import discrepancies, progress
from tests.desk.house import BY, Desk

Client = TestClient[Litestar]


def unplanned(tx: Tx) -> str:
    key = clock.new_id()
    event = UnplannedReceived(
        item="MUG-BLU", quantity=9, target=Slot(location="DOCK-1", lpn="LPN-0070", status="quarantine"),
        reason="free_goods", case=key, po="4500187", new_lpn=True,
    )  # fmt: skip
    ledger.post(tx, event, BY)
    progress.apply(tx, event)
    discrepancies.sign(tx, key, "mara")
    tx.run(insert(schema.people.worker_limit).values(holder="worker", name="ruth", kind="unplanned_value", value=-1))
    return key


def csv_of(client: Client, query: str) -> list[list[str]]:
    answer: Any = client.get(f"/desk/receipts?format=csv{query}")
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_a_difference_is_found_by_address_decided_in_place_and_exported(client: Client) -> None:
    vera = Desk(client, "vera")
    assert "One receipt differs, one overdue." in vera.see("/desk/receipts")
    assert vera.press("/desk/receipts/decide", id="d-1", outcome="accepted", reason="x").status_code == 403
    key = client.app.state.house.db.do(unplanned)
    ruth = Desk(client, "ruth")
    page = ruth.see("/desk/receipts")
    assert "One receipt differs, 9 units wait on hold, one overdue." in page
    assert re.findall(r'<tr data-row="([^"]+)"', page) == [key, "d-1"], "what holds goods is on top"
    for query, count in (
        ("&held=1", 1), ("&kind=short", 1), ("&supplier=Imkerei+Bodensee", 2), ("&supplier=nobody", 0),
        ("&q=4500187", 2), ("&q=LPN-0070", 1), ("&taken=nobody", 2), ("&taken=ruth", 0), ("&state=closed", 0),
        ("&document=po+4500187", 2),
    ):  # fmt: skip
        assert len(csv_of(client, query)) == count + 1, query
    assert "Lines" in ruth.see("/desk/receipts?document=po+4500187")
    assert "You take care of it." in ruth.press("/desk/receipts/take", id=key).text
    assert (
        "wait on hold for this" in ruth.press("/desk/exceptions/close", source="discrepancy", id=key, reason="x").text
    )
    assert "needs a reason" in ruth.press("/desk/receipts/decide", id=key, outcome="released", reason=" ").text
    told = ruth.press("/desk/receipts/decide", id=key, outcome="released", quantity="4", reason="we keep them").text
    assert "Released: 4 × MUG-BLU; 5 still wait." in told
    told = ruth.press("/desk/receipts/decide", id=key, outcome="sent_back", quantity="", reason="the rest not").text
    assert "Sent back: 5 × MUG-BLU." in told
    assert "Somebody has closed this already." in ruth.press("/desk/receipts/take", id=key).text
    assert (
        "Accepted: HON-500." in ruth.press("/desk/receipts/decide", id="d-1", outcome="accepted", reason="agreed").text
    )
    assert "All receipts are as ordered, or decided." in ruth.see("/desk/receipts")
    rows = csv_of(client, "&state=closed")
    assert [row[rows[0].index("decided")] for row in rows[1:]] == ["accepted: agreed", "sent back: the rest not"]


def test_deliveries_are_listed_with_what_is_late_and_who_is_punctual(client: Client) -> None:
    now = clock.now()

    def came(tx: Tx) -> None:
        for code, due, until in (
            ("N-1", now - 3 * clock.HOUR, now - clock.HOUR),
            ("N-2", now + clock.HOUR, now + 2 * clock.HOUR),
        ):
            tx.run(insert(schema.inbound.asn).values(code=code, supplier="Imkerei", due=due, until=until))
        tx.run(
            insert(schema.inbound.arrival).values(
                id="t-1", document="po 4500187", supplier="Imkerei Bodensee", door="DOCK-1", carrier="=DPD", seal="S-1",
                answers="Is the seal whole? Yes.", state="unloaded", arrived=now - clock.HOUR, unloaded=now,
            )
        )  # fmt: skip

    client.app.state.house.db.do(came)
    vera = Desk(client, "vera")
    page = vera.see("/desk/arrivals")
    assert "One delivery is late, one to come." in page
    assert "Is the seal whole? Yes." in page
    for query, count in (("", 3), ("&state=late", 1), ("&supplier=Imkerei", 2), ("&door=DOCK-1", 1), ("&q=N-2", 1)):
        answer = client.get(f"/desk/arrivals?format=csv{query}")
        assert len(answer.text.splitlines()) == count + 1, query
    assert "'=DPD" in client.get("/desk/arrivals?format=csv").text, "no formula for a spreadsheet"
