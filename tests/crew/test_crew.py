"""The crew is only worth something if it can be disappointed: by a house that takes a wrong scan, or loses its place."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli, importing
from app.crew.client import Handheld, Log
from app.crew.papers import Papers
from app.crew.truth import Pallet, Truth, load
from app.crew.warehouse import Warehouse
from app.crew.work import Odd, Slip, Worker
from app.db import Database
from printers.virtual import VirtualPrinter
from printers.virtual_page import VirtualPrinterPage
from tests import engines
from tests.faults.server import Server
from tests.proof import checker
from tests.proof.converter import convert

LABEL = Path(__file__).parents[1] / "printers" / "golden" / "shipping.zpl"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Three orders and their truth."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "truth.json").write_text(json.dumps(convert(folder / "day", 3, 6, 5, most_lines=6, most_units=12)))
    return folder, load(folder / "truth.json")


@pytest.fixture(scope="module")
def server(day: tuple[Path, Truth], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    folder = tmp_path_factory.mktemp("server")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    assert importing.run(database, day[0] / "day").ok
    database.close()
    with VirtualPrinter() as printer:
        labels = {"name": "LABEL-1", "address": printer.address}
        with Server(url, folder, printers=[labels], printer_loopback=True) as running:
            running.wait_ready()
            yield running, url


def worker(server: Server, truth: Truth, log: Log) -> Worker:
    house = Warehouse(truth, random.Random(1), 1)
    made = Worker(server.url, truth.workers[0], house, log, None, seed=1, wrong=0.0)
    made.handheld.sign_in()
    return made


def test_whoever_was_signed_out_signs_in_again_and_asks_after_the_same_scan(
    server: tuple[Server, str], day: tuple[Path, Truth]
) -> None:
    log = Log()
    mine = worker(server[0], day[1], log)
    mine.menu("receiving")
    thief = Handheld(server[0].url, day[1].workers[0], Log().note, random.Random(2))
    thief.sign_in()
    mine.menu("putaway")
    assert mine.asks == "Scan LPN or item"
    assert [entry.outcome for entry in log.entries[-3:]] == ["held", "ok", "ok"]
    kept = {row[0]: row[1] for row in checker.rows(server[1], "SELECT id, outcome FROM scan")}
    assert all(kept[entry.id] == entry.outcome for entry in log.entries)


def test_a_mistake_that_is_taken_is_odd(server: tuple[Server, str], day: tuple[Path, Truth]) -> None:
    mine = worker(server[0], day[1], Log())
    mine.tap("menu")
    mine._wrong = 1.0
    sound = Slip("place", f"STN/{day[1].places.stations[0]}", ("unknown",))
    with pytest.raises(Odd, match="not unknown"):
        mine.tap("start", "receiving", sound)


def test_a_meant_scan_that_is_refused_is_odd(server: tuple[Server, str], day: tuple[Path, Truth]) -> None:
    mine = worker(server[0], day[1], Log())
    mine.menu("receiving")
    with pytest.raises(Odd, match="was refused"):
        mine.scan("NOBODY-KNOWS-THIS")


def test_a_small_day_from_the_command_line(
    server: tuple[Server, str], day: tuple[Path, Truth], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "crew",
        "--url",
        server[0].url,
        "--truth",
        str(day[0] / "truth.json"),
        "--workers",
        "3",
        "--pause",
        "0.001",
    ]
    code = cli.main(words)
    told = capsys.readouterr().out
    assert (code, "The day is done." in told, "3 orders" in told) == (0, True, True), told
    states = checker.rows(server[1], "SELECT DISTINCT state FROM sales_order")
    assert states == [("shipped",)]


def test_what_is_planted_as_missing_vanishes_once(day: tuple[Path, Truth]) -> None:
    truth = day[1]
    short = truth.bin_shorts[0]
    house = Warehouse(truth, random.Random(1), 1)
    pallet = Pallet(quantity=short.missing + 5)
    for plate, bin, left in (("LPN-1", "A-01", 5), ("LPN-2", "A-02", short.missing + 5)):
        house.put(plate, house.pile_of(short.item, pallet))
        house.shelve(bin, plate)
        assert [pile.quantity for pile in house.at(bin)] == [left]
    taken = house.take("A-01", short.item, "", 9)
    assert taken is not None
    assert (taken.quantity, house.at("A-01")) == (5, [])
    assert house.take("A-01", short.item, "", 1) is None


def test_a_label_is_read_off_the_paper_and_taken_once() -> None:
    with VirtualPrinter() as printer, VirtualPrinterPage(printer) as page:
        papers = Papers([page.url])
        printer.hold(LABEL.read_bytes())
        assert printer.wait_for(1)
        assert papers.wait_for("SO-100482", 5) == "340123450000000024"
        printer.hold(LABEL.read_bytes())  # a copy of the same
        assert printer.wait_for(2)
        assert papers.wait_for("SO-100482", 0.3) == ""


def test_without_a_sound_truth_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "truth.json"
    broken.write_text('{"items": 3}')
    for file, reason in ((broken, "is not as agreed"), (tmp_path / "none.json", "cannot be read")):
        assert cli.main(["crew", "--truth", str(file)]) == 2
        said = capsys.readouterr().err
        assert reason in said
        assert said.count("\n") == 1
