"""A whole house behind its doors: the real app on a fresh database, with a small day already under way.

Two waves (one behind, one not released), a pool with two cut-offs, a short, a label in doubt, a dead letter each way, an
exception; workers who may look, decide and administrate. All PINs are 1234.
"""

from functools import cache
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import insert

from app import clock, schema
from app.config import ConnectorSettings, PrinterSettings, Settings
from app.db import Database, Tx
from app.main import build
from app.printing.drawing import draw
from app.stock import ledger
from app.stock.events import Counted, Picked, Received
from app.stock.ledger import By
from app.stock.slots import Slot
from app.web.application import application
from app.work import exceptions, people, progress, releasing, waves
from printers import labels
from printers.labels import LpnLabel
from tests import engines
from tests.workflows.picking_floor import order as order
from tests.world import World

PIN = "1234"
PIN_HASH = people.hash_pin(PIN)
CREW = {
    "vera": ("viewer", "Vera Look"),
    "sara": ("service", "Sara Phone"),
    "ruth": ("worker supervisor", "Ruth Vogel"),
    "lena": ("worker supervisor", "Lena Second"),
    "ada": ("admin", "Ada Min"),
    "mara": ("worker packer loader", "Mara Keller"),
}
STOCK = """
    A-01-01  TEE-M-WHT  40
    A-01-02  MUG-BLU    25
    A-02-01  HON-500    60  lot=L2408-A expiry=2099-08-31
    A-02-02  KET-1L      3
    B-01-01  CAN-12     90
    DOCK-1   SOAP       12  lpn=LPN-0001
    Q-01     HON-500     6  lot=L2407-C status=quarantine
"""
BY = By(worker="mara", device="HH-01", cause="scan-0000-1")


def settings(folder: Path, url: str = "") -> Settings:
    return Settings(
        database=url or engines.fresh_sqlite(folder),
        site_name="Lindau",
        printer_loopback=True,
        printers=(
            PrinterSettings(name="P-1", transport="tcp", address="127.0.0.1:9", two_way=False),
            PrinterSettings(name="P-2", transport="file", address=str(folder / "labels.zpl"), two_way=False),
        ),
        connectors=(ConnectorSettings(name="books", kind="file", address=str(folder / "books")),),
    )


def lay_out(database: Database) -> World:
    """The day, written before the house opens."""
    world = World(database, STOCK)
    now = clock.now()
    world.at_once(lambda: _begin_day(world, now))
    first = database.do(lambda tx: waves.create(tx, ["100471", "100472"], cutoff=now + clock.HOUR, worker="ruth"))
    releasing.release(database, first, By(worker="ruth", cause="desk"))
    database.do(lambda tx: waves.create(tx, ["100473"], cutoff=now + 3 * clock.HOUR, worker="ruth"))
    world.change(schema.work.wave, schema.work.wave.c.code == first, released=now - 2 * clock.HOUR)
    database.do(_events)
    database.do(_trouble)
    return world


def _begin_day(world: World, now: int) -> None:
    """The crew, their devices and the orders."""
    for code, (roles, name) in CREW.items():
        world.add(schema.people.worker, code=code, badge=f"B-{code}", name=name, roles=roles, pin_hash=PIN_HASH)
    world.add(
        schema.floor.device, code="HH-01", token="t1", name="HH-01", first_seen=now, last_seen=now - 3 * clock.MINUTE
    )
    world.add(schema.floor.device, code="HH-02", token="t2", name="HH-02", first_seen=now, last_seen=now - clock.HOUR)
    world.add(
        schema.floor.login, token="silent", door="floor", worker="mara", device="HH-02", ends=now + clock.HOUR, seen=now
    )
    world.add(schema.places.station, code="PACK-1", name="Packing 1")
    world.add(
        schema.floor.scan, id="scan-0000-1", worker="mara", raw="]C1010400000000001510L2408-A", answer=b"", at=now
    )
    order(world, "100471", ("TEE-M-WHT", 4), ("MUG-BLU", 2), cutoff=now + clock.HOUR, name="Hofladen Maier")
    order(world, "100472", ("HON-500", 6), ("KET-1L", 5), cutoff=now + clock.HOUR, name="Café Seeblick")
    order(world, "100473", ("CAN-12", 24), cutoff=now + 3 * clock.HOUR, name="=HYPERLINK(1)")
    order(world, "100480", ("MUG-BLU", 3), cutoff=now + 4 * clock.HOUR, name="Feinkost Adler")
    order(world, "100481", ("KET-1L", 9), cutoff=now + 4 * clock.HOUR, name="Hotel Lindenhof")
    world.add(
        schema.work.load, code="LOAD-T1-001", truck="T1", carrier="DPD", state="shipped", seal="SEAL-7", closed=now
    )
    order(world, "100490", ("CAN-12", 6), name="Kiosk am Hafen", state="shipped")
    world.add(
        schema.work.carton, lpn="C-900", order_code="100490", state="shipped", weight_g=2400, load_code="LOAD-T1-001"
    )


