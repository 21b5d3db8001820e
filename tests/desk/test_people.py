"""An admin adds people, changes them, locks them out and gives limits; customer service looks and touches nothing."""

import re
from datetime import datetime
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.db import Database
from app.desk import service
from app.desk.service import Answer
from app.work import duties, limits, people, shifts
from app.work.shifts import Shift
from tests.desk import house
from tests.desk.house import Desk

Client = TestClient[Litestar]


def database(client: Client) -> Database:
    found = client.app.state.house.db
    assert isinstance(found, Database)
    return found


def worker(client: Client, code: str) -> people.Worker:
    with database(client).reading() as tx:
        found = people.by_code(tx, code)
    assert found is not None
    return found


KIM = {"code": "kim", "badge": "2001", "name": "Kim Ode", "roles": "worker packer", "skills": " hazmat  cold "}


def test_somebody_new_gets_a_badge_and_a_pin_and_signs_in(client: Client) -> None:
    desk = Desk(client, "ada")
    assert "added" in desk.press("/desk/people/save", new="yes", **KIM).text
    assert (worker(client, "kim").skills, worker(client, "kim").is_a("packer")) == ("hazmat cold", True)
    assert "no PIN" in desk.see("/desk/people?q=kim")
    shown = desk.press("/desk/people/pin", code="kim").text
    pin = re.search(r"is (\d{6})\.", shown)
    assert pin is not None
    assert "Kim Ode comes out of P-2" in desk.press("/desk/people/badge", code="kim", printer="P-2").text
    again = {"code": "kim", "printer": "P-2"}
    assert desk.press("/desk/people/badge", **again).headers["x-refusal"] == "printed_before"
    assert "comes out of P-2, marked as a copy" in desk.press("/desk/people/badge", **again, reason="lost").text
    page = desk.see("/desk/people?q=kim")
    assert pin[1] not in page
    assert "Badge printed by ada: on P-2 again: lost" in page
    assert "Worker added by ada" in page
    assert "Pin reset by ada: a new PIN" in page
    client.cookies.clear()
    signed = client.post("/floor/pin", json={"badge": "2001", "pin": pin[1]}, headers={"Accept": "application/json"})
    assert signed.status_code == 200
    connection = database(client).connect()
    told = "\n".join(str(row) for row in connection.execute("SELECT * FROM security_event"))
    connection.close()
    assert pin[1] not in told


def test_who_is_locked_out_is_signed_out_at_once(client: Client) -> None:
    client.cookies.clear()
    body = {"badge": "B-mara", "pin": house.PIN, "takeover": True}
    token = client.post("/floor/pin", json=body, headers={"Accept": "application/json"}).json()["csrf"]
    floor = dict(client.cookies)
    desk = Desk(client, "ada")
    mara = {"code": "mara", "badge": "B-mara", "name": "Mara Keller", "roles": "worker"}
    assert desk.press("/desk/people/save", active="no", **mara).status_code == 200
    assert "Mara Keller" not in desk.see("/desk/people").split("<main", 1)[1]
    assert "Mara Keller" in desk.see("/desk/people?state=gone")
    client.cookies.clear()
    for name, value in floor.items():
        client.cookies.set(name, value)
    scan = {"id": "0190-scan-9", "after": "", "raw": "X"}
    answer = client.post("/floor/scan", json=scan, headers={"Accept": "application/json", "X-CSRF": token})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"roles": "boss"}, "worker_cannot_be", "boss is none of"),
        ({"roles": ""}, "worker_cannot_be", "no role"),
        ({"badge": "B-ruth"}, "worker_cannot_be", "badge B-ruth is ruth&#39;s"),
        ({"shift": "night"}, "worker_cannot_be", "there is no shift night"),
        ({"name": "  "}, "worker_cannot_be", "everybody has a name"),
        ({"code": "mara"}, "worker_cannot_be", "somebody is called so already"),
        ({"language": "xx"}, "worker_cannot_be", "xx is none of"),
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_added(
    client: Client, change: dict[str, str], code: str, said: str
) -> None:
    desk = Desk(client, "ada")
    answer = desk.press("/desk/people/save", new="yes", **{**KIM, **change})
    assert (answer.status_code, answer.headers.get("x-refusal")) == (409, code)
    assert said in answer.text
    with database(client).reading() as tx:
        assert people.by_code(tx, "kim") is None
    assert desk.press("/desk/people/save", **KIM).status_code == 404
    assert desk.press("/desk/people/save", new="yes", **{**KIM, "code": "two words"}).status_code == 400


def test_nobody_changes_their_own_rights_and_one_admin_always_stays(client: Client) -> None:
    desk = Desk(client, "ada")
    ada = {"code": "ada", "badge": "B-ada", "name": "Ada Min", "roles": "admin supervisor"}
    own = desk.press("/desk/people/save", **ada)
    assert (own.status_code, own.headers["x-refusal"]) == (403, "same_person")
    assert (
        desk.press("/desk/people/limit", holder="worker", name="ada", kind="adjust_value", value="9").status_code == 403
    )
    assert desk.press("/desk/people/save", **{**ada, "roles": "admin", "name": "Ada Minor"}).status_code == 200
    eve = {"code": "eve", "badge": "2002", "name": "Eve Two", "roles": "admin"}
    desk.press("/desk/people/save", new="yes", **eve)
    assert desk.press("/desk/people/save", **{**eve, "roles": "worker"}).status_code == 200


