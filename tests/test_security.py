"""The doors against people who mean harm and programs that mean nothing: real house, real database, real HTTP objects.

Role by route is tried in tests/desk/test_doors.py; here are bodies, cookies, tokens, PIN tries and answers.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app import clock, main
from app.config import Settings
from app.db import Database
from app.floor.turns import Turn
from app.schema.floor import device as devices
from app.schema.floor import login as logins
from app.schema.people import pin_lock, security_event, worker
from app.web import assets, doors
from app.work import people
from tests import engines
from tests.world import World

JSON = {"accept": "application/json"}
PIN = "4711"
BASE = "http://pickface.local:8080"
HEADERS = {name.decode() for name, _ in doors.HEADERS}
Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Litestar]:
    folder: Path = tmp_path_factory.mktemp("security")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    world = World(database, "A-01-01 TEE-M 10")
    pin_hash = people.hash_pin(PIN)
    for code in ("mara", "jonas", "lena"):
        world.add(worker, code=code, badge=f"B-{code}", name=code.title(), roles="worker", pin_hash=pin_hash)
    database.close()
    app = main.build(Settings(database=url), end=False)
    with TestClient(app, base_url=BASE):
        yield app


@pytest.fixture
def client(house: Litestar) -> Client:
    """Somebody's program, without cookies."""
    return TestClient(house, base_url=BASE, raise_server_exceptions=False)


@pytest.fixture(autouse=True)
def _forget_tries(house: Litestar) -> None:
    house.state.house.db.do(lambda tx: tx.run(pin_lock.delete()))


def sign_in(client: Client, who: str = "mara") -> dict[str, Any]:
    answer = client.post("/floor/pin", json={"badge": f"B-{who}", "pin": PIN, "takeover": True}, headers=JSON)
    assert answer.status_code == 200, answer.text
    client.headers["x-csrf"] = answer.json()["csrf"]
    return dict(answer.json())


def scan(after: str = "", **facts: Any) -> dict[str, Any]:
    return {"id": clock.new_id(), "after": after, "raw": "nonsense", **facts}