def _events(tx: Tx) -> None:
    ledger.post(tx, Counted(task="C-1", item="TEE-M-WHT", slot=Slot(location="A-01-01"), quantity=40), BY)
    received = Received(
        po="4500187", line="1", item="HON-500", quantity=12, target=Slot(location="DOCK-1", lot="L2408-A"),
        expiry="2099-08-31",
    )  # fmt: skip
    tx.run(insert(schema.documents.purchase_order).values(code="4500187", supplier="Imkerei Bodensee"))
    tx.run(insert(schema.documents.po_line).values(po="4500187", line="1", item="HON-500", quantity=12))
    ledger.post(tx, received, BY)
    progress.apply(tx, received)
    pick = tx.row(schema.work.pick.select().where(schema.work.pick.c.item == "TEE-M-WHT"))
    assert pick is not None
    picked = Picked(
        line="100471/1", pick=pick[0], item="TEE-M-WHT", quantity=4, source=Slot(location="A-01-01"),
        target=Slot(location="@mara"),
    )  # fmt: skip
    ledger.post(tx, picked, BY)
    progress.apply(tx, picked)


def _trouble(tx: Tx) -> None:
    now = clock.now()
    for job, state, said, printer in (
        ("job-doubt", "unknown", "The server stopped while it was printing.", "P-2"),
        ("job-done", "printed", "The label was scanned.", "P-2"),
        ("job-gone", "cancelled", "", "P-2"),
    ):
        tx.run(
            insert(schema.printing.print_job).values(
                id=job, once=job, printer=printer, kind="lpn", subject="LPN-0001", document="po 4500187", state=state,
                payload=PAYLOAD, label=LABEL, sentence=said, created=now, worker="mara", next_at=now,
            )
        )  # fmt: skip
    tx.run(
        insert(schema.sync.inbox).values(
            source="erp", id="m-1", type="order.release.v1", subject="100499", version=1, state="dead",
            sentence="Item SOAP-ROSE is not known.", body=b'{"order": "100499"}', at=now, digest="d", missing="item SOAP-ROSE",
        )
    )  # fmt: skip
    exceptions.add(
        tx, "wrong_item", "TEE-L-WHT lies in A-01-01.", item="TEE-M-WHT", location="A-01-01", worker="mara"
    )  # fmt: skip
    tx.run(
        insert(schema.work.discrepancy).values(
            id="d-1", document="po 4500187", item="HON-500", kind="short", expected=24, found=12, owner="buyer",
            due=now - clock.HOUR, created=now - clock.DAY, reason="12 short",
        )
    )  # fmt: skip


LPN_LABEL = LpnLabel(lpn="LPN-0001", item="SOAP", name="Soap", quantity=12, unit="each")
LABEL = labels.encode(LPN_LABEL)
PAYLOAD = draw(LPN_LABEL, PrinterSettings(name="P-2"))


def kill_delivery(database: Database, seq: int, document: str) -> None:
    """The ERP refuses an event: a dead letter."""
    database.do(
        lambda tx: tx.run(
            insert(schema.sync.delivery).values(
                connector="books", seq=seq, document=document, state="dead", attempts=1,
                answer="Item HON-500 is unknown there", at=clock.now(),
            )
        )
    )  # fmt: skip


class Desk:
    """Somebody at a desk: a client with its cookies, and the token the pages carry."""

    def __init__(self, client: TestClient[Litestar], worker: str) -> None:
        self.client = client
        self.worker = worker
        client.cookies.clear()
        answer = client.post(
            "/desk/sign-in", data={"badge": f"B-{worker}", "pin": PIN}, follow_redirects=False
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        page = client.get("/desk/service").text  # whoever may sign in sees this one
        self.csrf = page.split('name="csrf" content="')[1].split('"')[0]

    def see(self, path: str) -> str:
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:400]}"
        return answer.text

    def press(self, path: str, **fields: Any) -> Any:
        """What a button does: a form with the page's token."""
        headers = {"X-CSRF": self.csrf, "HX-Request": "true"}
        return self.client.post(path, data=fields, headers=headers)


used_doors = cache(application)  # of this process, for houses that are open one at a time: making doors takes 0.2 s


def open_house(database_url: str, folder: Path, doors: Litestar | None = None) -> Litestar:
    return build(settings(folder, database_url), end=False, doors=doors)
