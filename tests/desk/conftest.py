"""One open house a module: a client inside its lifespan, on both engines where a test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.db import Database
from tests import engines
from tests.desk import house


@pytest.fixture(params=["sqlite", "postgresql"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestClient[Litestar]]:
    """The doors of a house in the middle of its day."""
    url = engines.fresh(request.param, tmp_path)
    database = Database(url)
    house.lay_out(database)
    database.close()
    with TestClient(house.open_house(url, tmp_path, house.used_doors()), base_url="http://127.0.0.1:8080") as opened:
        yield opened
    engines.remove(url)
