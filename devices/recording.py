"""`pickface record ADDRESS FILE`: an hour of one scanner into a file, to be played again on another desk (see replay.py).

It takes the scanner's place at its address, so the floor that has the port is stopped meanwhile; a scanner at a TCP address
may have two readers. Whatever is scanned stands in the file, badges, too.
"""

import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from devices.framing import Framing
from devices.registry import DeviceSettings, Registry, parse_address
from devices.replay import Recorder
from devices.scanner import Frame


def record(
    address: str, file: Path, framing: Framing = "line", baud: int = 9600, *, stop: threading.Event | None = None
) -> int:
    """Until Ctrl-C; how many scans stand in the file. Raises SettingsError, and OSError where the file exists already."""
    number = 0
    setting = DeviceSettings(kind="scanner", name="scanner", station="", address=address, framing=framing, baud=baud)
    parse_address(setting)
    with file.open("xb") as sink:
        recorder = Recorder(sink)

        def take(device: str, station: str, text: str) -> None:
            nonlocal number
            recorder(Frame(raw=text.encode(), at=datetime.now(UTC), device=device))
            number += 1
            sys.stderr.write(f"{number}  {text!r}\n")

        scanners = Registry([setting], take)
        scanners.start()
        sys.stderr.write(f"Recording what {address} reads into {file}. Ctrl-C ends it.\n")
        with suppress(KeyboardInterrupt):
            (stop or threading.Event()).wait()
        scanners.stop()
    return number
