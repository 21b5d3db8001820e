"""A lot is stopped at the desk, its way through the house is on one page, and somebody else sets it free."""

import csv
import io
import re

from litestar import Litestar
from litestar.testing import TestClient

from tests.desk.house import Desk

Client = TestClient[Litestar]


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def test_a_recall_from_the_desk_to_the_csv_and_back(client: Client) -> None:
    ruth = Desk(client, "ruth")
    assert headline(ruth.see("/desk/holds")) == "No lot is on hold."
    assert "No item here has a lot NONE." in ruth.press("/desk/holds/stop", lot="NONE", reason="x").text
    assert "needs a reason" in ruth.press("/desk/holds/stop", lot="L2408-A", reason=" ").text
    answer = ruth.press("/desk/holds/stop", lot="L2408-A", kind="recall", reason="=Glass found")
    assert "Lot L2408-A of HON-500 is recalled. 1 order gave 6 back" in answer.text, answer.text
    assert "recalled already" in ruth.press("/desk/holds/stop", lot="L2408-A", kind="recall", reason="again").text
    page = ruth.see("/desk/holds")
    assert headline(page) == "One hold stops goods from leaving."
    assert "You held it: somebody else clears it." in page
    [key] = re.findall(r'<tr data-row="([^"]+)"', page)
    assert ruth.press("/desk/holds/clear", id=key, reason="good").status_code == 403
    lot = ruth.see("/desk/recall?q=L2408-A")
    assert headline(lot) == "Lot L2408-A is recalled: 72 here, none with customers."
    for part, first in (("who", "customer"), ("where", "location"), ("from", "document")):
        answer = client.get(f"/desk/recall?q=L2408-A&part={part}&format=csv")
        rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
        assert rows[0][0] == first
        assert len(rows) == {"who": 1, "where": 3, "from": 2}[part], rows
    listed = client.get("/desk/holds?format=csv").text
    assert "'=Glass found" in listed, "no spreadsheet takes it for a formula"
    vera = Desk(client, "vera")
    assert 'hx-post="/desk/holds' not in vera.see("/desk/holds")
    assert vera.press("/desk/holds/stop", lot="L2407-C", reason="x").status_code == 403
    lena = Desk(client, "lena")
    assert "Lot L2408-A of HON-500 is free again." in lena.press("/desk/holds/clear", id=key, reason="tested").text
    assert "Cleared" in lena.see("/desk/holds?state=cleared")
    assert headline(lena.see("/desk/recall?q=nobody")) == "Nobody knows lot nobody."
