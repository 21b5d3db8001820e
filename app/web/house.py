"""What `main` hands to the doors: the database, the live hub and the edges, as ports. Doors know no device and no ERP."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from app.config import Settings
from app.db import Database
from app.errors import Refusal
from app.floor.turns import Ports
from app.web.live import Hub


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """One device on the wall, in plain words."""

    name: str
    kind: str  # scanner, scale, printer, handheld
    station: str
    state: str  # ready, away, trouble
    sentence: str
    last_seen: int = 0  # µs UTC
    last_error: str = ""
    address: str = ""
    backlog: int = 0
    testable: bool = False


class Edges(Protocol):
    """Scanners, scales and printers, seen from the desk."""

    def states(self) -> Sequence[DeviceState]: ...

    def test(self, name: str) -> str:
        """Print a test label, read a weight …; a sentence of what came of it. Raises Refusal for an unknown name."""
        ...

    def wake_printers(self) -> None: ...


class ConnectorState(msgspec.Struct, frozen=True, kw_only=True):
    """One connector on the ledger page, in plain words."""

    name: str
    kind: str
    state: str
    sentence: str
    accepted_to: int
    backlog: int
    oldest_s: int
    dead: int
    sent: int = 0
    duplicates: int = 0


class Sync(Protocol):
    """The way to the ERP and back, seen from the desk and the push door."""

    def states(self) -> Sequence[ConnectorState]: ...

    def retry(self, connector: str) -> None: ...

    def pause(self, connector: str, worker: str, reason: str) -> None: ...

    def resume(self, connector: str, worker: str) -> None: ...

    def replay(self, connector: str, seq: int, worker: str) -> None: ...

    def discard(self, connector: str, seq: int, worker: str, second: str, reason: str) -> None: ...

    def receive(self, body: bytes, headers: dict[str, str]) -> list[dict[str, Any]]:
        """Pushed messages, signed; an answer for each. Raises Refusal for a bad signature or body."""
        ...


class NoEdges:
    """A house without hardware."""

    def states(self) -> Sequence[DeviceState]:
        return ()

    def test(self, name: str) -> str:
        raise Refusal()

    def wake_printers(self) -> None:
        return


class House:
    """Everything the doors may use."""

    def __init__(
        self, settings: Settings, db: Database, hub: Hub, ports: Ports, edges: Edges, sync: Sync | None
    ) -> None:
        self.settings = settings
        self.db = db
        self.hub = hub
        self.ports = ports
        self.edges = edges
        self.sync = sync
        self.ready = False
