"""`make demo`: a whole floor on one machine, without hardware.

It fills an empty database with a small tea merchant's warehouse and starts beside the server what a real house would
have: a label and a slip printer whose paper is seen in the browser, a scale, a scanner, and as processes of their
own a central ledger and the program of a carrier. What is typed into the terminal is scanned at the packing station; `=1482` puts
1,482 g on its scale.
"""

import os
import secrets
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from shutil import which

import msgspec

from app import demo_data, demo_house, demo_telling, demo_truth, virtual_wall
from app.config import CarrierSettings, ConnectorSettings, DeviceSettings, PrinterSettings, Settings, StationSettings
from app.db import Database
from app.main import serve
from app.migrations import migrate
from app.serving import hold_port
from app.stock.ledger import By
from app.virtual_wall import COMMANDS, Code
from app.work import releasing, waves
from devices.virtual import VirtualScanner
from devices.virtual_line import NobodyListens
from devices.virtual_scale import VirtualScale
from printers.virtual_page import VirtualPrinterPage
from sync.carriers.virtual import SECRET as CARRIER_SECRET
from sync.reference_ledger import SECRET as LEDGER_SECRET

FOLDER = Path("var/demo")
LABELS, SLIPS, LABEL_PAGE, BENCH, SCANNER, SCALE, DIMENSIONER, LEDGER = 9100, 9101, 9180, 9182, 7001, 7002, 7003, 8090
CARRIER, BOUGHT_FROM = 8091, "UPS"  # whose labels are bought; the house prints those of the others itself
STATION = "PACK-1"
FIRST_WAVE = 12  # orders
CODES = (Code(text="BDG/1002", words="Ben's badge"), Code(text=f"STN/{STATION}", words="the station"), *COMMANDS)


def settings(port: int, secret: str) -> Settings:
    """The demo's house; everything listens on loopback only."""
    return Settings(
        site="DEMO",
        site_name="Tea merchant",
        database=f"sqlite:///{FOLDER / 'pickface.db'}",
        port=port,
        gs1_company_prefix=demo_telling.PREFIX,
        inbox_secret=secret,
        printer_loopback=True,
        demo=True,
        printers=(
            PrinterSettings(name="LABEL-1", address=f"127.0.0.1:{LABELS}"),
            PrinterSettings(name="SLIP-1", kind="escpos", address=f"127.0.0.1:{SLIPS}", width_mm=80),
        ),
        devices=(
            DeviceSettings(name="SCAN-1", kind="scanner", station=STATION, address=f"tcp://127.0.0.1:{SCANNER}"),
            DeviceSettings(name="SCALE-1", kind="scale", station=STATION, address=f"tcp://127.0.0.1:{SCALE}"),
            DeviceSettings(
                name="DIM-1",
                kind="dimensioner",
                station="RCV-1",
                address=f"tcp://127.0.0.1:{DIMENSIONER}",
                protocol="cubiscan",
            ),
        ),
        stations=tuple(
            StationSettings(
                code=code,
                name=name,
                location=place,
                label_printer="LABEL-1",
                slip_printer="SLIP-1",
                scale="SCALE-1" if code == STATION else "",
                scanner="SCAN-1" if code == STATION else "",
            )
            for code, name, place in demo_house.TABLES
        ),
        connectors=(ConnectorSettings(name="central", address=f"http://127.0.0.1:{LEDGER}", secret=secret),),
        carriers=(CarrierSettings(name=BOUGHT_FROM, address=f"http://127.0.0.1:{CARRIER}", secret=secret),),
    )


