"""Three sites and one ERP over NATS: a hub with three leaves, its worker, and the ledger behind it, each a process."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.connectors.base import Applied
from sync.connectors.nats import NatsConnector
from tests.sync.nats_servers import HubWorker, NatsServer, hub_and_leaves
from tests.sync.sink import SECRET, Sink, running_sink
from tests.sync.test_connectors import message

SITES = ("NORTH", "SOUTH", "WEST")


class Wire:
    def __init__(self, folder: Path, hub: NatsServer, leaves: dict[str, NatsServer], sink: Sink) -> None:
        self.hub, self.leaves, self.sink = hub, leaves, sink
        self._settings = folder / "hub.json"
        erp = {"name": "ERP", "kind": "http", "address": sink.url, "secret": SECRET}
        self._settings.write_text(json.dumps({"connectors": [erp]}))
        self.worker = self.worker_for(*SITES)

    def worker_for(self, *sites: str) -> HubWorker:
        return HubWorker(self._settings, self.hub, [f"{site}@{site.lower()}" for site in sites])

    def connector(self, site: str, *, within_s: float = 15.0) -> NatsConnector:
        return NatsConnector("ERP", self.leaves[site].url, "", site, answer_within_s=within_s)

    def seqs(self, site: str) -> list[int]:
        """What the ledger has of a site, in the order it was applied."""
        keys = self.sink.keys()
        return [int(key.rpartition(".")[2]) for key in keys if key.startswith(f"{site}.")]


@contextmanager
def running_wire(folder: Path) -> Iterator[Wire]:
    with running_sink(folder) as sink, hub_and_leaves(folder, *SITES) as (hub, leaves):
        built = Wire(folder, hub, leaves, sink)
        built.worker.start()
        yield built
        last = built.connector("NORTH")
        assert last.post([message("NORTH", 9999)]) == [Applied()], "the worker is at work when it is told to end"
        last.close()
        assert built.worker.end(signal.SIGTERM) == 0