def rows(house: Litestar, statement: Any) -> list[Any]:
    with house.state.house.db.reading() as tx:
        return list(tx.rows(statement))


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/floor", 200),
        ("GET", "/health", 200),
        ("GET", assets.asset("kit.css"), 200),
        ("GET", "/sw.js", 200),
        ("GET", "/static/old/none.js", 404),
        ("GET", "/nothing/here", 404),
        ("DELETE", "/floor/scan", 405),
        ("POST", "/floor/scan", 400),
        ("POST", "/floor/out", 401),
        ("GET", "/api/schema/openapi.json", 200),
    ],
)
def test_every_answer_carries_the_headers(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.headers) >= HEADERS
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_cameras_worker_keeps_its_own_policy_and_every_other_header(client: Client) -> None:
    answer = client.get(assets.asset("camera_worker.js"))
    assert set(answer.headers) >= HEADERS
    [policy] = answer.headers.get_list("content-security-policy")
    assert "'wasm-unsafe-eval'" in policy
    assert "server" not in answer.headers


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────
BAD_BODIES = {
    "an unknown field": b'{"id": "12345678", "after": "", "raw": "x", "admin": true}',
    "a missing field": b'{"id": "12345678"}',
    "a wrong type": b'{"id": 12345678, "after": "", "raw": "x"}',
    "an unknown kind": b'{"id": "12345678", "after": "", "raw": "x", "kind": "sql"}',
    "too short an id": b'{"id": "1", "after": "", "raw": "x"}',
    "an id with a line break": b'{"id": "1234\\n5678", "after": "", "raw": "x"}',
    "broken UTF-8": b'{"id": "12345678", "after": "", "raw": "\xff\xfe"}',
    "half a surrogate": b'{"id": "12345678", "after": "", "raw": "\\ud800"}',
    "5,000 deep": b'{"id": "12345678", "after": "", "raw": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "5,000 deep in an unknown field": b'{"x": ' + b'{"x":' * 5_000 + b"1" + b"}" * 5_001,
    "no JSON": b"id=12345678&raw=x",
    "nothing": b"",
    "a number beyond all whole numbers": b'{"id": "12345678", "after": "", "raw": "x", "at": 99999999999999999999999}',
    "a list": b"[]",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("path", ["/floor/scan", "/floor/pin", "/floor/badge"])
def test_a_body_that_is_not_what_the_door_takes_is_400(client: Client, path: str, body: bytes) -> None:
    sign_in(client)
    answer = client.post(path, content=body, headers={**JSON, "content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["sentence"]
    _no_trace(answer)


def test_more_than_64_kib_is_413_whether_or_not_it_says_so(client: Client) -> None:
    sign_in(client)
    big = b'{"id": "12345678", "after": "", "raw": "' + b"x" * doors.BODY_LIMIT + b'"}'
    headers = {**JSON, "content-type": "application/json"}
    assert client.post("/floor/scan", content=big, headers=headers).status_code == 413
    chunks = (big[at : at + 1_000] for at in range(0, len(big), 1_000))
    assert client.post("/floor/scan", content=chunks, headers=headers).status_code == 413


def test_a_5_kb_label_is_a_refusal_of_the_floor_and_not_an_error(client: Client) -> None:
    step = sign_in(client)["answer"]["step"]
    answer = client.post("/floor/scan", json=scan(step, raw="x" * 5_000), headers=JSON)
    assert (answer.status_code, answer.json()["verdict"]["code"]) == (200, "too_long")


@pytest.mark.parametrize("at", [2**63, -(2**63) - 1, 2**64])
def test_a_clock_beyond_what_the_database_keeps_is_400(client: Client, at: int) -> None:
    step = sign_in(client)["answer"]["step"]
    answer = client.post("/floor/scan", json=scan(step, at=at), headers=JSON)
    assert answer.status_code == 400, answer.text


# ── who, from where ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_scans_before_signing_in_or_after_signing_out(client: Client) -> None:
    answer = client.post("/floor/scan", json=scan(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    client.cookies.set("pf-floor", "invented")
    assert client.post("/floor/scan", json=scan(), headers=JSON).status_code == 401
    client.cookies.clear()
    sign_in(client)
    cookie = client.cookies["pf-floor"]
    assert client.post("/floor/out", headers=JSON).status_code == 200
    client.cookies.set("pf-floor", cookie)
    assert client.post("/floor/scan", json=scan(), headers=JSON).status_code == 401, "the old cookie is worth nothing"


def test_another_workers_scan_id_is_403_and_another_body_422(house: Litestar, client: Client) -> None:
    step = sign_in(client)["answer"]["step"]
    first = scan(step)
    answered = client.post("/floor/scan", json=first, headers=JSON)
    assert client.post("/floor/scan", json=first, headers=JSON).content == answered.content
    other = client.post("/floor/scan", json={**first, "raw": "else"}, headers=JSON)
    assert (other.status_code, other.json()["code"]) == (422, "scan_reused")
    jonas: Client = TestClient(house, base_url=BASE)
    sign_in(jonas, "jonas")
    theirs = jonas.post("/floor/scan", json=first, headers=JSON)
    assert (theirs.status_code, theirs.json()["code"]) == (403, "forbidden")
    assert "nonsense" not in theirs.text


@pytest.mark.parametrize("token", ["", "wrong", "ü", "x" * 5_000])
def test_a_change_without_the_logins_own_token_is_403(client: Client, token: str) -> None:
    step = sign_in(client)["answer"]["step"]
    for path, body in (("/floor/scan", scan(step)), ("/floor/out", {})):
        answer = client.post(path, json=body, headers=httpx.Headers({**JSON, "x-csrf": token}, encoding="utf-8"))
        assert (answer.status_code, answer.json()["code"]) == (403, "bad_csrf")


def test_the_token_of_an_earlier_sign_in_is_worth_nothing(client: Client) -> None:
    old = sign_in(client)["csrf"]
    sign_in(client)
    answer = client.post("/floor/scan", json=scan(), headers={**JSON, "x-csrf": old})
    assert answer.json()["code"] == "bad_csrf"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://pickface.local:8080"},
        {"origin": "http://pickface.local"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/floor/scan", "/floor/pin", "/floor/badge", "/floor/out"])
def test_a_request_from_another_page_is_403(client: Client, path: str, headers: dict[str, str]) -> None:
    sign_in(client)
    body = {"/floor/scan": scan(), "/floor/pin": {"badge": "B-mara", "pin": PIN}, "/floor/badge": {"badge": "x"}}
    answer = client.post(path, json=body.get(path, {}), headers={**JSON, **headers})
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")


def test_a_request_from_our_own_page_is_taken(client: Client) -> None:
    step = sign_in(client)["answer"]["step"]
    own = {"origin": BASE, "sec-fetch-site": "same-origin"}
    assert client.post("/floor/scan", json=scan(step), headers={**JSON, **own}).status_code == 200


# ── cookies ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _set(answer: httpx.Response, name: str) -> str:
    [found] = [line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")]
    return found.lower()


@pytest.mark.parametrize(
    ("base", "name", "secure"), [(BASE, "pf-floor", False), ("https://pickface.local", "__Host-pf-floor", True)]
)
def test_a_login_cookie_is_ours_alone(house: Litestar, base: str, name: str, secure: bool) -> None:
    client: Client = TestClient(house, base_url=base)
    answer = client.post("/floor/pin", json={"badge": "B-lena", "pin": PIN, "takeover": True}, headers=JSON)
    cookie = _set(answer, name)
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/;" in cookie + ";"
    assert "domain" not in cookie
    assert ("secure" in cookie) is secure


def test_the_session_id_is_new_at_each_badge_in_and_gone_at_badge_out(house: Litestar, client: Client) -> None:
    client.cookies.set("pf-floor", "planted-by-an-attacker")
    sign_in(client)
    first = client.cookies.get("pf-floor", domain="pickface.local")
    sign_in(client)
    second = client.cookies.get("pf-floor", domain="pickface.local")
    assert len({"planted-by-an-attacker", first, second}) == 3
    kept = {row[0] for row in rows(house, select(logins.c.token).where(logins.c.worker == "mara"))}
    assert len(kept) == 1, "the earlier login ended"
    assert kept.isdisjoint({first, second}), "only a digest of the cookie is kept"
    out = client.post("/floor/out", headers=JSON)
    assert "max-age=0" in _set(out, "pf-floor")
    assert rows(house, select(logins.c.token).where(logins.c.worker == "mara")) == []


# ── PINs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _try(client: Client, badge: str, pin: str = "0000") -> httpx.Response:
    return client.post("/floor/pin", json={"badge": badge, "pin": pin, "takeover": True}, headers=JSON)


def test_a_wrong_pin_and_an_unknown_badge_are_told_alike(client: Client) -> None:
    known, unknown = _try(client, "B-mara"), _try(client, "B-nobody")
    assert known.status_code == unknown.status_code == 403
    assert known.json() == unknown.json()
    assert client.post("/floor/badge", json={"badge": "B-mara"}, headers=JSON).json()["asks"] == "pin"
    assert client.post("/floor/badge", json={"badge": "B-nobody"}, headers=JSON).json()["asks"] == "pin"


def test_five_wrong_pins_lock_a_badge_even_for_the_right_one(client: Client) -> None:
    codes = [_try(client, "B-mara").json()["code"] for _ in range(people.TRIES_PER_BADGE)]
    assert codes == ["wrong_pin"] * 5
    right = _try(client, "B-mara", PIN)
    assert (right.status_code, right.json()["code"]) == (403, "pin_locked")


def test_a_burst_of_tries_at_once_gets_no_more_than_five_answers(house: Litestar) -> None:
    """Checked one after the other they would be five; sent at once they must not be forty."""

    async def crowd() -> list[str]:
        transport = httpx.ASGITransport(app=house)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=JSON) as client:
            body = {"badge": "B-mara", "pin": "0000"}
            answers = await asyncio.gather(*(client.post("/floor/pin", json=body) for _ in range(40)))
        return [answer.json()["code"] for answer in answers]

    codes = asyncio.run(crowd())
    assert sorted(codes) == ["pin_locked"] * 35 + ["wrong_pin"] * people.TRIES_PER_BADGE


@pytest.mark.parametrize("with_cookie", [True, False])
def test_twenty_wrong_pins_lock_a_device_whether_or_not_it_keeps_its_cookie(
    house: Litestar, client: Client, with_cookie: bool
) -> None:
    """One PIN tried on many badges; a thief who drops the cookie each time is known by the address."""
    sign_in(client, "lena")
    codes = []
    for number in range(people.TRIES_PER_DEVICE + 3):
        if not with_cookie:
            client.cookies.clear()
        codes.append(_try(client, f"B-{number}").json()["code"])
    assert codes == ["wrong_pin"] * people.TRIES_PER_DEVICE + ["pin_locked"] * 3
    if not with_cookie:
        client.cookies.clear()
    assert _try(client, "B-jonas", PIN).json()["code"] == "pin_locked"


def test_a_right_pin_costs_the_device_no_try(client: Client) -> None:
    for _ in range(people.TRIES_PER_DEVICE + 3):
        assert _try(client, "B-jonas", PIN).status_code == 200


def test_only_who_signs_in_becomes_a_device(house: Litestar, client: Client) -> None:
    """Probes, crawlers, wrong PINs and a question about take-over fill no list."""

    def known() -> int:
        return len(rows(house, select(devices.c.code)))

    sign_in(TestClient(house, base_url=BASE), "jonas")
    before = known()
    for number in range(10):
        client.cookies.clear()
        assert "New device" in client.get("/floor").text
        client.cookies.set("pf-device", f"planted-{number}")
        client.get("/floor")
        _try(client, f"B-{number}")
        client.post("/floor/badge", json={"badge": "x"}, headers=JSON)
        client.get("/desk/waves", headers={"accept": "text/html"})
        client.get("/desk/sign-in")
        for pin in ("0000", PIN):  # jonas has no role at the desk
            client.post("/desk/sign-in", data={"badge": "B-jonas", "pin": pin})
        elsewhere = client.post("/floor/pin", json={"badge": "B-jonas", "pin": PIN})
        assert elsewhere.headers["x-refusal"] == "in_use_elsewhere"
        house.state.house.db.do(lambda tx: tx.run(pin_lock.delete()))
    assert known() == before
    sign_in(client)
    assert known() == before + 1
    name = rows(house, select(devices.c.code).order_by(devices.c.first_seen.desc()))[0][0]
    assert client.cookies.get("pf-device", domain="pickface.local") not in ("", None, "planted-9"), (
        "a cookie of our own"
    )
    client.post("/floor/out", headers=JSON)
    assert name in client.get("/floor").text
    sign_in(client)
    assert known() == before + 1, "the same device again"


def test_no_pin_is_kept_anywhere(house: Litestar, client: Client) -> None:
    _try(client, "B-mara", "987654321")
    connection = house.state.house.db.connect()
    dump = "\n".join(
        str(row)
        for table in ("scan", "security_event", "pin_lock", "session", "login", "worker")
        for row in connection.execute(f"SELECT * FROM {table}")
    )
    connection.close()
    assert "987654321" not in dump
    assert "wrong_pin" in {row[0] for row in rows(house, select(security_event.c.kind))}


# ── our own mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────
def _no_trace(answer: httpx.Response) -> None:
    for secret in ("Traceback", "File ", ".py", "sqlite", "site-packages", "SELECT", "Error("):
        assert secret not in answer.text


def test_a_defect_of_ours_is_one_sentence_and_no_trace(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    step = sign_in(client)["answer"]["step"]

    def broken(self: Turn, *_: Any) -> Any:
        raise ZeroDivisionError("secret detail in /srv/pickface/app/floor.py")

    monkeypatch.setattr(Turn, "_answer", broken)
    answer = client.post("/floor/scan", json=scan(step), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (500, "our_fault")
    assert "secret" not in answer.text
    _no_trace(answer)
    assert set(answer.headers) >= HEADERS
    monkeypatch.undo()
    assert client.post("/floor/scan", json=scan(step), headers=JSON).status_code == 200, "the next one is taken"
