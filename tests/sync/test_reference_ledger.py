"""The central ledger keeps key and effect together, and believes nobody without a seal."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.reference_books import Books, Incoming
from sync.signing import seal
from tests.sync.sink import SECRET, Sink, running_sink


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running_sink(tmp_path_factory.mktemp("ledger")) as running:
        yield running


def event(key: str, item: str, quantity: int = 1, document: str = "", *, status: str = "available") -> dict[str, Any]:
    ends = {"source": {"ours": False, "status": status}, "target": {"ours": True, "status": status}}
    return {
        "specversion": "1.0",
        "id": key,
        "source": "MAIN",
        "type": "receipt.line_confirmed",
        "time": "2026-11-25T10:00:00Z",
        "correlationid": document or key,
        "data": {"movements": [{"item": item, "quantity": quantity, **ends}]},
    }


def post(sink: Sink, batch: Any, *, secret: str = SECRET, at: int | None = None) -> httpx.Response:
    body = batch if isinstance(batch, bytes) else json.dumps(batch).encode()
    headers = seal(secret, body, at)
    return httpx.post(f"{sink.url}/events", content=body, headers=headers, trust_env=False)


def outcomes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["outcome"] for one in answer.json()["answers"]]


def test_an_event_that_comes_twice_is_counted_once(sink: Sink) -> None:
    assert outcomes(post(sink, [event("T.1.1", "CAP", 5)])) == ["applied"]
    assert outcomes(post(sink, [event("T.1.1", "CAP", 5), event("T.1.2", "CAP", 2)])) == ["duplicate", "applied"]
    assert sink.stock()["CAP available"] == 7


def test_a_wrong_or_stale_seal_is_refused_and_nothing_is_counted(sink: Sink) -> None:
    batch = [event("W.1.1", "HAT", 5)]
    wrong = post(sink, batch, secret="another secret")
    stale = post(sink, batch, at=int(time.time()) - 301)
    bare = httpx.post(f"{sink.url}/events", json=batch, trust_env=False)
    assert [wrong.status_code, stale.status_code, bare.status_code] == [401, 401, 401]
    assert wrong.json()["detail"].startswith("The signature does not fit")
    assert "away from our clock" in stale.json()["detail"]
    assert "HAT available" not in sink.stock()


def test_a_broken_event_is_refused_by_itself_and_its_document_held(sink: Sink) -> None:
    broken = event("B.1.1", "SOCK", 0, "po 1")
    batch = [broken, event("B.1.2", "SOCK", 1, "po 1"), event("B.1.3", "SOCK", 4, "po 2")]
    answer = post(sink, batch)
    assert outcomes(answer) == ["rejected", "held", "applied"]
    assert "quantity" in answer.json()["answers"][0]["reason"]
    assert sink.stock()["SOCK available"] == 4


@pytest.mark.parametrize("body", [b"", b"[", b"{}", b"[1]", b"[{}]", b"\xff", b"[" * 5000])
def test_nonsense_gets_a_sentence(sink: Sink, body: bytes) -> None:
    answer = post(sink, body)
    assert answer.status_code == 400
    assert "not a batch of CloudEvents" in answer.json()["detail"]


def test_each_site_has_its_own_stock_and_an_older_file_is_that_of_whoever_asks(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with sqlite3.connect(file) as old:
        old.execute(
            "CREATE TABLE stock (item TEXT, lot TEXT, status TEXT, quantity INTEGER, PRIMARY KEY (item, lot, status))"
        )
        old.execute("INSERT INTO stock VALUES ('CAP', '', 'available', 5)")
    old.close()
    books = Books(file)
    came = [
        {**event(f"{site}.1.1", "CAP", quantity), "source": site} for site, quantity in (("NORTH", 2), ("SOUTH", 3))
    ]
    books.take([msgspec.convert(one, Incoming) for one in came], frozenset())
    books.close()
    books = Books(file)
    assert {(row["site"], row["quantity"]) for row in books.stock_by_site()} == {("", 5), ("NORTH", 2), ("SOUTH", 3)}
    assert [row["quantity"] for row in books.stock()] == [10]
    books.close()


def test_it_says_what_it_has(sink: Sink) -> None:
    post(sink, [event("L.1.1", "BELT")])
    body = json.dumps({"keys": ["L.1.1", "L.1.2"]}).encode()
    known = httpx.post(f"{sink.url}/lookup", content=body, headers=seal(SECRET, body), trust_env=False)
    assert known.json() == {"applied": ["L.1.1"]}
    assert httpx.get(f"{sink.url}/events/L.1.1", trust_env=False).json()["effect"] == "+1 BELT available"
    assert httpx.get(f"{sink.url}/events/L.1.2", trust_env=False).status_code == 404


def test_its_page_shows_the_stock_escaped_and_without_script(sink: Sink) -> None:
    post(sink, [event("P.1.1", "<b>GLOVE</b>", 3)])
    page = httpx.get(sink.url, trust_env=False)
    assert "&lt;b&gt;GLOVE&lt;/b&gt;" in page.text
    assert "<b>" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")


def test_without_the_flag_nobody_can_make_it_fail(tmp_path: Path) -> None:
    sink = Sink(tmp_path).start(faults=False)
    try:
        assert httpx.post(f"{sink.url}/faults", json={"down_s": 9}, trust_env=False).status_code == 404
    finally:
        sink.kill()


def test_it_does_not_start_without_a_secret(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sync.reference_ledger", "--database", str(tmp_path / "l.db")]
    ended = subprocess.run(command, capture_output=True, text=True, env={}, timeout=30)
    assert ended.returncode == 2
    assert "needs the secret" in ended.stderr
