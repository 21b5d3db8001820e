"""Every job of the menu by scanner alone: a table of jobs, their scans, and 0 taps.

The house is the demo's, so this is also what a newcomer can do with the codes of /desk/codes. The worker of this file has no
finger: tapping and typing are not there. A job begins by the scan it is about, or by its own code (`CMD/START/COUNTING`).

In the scans, `#MUG` is a piece of the item and `#MUG/case` its case; `@place`, `@item`, `@wanted` and `@hint` scan what the
glass shows as the place, the item, the tote wanted or the hint; `lpn:TIN-100` is the LPN of that item on the dock.
"""

import shutil
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from sqlalchemy import select

from app import clock, demo, demo_data, demo_telling, workflows
from app.config import PrinterSettings
from app.db import Database
from app.demo_goods import goods
from app.floor.floor import Ports
from app.floor.flows import flows
from app.schema.documents import order_line
from app.schema.stock import balance, journal, serial
from app.schema.work import carton, carton_type
from app.stock.ledger import By
from app.work import master
from app.workflows import counting_place
from tests import engines
from tests.world import Hand, World

PRINTERS = (PrinterSettings(name="LABEL-1"), PrinterSettings(name="SLIP-1", kind="escpos"))
ASSAM = "010401234500002317{lasts}10N0187"  # a label with its lot and date
CHAI, BISCUIT = "010401234500005417{lasts}10C2611", "010401234500040510L25040"
MOST = 150  # scans of one story


class Job(NamedTuple):
    name: str  # as the menu knows it
    scans: str
    posts: str  # kinds of event, in order, each once
    says: str  # the last answer
    worker: str = "mara"
    station: str = ""


JOBS = (
    Job("receiving", f"4500187 {ASSAM} {ASSAM} LPN-70000001", "received",
        "2 each TEA-ASSAM-100 on LPN LPN-70000001", station="RCV-1"),
    Job("receiving", f"00340987650000000028 00340987650000000011 {' '.join([CHAI] * 22)} 340987650000000011 "
        "340987650000000011 340987650000000011 770001 770001",
        "pallet_received received asn_closed", "ASN 770001 is closed: 1 discrepancy.", station="RCV-1"),
    Job("receiving", "770002 00340987650000000035 #CUP-ESPRESSO/case 340987650000000035 340987650000000035 340987650000000035",
        "received", "Pallet …0 0035 is counted.", station="RCV-1"),
    Job("arrivals", "CMD/START/ARRIVALS 770001 DOOR-1 DOOR-1 SEAL-4711 DOOR-1 DOOR-1 DOOR-1 00340987650000000028",
        "truck_arrived pallet_received", "Pallet …0 0028: 24 × TEA-OOLONG-50"),
    Job("inspecting", "CMD/START/INSPECTING lpn:JAM-PLUM-200 #JAM-PLUM-200 #JAM-PLUM-200 lpn:JAM-PLUM-200",
        "unit_inspected inspected", "JAM-PLUM-200 lot J2611 passed: 24 are available."),
    Job("putaway", "lpn:TIN-100 @place", "put_away", "24 × TIN-100 in A-01-04-2"),
    Job("putaway", "lpn:SPOON-TEA @place @place", "put_away", "12 × TOWEL-LINEN in B-02-04-1"),
    Job("putaway", "lpn:APRON-GREEN @place", "moved", "LPN …0 0092 at STAGE-C: it goes on by reach truck."),
    Job("putaway", "lpn:APRON-GREEN @place", "put_away",
        "30 × APRON-GREEN in C-04-01-5 on LPN …0 0092", worker="tomek"),
    Job("replenishing", "CMD/START/REPLENISHING A-04-05-1 @place @hint @place", "replenished",
        "3 case × FILTER-PAPER in A-04-05-1."),
    Job("counting", "CMD/START/COUNTING A-04-04-1 " + "#SAUCER-WHITE " * 23 + "A-04-04-1 A-04-04-1", "counted",
        "A-04-04-1 is counted."),
    Job("moving", "CMD/START/MOVING A-04-04-1 A-04-04-3", "moved", "23 × SAUCER-WHITE at A-04-04-3."),
    Job("moving", "CMD/START/MOVING #SAUCER-WHITE #SAUCER-WHITE #SAUCER-WHITE A-04-04-3", "moved",
        "2 × SAUCER-WHITE at A-04-04-3."),
    Job("lpn", "CMD/START/LPN LPN-70000002 A-04-04-1 #SAUCER-WHITE A-04-04-1", "moved",
        "All of A-04-04-1 is on LPN LPN-70000002."),
    Job("transferring", "TR-501 B-02-04-1" + " #TOWEL-LINEN" * 6 + " A-01-05-2" + " #TIN-500" * 4 + " DOOR-2",
        "moved transfer_shipped", "10 on the way to HARBOUR. That is all of it."),
    Job("transferring", "TR-502 DOCK-2" + " #SAUCER-WHITE" * 12, "transfer_received transfer_closed",
        "Transfer TR-502 is complete."),
    Job("adjusting", "CMD/START/ADJUSTING A-04-05-1 #FILTER-PAPER/case #FILTER-PAPER/case" + " #FILTER-PAPER" * 15
        + " A-04-05-1 CMD/REASON/LOST", "adjusted", "1 × FILTER-PAPER less at A-04-05-1."),
    Job("holding", "CMD/START/HOLDING L26004 CMD/REASON/QUALITY", "lot_held deallocated",
        "Lot L26004 of TEA-MINT-100 is on hold. 1 order gave 3 back."),
    Job("status", "CMD/START/STATUS A-04-04-1 CMD/TO/QUARANTINE CMD/REASON/QUALITY", "status_changed",
        "23 × SAUCER-WHITE: available → quarantine."),
    Job("returning", "JD014600003828 #KETTLE-TEMP 22K90001 CMD/GRADE/A LPN-70000003 #TEE-M CMD/GRADE/A LPN-70000004 "
        "20932 #SOAP-LAVENDER #SOAP-LAVENDER CMD/GRADE/A LPN-70000005",
        "return_received return_inspected return_disposed return_closed",
        "Restock: 2 × SOAP-LAVENDER on LPN-70000005.", station="RET-1"),
    Job("returning_next", f"20933 {BISCUIT} CMD/GRADE/A LPN-70000006 20931 #TEE-M CMD/YES CMD/NO CMD/YES CMD/YES CMD/GRADE/B "
        "LPN-70000007 CMD/START/RETURNING-NEXT LPN-70000007 RETURNS-1",
        "return_received return_inspected return_disposed return_closed moved", "TEE-M is kept at RETURNS-1.", station="RET-1"),
    Job("lookup", "CMD/LOOK-UP #TEE-M", "", "TEE-M: 200 at B-01-03-4 and 1 more"),
)  # fmt: skip


