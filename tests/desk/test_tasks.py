"""The task board: what waits and why it does not move, and what a supervisor does to it, with the worker at the device."""

import csv
import io
import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import insert, select

from app import clock, schema
from app.db import Database, Tx
from app.errors import ScanAgain
from app.schema.people import security_event
from app.schema.work import task
from app.work import directing_acts, directing_queue, tasks
from tests.desk.house import Desk

Client = TestClient[Litestar]


def database(client: Client) -> Database:
    found = client.app.state.house.db
    assert isinstance(found, Database)
    return found


@pytest.fixture
def ruth(client: Client) -> Desk:
    """Beside the wave's walk: a putaway, a count that needs a lift, a job nobody knows."""

    def lay(tx: Tx) -> None:
        now = clock.now()
        tasks.add(tx, "putaway", id="P-1", document="lpn LPN-0001", place="A-01-01", item="SOAP", priority=4)
        tasks.add(tx, "count", id="C-1", place="A-02-01", item="HON-500", due=now - clock.HOUR, reason="short pick")
        tasks.add(tx, "fumigate", id="X-1", place="B-01-01", reason="beetles")
        directing_queue.need(tx, "count", "", "reach_truck")

    database(client).do(lay)
    return Desk(client, "ruth")


def row(page: str, key: str) -> str:
    found = re.search(
        rf'<tr data-row="{key}">(.*?)</tr>\s*<tr class="more" data-of="{key}" hidden>(.*?)</tr>', page, re.S
    )
    assert found is not None, f"no row {key}"
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1] + found[2]))


def notes(client: Client) -> list[tuple[str, str]]:
    statement = select(security_event.c.kind, security_event.c.worker).order_by(security_event.c.at)
    return [
        (kind, who) for kind, who in database(client).do(lambda tx: tx.rows(statement)) if str(kind).startswith("task_")
    ]


def test_what_waits_stands_with_why_it_does_not_move(ruth: Desk) -> None:
    page = ruth.see("/desk/tasks")
    headline = re.search(r"<h1>(.*?)</h1>", page)
    assert headline is not None
    assert "tasks wait" in headline[1]
    assert headline[1].endswith("one is late.")
    assert "Takes reach truck, which nobody has." in row(page, "C-1")
    assert "No job on the floor takes tasks of this kind yet." not in page
    assert "No job on the floor takes tasks of this kind." in row(page, "X-1")
    assert "Put away LPN-0001" in row(page, "P-1")
    assert "Stuck" not in row(page, "P-1")
    assert row(ruth.see("/desk/tasks?kind=count"), "C-1")
    assert 'data-row="P-1"' not in ruth.see("/desk/tasks?kind=count")
    assert 'data-row="C-1"' in ruth.see("/desk/tasks?late=yes")
    assert 'data-row="P-1"' not in ruth.see("/desk/tasks?late=yes")
    assert 'data-row="P-1"' in ruth.see("/desk/tasks?q=LPN-0001")
    assert 'data-row="P-1"' not in ruth.see("/desk/tasks?q=%25")
    assert ruth.client.get("/desk/tasks?page=x").status_code == 400


def test_the_csv_says_what_the_page_says(ruth: Desk) -> None:
    text = ruth.client.get("/desk/tasks?kind=count&format=csv").text.removeprefix("\ufeff")
    [line] = [line for line in csv.DictReader(io.StringIO(text)) if line["task"] == "C-1"]
    assert (line["task"], line["kind"], line["begins at"], line["stuck"]) == (
        "C-1",
        "count",
        "A-02-01",
        "Takes reach truck, which nobody has.",
    )


def test_a_task_given_to_somebody_is_theirs_and_others_ask_twice(client: Client, ruth: Desk) -> None:
    assert "Nobody who works here" in ruth.press("/desk/tasks/assign", id="P-1", worker="zoe").text
    refused = ruth.press("/desk/tasks/assign", id="C-1", worker="mara")
    assert refused.status_code == 409
    assert "Mara K. lacks reach truck" in refused.text
    assert "It is Mara K.&#39;s now." in ruth.press("/desk/tasks/assign", id="P-1", worker="mara").text
    assert "for Mara K." in row(ruth.see("/desk/tasks"), "P-1")
    db = database(client)
    assert [one.id for one in db.do(lambda tx: tasks.queue(tx, "putaway", worker="lena"))] == []
    assert [one.id for one in db.do(lambda tx: tasks.queue(tx, "putaway", worker="mara"))] == ["P-1"]

    def once(warning: ScanAgain) -> None:
        raise warning

    with pytest.raises(tasks.MeantForAnother, match="The office gave this task to Mara K"):
        db.do(lambda tx: tasks.take(tx, "P-1", "lena", "HH-03", once))
    db.do(lambda tx: tasks.take(tx, "P-1", "lena", "HH-03", lambda warning: None))
    refused = ruth.press("/desk/tasks/assign", id="P-1", worker="mara")
    assert "Lena S. is at it on HH-03." in refused.text