def test_limits_are_given_by_role_and_by_name_and_dropped(client: Client) -> None:
    desk = Desk(client, "ada")

    def limit(**fields: Any) -> Any:
        return desk.press("/desk/people/limit", **fields)

    def of(kind: str) -> int | None:
        with database(client).reading() as tx:
            return limits.of(tx, "mara", kind)

    assert limit(holder="role", name="worker", kind="adjust_value", value="75.50").status_code == 200
    assert of("adjust_value") == 75_50
    assert limit(holder="worker", name="mara", kind="adjust_value", value="none").status_code == 200
    assert of("adjust_value") is None
    page = desk.see("/desk/people?q=mara")
    assert "no limit" in page
    assert re.search(r"Value of an adjustment</th><td[^>]*>75.50</td><td[^>]*>1000.00</td><td[^>]*>no limit</td>", page)
    assert desk.press("/desk/people/limit/drop", name="mara", kind="adjust_value").status_code == 200
    assert of("adjust_value") == 75_50
    assert limit(holder="role", name="worker", kind="adjust_quantity", value="1.50").status_code == 409
    assert limit(holder="role", name="worker", kind="mood", value="1").status_code == 409
    assert limit(holder="role", name="worker", kind="adjust_value", value="-1").status_code == 400


def test_what_one_person_may_not_both_do_stands_on_the_page(client: Client) -> None:
    page = Desk(client, "ada").see("/desk/people")
    for pair in duties.DUTIES:
        assert f"{pair.did}</th><td>{pair.does}</td>" in page


def test_a_shift_is_added_and_given(client: Client) -> None:
    desk = Desk(client, "ada")
    assert (
        desk.press("/desk/people/shift", code="night", days="Mon Tue", starts="22:00", ends="06:00").status_code == 200
    )
    assert desk.press("/desk/people/save", new="yes", shift="night", **KIM).status_code == 200
    assert "22:00–06:00" in desk.see("/desk/people?q=kim")
    with database(client).reading() as tx:
        found = shifts.of(tx, "kim")
    assert found is not None
    assert found.days == "mon tue"
    for odd in ({"starts": "25:00"}, {"starts": "6"}, {"days": "someday"}, {"starts": "06:00"}):
        fields = {"code": "odd", "days": "mon", "starts": "05:00", "ends": "06:00", **odd}
        assert desk.press("/desk/people/shift", **fields).headers["x-refusal"] == "bad_shift"


@pytest.mark.parametrize(
    ("moment", "here"),
    [("2026-11-23 22:30", True), ("2026-11-24 05:59", True), ("2026-11-24 06:00", False), ("2026-11-23 05:00", False)],
)
def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on(moment: str, here: bool) -> None:
    night = Shift(code="night", days="mon", starts=22 * 60, ends=6 * 60)
    assert night.covers(datetime.fromisoformat(moment)) is here
    assert Shift(code="day", days="mon", starts=360, ends=840).covers(datetime(2026, 11, 23, 13, 59))


def test_a_supervisor_does_not_see_the_page(client: Client) -> None:
    desk = Desk(client, "ruth")
    assert client.get("/desk/people", headers={"Accept": "text/html"}).status_code == 403
    assert "/desk/people" not in desk.see("/desk/waves")
    assert "/desk/people" in Desk(client, "ada").see("/desk/waves")


# ── customer service ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_customer_service_sees_one_page_and_can_press_nothing(client: Client) -> None:
    desk = Desk(client, "sara")
    page = desk.see("/desk/service?q=100471")
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    assert "Order 100471 is" in main
    assert "hx-post" not in main
    assert "mara" not in main.lower()
    assert set(re.findall(r'href="(/desk/[^"?]+)', page.split("<main", 1)[0])) == {"/desk/service"}
    for other in ("/desk/waves", "/desk/orders", "/desk/trace?q=mara", "/desk/exceptions", "/desk/ledger"):
        assert client.get(other, headers={"Accept": "text/html"}).status_code == 403
    signed = client.post("/desk/sign-in", data={"badge": "B-sara", "pin": house.PIN}, follow_redirects=False)
    assert signed.headers["location"] == "/desk/service"


def test_a_name_a_parcel_and_a_stranger_are_answered_in_words(client: Client) -> None:
    desk = Desk(client, "sara")
    assert "Nothing here is called <script>" not in desk.see("/desk/service?q=<script>")
    assert "Which order, parcel or return?" in desk.see("/desk/service")
    assert "Nothing here is called 999." in desk.see("/desk/service?q=999")
    for odd in ("%25%25%25", "_%25_", "%00", "x" * 300):
        desk.see(f"/desk/service?q={odd}")


def test_another_module_answers_for_its_own_numbers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def find_return(tx: Any, q: str) -> Answer | None:
        return Answer(headline="Return R-17 is being inspected.", facts=(("Came", "today"),)) if q == "R-17" else None

    monkeypatch.setattr(service, "FINDERS", [find_return])
    page = Desk(client, "sara").see("/desk/service?q=R-17")
    assert "Return R-17 is being inspected." in page
    assert "<dt>Came</dt>" in page
