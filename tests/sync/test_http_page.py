"""What docs/http.md promises whoever writes the other side: its program is a ledger, its commands are taken in."""

import itertools
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar.testing import TestClient

from app import main
from app.config import Settings
from app.db import Database
from app.stock.events import Shipped
from app.stock.slots import CUSTOMER, Movement, Slot
from tests.sync.sink import SECRET, House, broken, house, moved, opened, received, until

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the page's program listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    program = tmp_path / "erp.py"
    program.write_text(block("python"), encoding="utf-8")
    told = {"ERP_SECRET": SECRET, "ERP_BOOKS": str(tmp_path / "erp.db"), "ERP_PORT": str(port)}
    running = subprocess.Popen([sys.executable, str(program)], env={**os.environ, **told}, stderr=subprocess.DEVNULL)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(listens, "the page's program listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


@pytest.fixture
def floor(tmp_path: Path, address: str) -> Iterator[House]:
    with house(tmp_path, address) as built:
        yield built


def test_the_program_of_the_page_keeps_a_days_events_once_and_reconciles(floor: House, address: str) -> None:
    gone = Movement(item="MUG", quantity=2, source=Slot(location="A-01"), target=Slot(location=CUSTOMER))
    floor.post(opened("MUG", 9), received("1", "TEA", 5), moved("MUG"), broken("MUG"))
    floor.post(Shipped(order="7", load="LD-1", cartons=("C1",), contents=(gone,)))
    until(floor.drained, "it has all of it")
    assert (floor.state().sent, floor.state().duplicates) == (5, 0)
    floor.erp.replay_from("ERP", 1, "ruth")
    until(lambda: floor.state().duplicates == 5, "told again it does nothing")
    assert floor.erp.reconcile("ERP", "ruth").startswith("As of event 5 all 3 stocks agree with ERP.")
    unsealed = httpx.post(f"{address}/events", content=b"[]", trust_env=False)
    assert unsealed.status_code == 401


def test_the_commands_of_the_page_are_taken_in(database: Database) -> None:
    """Run by a shell, but for curl, which says what it was told."""
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + block("sh")
    ran = subprocess.run(
        ["bash", "-c", script], env={**os.environ, "INBOX_SECRET": SECRET}, capture_output=True, check=True
    )
    told = ran.stdout.decode().split("\0")
    headers = dict(one.split(": ", 1) for flag, one in itertools.pairwise(told) if flag == "-H")
    body = told[told.index("--data-binary") + 1]
    built = main.build(Settings(database=database.url, inbox_secret=SECRET), end=False)
    database.close()
    with TestClient(built) as running:
        answers = running.post("/api/inbox", content=body.encode(), headers=headers)
    assert [one["state"] for one in msgspec.json.decode(answers.content)] == ["applied", "applied"]
