"""A company of three sites as real processes: `pickface serve` with books of its own and a NATS leaf at each, one hub.

Everything can be killed (−9) by itself and started again. Every transfer is ordered before the doors open; then at each
site one worker sends what leaves there and another takes in what arrives, over HTTP, scan by scan, and neither gives up:
an unanswered scan is sent again under its id.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import uuid_utils
from msgspec.structs import replace
from sqlalchemy import update

from app.config import ConnectorSettings
from app.db import Database
from app.schema.items import item
from app.schema.people import worker
from app.stock import ledger
from app.stock.events import Moved
from app.work import people, transfers
from tests import engines
from tests.faults.clients import PIN
from tests.faults.server import Server
from tests.sync.nats_servers import HubWorker, NatsServer, hub_and_leaves
from tests.sync.sink import SECRET, Sink, moved, running_sink
from tests.world import BY, World

SITES = ("NORTH", "SOUTH", "WEST")
STOCK = "A-01 MUG 900\nA-02 HONEY 900 lot=L-{site}"
TRY_AGAIN_S = 0.2
GIVE_UP_S = 240.0
AT_ONCE = 100  # events of a backlog in one turn of the writer


class Order:
    """One transfer: so many mugs and so much honey of the sender's lot."""

    def __init__(self, code: str, source: str, target: str, number: int) -> None:
        self.code, self.source, self.target = code, source, target
        self.mugs, self.honey = 3 + number % 4, 2 + number % 3
        self.found = self.mugs + (0, -1, 1, 0)[number % 4]  # all of it, one short, one over
        self.broken = {"#MUG": number % 3, "#HONEY": number % 2}  # of what is found


