"""Databases for every test, on both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.db import Database
from tests import engines
from tests.contract import stories
from tests.world import World

engines.be_quick()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database on each engine."""
    url = engines.fresh(request.param, tmp_path)
    database = Database(url)
    yield database
    database.close()
    engines.remove(url)


@pytest.fixture(autouse=True)
def as_documented(request: pytest.FixtureRequest) -> Iterator[None]:
    """A story the documents take an example from must go on telling it so: see `tests/contract/stories.py`."""
    kinds = stories.nodes().get(request.node.nodeid, ())
    database = request.getfixturevalue("database") if kinds else None
    yield
    if database is not None:
        stories.hold_against(database, kinds)


@pytest.fixture
def build(database: Database) -> Callable[[str], World]:
    """Lay out a warehouse from text, on each engine."""

    def lay_out(stock: str = "") -> World:
        return World(database, stock)

    return lay_out
