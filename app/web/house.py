"""What `main` hands to the doors: the database, the live hub and the edges, as ports. Doors know no device and no ERP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec

from app.config import PrinterSettings, Settings
from app.db import Database, Tx
from app.floor.floor import Ports
from app.floor.seats import Station
from app.web.live import Hub
from app.web.render import DeviceSign
from app.work.carriers.parcel import Parcel
from app.work.device_state import DeviceState, Passed, Test
from app.work.photos import PhotoFiles
from app.work.scanner_setups import ScannerSetup


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said last, byte for byte."""

    raw: bytes
    at: int  # µs UTC
    gaps_ms: tuple[int, ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A printer a search came upon. `known` is its name here if it has one, `refused` why it may not be taken in."""

    name: str
    address: str
    kind: str = ""
    model: str = ""
    note: str = ""
    dpi: int = 203
    known: str = ""
    refused: str = ""


class Search(Protocol):
    """Printers on the network; nothing is sent before one of these is called. All but the last are slow."""

    @property
    def networks(self) -> Sequence[str]:
        """Where printers may live."""
        ...

    def listen(self) -> Sequence[Candidate]: ...

    def probe(self, wanted: str, *, ask: bool) -> Sequence[Candidate]: ...

    def allowed(self, address: str) -> None:
        """Raises Refusal for an address no printer here may have."""
        ...

    def leave(self, name: str) -> None: ...

    def take(self, printer: PrinterSettings) -> None: ...


class Carriers(Protocol):
    """Who brings parcels, seen from the desk."""

    def hurry(self) -> None:
        """Do not wait for the next time: ask now."""
        ...

    def track(self, carrier: str, tracking: str) -> str:
        """Where a parcel is, as its carrier says; slow."""
        ...

    def quotes(self, parcel: Parcel) -> str:
        """What the carriers whose labels are bought would take for it, in words; slow."""
        ...


class Edges(Protocol):
    """Scanners, scales and printers, seen from the desk."""

    @property
    def search(self) -> Search: ...

    @property
    def carriers(self) -> Carriers: ...

    def states(self) -> Sequence[DeviceState]: ...

    def scanner(self, name: str) -> ScannerSetup | None:
        """How a station's own scanner is read now; None where there is none of the name."""
        ...

    def set_up(self, setup: ScannerSetup) -> None:
        """Read a scanner so from now on."""
        ...

    def passed(self, name: str) -> Sequence[Passed]:
        """What passed over a device's cable lately, from memory, the newest first."""
        ...

    def test(self, name: str, test: Test | None = None) -> str:
        """Try a device; slow. A sentence of what came of it. Raises Refusal for an unknown name or test."""
        ...

    def open_drawer(self, name: str) -> str:
        """Open the drawer at a slip printer; a sentence of what came of it. Raises Refusal for an unknown name."""
        ...

    def signs(self, station: Station) -> Sequence[DeviceSign]:
        """How a station's own devices are, for the top bar of its page; at once, from memory."""
        ...

    def heard(self, name: str) -> Heard | None:
        """The last bytes of a scanner or scale, from memory; None while there are none."""
        ...

    def wake_printers(self) -> None: ...


class Sync(Protocol):
    """The way to the ERP and back, seen from the desk and the push door; `main` hands in sync's switchboard.

    `states` gives one row per connector: name, kind, address, state, sentence, accepted_to, last_seq, backlog,
    oldest_unsent_s, dead, parked, sent, duplicates, failed, circuit, last_error, last_raw, paused_by, elsewhere.
    """

    def states(self, tx: Tx) -> Sequence[Any]: ...

    def letters(self, tx: Tx, connector: str, state: str = "dead", most: int = 100) -> Sequence[Any]: ...

    def request(self, tx: Tx, connector: str, seq: int) -> str: ...

    def notes(self, tx: Tx, connector: str, seq: int = 0) -> Sequence[Any]: ...

    def story(self, tx: Tx, connector: str, seq: int) -> Any: ...

    def settings(self, tx: Tx, connector: str) -> Sequence[Any]: ...

    def alarms(self, tx: Tx) -> Sequence[Any]: ...

    def reconciliations(self, tx: Tx, connector: str) -> Sequence[Any]: ...

    def differences(self, tx: Tx, run: str) -> Sequence[Any]: ...

    def reconcile(self, connector: str, by: str) -> str: ...

    def change_setting(self, connector: str, name: str, value: int, version: int, by: str) -> None: ...

    def mapping(self, tx: Tx, connector: str) -> Sequence[Any]: ...

    def try_mapping(self, tx: Tx, connector: str, ours: str, theirs: str) -> Any: ...

    def change_mapping(self, connector: str, ours: str, theirs: str, version: int, by: str) -> None: ...

    def refuse_change(self, connector: str, what: str, by: str) -> None: ...

    def retry_now(self, connector: str, by: str = "") -> None: ...

    def pause(self, connector: str, by: str) -> None: ...

    def resume(self, connector: str, by: str) -> None: ...

    def replay(self, connector: str, seq: int, by: str) -> None: ...

    def replay_all(self, connector: str, by: str) -> int: ...

    def replay_from(self, connector: str, seq: int, by: str) -> None: ...

    def approve(self, connector: str, seq: int, by: str) -> None: ...

    def decline(self, connector: str, seq: int, reason: str, by: str) -> None: ...

    def propose_discard(self, connector: str, seq: int, reason: str, by: str) -> None: ...

    def second_discard(self, connector: str, seq: int, by: str) -> None: ...

    def replay_message(self, source: str, id: str) -> str: ...

    def discard_message(self, source: str, id: str, reason: str, by: str, second: str) -> str: ...


class Shop(Protocol):
    """What may be sold, seen from the availability doors; each answer is a whole CloudEvent."""

    def snapshot(self, codes: Sequence[str] = ()) -> bytes: ...

    def since(self, feed: str, sequence: int) -> Sequence[bytes] | None:
        """None: there is a gap, ask for a snapshot."""
        ...

    def stock(self) -> bytes: ...

    def check(self) -> None:
        """Raises a refusal (503) where the stock was not read for so long that nothing may be sold on it."""
        ...


class House:
    """Everything the doors may use."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        hub: Hub,
        ports: Ports,
        edges: Edges,
        sync: Sync,
        receive: Callable[[bytes, dict[str, str]], Awaitable[Sequence[Any]]],
        photos: PhotoFiles,
        turn_away: Callable[[str, str, int], Awaitable[None]],
        shop: Shop,
    ) -> None:
        self.settings = settings
        self.db = db
        self.hub = hub
        self.ports = ports
        self.edges = edges
        self.sync = sync
        self.receive = receive  # a signed push of the ERP: body and headers in, an answer per event out
        self.photos = photos
        self.turn_away = turn_away  # writes down a push that was not even read: code, sentence, size
        self.shop = shop
        self.ready = False
