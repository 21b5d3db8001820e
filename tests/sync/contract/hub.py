"""`nats`: a leaf server, the hub, the hub's worker and the ledger behind it, each a process.

What goes wrong between the worker and the ERP the site hears of as one thing: its event is carried and not answered. The
faults are the ledger's own, on the worker's line; what is taken from the site itself is its leaf. Killed in the last row
are all four, one after the other.
"""

import contextlib
import itertools
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from app.config import ConnectorSettings
from app.stock.events import AnyEvent
from sync.connectors.base import Connector, TransportError
from sync.connectors.nats import NatsConnector
from tests.sync.contract.faults import Fault, LineFault, OddEvent
from tests.sync.contract.faulty import EVERYBODY, NAME, NOTHING_TO_SEE, FaultySink
from tests.sync.contract.ledger import FaultyLedger
from tests.sync.nats_servers import HubWorker, NatsServer
from tests.sync.sink import SECRET, until

LEAF = "NORTH"
PATIENCE_S = 3.0
UP_WITHIN_S = 30.0
CARRIED = "has it and carries it; the ERP behind the hub did not answer within 3 s"


class FaultyHub(FaultySink):
    kind = "nats"
    tested = "live: a leaf, a hub and its worker before the reference ledger, each a process"
    long = True
    quick = ("twice",)
    plays: ClassVar[Mapping[Fault, str]] = {
        "away": "did not answer within",
        "down": CARRIED,
        "ill": CARRIED,
        "late": CARRIED,
        "lost_answer": CARRIED,
        "nonsense": CARRIED,
        "overtaken": CARRIED,
        "twice": NOTHING_TO_SEE,
        "dies_after_apply": CARRIED,
        "dies_after_half": CARRIED,
        "clock_off": CARRIED,
        "full_disk": CARRIED,
        "refuses_one": r"Item GHOST is not known here\.",
        "stumbles_over_one": "stumbled over the batch",
        "cannot_read_one": "The event is not as agreed: Expected `int` <= 1000000000000",
        **EVERYBODY,
    }
    cannot: ClassVar[Mapping[Fault, str]] = {}

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ledger = FaultyLedger(folder)
        self._hub = NatsServer(folder / "hub", "hub").start()
        self._leaf = NatsServer(folder / LEAF, LEAF.lower(), hub=self._hub).start()
        self._worker: HubWorker | None = None
        self._sites = 0
        self._turn = itertools.cycle((self._kill_leaf, self._kill_worker, self._kill_hub, self.ledger.kill))
        self._dead: list[NatsServer | HubWorker] = []

    def start(self) -> None:
        while self._dead:
            self._dead.pop().start()
        self.ledger.start()

    def kill(self) -> None:
        """One of the four, each in its turn."""
        next(self._turn)()

    def close(self) -> None:
        self._kill_worker()
        self._leaf.kill()
        self._hub.kill()
        self.ledger.close()

    def site(self) -> str:
        """A worker is told at its start which sites it leads, so each site has one of its own."""
        self._kill_worker()
        self._dead.clear()
        self._sites += 1
        site = f"N{self._sites}"
        settings = self.folder / "hub.json"
        erp = {"name": NAME, "kind": "http", "address": self.ledger.settings(site).address, "secret": SECRET}
        settings.write_text(json.dumps({"connectors": [erp]}))
        self._worker = HubWorker(settings, self._hub, [f"{site}@{LEAF.lower()}"]).start()
        connector = self.impatient(site)
        until(lambda: _answers(connector), "the worker is there, and the leaf leans on the hub", UP_WITHIN_S)
        connector.close()
        return site

    def settings(self, site: str) -> ConnectorSettings:
        return ConnectorSettings(name=NAME, kind="nats", address=self._leaf.url)

    def impatient(self, site: str) -> Connector:
        return NatsConnector(NAME, self._leaf.url, "", site, answer_within_s=PATIENCE_S)

    def applied(self, site: str) -> list[str]:
        return self.ledger.applied(site)

    def offered(self, site: str) -> Counter[str]:
        return self.ledger.offered(site)

    def mend(self) -> None:
        self.ledger.mend()
        self.start()

    def play(self, fault: LineFault | OddEvent) -> None:
        if fault == "away":
            self._kill_leaf()
        else:
            self.ledger.play(fault)

    def odd(self, fault: OddEvent) -> AnyEvent:
        return self.ledger.odd(fault)

    def _kill_leaf(self) -> None:
        self._leaf.kill()
        self._dead.append(self._leaf)

    def _kill_hub(self) -> None:
        self._hub.kill()
        self._dead.append(self._hub)

    def _kill_worker(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._dead.append(self._worker)


def _answers(connector: Connector) -> bool:
    with contextlib.suppress(TransportError):
        return connector.snapshot(0) is not None
    return False
