"""What a shop may sell: never more than a release would give, told within a second, and a gap is seen."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from app import main, schema
from app.config import Settings
from app.db import Database
from app.stock.events import OpeningStock, StatusChanged
from app.stock.ledger import By, post
from app.stock.slots import Slot
from app.work import allocation, holds
from sync import inbound
from sync.availability import feed as feeds
from sync.availability.feed import Feed
from sync.availability.said import AvailabilityChanged, AvailabilitySnapshot, Available
from sync.contract import schemas
from tests import engines
from tests.sync.sink import until
from tests.sync.test_inbound import give
from tests.world import World

BY = By(worker="1007")
STOCK = """
    A-01  MUG  10
    A-02  TEA   6  lot=L1
    A-03  TEA   4  lot=L2
    DOCK-1  MUG  5
"""


class Heard(msgspec.Struct):
    data: AvailabilitySnapshot


class HeardChange(msgspec.Struct):
    data: AvailabilityChanged


def snapshot(feed: Feed, *codes: str) -> AvailabilitySnapshot:
    return msgspec.json.decode(feed.snapshot(codes), type=Heard).data


def said(feed: Feed, after: int) -> list[AvailabilityChanged]:
    found = feed.since(feed.name, after)
    assert found is not None
    return [msgspec.json.decode(body, type=HeardChange).data for body in found]


def in_words(one: Available) -> str:
    """`MUG 7: 10 free, 5 later` — what may be sold, and why not more."""
    parts = [
        f"{amount} {name}{f' of {row.lot}' if row.lot else ''}{'' if row.status == 'available' else f' {row.status}'}"
        for row in one.stock
        for name, amount in (
            ("promised", row.promised),
            ("free", row.free),
            ("later", row.later),
            ("barred", row.barred),
        )
        if amount
    ]
    return f"{one.item} {one.sellable}: {', '.join(parts)}" + (f"; {one.ordered} ordered" if one.ordered else "")


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    return build(STOCK)


@pytest.fixture
def feed(world: World) -> Feed:
    opened = Feed(world.db, "MAIN")
    opened.open()
    return opened


def order(world: World, code: str, item: str, quantity: int) -> None:
    lines = [{"line": "1", "item": item, "quantity": quantity}]
    assert give(world.db, f"order {code}", "order.release", code, lines=lines).startswith("applied")


def allocate(world: World, code: str) -> None:
    def work(tx: Any) -> None:
        for share in allocation.plan(tx, [code]):
            allocation.promise(tx, share, BY)

    world.db.do(work)


def test_what_is_ordered_promised_held_or_not_on_a_shelf_is_not_for_sale(world: World, feed: Feed) -> None:
    assert [in_words(one) for one in snapshot(feed).items] == [
        "MUG 10: 10 free, 5 later",
        "TEA 10: 6 free of L1, 4 free of L2",
    ]
    order(world, "1", "MUG", 4)
    order(world, "2", "TEA", 3)
    feed.look()
    assert [in_words(one) for one in snapshot(feed, "MUG").items] == ["MUG 6: 10 free, 5 later; 4 ordered"]
    allocate(world, "1")
    feed.look()
    assert [in_words(one) for one in snapshot(feed, "MUG").items] == ["MUG 6: 4 promised, 6 free, 5 later"]
    world.db.do(lambda tx: holds.hold(tx, "TEA", "L1", "hold", "smells of soap", BY))
    feed.look()
    assert [in_words(one) for one in snapshot(feed, "TEA").items] == ["TEA 1: 6 barred of L1, 4 free of L2; 3 ordered"]
    give(world.db, "3", "order.cancel", "2", 2)
    slot = Slot(location="A-03", lot="L2")
    damaged = StatusChanged(
        item="TEA", quantity=1, source=slot, target=msgspec.structs.replace(slot, status="damaged"), reason="wet"
    )
    world.db.do(lambda tx: post(tx, damaged, BY))
    feed.look()
    assert [in_words(one) for one in snapshot(feed, "TEA").items] == [
        "TEA 3: 6 barred of L1, 3 free of L2, 1 barred of L2 damaged"
    ]
    world.check()


def test_what_no_event_tells_is_found_in_turn(world: World, feed: Feed) -> None:
    world.change(schema.places.location, schema.places.location.c.code == "A-01", blocked="beam bent")
    world.change(schema.items.lot, schema.items.lot.c.lot == "L1", expiry="2020-01-01")
    assert feed.look(in_turn=0) == 0
    assert feed.look(in_turn=1) == 1
    assert [in_words(one) for one in said(feed, 0)[0].items] == ["MUG 0: 15 later"]
    assert feed.look(in_turn=1) == 1
    assert [in_words(one) for one in said(feed, 1)[0].items] == ["TEA 4: 6 barred of L1, 4 free of L2"]


def test_changes_have_no_gaps_and_a_gap_is_seen(world: World, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    first = snapshot(feed)
    for number in range(5):
        order(world, str(number), "MUG", 1)
        feed.look(in_turn=0)
    assert feed.look() == 0, "what is as it was is not said again"
    changes = said(feed, first.sequence)
    assert [one.sequence for one in changes] == [1, 2, 3, 4, 5]
    assert [one.items[0].sellable for one in changes] == [9, 8, 7, 6, 5]
    assert {"MUG": changes[-1].items[0]}.items() <= {one.item: one for one in snapshot(feed).items}.items()
    assert feed.since("another feed", 0) is None
    assert feed.since(feed.name, 6) is None, "from the future: another feed's number"
    monkeypatch.setattr(feeds, "KEPT", 2)
    short = Feed(world.db, "MAIN")
    short.open()
    for number in range(5, 9):
        order(world, str(number), "MUG", 1)
        short.look(in_turn=0)
    assert short.since(short.name, 1) is None
    assert [one.sequence for one in said(short, 2)] == [3, 4]


@pytest.mark.parametrize("seed", range(3))
def test_a_shop_that_keeps_to_the_rule_never_sells_a_piece_twice(world: World, feed: Feed, seed: int) -> None:
    """Orders, answers, looks, and the shop's own copy come in any order; some changes are lost on the way."""
    dice = random.Random(seed)
    view = snapshot(feed, "MUG", "TEA")
    lost = 0
    sold: dict[str, tuple[str, int, int]] = {}  # order → item, quantity, when its answer came (0: none yet)
    unsent: list[str] = []
    on_way: list[AvailabilityChanged] = []

    def may_sell(item: str) -> int:
        """What the shop believes: the feed's figure, less its own orders the feed has not heard of."""
        told = next((one.sellable for one in view.items if one.item == item), 0)
        return told - sum(n for of, n, at in sold.values() if of == item and (not at or at > view.heard))

    for step in range(120):
        match dice.choice(("sell",) * 5 + ("send",) * 4 + ("look", "hear", "hear", "floor")):
            case "sell":
                item, wish = dice.choice(("MUG", "TEA")), dice.randint(1, 3)
                if may_sell(item) >= wish:
                    sold[str(step)] = (item, wish, 0)
                    unsent.append(str(step))
            case "send" if unsent:
                code = unsent.pop(dice.randrange(len(unsent)))
                item, wish, _ = sold[code]
                order(world, code, item, wish)
                if dice.random() < 0.8:  # else the answer is late: it is asked for again below
                    sold[code] = (item, wish, _answered(world, code))
            case "look":
                before = feed._sequence
                feed.look(in_turn=0, demand=dice.random() < 0.3)
                on_way += said(feed, before)
            case "hear" if on_way:
                change = on_way.pop(0)
                if dice.random() < 0.2:
                    lost += 1
                elif change.sequence == view.sequence + 1:
                    kept = {one.item: one for one in view.items} | {one.item: one for one in change.items}
                    view = AvailabilitySnapshot(
                        feed=view.feed, sequence=change.sequence, as_of=change.as_of, heard=change.heard,
                        items=tuple(kept.values()),
                    )  # fmt: skip
                elif change.sequence > view.sequence:  # a gap
                    view = snapshot(feed, "MUG", "TEA")
            case "floor":
                dice.choice((_arrives, _is_promised, _is_late))(world, sold, dice)
    for code in unsent:
        order(world, code, *sold[code][:2])
    for code in sold:
        allocate(world, code)
    lines = schema.documents.order_line
    missing = world.rows(select(lines.c.id).where(lines.c.allocated + lines.c.picked < lines.c.quantity))
    assert missing == [], "every order the shop took is promised whole"
    assert len(sold) >= 5
    world.check()


