"""A printer is found at the desk, taken in with a test label, known after a restart, and taken out again."""

from pathlib import Path

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app import schema
from app.db import Database
from app.edges import Hardware
from printers.virtual import VirtualPrinter
from tests import engines
from tests.desk import house
from tests.desk.house import Desk

Opened = TestClient[Litestar]


def opened(url: str, folder: Path) -> Opened:
    return TestClient(house.open_house(url, folder), base_url="http://127.0.0.1:8080")


def hardware(client: Opened) -> Hardware:
    edges = client.app.state.house.edges
    assert isinstance(edges, Hardware)
    return edges


def test_a_printer_is_found_taken_in_kept_and_taken_out(tmp_path: Path) -> None:
    url = engines.fresh_sqlite(tmp_path)
    database = Database(url)
    house.lay_out(database)
    database.close()
    with VirtualPrinter() as virtual:
        with opened(url, tmp_path) as client:
            hardware(client).search.port = virtual.port
            ada = Desk(client, "ada")
            assert "Not looked yet." in ada.see("/desk/printers")
            assert virtual.connections == 0, "nothing goes out before somebody presses"
            seen = ada.press("/desk/printers/probe", addresses="127.0.0.1", ask="yes").text
            assert "PICKFACE-203dpi" in seen
            assert virtual.received == 0
            refused = ada.press("/desk/printers/probe", addresses="8.8.8.8", ask="yes")
            assert refused.status_code != 200
            assert "outside the printer networks" in refused.text

            def take(**more: str) -> str:
                usual = {"name": "DOCK-1", "address": virtual.address, "kind": "zpl", "two_way": "yes"}
                return str(ada.press("/desk/printers/add", **{**usual, **more}).text)

            assert "a printer has this name already" in take(name="P-1")
            assert "is outside the printer networks" in take(address="8.8.8.8:9100")
            assert "mm wide and high" in take(width_mm="5")
            assert "DOCK-1 is taken in. DOCK-1: printed." in take()
            assert virtual.wait_for(1)
            assert b"Test label of" in virtual.labels()[0]
            assert "already" in take(name="DOCK-2"), "one printer has one name"
            assert "DOCK-1" in ada.see("/desk/devices")
            assert "This is <a" in ada.press("/desk/printers/probe", addresses="127.0.0.1").text

        with opened(url, tmp_path) as client:  # after a restart
            ada = Desk(client, "ada")
            assert "DOCK-1: printed." in ada.press("/desk/devices/test", device="DOCK-1").text
            queue = client.app.state.house.db
            queue.do(
                lambda tx: tx.run(
                    schema.printing.print_job.insert().values(
                        id="w", once="w", printer="DOCK-1", state="failed", payload=b"", label=b""
                    )
                )
            )
            virtual.change(paper_out=True)
            assert "1 labels wait for DOCK-1" in ada.press("/desk/printers/drop", name="DOCK-1").text
            queue.do(lambda tx: tx.run(schema.printing.print_job.delete().where(schema.printing.print_job.c.id == "w")))
            assert "DOCK-1 is taken out." in ada.press("/desk/printers/drop", name="DOCK-1").text
            assert "There is no device DOCK-1 here." in ada.press("/desk/devices/test", device="DOCK-1").text
            with queue.reading() as tx:
                told = [row[0] for row in tx.rows(select(schema.people.security_event.c.kind))]
            assert "printer_added" in told
            assert "printer_dropped" in told
