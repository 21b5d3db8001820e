"""How a scanner is set up, where an admin took that over from a scan of a set-up code.

A station's own scanner has a row under its name, which goes before the settings file; one that types into a handheld or a
computer has it under that device's, and each turn reads it with the seat. It is confirmed by a second scan, read with the
new settings; who set it, and when, stands in the security log.
"""

import msgspec
from sqlalchemy import bindparam, select, update

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.places import scanner_setup
from app.work import master_terms, people
from devices import calibration
from devices.calibration import Found
from devices.framing import Framing
from devices.gs1_elements import readable
from devices.symbology import GS


class NothingToSet(State):
    code, title = "nothing_to_set", "Nothing to set"
    says = (
        "There is nothing to set for {device}: it said no set-up code in the last minute, or is read as its scan says."
    )
    todo = "Scan one of the codes with it and press again."


MOST_AROUND = 20  # characters of a prefix, a suffix or a stand-in


class ScannerSetup(msgspec.Struct, frozen=True, kw_only=True):
    device: str
    framing: Framing
    gs: str
    prefix: str
    suffix: str
    worker: str = ""
    at: int = 0
    confirmed: int = 0  # when a second scan arrived as it should

    @property
    def words(self) -> str:
        """One line for the log."""
        parts = [f"ends {self.framing}", f"separator {readable(self.gs)}"]
        parts += [f"{name} {readable(value)}" for name, value in self._around if value]
        return f"{self.device}: {', '.join(parts)}"

    @property
    def _around(self) -> tuple[tuple[str, str], ...]:
        return ("prefix", self.prefix), ("suffix", self.suffix)


def proposed(found: Found, now: ScannerSetup) -> ScannerSetup | None:
    """The scanner as its scan of a set-up code says; None where that cannot be kept or nothing would change."""
    usual = {"framing": "line", "prefix": "", "suffix": "", "gs": now.gs if found.code == "QR" else GS}
    wanted = calibration.settings_of(found)
    setup = msgspec.convert({**msgspec.structs.asdict(now), **usual, **wanted}, ScannerSetup)
    if found.is_misread or any(
        "\0" in part or len(part) > MOST_AROUND for part in (setup.gs, setup.prefix, setup.suffix)
    ):
        return None
    return setup if setup != now else None


_FIELDS = ScannerSetup.__struct_fields__
PUT = master_terms.put(scanner_setup)
EVERY = select(*(scanner_setup.c[name] for name in _FIELDS))
ONE = EVERY.where(scanner_setup.c.device == bindparam("which"))
CONFIRM = (
    update(scanner_setup)
    .where(scanner_setup.c.device == bindparam("which"), scanner_setup.c.confirmed == 0)
    .values(confirmed=bindparam("now"))
)


def everything(tx: Tx) -> list[ScannerSetup]:
    return tx.all(EVERY, ScannerSetup)


def of(tx: Tx, device: str) -> ScannerSetup | None:
    return tx.one(ONE, ScannerSetup, which=device)


def typing_at(tx: Tx, device: str) -> ScannerSetup:
    """How what is typed at a device is read: the scanner ends its codes as the browser takes them."""
    return of(tx, device) or ScannerSetup(device=device, framing="line", gs=GS, prefix="", suffix="")


def put(tx: Tx, setup: ScannerSetup, *, by: str, device: str) -> None:
    kept = msgspec.structs.replace(setup, worker=by, at=clock.now(), confirmed=0)
    tx.run(PUT, **msgspec.structs.asdict(kept))
    people.note(tx, "scanner_set", by, device, kept.words)
    tx.tell("devices")


def confirm(tx: Tx, device: str) -> None:
    """A scan made since arrived as it should. Said once."""
    if tx.run(CONFIRM, which=device, now=clock.now()):
        tx.tell("devices")