def _answered(world: World, code: str) -> int:
    inbox = schema.sync.inbox
    return int(world.rows(select(inbox.c.at).where(inbox.c.id == f"order {code}"))[0][0])


def _arrives(world: World, sold: dict[str, tuple[str, int, int]], dice: random.Random) -> None:
    more = OpeningStock(item="MUG", quantity=dice.randint(1, 2), target=Slot(location=dice.choice(("A-01", "DOCK-1"))))
    world.db.do(lambda tx: post(tx, more, BY))


def _is_promised(world: World, sold: dict[str, tuple[str, int, int]], dice: random.Random) -> None:
    known = {row[0] for row in world.rows(select(schema.documents.sales_order.c.code))}
    for code in [code for code in sold if code in known][-2:]:
        allocate(world, code)


def _is_late(world: World, sold: dict[str, tuple[str, int, int]], dice: random.Random) -> None:
    """Answers that did not come are asked for again."""
    known = {row[0] for row in world.rows(select(schema.documents.sales_order.c.code))}
    for code, (item, wish, at) in list(sold.items()):
        if not at and code in known:
            sold[code] = (item, wish, _answered(world, code))


# ── the doors ────────────────────────────────────────────────────────────────────────────────────────────────────────
KEY = {"Authorization": "Bearer shop-key"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Any]]:
    url = engines.fresh("sqlite", tmp_path_factory.mktemp("shop"))
    database = Database(url)
    World(database, STOCK)
    database.close()
    app = main.build(Settings(database=url, availability_key="shop-key"), end=False)
    with TestClient(app) as client:
        until(lambda: client.get("/api/availability", headers=KEY).status_code == 200, "the stock is read")
        yield client


