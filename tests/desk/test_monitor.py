"""The integration monitor at the desk: what is wrong, what to do, and acts in their place, by role."""

import re
from pathlib import Path
from typing import Any, get_args

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import update

from app.db import Database
from app.desk import runbook
from app.schema.sync import delivery
from app.stock.ledger import By
from app.work import exceptions
from sync.alarms import Code
from tests.desk import house
from tests.desk.house import Desk
from tests.desk.test_pages import database, headline

Client = TestClient[Litestar]
DOCS = Path(__file__).parents[2] / "docs" / "runbook.md"


def test_each_alarm_has_its_page_in_the_runbook_and_the_paper_says_the_same() -> None:
    assert sorted(chapter.code for chapter in runbook.RUNBOOK) == sorted(get_args(Code))
    assert DOCS.read_text(encoding="utf-8") == runbook.as_markdown()
    for chapter in runbook.RUNBOOK:
        assert chapter.floor.startswith(("Everything", "What must go out")), chapter.code


def test_one_connector_is_told_in_words_with_alarms_that_lead_to_what_to_do(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    desk = Desk(client, "ruth")
    page = desk.see("/desk/connector?name=books")
    assert headline(page).startswith("books: ")
    assert "books refused 1 event." in page
    assert "on their way" not in headline(page), "what a person must decide is on no way"
    assert 'href="/desk/runbook#dead_letter"' in page
    assert "What it means." in desk.see("/desk/runbook")
    assert "books refused 1 event." in desk.see("/desk/ledger")
    assert client.get("/desk/connector?name=none", headers={"Accept": "text/html"}).status_code == 404


def test_an_alarm_counts_in_the_bar_of_every_page_and_its_case_leads_to_the_connector(client: Client) -> None:
    def counted(desk: Desk) -> int:
        found = re.search(r'href="/desk/ledger"[^>]*>Ledger(?: <b>(\d+)</b>)?<', desk.see("/desk/waves"))
        assert found is not None
        return int(found[1] or 0)

    desk = Desk(client, "ruth")
    before = counted(desk)
    assert desk.press("/desk/ledger/pause", connector="books").status_code == 200
    assert counted(desk) == before + 1
    assert desk.press("/desk/ledger/resume", connector="books").status_code == 200
    assert counted(desk) == before
    database(client).do(
        lambda tx: exceptions.add(tx, "erp_very_late", "books is behind.", document="connector books", by=By(worker=""))
    )
    assert '<a href="/desk/connector?name=books">connector books</a>' in desk.see("/desk/exceptions")


def test_an_event_is_shown_with_its_request_answer_and_who_decided_what(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    desk = Desk(client, "ruth")
    page = desk.see("/desk/delivery?connector=books&seq=11")
    assert headline(page) == "Event 11 at books: dead"
    for words in ("Item HON-500 is unknown there", "MAIN.1.11", "Replay now", "Discard, two people"):
        assert words in page
    assert "Replay now" not in Desk(client, "vera").see("/desk/delivery?connector=books&seq=11")
    desk = Desk(client, "ruth")
    assert desk.press("/desk/ledger/replay", connector="books", seq=11).status_code == 200
    assert "Replayed" in desk.see("/desk/delivery?connector=books&seq=11")
    assert client.get("/desk/delivery?connector=books&seq=9999", headers={"Accept": "text/html"}).status_code == 404


def test_a_warning_is_accepted_or_declined_where_it_is_read(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    _ask(database(client))
    desk = Desk(client, "ruth")
    assert "books warns of 1 event" in desk.see("/desk/ledger")
    assert "Accept the warning" in desk.see("/desk/delivery?connector=books&seq=11")
    assert desk.press("/desk/ledger/decline", connector="books", seq=11, reason="").status_code == 409
    assert Desk(client, "vera").press("/desk/ledger/approve", connector="books", seq=11).status_code == 403
    assert Desk(client, "ruth").press("/desk/ledger/approve", connector="books", seq=11).status_code == 200
    assert Desk(client, "ruth").press("/desk/ledger/approve", connector="books", seq=11).status_code == 409


def _ask(db: Database) -> None:
    db.do(lambda tx: tx.run(update(delivery).values(state="asks", warning="over-receipt")))


def test_settings_are_an_admins_versioned_and_others_are_refused_and_written_down(client: Client) -> None:
    def change(desk: Desk, value: int, version: int) -> Any:
        return desk.press(
            "/desk/connector/setting", connector="books", setting="late_min", value=value, version=version
        )

    assert change(Desk(client, "ruth"), 9, 0).status_code == 403
    assert change(Desk(client, "vera"), 9, 0).status_code == 403
    ada = Desk(client, "ada")
    assert change(ada, 10, 0).status_code == 200
    assert change(ada, 20, 0).status_code == 409  # somebody changed it since this page was read
    assert change(ada, 0, 1).status_code == 409  # not possible
    assert change(ada, 15, 1).status_code == 200
    with database(client).reading() as tx:
        notes = client.app.state.house.sync.notes(tx, "books")
    told = [
        (note.what, note.words.partition(", from")[0], note.was, note.becomes, note.worker)
        for note in notes
        if note.what != "configured"
    ]
    assert told == [
        ("changed", "late_min, version 2", "10", "15", "ada"),
        ("changed", "late_min, version 1", "5", "10", "ada"),
        ("refused", "late_min to 9", "", "", "vera"),
        ("refused", "late_min to 9", "", "", "ruth"),
    ]


def test_whoever_may_act_reconciles_and_replays_from_an_event(client: Client) -> None:
    desk = Desk(client, "ruth")
    said = desk.press("/desk/connector/reconcile", connector="books")
    assert (said.status_code, "books keeps no stock" in said.text) == (200, True)
    assert "keeps no stock" in desk.see("/desk/connector?name=books")
    assert desk.press("/desk/connector/replay-from", connector="books", seq=1).status_code == 200
    assert desk.press("/desk/connector/replay-from", connector="books", seq=99999).status_code == 409
    assert "to event 1" in desk.see("/desk/connector?name=books")


def test_what_was_turned_away_is_seen_in_the_inbox(client: Client) -> None:
    assert client.post("/api/inbox", content=b"[]").status_code == 401
    page = Desk(client, "vera").see("/desk/inbox")
    assert "bad_signature" in page
