"""Databases for every test, on both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.db import Database
from tests import engines
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


@pytest.fixture
def build(database: Database) -> Callable[[str], World]:
    """Lay out a warehouse from text, on each engine."""

    def lay_out(stock: str = "") -> World:
        return World(database, stock)

    return lay_out
