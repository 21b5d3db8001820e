"""Who may come in, tried on every route there is, by everybody: the list is made from the app, so nothing is forgotten."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from app import schema
from app.db import Database
from app.desk import displays
from app.errors import CannotStart
from app.web import doors
from app.web.doors import POLICIES, SAFE, policy_of, refuse_unguarded
from tests import engines
from tests.desk import house
from tests.desk.house import Desk

SCAN = {"id": "0190-scan-1", "after": "", "raw": "X"}
DESK_ROLES = {"service": "sara", "viewer": "vera", "supervisor": "ruth", "admin": "ada"}
RANK = ("service", "viewer", "supervisor", "admin")


class Caller:
    """Somebody with (or without) a login, as a client's cookies and token."""

    def __init__(self, who: str, client: TestClient[Litestar]) -> None:
        self.who = who
        client.cookies.clear()
        self.csrf = ""
        if who == "worker":
            body = {"badge": "B-mara", "pin": house.PIN, "takeover": True}
            answer = client.post("/floor/pin", json=body, headers={"Accept": "application/json"})
            self.csrf = answer.json()["csrf"]
        elif who == "display":
            client.get(wall_link(client, Desk(client, "ruth")))
            kept = client.cookies["pf-display"]
            client.cookies.clear()
            client.cookies.set("pf-display", kept)
        elif who != "nobody":
            self.csrf = Desk(client, DESK_ROLES[who]).csrf
        self.cookies = dict(client.cookies)

    def knocks(self, client: TestClient[Litestar], method: str, path: str, **headers: str) -> int:
        client.cookies.clear()
        for name, value in self.cookies.items():
            client.cookies.set(name, value)
        accept = "text/html" if method in SAFE else "application/json"
        given = {"X-CSRF": self.csrf, "Accept": accept, **headers}
        body = {"json": SCAN} if path == "/floor/scan" else {}
        return int(client.request(method, path, headers=given, follow_redirects=False, **body).status_code)  # type: ignore[arg-type]


def wall_link(client: TestClient[Litestar], desk: Desk, name: str = "Above lane 3") -> str:
    """The path of a new wall screen's link, as a supervisor reads it once."""
    told = desk.press("/desk/displays", name=name)
    assert told.status_code == 200, told.text
    secret: str = told.text.split("/desk/wall?display=")[1].split("<")[0].strip()
    return f"/desk/wall?display={secret}"


@pytest.fixture(scope="module")
def open_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    folder: Path = tmp_path_factory.mktemp("doors")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    house.lay_out(database)
    database.close()
    with TestClient(house.open_house(url, folder), base_url="http://127.0.0.1:8080") as client:
        client.app.state.house.hub.stop()  # so that a live line ends at once
        yield client


def knockable(app: Litestar) -> list[tuple[str, str, str]]:
    """(method, path, policy) of everything; ways out last, because they end the login."""
    found = []
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            path = route.path_format.replace("{", "").replace("}", "")
            found += [
                (method, path, policy_of(handler)) for method in sorted(handler.http_methods) if method != "OPTIONS"
            ]
    return sorted(found, key=lambda one: (one[1].endswith("out"), one))


def may(who: str, policy: str) -> bool:
    if policy in ("public", "device"):
        return True
    if policy in ("worker", "scan"):
        return who == "worker"
    if policy == "display":
        return who == "display" or (who in RANK and who != "service")
    return policy in RANK and who in RANK and RANK.index(who) >= RANK.index(policy)


@pytest.mark.parametrize("who", ["nobody", "worker", "display", "service", "viewer", "supervisor", "admin"])
def test_every_route_lets_in_exactly_whom_its_policy_names(open_house: TestClient[Litestar], who: str) -> None:
    caller = Caller(who, open_house)
    wrong = []
    routes = knockable(open_house.app)
    assert len(routes) > 30
    for method, path, policy in routes:
        status = caller.knocks(open_house, method, path)
        # A viewer at a supervisor's door is known, and refused; whoever is not signed in there is asked to.
        refused = 403 if (policy in RANK or policy == "display") and who in RANK else 401
        good = status not in (401, 403, 500) if may(who, policy) else status == refused
        if not good:
            wrong.append(f"{who} {method} {path} ({policy}): {status}")
    assert not wrong, wrong


