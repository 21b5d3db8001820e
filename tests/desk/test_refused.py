"""Whoever may not act on the way to the ERP is refused and written down: who, what, from where; at whichever door it was."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.web.doors import SAFE, policy_of
from sync.connector_log import Note
from sync.refused import LINES_A_MINUTE, Refused
from tests.desk import house
from tests.desk.house import Desk
from tests.desk.test_doors import DESK_ROLES, RANK, may
from tests.desk.test_pages import database

Client = TestClient[Litestar]
pytestmark = pytest.mark.parametrize("client", ["sqlite"], indirect=True)
DOORS = ("/desk/ledger", "/desk/connector", "/desk/mapping", "/desk/inbox")
FORM = {
    "seq": 11, "setting": "late_min", "value": 9, "ours": "available", "theirs": "X", "reason": "because", "badge": "B-lena",
}  # fmt: skip
ABOUT = {"/desk/inbox": {"source": "erp", "id": "m-1"}}


def acts(client: Client) -> list[tuple[str, str]]:
    """(path, policy) of everything that changes something on the way to the ERP."""
    found = []
    for route in client.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if route.path.startswith(DOORS) and not handler.http_methods <= {*SAFE}:
                found.append((route.path, policy_of(handler)))
    return sorted(found)


def refused(client: Client, connector: str = "books") -> list[Note]:
    """Oldest first."""
    with database(client).reading() as tx:
        notes = client.app.state.house.sync.notes(tx, connector)
    return [note for note in reversed(notes) if note.what == "refused"]


def test_at_each_door_whoever_may_not_leaves_a_line_and_changes_nothing(client: Client) -> None:
    doors = acts(client)
    assert len(doors) >= 14
    for role in RANK:
        desk, closed = Desk(client, DESK_ROLES[role]), [path for path, policy in doors if not may(role, policy)]
        before = len(refused(client)) + len(refused(client, ""))
        for path in closed:
            about = next(
                (form for start, form in ABOUT.items() if path.startswith(start)), {"connector": "books", **FORM}
            )
            assert desk.press(path, **about).status_code == 403
        lines = [*refused(client), *refused(client, "")]
        mine = [note.words for note in lines if note.worker == DESK_ROLES[role]]
        assert (len(mine), len(lines) - before) == (len(closed), len(closed)), (role, closed, mine)
        assert all(", from DESK-" in words and "at testclient (forbidden: " in words for words in mine), mine
    told = [note.words.partition(",")[0] for note in refused(client) if note.worker == "vera"]
    assert {"late_min to 9", "available as X", "pause", "replay event 11", "replay from event 11", "reconcile"} <= {
        *told
    }
    assert "try message m-1 of erp again" in Desk(client, "ada").see("/desk/inbox")
    assert "replay all dead letters" in Desk(client, "ada").see("/desk/connector?name=books")
    with database(client).reading() as tx:
        (state,) = client.app.state.house.sync.states(tx)
    assert state.state == "sending"


def test_a_second_person_who_is_none_and_a_wrong_pin_are_written_down_without_the_pin(client: Client) -> None:
    house.kill_delivery(database(client), 11, "po 4500187")
    ruth = Desk(client, "ruth")
    for badge, pin, code in (
        ("B-ruth", "1234", "same_person"),
        ("B-vera", "1234", "forbidden"),
        ("B-lena", "9876", "wrong_pin"),
    ):
        for about in ({"connector": "books", "seq": 11}, {"source": "erp", "id": "m-1"}):
            path = "/desk/ledger/discard" if "seq" in about else "/desk/inbox/discard"
            answer = ruth.press(path, **about, reason="lost", badge=badge, pin=pin)
            assert (answer.status_code, answer.headers["x-refusal"]) == (403, code)
    for connector, what in (("books", "discard event 11"), ("", "discard message m-1 of erp")):
        lines = refused(client, connector)
        assert [note.words.partition(": ")[0] for note in lines] == [what] * 3
        assert [note.words.rpartition(" (")[2] for note in lines] == [
            "same_person: Ruth V. proposed to discard this, so somebody else must second it.)",
            "forbidden: Vera Look may not do this.)",
            "wrong_pin: Badge and PIN do not fit.)",
        ]
        assert {note.worker for note in lines} == {"ruth"}
        assert not any("9876" in note.words or "1234" in note.words for note in lines)
    assert "is discarded" in ruth.press(
        "/desk/ledger/discard", connector="books", seq=11, reason="lost", badge="B-lena", pin="1234"
    ).text  # fmt: skip
    assert len(refused(client)) == 3  # what is allowed is in the log under its own name


def test_a_login_that_ended_and_a_page_of_another_login_are_written_down_too(client: Client) -> None:
    ruth = Desk(client, "ruth")
    page = {"X-CSRF": "another"}
    assert client.post("/desk/ledger/pause", data={"connector": "books"}, headers=page).status_code == 403
    assert client.post("/desk/ledger/pause", data={"connector": "nobody's"}, headers=page).status_code == 403
    client.cookies.clear()
    assert ruth.press("/desk/ledger/pause", connector="books").status_code == 401
    told = [(note.worker, note.words.rpartition(" (")[2].partition(":")[0]) for note in refused(client)]
    assert told == [("ruth", "bad_csrf"), ("", "signed_out")]
    (elsewhere,) = refused(client, "")
    assert elsewhere.words.startswith("nobody's: pause, from DESK-")


def test_whoever_hammers_gets_so_many_lines_a_minute_and_the_rest_is_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 600.0
    monkeypatch.setattr("sync.refused.time.monotonic", lambda: now)
    book = Refused(database(client))
    for _ in range(LINES_A_MINUTE + 12):
        book.write("books", "pause", "vera")
    book.write("books", "pause", "sara")
    now += 60
    book.write("books", "pause", "vera")
    told = [(note.worker, note.words) for note in refused(client)]
    assert told[-2:] == [("sara", "pause"), ("vera", "pause; 12 more attempts before")]
    assert told[:-2] == [("vera", "pause")] * LINES_A_MINUTE