def test_priority_by_hand_goes_up_and_down_to_its_ends(client: Client, ruth: Desk) -> None:
    for _ in range(3):
        assert ruth.press("/desk/tasks/priority", id="P-1", to="up").status_code == 200
    assert "priority 1 already" in ruth.press("/desk/tasks/priority", id="P-1", to="up").text
    assert "Priority 2 now." in ruth.press("/desk/tasks/priority", id="P-1", to="down").text
    assert "2 by hand" in row(ruth.see("/desk/tasks"), "P-1")
    assert ruth.press("/desk/tasks/priority", id="P-1", to="sideways").status_code == 400
    assert notes(client) == [("task_priority", "ruth")] * 4


def test_a_lease_is_ended_and_the_worker_hears_so(client: Client, ruth: Desk) -> None:
    db = database(client)
    assert "Nobody has begun" in ruth.press("/desk/tasks/release", id="P-1").text
    db.do(lambda tx: tasks.take(tx, "P-1", "mara", "HH-01", lambda warning: None))
    assert "Mara K. has it on HH-01" in row(ruth.see("/desk/tasks"), "P-1")
    assert "Mara K. hears so at the next scan" in ruth.press("/desk/tasks/release", id="P-1").text
    with pytest.raises(tasks.TakenOver, match="put back into the queue"):
        db.do(lambda tx: tasks.keep(tx, "P-1", "mara", "HH-01"))


def test_cancelling_takes_a_reason_nobody_at_it_and_a_kind_that_lets_it(client: Client, ruth: Desk) -> None:
    db = database(client)
    assert ruth.press("/desk/tasks/cancel", id="P-1", reason="lazy").status_code == 409
    db.do(lambda tx: tasks.take(tx, "P-1", "mara", "HH-01", lambda warning: None))
    assert "Release it first." in ruth.press("/desk/tasks/cancel", id="P-1", reason="mistake").text
    db.do(lambda tx: tasks.give_back(tx, "P-1"))
    assert "Cancelled: made by mistake." in ruth.press("/desk/tasks/cancel", id="P-1", reason="mistake").text
    assert "is cancelled already" in ruth.press("/desk/tasks/cancel", id="P-1", reason="mistake").text
    told = row(ruth.see("/desk/tasks?state=cancelled"), "P-1")
    assert re.search(r"Cancelled [\d:]+ by ruth : Made by mistake\.", told), told
    [walk] = db.do(lambda tx: tx.rows(select(task.c.id).where(task.c.kind == "pick", task.c.state == "open").limit(1)))
    refused = ruth.press("/desk/tasks/cancel", id=walk[0], reason="mistake")
    assert "A task to pick is not cancelled by hand." in refused.text
    assert "Pull its wave back" in refused.text
    assert notes(client) == [("task_cancelled", "ruth")]


def test_who_may_only_look_cannot_act_and_weights_are_the_admins(client: Client, ruth: Desk) -> None:
    assert ruth.press("/desk/tasks/weight", name="step", metres="90").status_code == 403
    vera = Desk(client, "vera")
    assert 'action="/desk/tasks"' in vera.see("/desk/tasks")
    assert "/desk/tasks/cancel" not in vera.see("/desk/tasks")
    assert vera.press("/desk/tasks/priority", id="P-1", to="up").status_code == 403
    ada = Desk(client, "ada")
    assert "Counts 90 m now" in ada.press("/desk/tasks/weight", name="step", metres="90").text
    assert "nothing is weighed by that" in ada.press("/desk/tasks/weight", name="stp", metres="90").text
    assert ada.press("/desk/tasks/weight", name="step", metres="-1").status_code == 400
    assert "90 m" in ada.see("/desk/tasks")


def test_what_a_kind_of_task_takes_is_said_by_an_admin(client: Client, ruth: Desk) -> None:
    assert ruth.press("/desk/tasks/need", kind="putaway", needs="hazmat").status_code == 403
    ada = Desk(client, "ada")
    assert "Put away takes hazmat now." in ada.press("/desk/tasks/need", kind="putaway", needs="hazmat").text
    assert ada.press("/desk/tasks/need", kind="putaway", needs="<b>").status_code == 400
    page = ada.see("/desk/tasks")
    assert "Takes hazmat, which nobody has." in row(page, "P-1")
    assert re.search(r"Put away</th><td>everywhere</td><td>hazmat</td>", page)
    assert "takes nothing special now" in ada.press("/desk/tasks/need", kind="putaway").text
    assert "Takes hazmat" not in row(ada.see("/desk/tasks"), "P-1")


def test_what_was_put_off_is_told_with_the_reason(client: Client, ruth: Desk) -> None:
    now = clock.now()

    def signed_in(tx: Tx) -> None:
        tx.run(
            insert(schema.floor.login).values(
                token="here", door="floor", worker="mara", device="HH-01", ends=now + clock.HOUR, seen=now
            )
        )
        directing_queue.postpone(tx, "mara", "putaway P-1", "blocked")

    database(client).do(signed_in)
    told = row(ruth.see("/desk/tasks"), "P-1")
    assert "Put off by Mara K.: Aisle is blocked." in told
    assert "Everybody here who could has put it off." in told


def test_a_cancelled_task_is_not_made_again_at_once(client: Client, ruth: Desk) -> None:
    db = database(client)
    assert not db.do(lambda tx: directing_acts.was_cancelled(tx, "putaway", "A-01-01", "SOAP"))
    ruth.press("/desk/tasks/cancel", id="P-1", reason="not_needed")
    assert db.do(lambda tx: directing_acts.was_cancelled(tx, "putaway", "A-01-01", "SOAP"))
