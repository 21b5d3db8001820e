"""The static door: kept for ever under its hash, compressed once, and never sent twice to who has it."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.web import assets


@pytest.fixture(scope="module")
def door() -> Iterator[TestClient[Litestar]]:
    with TestClient(Litestar([assets.router(policy="public")], openapi_config=None)) as client:
        yield client


def fetch(door: TestClient[Litestar], url: str, **headers: str) -> Any:
    return door.get(url, headers={"accept-encoding": "identity", **headers})


def test_a_file_is_kept_for_ever_and_a_known_one_is_not_sent_again(door: TestClient[Litestar]) -> None:
    first = fetch(door, assets.asset("kit.css"))
    assert first.status_code == 200
    assert first.content == (assets.FOLDER / "kit.css").read_bytes()
    assert first.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in first.headers["cache-control"]
    again = fetch(door, assets.asset("kit.css"), **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_text_goes_out_compressed_and_fonts_as_they_are(door: TestClient[Litestar]) -> None:
    with door.stream("GET", assets.asset("floor.js"), headers={"accept-encoding": "gzip"}) as packed:
        body = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert gzip.decompress(body) == (assets.FOLDER / "floor.js").read_bytes()
    font = fetch(door, assets.asset("fonts/atkinson-400.woff2"), **{"accept-encoding": "gzip"})
    assert "content-encoding" not in font.headers


def test_webassembly_runs_in_the_cameras_worker_and_nowhere_else(door: TestClient[Litestar]) -> None:
    worker = fetch(door, assets.asset("camera_worker.js"))
    assert worker.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    )
    assert fetch(door, assets.asset("vendor/zxing.wasm")).headers["content-type"] == "application/wasm"
    assert "content-security-policy" not in fetch(door, assets.asset("floor.js")).headers, "the pages' own holds"


def test_a_page_from_before_an_upgrade_gets_todays_file_unkept(door: TestClient[Litestar]) -> None:
    old = fetch(door, "/static/000000000000/kit.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["nothing.css", "../render.py", "..%2frender.py", "vendor", ""])
def test_only_what_was_read_at_start_is_served(door: TestClient[Litestar], name: str) -> None:
    assert fetch(door, f"/static/{assets.VERSION}/{name}").status_code == 404


def test_the_service_worker_may_reach_the_floor_and_names_real_files(door: TestClient[Litestar]) -> None:
    worker = fetch(door, "/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.text.startswith(f'const VERSION = "{assets.VERSION}";')
    for name in assets.SHELL:
        assert assets.asset(name) in worker.text
        assert fetch(door, assets.asset(name)).status_code == 200


def test_a_file_that_is_not_there_is_noticed_when_the_page_is_written() -> None:
    with pytest.raises(KeyError):
        assets.asset("kitt.css")
