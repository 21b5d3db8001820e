"""The label of a carton is bought from a carrier: once, whatever the carrier, the line or our own server do meanwhile."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from sqlalchemy import select

from app import buying
from app.db import Database
from app.schema.documents import sales_order
from app.schema.printing import print_job
from app.schema.stock import journal
from app.schema.work import carton
from app.stock.events import Shipped
from app.stock.events import decode as decode_event
from app.stock.ledger import By
from app.work import master, parcels
from app.work.carriers import purchases
from app.work.carriers.fitting import parcel_of
from app.work.carriers.parcel import Bought, Parcel
from app.work.packing import order as head_of
from sync.carriers.http import HttpCarrier
from sync.carriers.virtual import VirtualCarrier
from tests import engines
from tests.workflows.bought import SECRET, Table
from tests.workflows.picked import state_of
from tests.world import World

ROOT = Path(__file__).parents[2]


@pytest.fixture
def carrier() -> Iterator[VirtualCarrier]:
    with VirtualCarrier(secret=SECRET) as carrier:
        yield carrier


@pytest.fixture
def table(tmp_path: Path, carrier: VirtualCarrier) -> Iterator[Table]:
    """On SQLite: what is tried here is the line to the carrier."""
    database = Database(engines.fresh("sqlite", tmp_path))
    table = Table(World(database), carrier, answer_within_s=0.4)
    yield table
    table.door.close()
    database.close()


def test_a_label_is_bought_printed_once_scanned_back_and_goes_on_the_manifest(
    build: Callable[[str], World], carrier: VirtualCarrier
) -> None:
    table = Table(build(""), carrier)
    code, jonas, world = table.pack(), table.jonas, table.world
    assert (jonas.asks, table.jobs()) == ("Scan the label", [])
    assert jonas.prompt.carton.label == "Label is being bought from NORTH."
    jonas.scan(code)
    assert jonas.refusal == "label_coming"
    assert table.buys() == ["bought"]
    [(number, _, asked)] = table.made()
    assert (number, asked, table.jobs()) == ("VC0000000001", 1, [("carrier", "queued")])
    [(payload,)] = world.rows(select(print_job.c.payload))
    assert number.encode() in bytes(payload)
    assert bytes(payload).count(b"^XA") == 1
    jonas.scan(number)
    assert jonas.says == "Order 482 is packed: 1 carton. To lane LANE-N."
    assert table.jobs() == [("carrier", "printed"), ("packing_slip", "queued")]
    slip = world.rows(select(print_job.c.label).where(print_job.c.kind == "packing_slip"))[0][0]
    assert number.encode() in bytes(slip)
    jonas.tap("back", "menu", "start:loading").scan(number, "LANE-N", "TRUCK-N", number).tap("close").type("SEAL-1")
    assert state_of(world, "482") == "shipped"
    [shipped] = [
        e for row in world.rows(select(journal.c.body)) if isinstance(e := decode_event(bytes(row[0])), Shipped)
    ]
    assert (shipped.cartons, shipped.tracking) == ((code,), (number,))
    assert table.buys() == ["manifested"]
    assert table.purchase().manifest == "MF000001"
    assert table.made() == [(number, "on the truck", 1)]
    world.check()


@pytest.mark.parametrize("fault", ["dies", "half", "slow"])
def test_a_carrier_that_fails_after_it_made_the_label_is_asked_and_makes_no_second_one(
    table: Table, fault: str
) -> None:
    table.carrier.faults = type(table.carrier.faults)(**{fault: 1})  # type: ignore[arg-type]
    table.pack()
    assert table.buys() == ["unknown"]
    assert table.jobs() == []
    assert "did not say whether the label was made" in table.jonas.scan(table.number).prompt.carton.label
    table.carrier.faults.slow = 0.0
    assert table.buys(2) == ["bought", "bought"]
    assert [asked for _, _, asked in table.made()] == [1], "it was looked up, not bought again"
    assert table.jobs() == [("carrier", "queued")]


def test_a_carrier_that_is_away_gets_the_label_later_and_a_supervisor_hears_of_it(table: Table) -> None:
    table.carrier.faults.busy = True
    table.pack()
    assert table.buys() == ["unknown"], "a 503 may come from a gateway behind which the label was made"
    assert table.buys(4) == ["unknown"] * 4
    assert table.cases() == ["label_waits"]
    table.carrier.faults.busy = False
    assert table.buys(2) == ["queued", "bought"]
    table.carrier.stop()
    assert [asked for _, _, asked in table.made()] == [1]


def test_nobody_at_the_address_of_the_carrier_costs_nothing_but_time(table: Table) -> None:
    table.carrier.stop()
    table.pack()
    assert table.buys() == ["queued"]
    assert table.purchase().sentence == f"Nobody answers at {table.carrier.address}."
    assert table.jonas.tap("next").asks == "Scan tote or order", "the packer goes on meanwhile"


def test_an_address_that_is_refused_is_a_case_and_bought_once_it_is_mended(table: Table) -> None:
    table.address("Jane Doe, 1 High Street, 00000 Nowhere")
    code = table.pack()
    assert (table.buys(), table.cases(), table.jobs()) == (["refused"], ["address_refused"], [])
    assert table.world.rows(select(carton.c.state))[0][0] == "weighed", "closed, without a label"
    table.jonas.tap("print")
    assert table.jonas.refusal == "carrier_refused"
    assert table.cases() == ["address_refused"], "pressing asks nobody again"
    table.address("Jane Doe, 1 High Street, LS1 4AB Leeds, UK")
    told = table.world.db.do(lambda tx: buying.ask_again(tx, code, table.world.ports.printers, "ruth"))
    assert told == f"The label of carton {code} is bought from NORTH."
    assert (table.buys(), table.purchases()) == (["bought"], ["cancelled", "bought"])
    table.world.check()


def test_no_label_is_bought_before_the_carton_is_verified(table: Table) -> None:
    table.jonas.scan("T-001", "#MUG")

    def ask(tx: object) -> object:
        found = parcels.find(tx, table.number)  # type: ignore[arg-type]
        assert found is not None
        parcel = parcel_of(tx, head_of(tx, "482"), found, 500)  # type: ignore[arg-type]
        return purchases.ask(tx, parcel, carrier="NORTH", own=b"", printer="", worker="jonas", station="P-1")  # type: ignore[arg-type]

    with pytest.raises(purchases.NotVerified):
        table.world.db.do(ask)
    assert (table.buyer.workers["NORTH"].one_job(), table.made()) == (False, [])


def test_a_cancelled_order_voids_the_label_at_the_carrier_and_cancels_what_was_not_bought(
    build: Callable[[str], World], carrier: VirtualCarrier
) -> None:
    table = Table(build(""), carrier)
    table.pack()
    table.buys()
    message = master.decode("order.cancel", b'{"code": "482", "version": 9}')
    table.world.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    assert table.buys(2) == ["voided", "voided"]
    assert [state for _, state, _ in table.made()] == ["void"]
    table.world.check()


class ByShipment(HttpCarrier):
    """Names the shipment beside the number on its label, and is told of it by that name, as karrio's carriers are."""

    heard: ClassVar[list[str]] = []

    def buy(self, key: str, parcel: Parcel) -> Bought:
        made = super().buy(key, parcel)
        return msgspec.structs.replace(made, shipment=f"S-{made.tracking}")

    def void(self, key: str, shipment: str) -> None:
        self.heard.append(shipment)
        super().void(key, shipment.removeprefix("S-"))

    def manifest(self, key: str, shipments: Sequence[str]) -> str:
        self.heard.extend(shipments)
        return super().manifest(key, [one.removeprefix("S-") for one in shipments])


