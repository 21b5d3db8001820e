"""`http`: the shipped reference ledger in a process of its own, on a small disk, behind a line that fails."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from app.config import ConnectorSettings
from app.stock.events import AnyEvent
from sync.connectors.base import Connector
from sync.connectors.http import HttpConnector
from tests.sync.contract.faults import Fault, OddEvent
from tests.sync.contract.faulty import EVERYBODY, NAME, NOTHING_TO_SEE, WebSink, found
from tests.sync.contract.relay import Asked
from tests.sync.contract.small_disk import SmallDisk
from tests.sync.sink import SECRET, Sink

HOUR_S = 3600
TOO_MANY = 10**12 + 1  # more than the ledger's schema has room for


class FaultyLedger(WebSink):
    kind = "http"
    tested = "live: the shipped reference ledger, a process of its own"
    plays: ClassVar[Mapping[Fault, str]] = {
        "away": "broke before the answer came",
        "down": "answers 503: it is down or busy",
        "ill": "stumbled over the batch",
        "late": "did not answer within 1 s",
        "lost_answer": "broke before the answer came",
        "nonsense": "talks nonsense: its answer cannot be read",
        "overtaken": "broke before the answer came",
        "twice": NOTHING_TO_SEE,
        "dies_after_apply": "broke before the answer came",
        "dies_after_half": "broke before the answer came",
        "clock_off": "Compare the secret and the clocks",
        "full_disk": "answers 503: it is down or busy",
        "refuses_one": r"Item GHOST is not known here\.",
        "stumbles_over_one": "stumbled over the batch",
        "cannot_read_one": "The event is not as agreed: Expected `int` <= 1000000000000",
        **EVERYBODY,
    }
    cannot: ClassVar[Mapping[Fault, str]] = {}

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._disk = SmallDisk(folder / "disk")
        self.ledger = Sink(self._disk.folder)
        self.ledger.start()
        self.begin(self.ledger.port)

    def start(self) -> None:
        if self.ledger.is_dead():
            self.ledger.start()

    def kill(self) -> None:
        self.ledger.kill()

    def close(self) -> None:
        self.ledger.kill()
        self.relay.close()
        self._disk.close()

    def settings(self, site: str) -> ConnectorSettings:
        return ConnectorSettings(name=NAME, kind="http", address=f"http://127.0.0.1:{self.relay.port}", secret=SECRET)

    def impatient(self, site: str) -> Connector:
        return HttpConnector(NAME, self.settings(site).address, SECRET, answer_within_s=self.patience_s)

    def posts(self, asked: Asked) -> bool:
        return asked.path == "/events"

    def applied(self, site: str) -> list[str]:
        keys = self.ledger.keys()
        return [key for key in keys if key.startswith(f"{site}.")]

    def mend(self) -> None:
        self._disk.clear()
        super().mend()
        self.ledger.fail()

    def odd(self, fault: OddEvent) -> AnyEvent:
        return found("HEAP", TOO_MANY) if fault == "cannot_read_one" else super().odd(fault)

    def dies_after_half(self) -> None:
        self.ledger.fail(die_after_half=True)

    def clock_off(self) -> None:
        self.ledger.fail(clock_off_s=HOUR_S)

    def full_disk(self) -> None:
        self._disk.fill()

    def refuses_one(self) -> None:
        self.ledger.fail(unknown_items=[self.stranger])

    def stumbles_over_one(self) -> None:
        self.ledger.fail(stumble_items=[self.stranger])

    def cannot_read_one(self) -> None:
        """Its schema is as it is."""
