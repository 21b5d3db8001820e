"""Goods between three sites with servers of their own, over a real hub: sent, told, received short, over and broken, settled.

The short form of `tests/faults/test_sites.py`: floors in this process, everything else killed once. At the end the
auditor counts every unit in files it reads by itself.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.config import ConnectorSettings
from app.desk import corrections, transfers
from app.schema.items import item
from app.schema.stock import balance
from app.schema.storage import adjustment, transfer
from sync.pulling import Puller
from tests import engines
from tests.faults import sites_audit
from tests.sync.nats_servers import HubWorker, NatsServer, hub_and_leaves
from tests.sync.sink import SECRET, House, Sink, running_sink, until
from tests.world import World

pytestmark = [pytest.mark.xdist_group("nats"), pytest.mark.timeout(120)]
STOCK = {
    "NORTH": "A-01 MUG 20\nA-02 HONEY 8 lot=L1",
    "SOUTH": "A-01 MUG 5\nA-02 HONEY 3 lot=L2\nA-03 MUG 9 lpn=LPN-00000077",
    "WEST": "A-01 MUG 1\nA-02 HONEY 1 lot=L3",
}


class Floor(World):
    """One site: its books, its people, and its follower to the leaf beside it."""

    def __init__(self, folder: Path, site: str, leaf: NatsServer) -> None:
        folder.mkdir(exist_ok=True)
        url = engines.fresh("sqlite", folder)
        self.file = Path(url.removeprefix("sqlite:///"))
        self.house = House(url, ConnectorSettings(name="ERP", kind="nats", address=leaf.url), site=site)
        super().__init__(self.house.db, STOCK[site], site=site)
        self.location("DOOR-1", kind="dock")
        self.worker("ruth", "worker supervisor", device="HH-09")
        self.worker("ada", "worker admin", device="HH-10")
        self.change(item, item.c.active == 1, standard_cost=10)  # what breaks has a price
        self.puller = Puller(self.db, self.house.erp.followers["ERP"].connector, site)
        self.house.erp.start()

    def order(self, to: str, wanted: str) -> str:
        self.db.do(lambda tx: transfers.order(tx, self.site, to, wanted, who="ruth", device="D"))
        return str(self.rows(select(transfer.c.code).order_by(transfer.c.created.desc()).limit(1))[0][0])

    def state(self, code: str) -> str:
        """Of a transfer, after a look at what came in."""
        self.puller.ask()
        found = self.rows(select(transfer.c.state, transfer.c.to_go).where(transfer.c.code == code))
        return f"{found[0][0]} {found[0][1]}" if found else ""


class Company:
    def __init__(self, folder: Path, hub: NatsServer, leaves: dict[str, NatsServer], sink: Sink) -> None:
        self.hub, self.leaves, self.sink = hub, leaves, sink
        self.sites = {site: Floor(folder / f"floor-{site}", site, leaf) for site, leaf in leaves.items()}
        settings = folder / "hub.json"
        erp = {"name": "ERP", "kind": "http", "address": sink.url, "secret": SECRET}
        settings.write_text(json.dumps({"connectors": [erp]}))
        self.worker = HubWorker(settings, hub, [f"{site}@{site.lower()}" for site in leaves])

    @property
    def files(self) -> dict[str, Path]:
        return {name: floor.file for name, floor in self.sites.items()}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with ExitStack() as stack:
        sink = stack.enter_context(running_sink(tmp_path))
        hub, leaves = stack.enter_context(hub_and_leaves(tmp_path, *STOCK))
        built = Company(tmp_path, hub, leaves, sink)
        stack.callback(built.worker.end)
        for floor in built.sites.values():
            stack.callback(floor.house.close)
        built.worker.start()
        yield built


def test_goods_between_three_sites_are_told_by_the_hub_and_every_unit_is_accounted_for(company: Company) -> None:
    north, south, west = company.sites.values()
    code = north.order("SOUTH", "MUG 6, HONEY 5")
    north.worker("mara").scan(code, "A-01").type("6").scan("A-02").type("5").scan("DOOR-1")
    company.worker.end()
    until(lambda: not south.state(code), "nothing is told while the hub's worker is away")
    company.worker.start()
    until(lambda: south.state(code) == "open 0", "what was sent is expected there", within_s=40)
    kim = south.worker("kim").scan(code, "DOOR-1", "#MUG").type("4").scan("#HONEY").type("5").type("5")
    assert "DOOR-1 HONEY 6 lot L1" in south.holds(), "five, and one nobody knew of"
    kim.tap("close", "close")
    assert kim.says == f"Transfer {code} is closed: 1 missing, 1 over."
    for goods, broken in (("#MUG", "2"), ("#HONEY", "3")):
        kim.tap("menu", "start:status").scan("DOOR-1", goods).type(broken).tap("to:damaged", "reason:quality")
        assert "available → damaged" in kim.says
    assert "DOOR-1 HONEY 3 lot L1\nDOOR-1 HONEY 3 lot L1 damaged\nDOOR-1 MUG 3\nDOOR-1 MUG 2 damaged" in south.holds()

    company.leaves["WEST"].kill()  # cut off
    pallet = south.order("WEST", "MUG 9")
    south.worker("mara").scan(pallet, "LPN-00000077", "DOOR-1")
    company.hub.kill()
    assert sites_audit.never_ahead(company.files) == []
    company.hub.start()
    until(
        lambda: north.state(code) == "closed -1", "the sender hears what arrived, and that no more comes", within_s=40
    )
    [[key]] = north.rows(select(adjustment.c.id).where(adjustment.c.state == "waiting"))
    north.db.do(lambda tx: corrections.approve(tx, key, who="ada", device="D"))
    assert sites_audit.never_ahead(company.files) == []
    company.leaves["WEST"].start()
    until(lambda: west.state(pallet) == "open 0", "WEST is back, and hears what comes", within_s=40)
    kim = west.worker("kim").scan("LPN-00000077", "DOOR-1", "LPN-00000077")
    assert "9 × MUG" in kim.says or "complete" in kim.says
    assert "DOOR-1 MUG 9 in LPN-00000077" in west.holds()
    until(lambda: south.state(pallet) == "closed -1", "so does who sent it", within_s=40)
    for floor in company.sites.values():
        until(floor.house.drained, f"{floor.site} is told whole", within_s=60)
        assert floor.house.letters() == []
        floor.check()
    ledger = company.sink.database
    assert sites_audit.unsettled(company.files, ledger) == []
    assert north.holds() == "A-01 MUG 14\nA-02 HONEY 3 lot L1"

    def wrong_with(floor: Floor, goods: str, before: str, **otherwise: object) -> list[str]:
        """What the auditor says once a balance at its dock is no longer so."""
        there = (balance.c.location == "DOOR-1", balance.c.item == goods, balance.c.status == before)
        floor.db.do(lambda tx: tx.run(update(balance).where(*there).values(**otherwise)))
        return sites_audit.unsettled(company.files, ledger)

    told = "SOUTH ('HONEY', 'L1', 'damaged'): 3 by its journal, 0 of it written off, 0 on hand"
    assert told in wrong_with(south, "HONEY", "damaged", status="quarantine"), "he can tell broken ones from others"
    told = "('MUG', ''): 35 in the beginning, 36 now"
    assert told in wrong_with(west, "MUG", "available", quantity=10), "and one from none"