def run(port: int, *, reset: bool = False) -> int:
    """Start all of it and serve until Ctrl-C. Returns the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if reset:
        for old in FOLDER.iterdir():
            old.unlink()
    secret = _secret(FOLDER / "secret")
    house = settings(port, secret)
    database = Database(house.database)
    database.lock_instance()
    migrate(database)
    if demo_data.load(database, house):
        release_first_wave(database)
    demo_truth.write(database, FOLDER / "truth.json")
    database.close()
    config = FOLDER / "settings.json"
    config.write_bytes(msgspec.json.encode(house))
    config.chmod(0o600)
    with ExitStack() as open_now:  # whatever cannot start, what did start is ended
        bench = virtual_wall.set_up(open_now, SCANNER, SCALE, DIMENSIONER, LABELS, SLIPS, CODES)
        open_now.enter_context(bench.door(port=BENCH))
        open_now.enter_context(VirtualPrinterPage(bench.printers["LABEL-1"], "127.0.0.1", LABEL_PAGE))
        open_now.callback(
            _end, _beside("sync.reference_ledger", LEDGER, "--database", "ledger.db", LEDGER_SECRET, secret)
        )
        open_now.callback(
            _end, _beside("sync.carriers.virtual", CARRIER, "--labels", "carrier.jsonl", CARRIER_SECRET, secret)
        )
        threading.Thread(target=_type, args=(bench.scanners["SCAN-1"], bench.scales["SCALE-1"]), daemon=True).start()
        print(_welcome(port), flush=True)
        return serve(house, config)


def _beside(module: str, port: int, option: str, file: str, variable: str, secret: str) -> "subprocess.Popen[bytes]":
    """Somebody else's program, a process that keeps its own file. Raises CannotStart where its port is taken."""
    with hold_port("127.0.0.1", port):
        pass  # free; the program itself would say so only on its own
    command = [sys.executable, "-m", module, "--follow", "--http", f"127.0.0.1:{port}", option, str(FOLDER / file)]
    return subprocess.Popen(command, env={**os.environ, variable: secret})


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(timeout=10)


def release_first_wave(database: Database) -> None:
    """The most urgent orders are on the floor already, so that there is something to pick."""
    with database.reading() as tx:
        urgent = [order.code for order in waves.pool(tx, most=FIRST_WAVE)]
    wave = database.do(lambda tx: waves.create(tx, urgent, worker="lena"))
    releasing.release(database, wave, By(worker="lena", cause="demo"))


def _secret(path: Path) -> str:
    """The demo's own secret, made once, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def _type(scanner: VirtualScanner, scale: VirtualScale) -> None:
    """The terminal as the packing station's scanner and scale.

    Read by a file object of its own: a process forked while somebody waits in sys.stdin hangs on closing it, and the
    server's worker is forked.
    """
    for line in os.fdopen(os.dup(0), encoding="utf-8", errors="replace"):
        code = line.strip()
        if code.startswith("=") and code[1:].isdigit():
            scale.set_weight(int(code[1:]))
            print(f"{code[1:]} g lie on the scale of {STATION}.")
        elif code:
            try:
                scanner.send(code)
            except NobodyListens as problem:
                print(problem)


def command() -> str:
    """How this program is started from the folder one is in: by its name where that is on the path."""
    here = Path(sys.argv[0])
    known = which("pickface")
    if known and Path(known).resolve() == here.resolve():
        return "pickface"
    return str(here.resolve().relative_to(Path.cwd())) if here.resolve().is_relative_to(Path.cwd()) else str(here)


def _welcome(port: int) -> str:
    return f"""
  Pickface demo: a tea merchant's warehouse with work waiting.

    the floor     http://127.0.0.1:{port}/floor      badge 1001 to 1005, PIN {demo_telling.PIN}
    the desk      http://127.0.0.1:{port}/desk       badge 1005, PIN {demo_telling.PIN}
    labels        http://127.0.0.1:{LABEL_PAGE}/           what LABEL-1 printed, as pictures
    the bench     http://127.0.0.1:{BENCH}/           {STATION}'s scanner, scale and printers, and all that goes wrong
    the carrier   http://127.0.0.1:{CARRIER}/           the labels {BOUGHT_FROM} made, and what goes wrong with carriers
    the ledger    http://127.0.0.1:{LEDGER}/           what the central ledger has heard

  Virtual workers doing the day's work, seen on the desk (in another terminal):
    {command()} crew --url http://127.0.0.1:{port} --truth {FOLDER}/truth.json --pause 1 --labels http://127.0.0.1:{LABEL_PAGE}

  On the floor page type a code and press Enter fast, paste it, or tap the dark band. Here in the terminal each line is
  a scan at {STATION}; =1482 puts 1,482 g on its scale. Ctrl-C ends everything.
"""
