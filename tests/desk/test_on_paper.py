"""Lists and sheets asked for at the desk come out of a real roll; the drawer opens, and the log says who and why."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from sqlalchemy import select

from app.config import PrinterSettings
from app.db import Database
from app.main import build
from app.schema.people import security_event
from app.schema.work import task, wave
from app.work.counting import requests
from printers import slip
from printers.virtual import VirtualPrinter
from tests import engines
from tests.desk import house
from tests.desk.house import Desk
from tests.desk.test_people import database


@pytest.fixture
def roll() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(kind="escpos") as printer:
        yield printer


@pytest.fixture
def client(tmp_path: Path, roll: VirtualPrinter) -> Iterator[TestClient[Litestar]]:
    url = engines.fresh("sqlite", tmp_path)
    opened = Database(url)
    house.lay_out(opened)
    opened.do(lambda tx: requests.request(tx, "place", "B-01-01", reason="customer complains"))
    opened.close()
    given = house.settings(tmp_path, url)
    slips = PrinterSettings(name="S-1", kind="escpos", address=roll.address, width_mm=58)
    app = build(replace(given, printers=(*given.printers, slips)), end=False)
    with TestClient(app, base_url="http://127.0.0.1:8080") as door:
        yield door


def test_a_wave_and_a_count_go_on_paper(client: TestClient[Litestar], roll: VirtualPrinter) -> None:
    desk = Desk(client, "ruth")
    assert "Print pick lists" in desk.see("/desk/waves")
    with database(client).reading() as tx:
        released = [row[0] for row in tx.rows(select(wave.c.code).where(wave.c.released > 0))]
        walks = tx.rows(select(task.c.id).where(task.c.wave == released[0], task.c.kind == "pick"))
        [count] = [
            row[0] for row in tx.rows(select(task.c.id).where(task.c.kind == "count", task.c.place == "B-01-01"))
        ]
    told = desk.press("/desk/waves/lists", wave=released[0], printer="S-1").text
    assert f"{len(walks)} pick list" in told
    assert "Print count sheet" in desk.see("/desk/counts")
    assert "A count sheet for B-01-01" in desk.press("/desk/counts/sheet", id=count, printer="S-1").text
    assert roll.wait_for(len(walks) + 1)
    papers = [slip.text_of(paper) for paper in roll.labels()]
    assert sum("PICK LIST" in paper for paper in papers) == len(walks)
    assert "COUNT SHEET" in papers[-1]
    for path, fields, code in (
        ("/desk/waves/lists", {"wave": released[0], "printer": "P-1"}, "no slip printer"),
        ("/desk/waves/lists", {"wave": "W-9999", "printer": "S-1"}, "is open any more"),
        ("/desk/counts/sheet", {"id": "nothing", "printer": "S-1"}, "is open any more"),
    ):
        assert code in desk.press(path, **fields).text


def test_the_drawer_opens_for_a_supervisor_with_a_reason_and_is_written_down(
    client: TestClient[Litestar], roll: VirtualPrinter
) -> None:
    desk = Desk(client, "ruth")
    assert "Open the drawer" in desk.see("/desk/returns")
    assert "Write why" in desk.press("/desk/returns/drawer", printer="S-1", reason=" ").text
    assert "no slip printer" in desk.press("/desk/returns/drawer", printer="P-2", reason="refund").text
    assert roll.drawer_opened == 0
    assert "told to open" in desk.press("/desk/returns/drawer", printer="S-1", reason="refund of RMA-7").text
    until = time.monotonic() + 3
    while roll.drawer_opened == 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert (roll.drawer_opened, roll.count) == (1, 0), "and nothing is printed"
    roll.change(head_open=True)
    assert "stays shut" in desk.press("/desk/returns/drawer", printer="S-1", reason="again").text
    kept = select(security_event.c.worker, security_event.c.detail).where(security_event.c.kind == "drawer_opened")
    with database(client).reading() as tx:
        assert sorted(tuple(row) for row in tx.rows(kept)) == [("ruth", "S-1: again"), ("ruth", "S-1: refund of RMA-7")]
    assert Desk(client, "vera").press("/desk/returns/drawer", printer="S-1", reason="x").status_code == 403