class Site:
    def __init__(self, folder: Path, name: str, leaf: NatsServer, orders: int) -> None:
        folder.mkdir(exist_ok=True)
        self.name, self.leaf = name, leaf
        self.url = engines.fresh("sqlite", folder)
        self.file = Path(self.url.removeprefix("sqlite:///"))
        database = Database(self.url)
        world = World(database, STOCK.format(site=name), site=name)
        world.location("DOOR-1", kind="dock")
        for each in ("mara", "kim"):
            world.add(worker, code=each, badge=f"B-{each}", name=each.title(), roles="worker")
        world.change(item, item.c.active == 1, standard_cost=10)  # what breaks has a price
        pin = people.hash_pin(PIN)
        database.do(lambda tx: tx.run(update(worker).values(pin_hash=pin)))
        self.barcodes = world.barcodes
        others = [one for one in SITES if one != name]
        self.orders = [self._order(database, others[n % 2], n) for n in range(orders)]
        database.close()
        erp = ConnectorSettings(name="ERP", kind="nats", address=leaf.url, moves=True)
        self.server = Server(self.url, folder, site=name, connectors=[erp])

    def _order(self, database: Database, to: str, number: int) -> Order:
        made = Order("", self.name, to, number)
        wanted = [("MUG", made.mugs), ("HONEY", made.honey)]
        made.code = database.do(lambda tx: transfers.order(tx, self.name, to, wanted, worker="mara")).code
        return made

    def a_day_of_work(self, events: int) -> None:
        """Written to its books while its doors are closed: only the line to the hub is to feel it."""
        database = Database(self.url)
        [there] = moved("MUG").contents
        back = Moved(contents=(replace(there, source=there.target, target=there.source),))
        for _ in range(events // AT_ONCE):
            database.do(lambda tx: [ledger.post(tx, one, BY) for one in (moved("MUG"), back) * (AT_ONCE // 2)])
        database.close()


class Hand:
    """A worker with a handheld, over HTTP."""

    def __init__(self, site: Site, badge: str) -> None:
        self._site, self._badge, self._step = site, badge, ""
        self._client = httpx.Client(
            base_url=site.server.url, headers={"accept": "application/json"}, trust_env=False, timeout=20
        )

    def scan(self, *labels: str) -> Any:
        return [self._turn(self._site.barcodes.get(label.removeprefix("#"), label), "scan") for label in labels][-1]

    def tap(self, name: str) -> Any:
        return self._turn(name, "tap")

    def type(self, number: int) -> Any:
        return self._turn(str(number), "type")

    def _turn(self, raw: str, kind: str) -> Any:
        """The answer, however often it takes."""
        until, id = time.monotonic() + GIVE_UP_S, str(uuid_utils.uuid7())
        while time.monotonic() < until:
            try:
                if not self._step:
                    self._sign_in()
                told = self._client.post("/floor/scan", json={"id": id, "after": self._step, "raw": raw, "kind": kind})
                if told.status_code == 200:
                    self._step = told.json()["step"]
                    return told.json()
                assert told.status_code in (401, 503), told.text
                self._step = "" if told.status_code == 401 else self._step
            except httpx.TransportError:
                pass
            time.sleep(TRY_AGAIN_S)
        raise AssertionError(f"{self._badge} at {self._site.name}: {raw} was never answered")

    def _sign_in(self) -> None:
        told = self._client.post("/floor/pin", json={"badge": self._badge, "pin": PIN, "takeover": True})
        if told.status_code == 200:
            self._client.headers["x-csrf"] = told.json()["csrf"]
            step = told.json()["answer"]["step"]
            moving = {"id": str(uuid_utils.uuid7()), "after": step, "raw": "moving", "kind": "tap"}  # at no station
            self._step = self._client.post("/floor/scan", json=moving).json()["step"]

    def send(self, order: Order) -> None:
        self.scan(order.code, "A-01")
        self.type(order.mugs)
        self.scan("A-02")
        self.type(order.honey)
        told = self.scan("DOOR-1")
        assert "on the way" in told["verdict"]["sentence"], told

    def take_in(self, order: Order) -> bool:
        """False where it is not announced whole yet."""
        told = self.scan(order.code)
        coming = [int(row["left"]) for row in told["prompt"].get("rows", []) if row.get("detail") == "on the way"]
        if sorted(coming) != sorted((order.mugs, order.honey)):
            return False
        self.scan("DOOR-1", "#HONEY")
        self.type(order.honey - 1)
        told = self.scan("#MUG")
        for _ in range(1 + (order.found > order.mugs)):  # what is more than shipped is asked twice
            told = self.type(order.found - 1)
        if order.found != order.mugs:
            self.tap("close")
            told = self.tap("close") if order.found < order.mugs else told
        for goods, quantity in order.broken.items():
            if quantity:
                self._set_apart(goods, f"lot L-{order.source}" if goods == "#HONEY" else "", quantity)
        return True

    def _set_apart(self, goods: str, lot: str, quantity: int) -> None:
        """So many at the dock are broken."""
        self.tap("menu")
        self.tap("start:status")
        told = self.scan("DOOR-1", goods)
        ways = [one for one in told["prompt"].get("choices", []) if one["name"] == "row"]
        whole = [one["value"] for one in ways if lot in one["label"] and "damaged" not in one["label"]]
        if ways:
            self.tap(f"row:{whole[0]}")
        self.type(quantity)
        self.tap("to:damaged")
        told = self.tap("reason:quality")
        assert "available → damaged" in told["verdict"]["sentence"], told
        self.tap("menu")


class Company:
    """`kill` one by one; `files` and `ledger` are what an auditor reads."""

    def __init__(
        self, folder: Path, hub: NatsServer, leaves: Mapping[str, NatsServer], sink: Sink, orders: int
    ) -> None:
        self.hub, self.sink = hub, sink
        self.sites = {name: Site(folder / f"floor-{name}", name, leaf, orders) for name, leaf in leaves.items()}
        settings = folder / "hub.json"
        erp = {"name": "ERP", "kind": "http", "address": sink.url, "secret": SECRET}
        settings.write_text(json.dumps({"connectors": [erp]}))
        self.worker = HubWorker(settings, hub, [f"{name}@{name.lower()}" for name in SITES])

    @property
    def files(self) -> dict[str, Path]:
        return {name: site.file for name, site in self.sites.items()}

    def for_site(self, name: str) -> list[Order]:
        return [order for site in self.sites.values() for order in site.orders if order.target == name]

    def kill(self, what: str) -> None:
        """`NORTH`, `leaf NORTH`, `hub`, `worker`, `ledger`: −9, and started again."""
        kind, _, site = what.rpartition(" ")
        if what in self.sites:
            self.sites[what].server.kill_all()
        elif kind == "leaf":
            self.sites[site].leaf.kill()
            self.sites[site].leaf.start()
        elif what == "worker":
            self.worker.end()
            self.worker.start()
        else:
            killed = self.hub if what == "hub" else self.sink
            killed.kill()
            killed.start()


@contextmanager
def company(folder: Path, orders: int) -> Iterator[Company]:
    with ExitStack() as stack:
        sink = stack.enter_context(running_sink(folder))
        hub, leaves = stack.enter_context(hub_and_leaves(folder, *SITES))
        built = Company(folder, hub, leaves, sink, orders)
        stack.callback(built.worker.end)
        for site in built.sites.values():
            stack.enter_context(site.server)
        built.worker.start()
        for site in built.sites.values():
            site.server.wait_ready()
        yield built
