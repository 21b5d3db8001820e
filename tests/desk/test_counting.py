"""Counts at the desk: asked for, planned wall to wall, and the rows that make them."""

import re
from pathlib import Path

from litestar import Litestar
from litestar.testing import TestClient

from tests.desk.house import Desk

Client = TestClient[Litestar]


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def test_counts_are_asked_for_dropped_planned_and_their_rows_changed(client: Client, tmp_path: Path) -> None:
    ruth = Desk(client, "ruth")
    before = ruth.see("/desk/counts")
    assert headline(before).endswith("to be counted."), headline(before)
    assert (
        "2 places to be counted." in ruth.press("/desk/counts/ask", scope="aisle", what="A-02", reason="by hand").text
    )
    assert "No place to count for zone NONE." in ruth.press("/desk/counts/ask", scope="zone", what="NONE").text
    figures = ruth.press("/desk/counts/ask", scope="place", what="B-01-01", reason="should be 90")
    assert figures.status_code == 400, "a reason with figures would tell the counter"
    page = ruth.see("/desk/counts?origin=requested+count")
    keys = re.findall(r'<tr data-row="([0-9a-f-]{36})"', page)
    assert len(keys) == 2
    assert "is not counted now." in ruth.press("/desk/counts/drop", id=keys[0]).text
    assert "does not wait any more" in ruth.press("/desk/counts/drop", id=keys[0]).text
    told = ruth.press("/desk/counts/plan", scope="aisle", value="B-", freeze="yes").text
    assert "W001 counts places B-…: 1 place, blocked until counted." in told
    assert "0 of 1" in ruth.see("/desk/counts")
    assert "1 places of W001 are not counted" in ruth.press("/desk/counts/plan/end", code="W001", do="close").text
    assert client.get("/desk/counts?plan=W001&format=csv").text.startswith("\ufefflocation,item,lot")
    assert "W001 is cancelled" in ruth.press("/desk/counts/plan/end", code="W001", do="cancel").text
    row = {"name": "A", "share_percent": 70, "every_days": 14, "active": "yes"}
    assert "Class A: every 14 days, 70 %, on." in ruth.press("/desk/counts/class", **row).text
    assert ruth.press("/desk/counts/class", **{**row, "every_days": 0}).status_code == 400
    low = ruth.press("/desk/counts/trigger", kind="low", threshold=3, cool_days=5, active="yes").text
    assert "Low: 3 or fewer, not again within 5 days, on." in low
    assert "Recounts: 2." in ruth.press("/desk/counts/setting", name="recounts", value=2).text
    assert "14 days" in ruth.see("/desk/counts")
    assert client.get("/desk/counts?format=csv").text.startswith("\ufefflocation,zone,item")
    vera = Desk(client, "vera")
    assert "hx-post" not in vera.see("/desk/counts").split("<main", 1)[1].split("</main>", 1)[0]
    assert vera.press("/desk/counts/ask", scope="zone", what="A").status_code == 403
