"""Corrections decided at the desk, putaway rows tended there, and a dry run read before anybody walks."""

import re

from litestar import Litestar
from litestar.testing import TestClient

from app.db import Tx
from app.schema.storage import adjustment
from app.stock.slots import Slot
from app.work import corrections
from app.work.corrections import Ask
from tests.desk.house import Desk

Client = TestClient[Litestar]


def asked(client: Client, by: str, change: int, kind: corrections.Kind = "adjust", reason: str = "lost") -> str:
    """Somebody on the floor asked for it."""
    ask = Ask(
        kind=kind, item="SOAP", slot=Slot(location="DOCK-1", lpn="LPN-0001"), change=change, booked=12, reason=reason
    )

    def work(tx: Tx) -> str:
        return corrections.begin(tx, ask, by)[0].id

    return str(client.app.state.house.db.do(work))


def headline(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert found is not None
    return found[1]


def test_a_correction_is_approved_or_rejected_by_somebody_else_with_a_price(client: Client) -> None:
    ruth = Desk(client, "ruth")
    assert headline(ruth.see("/desk/corrections")) == "No correction waits for a decision."
    mine, hers = asked(client, "ruth", -1), asked(client, "mara", -2, "write_off", "expired")
    page = ruth.see("/desk/corrections")
    assert headline(page) == "Two corrections wait for a decision."
    assert "You asked for it: somebody else decides." in page
    assert "SOAP has no price" in page, "a limit by value cannot be judged"
    answer = ruth.press("/desk/corrections/approve", id=mine)
    assert (answer.status_code, answer.headers["X-Refusal"]) == (403, "same_person")
    assert ruth.press("/desk/corrections/approve", id=hers).headers["X-Refusal"] == "no_price"
    assert ruth.press("/desk/corrections/reject", id=hers).headers["X-Refusal"] == "no_reason"
    assert "Rejected: 2 × SOAP written off at LPN-0001." in ruth.press(
        "/desk/corrections/reject", id=hers, reason="=still good"
    ).text  # fmt: skip
    assert "'=still good" in client.get("/desk/corrections?state=all&format=csv").text
    ada = Desk(client, "ada")
    assert "Posted: 1 × SOAP less at LPN-0001." in ada.press("/desk/corrections/approve", id=mine).text
    assert ada.press("/desk/corrections/approve", id=mine).headers["X-Refusal"] == "already_decided"
    states = client.app.state.house.db.do(lambda tx: tx.rows(adjustment.select()))
    assert sorted((row[1], row[14], row[15]) for row in states) == [
        ("adjust", "posted", "ada"), ("write_off", "rejected", "ruth"),
    ]  # fmt: skip
    vera = Desk(client, "vera")
    assert 'hx-post="/desk/corrections' not in vera.see("/desk/corrections?state=all")
    assert vera.press("/desk/corrections/approve", id=mine).status_code == 403


def test_the_putaway_rows_are_moved_refused_and_tried_dry(client: Client) -> None:
    ruth = Desk(client, "ruth")
    page = ruth.see("/desk/strategies?q=LPN-0001")
    assert headline(page) == "Five rows say where goods are put away."
    assert "LPN-0001: 12 × SOAP" in page
    assert "Chosen" in page
    assert ruth.press("/desk/strategies/change", position="2", do="switch").text.count("is off") == 1
    answer = ruth.press("/desk/strategies/add", rule="any_room", before="1")
    assert (answer.status_code, answer.headers["X-Refusal"]) == (409, "contradicting_strategy")
    answer = ruth.press("/desk/strategies/add", rule="empty", hazard_class="8", before="1")
    assert answer.headers["X-Refusal"] == "strategy_without_place"
    assert "Row 1 is where the item lies already" in ruth.press("/desk/strategies/change", position="2", do="up").text
    assert ruth.press("/desk/strategies/handover", zone="NONE", place="DOCK-1").headers["X-Refusal"] == "no_handover"
    assert "Nobody knows nothing." in ruth.see("/desk/strategies?q=nothing")
    assert Desk(client, "vera").press("/desk/strategies/change", position="1", do="remove").status_code == 403
