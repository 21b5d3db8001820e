"""docs/own-house.md, followed to the letter in an empty folder: what a newcomer copies becomes a house with work in it."""

import os
import re
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from app import config, station_settings, virtual_wall
from app.config import StationSettings
from app.db import Database
from app.schema.places import site, station
from app.stock import rebuild
from app.stock.ledger import By
from app.virtual_wall import Wall
from app.work import releasing, waves
from devices.virtual import VirtualScanner
from devices.virtual_door import TcpLine
from devices.virtual_scale import VirtualScale
from printers.virtual import VirtualPrinter

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/own-house.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every block up to those that start servers, in one shell, with `pickface` on its path."""
    copied = "\n".join(block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "<<'END'" in block)
    program = tmp_path / "bin" / "pickface"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m app.cli "$@"\n')
    program.chmod(0o755)
    house = tmp_path / "house"
    house.mkdir()
    path = f"{program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", copied], cwd=house, env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return house


def test_the_house_of_the_page_has_an_order_that_can_be_picked_and_packed(folder: Path) -> None:
    settings = config.load(folder / "pickface.toml")
    database = Database(settings.database.replace("///", f"///{folder}/"))
    try:
        assert database.do(lambda tx: station_settings.put_in(tx, settings.stations)) == []
        wave = database.do(lambda tx: waves.create(tx, ["1"], worker="you"))
        released = releasing.release(database, wave, By(worker="you"))
        with database.reading() as tx:
            assert rebuild.check(tx).clean
            assert tx.rows(select(site.c.code, site.c.gs1_company_prefix)) == [("MAIN", "4012345")], "cartons get SSCCs"
    finally:
        database.close()
    assert (released.lines, released.units, released.missing) == (2, 3, ())


def test_a_station_that_came_by_import_takes_over_what_the_settings_say_and_keeps_the_rest(folder: Path) -> None:
    database = Database(f"sqlite:///{folder}/pickface.db")
    first, later = (
        StationSettings(code="PACK-1", name="Packing 1", location="PACK-1", label_printer="LABEL-1"),
        StationSettings(code="PACK-1", label_printer="LABEL-2"),
    )
    try:
        for _ in range(2):
            for one in (first, later):
                assert database.do(partial(station_settings.put_in, stations=[one])) == []
        with database.reading() as tx:
            assert tx.rows(select(station)) == [("PACK-1", "Packing 1", "PACK-1", "", "LABEL-2", "", "", "")]
    finally:
        database.close()


def test_its_devices_are_the_benchs() -> None:
    """As `pickface virtual wall` prints them for the ports it has when none is told."""
    told = tomllib.loads(re.findall(r"pickface.toml <<'END'\n(.*?)END", PAGE, re.DOTALL)[0])
    with VirtualPrinter() as labels:
        scanner, scale = VirtualScanner(TcpLine()), VirtualScale(TcpLine(), 0)
        bench = Wall(scanners={"SCAN-1": scanner}, scales={"SCALE-1": scale}, printers={"LABEL-1": labels})
        usual = bench.settings("PACK-1")
        for device, port in (
            (scanner.address, virtual_wall.SCANNER), (scale.address, virtual_wall.SCALE),
            (labels.address, virtual_wall.LABELS),
        ):  # fmt: skip
            usual = usual.replace(device, f"{device.rpartition(':')[0]}:{port}")
        scale.stop()
        scanner.unplug()
    printed = tomllib.loads(usual)
    for tables in ("printers", "devices"):
        assert told[tables] == printed[tables]
    assert told["printer_loopback"] is printed["printer_loopback"] is True