@pytest.mark.parametrize("end", ["voided", "manifested"])
def test_a_carrier_hears_of_a_label_by_its_own_name_of_the_shipment(table: Table, end: str) -> None:
    door = table.buyer.workers["NORTH"].carrier = ByShipment("NORTH", table.carrier.address, secret=SECRET)
    door.heard.clear()
    table.pack()
    table.buys()
    number, key = table.purchase().tracking, table.purchase().id
    if end == "voided":
        table.world.db.do(lambda tx: purchases.void(tx, key, "damaged", "ruth"))
    else:
        jonas = table.jonas.scan(number).tap("back", "menu", "start:loading")
        jonas.scan(number, "LANE-N", "TRUCK-N", number).tap("close").type("SEAL-1")
    assert table.buys() == [end]
    assert door.heard == [f"S-{number}"]
    door.close()


def test_killed_between_buying_and_writing_it_down_the_label_is_found_again(table: Table) -> None:
    """A process of its own buys, and dies by kill −9 before it can say so."""
    table.pack()
    program = (
        "import os, signal, sys\n"
        "from app.buying_book import PurchaseBook\nfrom app.db import Database\n"
        "from sync.carriers.buyer import Buyer\nfrom sync.carriers.http import HttpCarrier\n"
        "class Dies(PurchaseBook):\n"
        "    def bought(self, key, made):\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        f"door = HttpCarrier('NORTH', {table.carrier.address!r}, secret={SECRET!r})\n"
        f"Buyer([door], Dies(Database({table.world.db.url!r}), {{}})).workers['NORTH'].one_job()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    assert [asked for _, _, asked in table.made()] == [1]
    assert table.purchase().state == "buying"
    until = time.monotonic() + 10
    while not table.book.recover() and time.monotonic() < until:
        time.sleep(0.02)  # PostgreSQL notices a moment later that it died
    assert table.purchase().state == "unknown", "never queued: that is the second label"
    assert table.buys(2) == ["bought", "bought"]
    assert [asked for _, _, asked in table.made()] == [1]
    assert table.jobs() == [("carrier", "queued")]


def test_a_person_says_what_became_of_a_label_nobody_can_ask_for(table: Table) -> None:
    table.carrier.faults.dies = 1
    code = table.pack()
    table.buys()
    db, key = table.world.db, table.purchase().id
    with pytest.raises(purchases.PurchaseNotThere, match="is unknown"):
        db.do(lambda tx: purchases.void(tx, key, "", "ruth"))
    with pytest.raises(purchases.NoNumber):
        db.do(lambda tx: purchases.was_bought(tx, key, " ", "ruth"))
    found = db.do(lambda tx: purchases.was_bought(tx, key, "VC0000000001", "ruth"))
    db.do(lambda tx: table.book.print_one(tx, found))
    assert table.jobs() == [("shipping", "queued")], "ours, with the carrier's number on it"
    assert table.jonas.scan("VC0000000001").says.startswith("Order 482 is packed")
    told = db.do(lambda tx: purchases.void(tx, key, "damaged", "ruth"))
    assert told == f"The label of carton {code} is voided at NORTH."
    assert (state_of(table.world, "482"), table.buys()) == ("packing", ["voided"])
    assert table.world.rows(select(sales_order.c.carrier))[0][0] == "NORTH"
