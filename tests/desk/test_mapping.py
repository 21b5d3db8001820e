"""The mapping at the desk: seen by whoever may look, tried dry, changed by an admin; others are refused and written down."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.config import ConnectorSettings
from app.db import Database
from app.main import build
from tests import engines
from tests.desk import house
from tests.desk.house import Desk
from tests.desk.test_pages import headline

Client = TestClient[Litestar]
TRYTON = ConnectorSettings(name="erp", kind="tryton", address="http://floor@127.0.0.1:9/erp", secret="a password")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    url = engines.fresh("sqlite", tmp_path)
    database = Database(url)
    house.lay_out(database)
    database.close()
    settings = msgspec.structs.replace(house.settings(tmp_path, url), connectors=(TRYTON,))
    with TestClient(build(settings, end=False), base_url="http://127.0.0.1:8080") as opened:
        yield opened


def test_a_name_is_tried_changed_and_seen_with_before_and_after(client: Client) -> None:
    ada = Desk(client, "ada")
    assert "/desk/mapping?connector=erp" in ada.see("/desk/connector?name=erp")
    page = ada.see("/desk/mapping?connector=erp")
    assert headline(page) == "What erp calls our places and statuses"
    page = ada.see("/desk/mapping?connector=erp&ours=available&theirs=MAIN-STO")
    assert "would have been told otherwise" in page
    assert ("&#34;STO&#34;" in page, "&#34;MAIN-STO&#34;" in page) == (True, True)
    assert "Change it" in page
    rename = {"connector": "erp", "ours": "available", "theirs": "MAIN-STO", "version": 0}
    assert ada.press("/desk/mapping/change", **rename).status_code == 200
    assert ada.press("/desk/mapping/change", **rename).status_code == 409  # somebody changed it meanwhile
    assert ada.press("/desk/mapping/change", **{**rename, "ours": "nonsense"}).status_code == 404
    page = ada.see("/desk/mapping?connector=erp")
    assert ("MAIN-STO" in page, "available, version 1" in page) == (True, True)


def test_whoever_is_no_admin_may_try_but_is_refused_and_written_down(client: Client) -> None:
    rename = {"connector": "erp", "ours": "available", "theirs": "X", "version": 0}
    for worker in ("vera", "ruth"):
        desk = Desk(client, worker)
        assert "Change it" not in desk.see("/desk/mapping?connector=erp&ours=available&theirs=X")
        assert desk.press("/desk/mapping/change", **rename).status_code == 403
    page = Desk(client, "ada").see("/desk/mapping?connector=erp")
    assert page.count("available as X") == 2
    assert client.get("/desk/mapping?connector=none", headers={"Accept": "text/html"}).status_code == 404
