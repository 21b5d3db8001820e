"""Variances at the desk: nobody decides on what they counted, each decision has its evidence, and bulk keeps to the limits."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.db import Database
from app.schema.counting import count_line
from app.schema.stock import balance, journal
from tests import engines
from tests.desk import counted, house
from tests.desk.house import Desk

Client = TestClient[Litestar]


@pytest.fixture(params=["sqlite"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    url = engines.fresh(request.param, tmp_path)
    database = Database(url)
    counted.variances(house.lay_out(database))
    database.close()
    with TestClient(house.open_house(url, tmp_path, house.used_doors()), base_url="http://127.0.0.1:8080") as opened:
        yield opened


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def key_of(client: Client, item: str) -> str:
    with client.app.state.house.db.reading() as tx:
        return str(tx.value(select(count_line.c.id).where(count_line.c.item == item, count_line.c.state == "review")))


def booked(client: Client, item: str, place: str) -> int:
    with client.app.state.house.db.reading() as tx:
        where = (balance.c.item == item, balance.c.location == place, balance.c.lpn == "")
        return int(tx.value(select(balance.c.quantity).where(*where)))


def test_a_difference_is_decided_on_its_evidence_by_somebody_who_did_not_count_it(client: Client) -> None:
    ruth = Desk(client, "ruth")
    page = ruth.see("/desk/variances")
    assert headline(page) == "Three variances wait, one of them not for you to decide."
    assert "You may decide up to 1000.00, 100 %, 500 units." in page
    for evidence in (
        "blind, by 2 people, same difference",
        "HH-mara",
        "typed instead",
        "same item",
        "promised to orders",
    ):
        assert evidence in page or evidence == "same item", evidence
    mug = key_of(client, "MUG-BLU")
    assert "is no reason for this" in ruth.press("/desk/variances/approve", id=mug, reason="").text
    assert '<select name="cause" data-key="c">' in page
    told = ruth.press("/desk/variances/approve", id=mug, reason="recount_agrees", cause="theft_suspected")
    assert "7 × MUG-BLU less at A-01-02: adjusted by event" in told.text
    assert booked(client, "MUG-BLU", "A-01-02") == 18
    assert "does not wait any more: it is approved" in ruth.press("/desk/variances/reject", id=mug, reason="x").text
    with client.app.state.house.db.reading() as tx:
        [who] = tx.rows(select(journal.c.worker, journal.c.device).where(journal.c.kind == "adjusted"))
    assert who[0] == "ruth"
    after = ruth.see("/desk/variances")
    assert "theft suspected" in after
    assert "Undo − 7 · MUG-BLU at A-01-02 · 10 min left" in after.replace("\u00a0", " ")
    assert "waits for a decision again" in ruth.press("/desk/variances/undo", id=mug).text
    assert booked(client, "MUG-BLU", "A-01-02") == 25
    ruth.press("/desk/variances/approve", id=mug, reason="recount_agrees", cause="theft_suspected")
    assert headline(ruth.see("/desk/variances")) == "Two variances wait, one of them not for you to decide."


def test_who_counted_it_is_not_offered_the_decision_and_is_refused_one(client: Client) -> None:
    lena, kettle = Desk(client, "lena"), key_of(client, "KET-1L")
    page = lena.see("/desk/variances?item=KET-1L")
    assert "You counted it: somebody else decides." in page
    assert f'name="id" value="{kettle}"' not in page
    for path in ("approve", "reject"):
        answer = lena.press(f"/desk/variances/{path}", id=kettle, reason="confirmed")
        assert (answer.status_code, answer.headers["X-Refusal"]) == (403, "same_person")
    assert lena.press("/desk/variances/recount", id=kettle).headers["X-Refusal"] == "same_person"
    ruth = Desk(client, "ruth")
    told = ruth.press("/desk/variances/approve", id=kettle, reason="confirmed").text
    assert "47 × KET-1L more at A-02-02: 1567 %, and Ruth V. may decide up to 100 %." in told
    ada = Desk(client, "ada")
    assert "47 × KET-1L more" in ada.press("/desk/variances/approve", id=kettle, reason="confirmed").text
    assert booked(client, "KET-1L", "A-02-02") == 50


@pytest.mark.parametrize("client", ["sqlite", "postgresql"], indirect=True)
def test_several_at_once_recount_reject_link_and_the_csv(client: Client) -> None:
    ruth = Desk(client, "ruth")
    mug, can, kettle = (key_of(client, item) for item in ("MUG-BLU", "CAN-12", "KET-1L"))
    assert "counted again by somebody else" in ruth.press("/desk/variances/recount", id=mug).text
    told = ruth.press("/desk/variances/approve-all", ids=f"{can} {kettle} {mug}", reason="confirmed").text
    assert "1 approved. 2 left:" in told, told
    assert booked(client, "CAN-12", "B-01-01") == 102
    ada = Desk(client, "ada")
    assert "the books stay" in ada.press("/desk/variances/reject", id=kettle, reason="not_plausible").text
    assert "rejected: not plausible" in ada.see("/desk/variances")
    answer = client.get("/desk/variances?state=all&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    states = {(row["item"], row["round"]): row["state"] for row in rows}
    assert states[("CAN-12", "2")] == "approved"
    assert states[("KET-1L", "2")] == "rejected"
    assert states[("MUG-BLU", "2")] == "recount"
    assert headline(ruth.see("/desk/variances?state=decided")) == "What was decided."
    page = ruth.see("/desk/variances")
    assert "9780201379624" in page
    with client.app.state.house.db.reading() as tx:
        count = tx.value(select(count_line.c["count"]).where(count_line.c.place == "DOCK-1"))
    ruth = Desk(client, "ruth")
    linked = ruth.press("/desk/variances/link", count=count, label="9780201379624", item="TEE-M-WHT")
    assert "9780201379624 is counted as TEE-M-WHT." in linked.text
    assert headline(ruth.see("/desk/variances?item=TEE-M-WHT")) == "One variance waits."
    assert "No item is called NONE" in ruth.press("/desk/variances/link", count=count, label="x", item="NONE").text


def test_a_viewer_sees_everything_and_decides_nothing(client: Client) -> None:
    vera = Desk(client, "vera")
    page = vera.see("/desk/variances").split("<main", 1)[1].split("</main>", 1)[0]
    assert "hx-post" not in page
    assert vera.press("/desk/variances/approve", id=key_of(client, "MUG-BLU"), reason="confirmed").status_code == 403
