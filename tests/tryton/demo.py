"""`make demo-tryton`: a floor with a live Tryton beside it, and the whole circle shown once before it is yours.

Tryton begins with a company, partners and 200 products. What is ordered there comes to the floor, the hands of the tests
do the work on the real screens, and after each step both books are compared. Then the floor stays open in the browser,
with a purchase and a sale that nobody has touched.
"""

import shutil
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec
from sqlalchemy import update

from app import schema
from app.config import PrinterSettings
from app.errors import CannotStart
from app.main import serve
from app.schema.people import worker
from app.serving import hold_port
from app.work import people
from printers.virtual import VirtualPrinter
from printers.virtual_page import VirtualPrinterPage
from tests import engines
from tests.sync import tryton_circle as circle
from tests.sync.tryton_books import Erp
from tests.sync.tryton_floor import Floor, live_tryton
from tests.tryton import company
from tests.tryton.server import PASSWORD, Tryton
from tests.workflows.picked import SLIPS, ZEBRA

FOLDER = Path("var/demo-tryton")
PORT, PIN = 8080, "1234"


def run() -> int:
    with hold_port("127.0.0.1", PORT):
        pass  # free; else nobody need wait for the circle first
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as beside:
        tryton = beside.enter_context(live_tryton(FOLDER))
        labels, slips = beside.enter_context(VirtualPrinter()), beside.enter_context(VirtualPrinter(kind="escpos"))
        page = beside.enter_context(VirtualPrinterPage(labels))
        floor = Floor(engines.fresh_sqlite(FOLDER), tryton)
        show(floor, Erp(tryton))
        left(floor, Erp(tryton))
        floor.switchboard.stop()
        floor.world.db.close()
        printers = (
            msgspec.structs.replace(ZEBRA, address=labels.address),
            msgspec.structs.replace(SLIPS, address=slips.address),
        )
        return hand_over(floor, tryton, printers, page.url)


def show(floor: Floor, erp: Erp) -> None:
    """The circle, with both books after each step."""
    po = company.purchase(erp.books, "ACME", ("P-0001", 12), ("P-0010", 6), ("P-0002", 5))
    sale = company.sale(erp.books, "NORD", ("P-0001", 4), ("P-0010", 2), ("P-0002", 3))
    rma = company.authorise_return(erp.books, "NORD", ("P-0001", 1))
    [shipment] = company.shipments(erp.books, sale)
    order = shipment["number"]
    print(
        f"Ordered in Tryton: purchase {po}, sale {sale} (shipment {order}), return {rma}. The floor took {floor.pull()} messages."
    )
    scale = circle.lay_out(floor.world)
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        (f"{po} received, one piece short and one broken; put away", lambda: circle.received(floor, po)),
        (f"{order} picked, one product short", lambda: circle.picked(floor, order)),
        (f"{order} packed and shipped", lambda: circle.packed_and_shipped(floor, order, scale)),
        ("A-01 counted by two, the difference approved by a third", lambda: circle.counted(floor)),
        (f"{rma} taken back, graded and restocked", lambda: circle.returned(floor, rma)),
    )
    for words, step in steps:
        step()
        floor.told()
        print(f"\n{words}\n  {'product':8} {'lot':6} {'status':12} {'floor':>6} {'Tryton':>6}")
        here, there = floor.stock(), floor.stock_there()
        for key in sorted(here.keys() | there.keys()):
            print(f"  {key[0]:8} {key[1]:6} {key[2]:12} {here.get(key, 0):>6} {there.get(key, 0):>6}")
        floor.check()
    print(
        "\nIn Tryton now: "
        + ", ".join(f"{one['number']} is {one['state']}" for one in company.shipments(erp.books, sale))
    )


def left(floor: Floor, erp: Erp) -> None:
    """Work for whoever looks. Tryton's sales name no carrier, so there are a lane and a truck for those; nobody has a scale."""
    company.purchase(erp.books, "HIVE", ("P-0020", 8), ("P-0003", 20), ("P-0050", 3))
    company.sale(erp.books, "ANNA", ("P-0001", 2))
    floor.pull()
    for code, kind in (("LANE-0", "lane"), ("TRUCK-0", "truck")):
        floor.world.location(code, kind=kind)
    station = schema.places.station
    floor.world.change(station, station.c.code == "P-1", scale="")
    pin = people.hash_pin(PIN)
    floor.world.worker("ruth", "worker supervisor")
    floor.world.db.do(lambda tx: tx.run(update(worker).values(pin_hash=pin)))


def hand_over(floor: Floor, tryton: Tryton, printers: tuple[PrinterSettings, ...], paper: str) -> int:
    settings = msgspec.structs.replace(
        floor.settings, database=floor.url, port=PORT, demo=True, printers=printers, printer_loopback=True
    )
    file = FOLDER / "settings.json"
    file.write_bytes(msgspec.json.encode(settings))
    file.chmod(0o600)
    print(
        f"""
  the floor   http://127.0.0.1:{PORT}/floor        badge B-mara, PIN {PIN}
  the desk    http://127.0.0.1:{PORT}/desk/ledger  badge B-ruth, PIN {PIN}
  labels      {paper}
  Tryton      {tryton.address.replace("admin@", "")}   user admin, password "{PASSWORD}" (any Tryton 8.2 client)

  A purchase (P-0020 with a lot, P-0050 piece by piece by serial), a sale and the backorder wait. What you order in Tryton
  is here within five seconds. Ctrl-C ends both.
""",
        flush=True,
    )
    return serve(settings, file)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)  # what was started beside the floor ends with it
    try:
        raise SystemExit(run())
    except CannotStart as problem:
        raise SystemExit(str(problem)) from None
