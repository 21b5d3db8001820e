"""A supervisor releases at the worker's device: badge and PIN, the step taken once more, both names in the journal."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app import clock, main, schema
from app.config import Settings
from app.db import Database
from app.floor import seats
from app.floor.release_turn import ReleaseTurn
from app.floor.scans import Scan
from app.schema.documents import po_line, purchase_order
from app.schema.people import pin_lock
from app.stock import journal
from app.work import limits, people
from tests import engines
from tests.world import Hand, World

PIN = "4711"
JSON = {"accept": "application/json"}


def lay_out(world: World) -> None:
    world.location("DOCK-1", kind="staging")
    world.add(schema.places.station, code="DOCK", name="Dock", location="DOCK-1")
    world.item("MUG")
    world.add(purchase_order, code="PO-1", supplier="S")
    world.add(po_line, po="PO-1", line="1", item="MUG", quantity=20)
    for code, roles in (("mara", "worker"), ("sue", "worker supervisor"), ("ruth", "worker supervisor")):
        world.worker(code, roles)


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = build("")
    lay_out(world)
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara").scan("STN/DOCK", "PO-1", "#MUG")


def overridden(world: World) -> list[Any]:
    with world.db.reading() as tx:
        return [entry.event for entry in journal.after(tx, 0, 1000) if entry.kind == "overridden"]


def test_a_supervisor_releases_the_very_step_and_both_names_are_kept(world: World, mara: Hand) -> None:
    mara.type("23")
    assert (mara.refusal, mara.asks) == ("over_tolerance", "Supervisor: scan badge")
    assert mara.answer.verdict is not None
    assert mara.answer.verdict.kind == "warning", "nothing to acknowledge first"
    mara.scan("BDG/B-ruth")
    assert mara.asks == "Why?"
    mara.tap("reason:supplier_agreed")
    assert (mara.asks, mara.prompt.ask) == ("PIN of Ruth", "pin")
    mara.released_by("ruth")
    assert (mara.refusal, mara.says, mara.prompt.quantity) == ("", "23 each", 23)
    [event] = overridden(world)
    assert (event.worker, event.supervisor, event.rule) == ("mara", "ruth", "over_tolerance")
    assert (event.kind, event.amount, event.reason) == ("over_receipt_percent", 15, "supplier_agreed")
    assert event.document == "po PO-1"
    mara.scan("LPN-0001")
    assert world.holds() == "DOCK-1 MUG 23 in LPN-0001"
    assert len(overridden(world)) == 1, "the rule asked again at the booking; the release still holds"
    world.check()


def test_more_than_was_released_is_asked_for_anew(world: World, mara: Hand) -> None:
    mara.type("21").released_by("ruth").type("22")
    assert mara.refusal == "over_tolerance"
    mara.tap("back").scan("LPN-0001")
    assert world.holds() == "DOCK-1 MUG 21 in LPN-0001"
    world.check()


def test_what_a_colleague_received_meanwhile_is_not_released_along(world: World, mara: Hand) -> None:
    mara.type("22").released_by("ruth")
    world.worker("kim", device="HH-02").scan("STN/DOCK", "PO-1", "#MUG", "LPN-0002")
    mara.scan("LPN-0001")
    assert mara.refusal == "over_tolerance"
    assert world.holds() == "DOCK-1 MUG 1 in LPN-0002"
    world.check()


def test_ones_own_badge_is_no_second_person(world: World) -> None:
    ruth = world.worker("ruth").scan("STN/DOCK", "PO-1", "#MUG").type("23").scan("BDG/B-ruth")
    assert (ruth.refusal, ruth.says) == ("same_person", "Ruth asked for this, so somebody else must release it.")
    assert ruth.asks == "Supervisor: scan badge"
    ruth.released_by("sue")
    assert ruth.prompt.quantity == 23
    world.check()


def test_a_colleague_without_the_role_and_a_supervisor_above_their_limit_are_refused(world: World, mara: Hand) -> None:
    world.worker("kim", device="HH-02")
    mara.type("30").scan("BDG/B-kim")
    assert (mara.refusal, mara.says) == ("not_a_supervisor", "Kim may not release this.")
    mara.scan("BDG/B-ruth")
    assert (mara.refusal, mara.says) == ("above_their_limit", "Ruth may release up to 20 %; this is 50 %.")
    world.db.do(lambda tx: limits.give(tx, "worker", "ruth", "over_receipt_percent", 50))
    mara.released_by("ruth")
    assert mara.prompt.quantity == 30
    assert [event.amount for event in overridden(world)] == [50]
    world.check()


def test_anything_else_scanned_goes_on_without_the_step(world: World, mara: Hand) -> None:
    mara.type("20").scan("#MUG")
    assert mara.asks == "Supervisor: scan badge"
    mara.scan("LPN-0001")
    assert world.holds() == "DOCK-1 MUG 20 in LPN-0001"
    mara.scan("#MUG")
    assert mara.asks == "Supervisor: scan badge"
    mara.scan("nonsense")
    assert (mara.refusal, mara.asks) == ("unknown", "Close this PO?"), "it was refused where it was meant"
    mara.badge_in()
    assert mara.asks == "Close this PO?"
    assert overridden(world) == []
    world.check()


def test_a_retry_of_the_release_hears_the_same_and_another_one_finds_nothing(world: World, mara: Hand) -> None:
    mara.type("23").scan("BDG/B-ruth").tap("reason:agreed")
    with world.db.reading() as tx:
        ruth = people.by_code(tx, "ruth")
    assert ruth is not None

    def release(id: str, after: str) -> Any:
        scan = Scan(id=id, after=after, raw="release")
        return world.db.write_now(ReleaseTurn(scan, ruth, lambda tx: seats.seat(tx, mara.token)))

    key, step = clock.new_id(), mara.step
    first = release(key, step)
    assert first.prompt.quantity == 23
    assert release(key, step) == first
    assert release(clock.new_id(), step).verdict.code == "held"
    assert release(clock.new_id(), first.step).verdict.code == "nothing_to_release"
    assert len(overridden(world)) == 1
    world.check()


# ── the door ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient[Litestar]]:
    url = engines.fresh_sqlite(tmp_path)
    database = Database(url)
    world = World(database)
    lay_out(world)
    pin_hash = people.hash_pin(PIN)
    world.db.do(lambda tx: [tx.run(people.SET_PIN, who=who, pin_hash=pin_hash) for who in ("mara", "ruth")])
    database.close()
    with TestClient(main.build(Settings(database=url), end=False), base_url="http://pickface.local") as client:
        yield client


def test_the_pin_comes_through_a_door_of_its_own_and_is_kept_nowhere(client: TestClient[Litestar]) -> None:
    told = client.post("/floor/pin", json={"badge": "B-mara", "pin": PIN, "takeover": True}, headers=JSON).json()
    client.headers["x-csrf"] = told["csrf"]
    step = told["answer"]["step"]

    def scan(raw: str, kind: str = "scan") -> dict[str, Any]:
        nonlocal step
        body = {"id": clock.new_id(), "after": step, "raw": raw, "kind": kind}
        answer: dict[str, Any] = client.post("/floor/scan", json=body, headers=JSON).json()
        step = answer["step"]
        return answer

    def release(pin: str, **more: str) -> Any:
        body = {"id": more.pop("id", clock.new_id()), "after": step, "pin": pin, **more}
        return client.post("/floor/release", json=body, headers=JSON)

    nothing = release(PIN, badge="B-ruth")
    assert nothing.json()["verdict"]["code"] == "nothing_to_release"
    step = nothing.json()["step"]
    scan("STN/DOCK")
    scan("PO-1")
    scan("ITM/MUG")
    assert scan("23", "type")["prompt"]["headline"] == "Supervisor: scan badge"
    scan("BDG/B-ruth")
    page = client.get("/floor").text
    assert 'data-tap="reason:agreed"' in page
    assert scan("reason:agreed", "tap")["prompt"]["ask"] == "pin"
    assert "data-release" in client.get("/floor").text
    wrong = release("987654321")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_pin")
    shown = client.post("/floor/release", json={"id": clock.new_id(), "after": step, "pin": "0000"})
    assert (shown.status_code, "data-release" in shown.text) == (403, True)
    assert "Badge and PIN do not fit." in shown.text
    assert client.post("/floor/release", json={}, headers={**JSON, "x-csrf": "no"}).status_code == 403
    own = release(PIN, badge="B-mara")
    assert own.json()["verdict"]["code"] == "not_a_supervisor"
    step = own.json()["step"]
    key = clock.new_id()
    done = release(PIN, id=key)
    assert done.json()["prompt"]["quantity"] == 23
    assert release(PIN, id=key).content == done.content
    db = client.app.state.house.db
    with db.reading() as tx:
        assert tx.rows(select(pin_lock.c.subject).where(pin_lock.c.subject == "badge B-ruth")) == []
    connection = db.connect()
    tables = ("scan", "security_event", "pin_lock", "session", "login", "worker", "journal")
    dump = "\n".join(str(row) for table in tables for row in connection.execute(f"SELECT * FROM {table}"))
    connection.close()
    assert "987654321" not in dump