class House(World):
    """The demo as it stands on its first morning, with the first wave on the floor."""

    def __init__(self, database: Database) -> None:
        workflows.load()
        self.db = database
        self.locations = set()
        self.barcodes = {}
        self.weights = {thing.code: thing.weight_g for thing in goods()}
        for number, thing in enumerate(goods(), 1):
            self.barcodes[thing.code] = demo_telling.gtin13(number)
            self.barcodes[f"{thing.code}/case"] = demo_telling.case_gtin(number)
        self.grams = 0
        self.ports = Ports(weigh=lambda name: self.grams, printers={one.name: one for one in PRINTERS})

    def posted(self, since: int) -> list[str]:
        """The kinds of event since then, each once."""
        rows = self.rows(select(journal.c.kind).where(journal.c.seq > since).order_by(journal.c.seq))
        return list(dict.fromkeys(row[0] for row in rows))

    def last_seq(self) -> int:
        return int(self.rows(select(journal.c.seq).order_by(journal.c.seq.desc()).limit(1))[0][0])


class Scanner(Hand):
    """A worker without a finger: each scan is taken, none is refused."""

    scans = 0

    def tap(self, *names: str) -> NoReturn:
        raise AssertionError(f"tapped {names}")

    def type(self, text: str) -> NoReturn:
        raise AssertionError(f"typed {text}")

    def scan(self, *labels: str) -> "Scanner":
        for label in labels:
            self.scans += 1
            super().scan(self._code(label))
            assert not (self.answer.verdict and self.answer.verdict.kind == "error"), f"{label}: {self.says}"
        return self

    def a_serial(self) -> str:
        """One of the pieces that lie at the place shown."""
        here = select(serial.c.serial).where(serial.c.location == self.prompt.place, serial.c.lpn == "")
        return str(self.world.rows(here.order_by(serial.c.serial))[0][0])

    def _code(self, label: str) -> str:
        prompt = self.prompt
        match label.partition(":"):
            case ("@place", _, _):
                return str(prompt.place)
            case ("@item", _, _):
                return f"#{prompt.item.code}"
            case ("@hint", _, _):
                return str(prompt.hint)
            case ("@wanted", _, _):
                return str(prompt.wants[0] if prompt.wants else prompt.hint)
            case ("lpn", _, item):
                found = select(balance.c.lpn).where(balance.c.item == item, balance.c.location.like("DOCK-%"))
                return str(self.world.rows(found)[0][0])
        return label


@pytest.fixture(scope="module")
def first_morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    demo_data.load(database, demo.settings(8080, "a secret"))
    demo.release_first_wave(database)
    connection = database.connect()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    database.close()
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def house(first_morning: Path, tmp_path: Path) -> House:
    shutil.copy(first_morning, tmp_path / "demo.db")
    return House(Database(f"sqlite:///{tmp_path / 'demo.db'}"))