@pytest.mark.parametrize("who", ["worker", "supervisor"])
def test_a_change_needs_the_logins_own_token_and_our_own_page(open_house: TestClient[Litestar], who: str) -> None:
    caller = Caller(who, open_house)
    wrong = []
    for method, path, policy in knockable(open_house.app):
        if method in SAFE or policy == "signed" or not may(who, policy):
            continue
        if policy not in ("public", "device"):
            for token in ("", "another"):
                if caller.knocks(open_house, method, path, **{"X-CSRF": token}) != 403:
                    wrong.append(f"{method} {path} took the token {token!r}")
        if caller.knocks(open_house, method, path, Origin="http://evil.example") != 403:
            wrong.append(f"{method} {path} let a foreign page in")
        if caller.knocks(open_house, method, path, **{"Sec-Fetch-Site": "cross-site"}) != 403:
            wrong.append(f"{method} {path} let another site in")
    assert not wrong, wrong


def test_a_wall_screen_shows_its_board_until_its_link_is_taken_back(open_house: TestClient[Litestar]) -> None:
    desk = Desk(open_house, "ruth")
    link = wall_link(open_house, desk, "Above lane 7")
    page = desk.see("/desk/devices")
    code = page.split("Above lane 7")[0].rsplit('id="device-', 1)[1].split('"')[0]
    secret = link.split("=")[1]
    assert secret not in page, "shown once"
    with open_house.app.state.house.db.reading() as tx:
        assert secret not in str(tx.rows(schema.floor.device.select())), "only its digest is kept"
    signed_in = dict(open_house.cookies)
    open_house.cookies.clear()
    opened = open_house.get(link, follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/desk/wall")
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "Shipped today" in open_house.get("/desk/wall").text
    assert open_house.get("/desk/wall/live?on=people,journal").status_code == 200
    for path in ("/desk/waves", "/desk/live?on=waves", "/desk/devices", "/desk/waves?format=csv", "/floor/live"):
        answer = open_house.get(path)
        assert answer.status_code == 401 or path == "/floor/live", path
    assert desk.press("/desk/displays", name="x").status_code == 401, "it changes nothing"
    kept = open_house.cookies["pf-display"]

    open_house.cookies.clear()
    open_house.cookies.set("pf-device", kept)
    assert open_house.get("/desk/wall").status_code == 401, "worth nothing under another name"
    open_house.cookies.clear()
    open_house.cookies.set("pf-display", signed_in["pf-device"])
    assert open_house.get("/desk/wall").status_code == 401, "a device is no wall screen"

    open_house.cookies.clear()
    for name, value in signed_in.items():
        open_house.cookies.set(name, value)
    assert desk.press("/desk/displays/take-back", device=code).status_code == 200
    assert desk.press("/desk/displays/take-back", device=code).status_code == 404
    assert desk.press("/desk/displays/take-back", device="HH-01").status_code == 404, "a handheld has no link"
    assert "Above lane 7" not in desk.see("/desk/devices")
    open_house.cookies.clear()
    open_house.cookies.set("pf-display", kept)
    assert open_house.get("/desk/wall").status_code == 401
    open_house.cookies.clear()
    assert open_house.get(link).status_code == 401
    assert open_house.get("/desk/wall?display=" + "x" * 5_000).status_code == 401


def test_there_is_an_end_to_wall_screens(open_house: TestClient[Litestar], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(displays, "MOST_DISPLAYS", 1)
    desk = Desk(open_house, "ruth")
    wanted = [desk.press("/desk/displays", name=name) for name in ("one", "two", "", " ", "x" * 41, "a\x00b")]
    assert wanted[1].status_code == 409
    assert "There are 1 wall screens already." in wanted[1].text
    assert [answer.status_code for answer in wanted[2:]] == [400] * 4


def test_every_policy_is_known_and_a_route_without_one_stops_the_start(open_house: TestClient[Litestar]) -> None:
    for route in open_house.app.routes:
        for handler in getattr(route, "route_handlers", []):
            assert isinstance(handler, HTTPRouteHandler)
            assert policy_of(handler) in POLICIES or handler.http_methods == {"OPTIONS"}

    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return "open to all"

    with pytest.raises(CannotStart, match="/forgotten"):
        refuse_unguarded(Litestar([forgotten], openapi_config=None))


def test_every_answer_carries_the_security_headers(open_house: TestClient[Litestar]) -> None:
    desk = Desk(open_house, "vera")
    for path in ("/desk/waves", "/desk/waves?format=csv", "/desk/nothing", "/desk/orders?page=x", "/desk/sign-in"):
        headers = open_house.get(path).headers
        for name, value in doors.HEADERS:
            assert headers[name.decode()] == value.decode(), path
        assert headers["cache-control"] == "no-store"
    assert desk.csrf


def test_a_worker_without_a_desk_role_stays_on_the_floor(open_house: TestClient[Litestar]) -> None:
    open_house.cookies.clear()
    answer = open_house.post("/desk/sign-in", data={"badge": "B-mara", "pin": house.PIN}, follow_redirects=False)
    assert answer.status_code == 403
    assert "Mara Keller may not do this." in answer.text
    assert not any("desk" in name for name in open_house.cookies)


def test_a_wrong_pin_says_the_same_for_any_badge_and_is_not_shown_again(open_house: TestClient[Litestar]) -> None:
    told = []
    for badge in ("B-ruth", "B-nobody"):
        answer = open_house.post("/desk/sign-in", data={"badge": badge, "pin": "98765"}, follow_redirects=False)
        assert answer.status_code == 403
        assert "98765" not in answer.text
        told.append(answer.text.replace(badge, "X"))
    assert told[0] == told[1]


def test_signing_in_goes_only_to_a_page_of_the_desk(open_house: TestClient[Litestar]) -> None:
    for after, where in (
        ("/desk/ledger", "/desk/ledger"), ("//evil.example", "/desk/waves"), ("https://evil.example", "/desk/waves"),
        ("/desk/..//evil", "/desk/waves"), ("/floor", "/desk/waves"), ("/desk/\r\nX: 1", "/desk/waves"),
    ):  # fmt: skip
        form = {"badge": "B-vera", "pin": house.PIN, "after": after}
        answer = open_house.post("/desk/sign-in", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, where)


def test_the_login_ends_with_the_way_out_and_is_a_new_one_each_time(open_house: TestClient[Litestar]) -> None:
    desk = Desk(open_house, "ruth")
    old: dict[str, Any] = dict(open_house.cookies)
    again = open_house.post("/desk/sign-in", data={"badge": "B-ruth", "pin": house.PIN}, follow_redirects=False)
    assert again.status_code == 303
    assert dict(open_house.cookies)["pf-desk"] != old["pf-desk"]
    open_house.cookies.clear()
    open_house.cookies.set("pf-desk", old["pf-desk"])
    assert open_house.get("/desk/waves").status_code == 401  # the old one is gone
    fresh = Desk(open_house, "ruth")
    assert fresh.csrf != desk.csrf
    assert fresh.press("/desk/sign-out").status_code == 200
    assert open_house.get("/desk/waves").status_code == 401


def test_a_page_without_a_login_is_the_sign_in_form_and_leads_back(open_house: TestClient[Litestar]) -> None:
    open_house.cookies.clear()
    answer = open_house.get("/desk/ledger", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert 'name="after" value="/desk/ledger"' in answer.text