def test_the_doors_open_with_the_key_alone(shop: TestClient[Any]) -> None:
    for path in (
        "/api/availability",
        "/api/availability/changes?feed=x&after=0",
        "/api/availability/stream",
        "/api/stock",
    ):
        for headers in (
            {},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer other"},
            {"Authorization": "Basic x"},
        ):
            answer = shop.get(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_key"), path


def test_a_house_without_a_key_has_no_such_door(tmp_path: Path) -> None:
    app = main.build(Settings(database=engines.fresh("sqlite", tmp_path)), end=False)
    with TestClient(app) as client:
        assert client.get("/api/availability", headers={"Authorization": "Bearer "}).status_code == 401


def test_snapshot_changes_and_stock_are_what_the_contract_says(shop: TestClient[Any]) -> None:
    known = schemas.feeds()
    first = shop.get("/api/availability?item=MUG", headers=KEY).json()
    jsonschema.validate(first, known["availability.snapshot"])
    assert [one["item"] for one in first["data"]["items"]] == ["MUG"]
    stock = shop.get("/api/stock", headers=KEY).json()
    jsonschema.validate(stock, known["stock.snapshot"])
    assert {"item": "TEA", "status": "available", "quantity": 4, "lot": "L2"} in stock["data"]["stock"]
    asked = f"/api/availability/changes?feed={first['data']['feed']}&after="
    database = shop.app.state.house.db
    give(database, "door", "order.release", "D-1", lines=[{"line": "1", "item": "MUG", "quantity": 1}])
    until(lambda: shop.get(f"{asked}{first['data']['sequence']}", headers=KEY).json() != [], "the change is said")
    for change in shop.get(f"{asked}{first['data']['sequence']}", headers=KEY).json():
        jsonschema.validate(change, known["availability.changed"])
    gone = shop.get(f"{asked}999", headers=KEY)
    assert (gone.status_code, gone.json()["code"]) == (410, "gap")
    assert shop.get("/api/availability/changes?feed=x&after=-1", headers=KEY).status_code == 400


def test_a_change_is_told_within_a_second_of_its_commit(shop: TestClient[Any]) -> None:
    home = shop.app.state.house
    told: list[tuple[float, dict[str, Any]]] = []
    home.shop.on_change.append(lambda body: told.append((time.monotonic(), json.loads(body))))
    busy = threading.Event()
    more = OpeningStock(item="TEA", quantity=1, target=Slot(location="A-02", lot="L1"))

    def floor() -> None:
        while not busy.wait(0.005):
            home.db.do(lambda tx: post(tx, more, BY))

    working = threading.Thread(target=floor)
    working.start()
    lags = []
    try:
        for number in range(4):
            order_lines = [{"line": "1", "item": "MUG", "quantity": 1}]
            give(home.db, f"lag {number}", "order.release", f"L-{number}", lines=order_lines)
            committed, before = time.monotonic(), len(told)
            until(lambda before=before: len(_of_mugs(told[before:])) > 0, "the order is told")  # type: ignore[misc]
            lags.append(_of_mugs(told[before:])[0] - committed)
    finally:
        busy.set()
        working.join()
    print(f"availability lag, floor busy: longest {max(lags):.2f} s")
    assert max(lags) < 1.0


def test_the_stream_tells_changes_as_they_come(shop: TestClient[Any]) -> None:
    home, pieces = shop.app.state.house, []

    async def listen() -> None:
        heard = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            pieces.append(message.get("body", b""))
            if b"event: availability.changed" in pieces[-1]:
                heard.set()

        headers = [(b"authorization", b"Bearer shop-key"), (b"host", b"testserver")]
        scope = {
            "type": "http", "method": "GET", "path": "/api/availability/stream", "raw_path": b"/api/availability/stream",
            "query_string": b"", "headers": headers, "scheme": "http", "http_version": "1.1", "server": ("testserver", 80),
            "client": ("127.0.0.1", 5000), "root_path": "", "state": {}, "extensions": {},
        }  # fmt: skip
        line = asyncio.create_task(shop.app(scope, asyncio.Event().wait, send))
        await asyncio.sleep(0.1)
        told = {"lines": [{"line": "1", "item": "MUG", "quantity": 1}]}
        await home.db.ado(
            lambda tx: inbound.accept(
                tx, source="erp", id="stream", type="order.release", subject="S-1", body=json.dumps(told).encode()
            )
        )
        try:
            await asyncio.wait_for(heard.wait(), 5)
        finally:
            line.cancel()

    with shop.portal() as portal:
        portal.call(listen)
    event = next(piece for piece in pieces if b"event: availability.changed" in piece)
    body = json.loads(event.decode().partition("data: ")[2])
    jsonschema.validate(body, schemas.feeds()["availability.changed"])
    assert "MUG" in [one["item"] for one in body["data"]["items"]]


def _of_mugs(told: list[tuple[float, dict[str, Any]]]) -> list[float]:
    """When mugs were told of."""
    return [at for at, body in told if any(one["item"] == "MUG" for one in body["data"]["items"])]
