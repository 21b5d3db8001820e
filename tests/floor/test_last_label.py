"""The worker's last label: what is said above the question while it waits, or while nobody knows whether it came out.

Labels are asked for by the jobs themselves and stand in the real queue; only how the printer ends them is told here.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.config import PrinterSettings
from app.db import Tx
from app.floor import last_label
from app.floor.floor import Ports
from app.floor.prompt import LastLabel
from app.printing.spooling import PrintQueue
from app.schema.floor import session
from app.schema.places import location
from app.schema.printing import print_job
from app.web.live import Hub
from app.web.stations import StationPages
from printers.printer import State
from tests.world import Hand, World

JOBS = select(print_job.c.state, print_job.c.reason, print_job.c.copy).order_by(print_job.c.created)
LABEL_2 = PrinterSettings(name="LABEL-2", kind="zpl", address="127.0.0.1:9")


@pytest.fixture
def world(build: Callable[[str], World]) -> World:
    world = build("R-01 MUG 12 lpn=LPN-0002\nS-01 TEE 5")
    world.change(location, location.c.code.like("R-%"), kind="reserve")
    world.ports = Ports(printers={"LABEL-2": LABEL_2})
    return world


@pytest.fixture
def mara(world: World) -> Hand:
    return world.worker("mara").tap("start:lpn").scan("LPN-0002").tap("label")


def ends(world: World, state: State, sentence: str = "") -> None:
    """The spooler takes what waits, and it ends so."""
    queue = PrintQueue(world.db)
    job = queue.claim("LABEL-2")
    assert job is not None
    queue.finish(job.id, state, sentence)


def test_a_label_that_waits_is_said_until_it_came(world: World, mara: Hand) -> None:
    assert mara.prompt.label is None, "it has only just been asked for"
    ends(world, "failed", "Out of labels. Put a roll in.")
    mara.tap("back")
    assert mara.prompt.label == LastLabel(sentence="Label waits for LABEL-2: Out of labels. Put a roll in.")
    mara.tap("label_yes")
    assert mara.refusal == "label_not_in_doubt"
    ends(world, "sent")
    mara.scan("LPN-0002")
    assert mara.prompt.label is None
    assert world.rows(select(session.c.label)) == [("",)]
    world.check()


def test_a_label_waits_for_a_printer_that_is_known_to_be_in_trouble(world: World, mara: Hand) -> None:
    world.ports = Ports(printers={"LABEL-2": LABEL_2}, sick=lambda: {"LABEL-2"})
    mara.tap("back")
    assert mara.prompt.label == LastLabel(sentence="Label waits: LABEL-2 needs a hand.")


def test_only_the_worker_says_whether_a_label_in_doubt_came_out(world: World, mara: Hand) -> None:
    ends(world, "unknown", "The printer went away.")
    mara.scan("S-01")
    asked = LastLabel(sentence="Did the label come out of LABEL-2?", asks=True)
    assert mara.prompt.label == asked, "after a refusal, too"
    mara.tap("menu").tap("label_no")
    assert mara.says == "It is printed again on LABEL-2: the same label, once."
    assert world.rows(JOBS) == [("queued", "mara looked: nothing there", 0)]
    ends(world, "unknown", "The printer went away.")
    mara.tap("start:lpn")
    assert mara.prompt.label == asked
    mara.tap("label_yes")
    assert (mara.says, mara.prompt.label) == ("Noted: the label is there.", None)
    mara.tap("label_no")
    assert mara.refusal == "label_not_in_doubt", "an answer is given once"
    assert world.rows(JOBS) == [("printed", "mara looked: it is there", 0)]
    world.check()


def test_who_has_no_open_label_is_not_looked_up(world: World, mara: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    real = Tx.row

    def spied(tx: Tx, statement: Any, **values: Any) -> Any:
        asked.append(statement)
        return real(tx, statement, **values)

    monkeypatch.setattr(Tx, "row", spied)
    ends(world, "sent")
    mara.tap("back")
    assert last_label.JOB in asked, "one look more, as it has only just been printed"
    asked.clear()
    mara.scan("LPN-0002").tap("back")
    assert last_label.JOB not in asked


def test_a_handheld_hears_of_its_label_without_a_scan(world: World, mara: Hand) -> None:
    hub, none = Hub(), lambda _: ()
    pages = StationPages(world.db, hub, world.ports, scales=tuple, signs=none)

    async def heard() -> list[str]:
        hub.start(asyncio.get_running_loop())
        news: list[str] = []

        async def listen() -> None:
            async for message in hub.stream(["worker:mara"]):
                text = message.decode() if isinstance(message, bytes) else str(message)
                news.append(f"{text.split()[1]} {'LABEL-2' in text}")

        listener = asyncio.create_task(listen())
        for state in ("failed", "failed", "unknown"):
            await asyncio.sleep(0.05)
            ends(world, state)
            pages._tell_of_labels()
        await asyncio.sleep(0.05)
        listener.cancel()
        return news[1:]  # the first one is the line's own hello

    assert asyncio.run(heard()) == ["refresh True", "screen True"], "what was said is not said again"
