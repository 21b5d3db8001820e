"""How a station's own scanner is set up, where an admin took that over from a scan of a set-up code.

Such a row goes before the settings file. It is confirmed by a second scan, read with the new settings; who set it, and when,
stands in the security log.
"""

import msgspec
from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import State
from app.schema.places import scanner_setup
from app.work import people
from devices.framing import Framing
from devices.gs1_elements import readable


class NothingToSet(State):
    code, title = "nothing_to_set", "Nothing to set"
    says = "{device} has said no set-up code in the last minute."
    todo = "Scan one of the codes with it and press again."


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


_FIELDS = ScannerSetup.__struct_fields__
_PUT = upsert(scanner_setup).values(**{name: bindparam(name) for name in _FIELDS})
PUT = _PUT.on_conflict_do_update(
    index_elements=["device"], set_={name: _PUT.excluded[name] for name in _FIELDS if name != "device"}
)
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


def put(tx: Tx, setup: ScannerSetup, *, by: str, device: str) -> None:
    kept = msgspec.structs.replace(setup, worker=by, at=clock.now(), confirmed=0)
    tx.run(PUT, **msgspec.structs.asdict(kept))
    people.note(tx, "scanner_set", by, device, kept.words)
    tx.tell("devices")


def confirm(tx: Tx, device: str) -> None:
    """A scan made since arrived as it should. Said once."""
    if tx.run(CONFIRM, which=device, now=clock.now()):
        tx.tell("devices")