def scanner(house: House, worker: str = "mara", station: str = "") -> Scanner:
    hand = Scanner(house, worker, f"HH-{worker}")
    if station:
        hand.scan(f"STN/{station}")
    return hand


@pytest.mark.parametrize("job", JOBS, ids=[f"{job.name}-{number}" for number, job in enumerate(JOBS)])
def test_the_happy_path_of_a_job_takes_no_tap(house: House, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    lasts = (clock.today() + demo_telling.LASTS).strftime("%y%m%d")
    monkeypatch.setattr(counting_place, "DOUBLE_READ", 0)  # a person is slower than this test
    hand, since = scanner(house, job.worker, job.station), house.last_seq()
    for label in job.scans.replace("{lasts}", lasts).split():
        hand.scan(label)
    assert hand.says == job.says
    assert house.posted(since) == job.posts.split()
    house.check()


def picked(hand: Scanner, *drop: str) -> list[str]:
    """A cart's whole walk, as the glass asks for it. Returns the totes."""
    hand.scan("CART-1")
    totes: list[str] = []
    for _ in range(MOST):
        match hand.asks.split(maxsplit=2)[:2]:
            case ["Scan", "empty"]:
                totes.append(f"T-{90_000_001 + len(totes)}")
                hand.scan(totes[-1])
            case ["Scan", "location"]:
                hand.scan("@place")
            case ["Scan", "tote"]:
                hand.scan("@wanted")
            case ["Scan", "the"]:  # serial
                hand.scan(hand.a_serial())
            case ["Scan", "drop"]:
                hand.scan(*drop)
                return totes
            case _:
                hand.scan("@item")
    raise AssertionError(f"the walk does not end: {hand.asks}")


def units(house: House, order: str) -> list[str]:
    lines = house.rows(select(order_line.c.item, order_line.c.quantity).where(order_line.c.order_code == order))
    return [item for item, quantity in lines for _ in range(quantity)]


def test_orders_go_from_the_cart_to_the_truck_without_a_tap(house: House) -> None:
    ben = scanner(house, "ben")
    totes = picked(ben, "STN/PACK-1")
    assert ben.says == f"{len(totes)} totes at PACK-1."
    mara = scanner(house, station="PACK-1")
    mara.scan(totes[0])
    order = mara.prompt.subject.removeprefix("Order ")
    empty = house.rows(select(carton_type.c.weight_g).where(carton_type.c.code == mara.prompt.carton.type))[0][0]
    inside = units(house, order)
    for n, unit in enumerate(inside, 1):
        house.grams = 0 if n < len(inside) else empty + sum(house.weights[one] for one in inside)
        mara.scan(f"#{unit}")
    assert mara.asks == "Scan the label", "it stood on the scale with the right weight: closed by itself"
    [[box, carrier]] = house.rows(select(carton.c.lpn, carton.c.carrier).where(carton.c.order_code == order))
    mara.scan(box)
    tom = scanner(house, "tomek").scan(box, "@place", f"TRUCK-{carrier}", box, f"TRUCK-{carrier}", "SEAL-1")
    assert tom.says == f"TRUCK-{carrier} left with 1 carton of 1 order."
    house.check()


def test_a_cancelled_order_goes_back_without_a_tap(house: House) -> None:
    ben = scanner(house, "ben")
    totes = picked(ben, "STN/PACK-2")
    order = scanner(house, "ines").scan("STN/PACK-2", totes[0]).prompt.subject.removeprefix("Order ")
    message = master.decode("order.cancel", {"code": order, "version": 2, "reason": "customer"})
    house.db.do(lambda tx: master.apply(tx, message, By(worker="erp")))
    ben.scan("CMD/START/PUT-BACK", totes[0])
    for unit in dict.fromkeys(units(house, order)):
        ben.scan(*[f"#{unit}"] * units(house, order).count(unit))
        ben.scan("@place")
    assert ben.says == f"All of order {order} is put back."
    house.check()


def test_directed_work_begins_and_goes_on_without_a_tap(house: House) -> None:
    """The next task is named by a command code, begun by its place, and the one after it names itself."""
    ines = scanner(house, "ines").scan("CMD/NEXT")
    begun = ines.prompt.job
    ines.scan("CMD/WHY")
    assert ines.prompt.why
    ines.scan("CMD/BACK")
    assert ines.prompt.job == begun


def test_every_job_of_the_menu_is_in_the_table(house: House) -> None:
    shown = {job.name for job in JOBS} | {"picking", "packing", "loading", "put_back"}
    assert {job.name for job in flows()} == shown


def test_a_job_s_code_begins_it_from_anywhere(house: House) -> None:
    hand = scanner(house).scan("CMD/START/COUNTING", "CMD/START/PUT-BACK")
    assert hand.prompt.job == "Put back"
    Hand.scan(hand, "CMD/START/NOTHING")
    assert hand.refusal == "no_job_for_this"
