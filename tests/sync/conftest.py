"""What most stories here begin with: the reference ledger in a process of its own and a small floor that tells it,
an Odoo on loopback, or three sites over NATS.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.nats_wire import Wire, running_wire
from tests.sync.odoo_fake import OdooFake, running_odoo
from tests.sync.sink import House, Sink, house, running_sink


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with running_sink(tmp_path) as running:
        yield running


@pytest.fixture
def floor(tmp_path: Path, sink: Sink) -> Iterator[House]:
    with house(tmp_path, sink.url) as built:
        yield built


@pytest.fixture
def odoo() -> Iterator[OdooFake]:
    with running_odoo() as running:
        yield running


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with running_wire(tmp_path_factory.mktemp("nats")) as running:
        yield running
