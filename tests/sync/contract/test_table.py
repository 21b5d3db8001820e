"""Every connector × every fault, with the whole follower in between; then what the sink has is counted.

Whatever goes wrong on the way, the sink ends with each event once, what happened to one item in its order, and the floor's
own stock to the piece; the desk says what is the matter in words, and no event is blamed for what the line did.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from _pytest.mark import ParameterSet

from app import clock
from sync.connectors.base import Connector, Pulled
from sync.connectors.build import BUILD
from sync.connectors.current import Current
from sync.pace import POISON_TRIES
from sync.pulling import ASKED, ASKED_TO, Puller
from tests.sync.contract.__main__ import PAGE
from tests.sync.contract.faults import LINE_FAULTS, ODD_EVENTS, WORDS, Fault, LineFault, OddEvent
from tests.sync.contract.faulty import NAME, FaultySink, found
from tests.sync.contract.floor import Floor, floor_before
from tests.sync.contract.page import text
from tests.sync.contract.sinks import SINKS
from tests.sync.sink import until
from tests.tryton import template

NOTICED_WITHIN_S = 60.0
ASKED_FIRST: tuple[Fault, ...] = ("late", "lost_answer", "nonsense", "dies_after_apply")  # all of the batch is there
KILLS = 12
BESIDE = ("tryton", "nats")  # asked for news in test_tryton.py and test_nats.py
WAVE, FEW = 60, 5  # events that happen before a kill, and how many are told at once
README = Path(__file__).parents[3] / "README.md"
SO_FAR = {  # as each writes down how far it has asked
    "http": "", "file": "", "nats": "4711", "tryton": '{"of":"http://floor@tryton.example/erp","since":1763719200000000}',
    "odoo": '{"of":"https://odoo.example erp WH","to":"2026-11-20 10:00:00"}',
    "erpnext": '{"of":"https://erpnext.example Stores","to":"{\\"Item\\":\\"2026-11-20 10:00:00.000000\\"}"}',
}  # fmt: skip

Opened = Callable[[str], FaultySink]


def cells(*faults: Fault) -> list[ParameterSet]:
    """Every cell of these rows that is played."""
    return [
        pytest.param(kind, fault, id=f"{kind}-{fault}", marks=marks(sink, fault))
        for kind, sink in SINKS.items()
        for fault in faults
        if fault in sink.plays
    ]


def marks(sink: type[FaultySink], fault: Fault) -> list[pytest.MarkDecorator]:
    return long(sink.kind) if sink.long and fault not in sink.quick else together(sink.kind)


def together(kind: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xdist_group(f"contract-{kind}")]


def long(kind: str) -> list[pytest.MarkDecorator]:
    return [*together(kind), pytest.mark.faults]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Each sink is started once, when it is first wanted."""
    running: dict[str, FaultySink] = {}

    def open_(kind: str) -> FaultySink:
        if kind == "tryton" and not template.is_built():
            pytest.skip("Tryton is not built on this machine: `make tryton` builds it, `make faults` too")
        if kind not in running:
            running[kind] = SINKS[kind](tmp_path_factory.mktemp(kind))
        return running[kind]

    yield open_
    for sink in running.values():
        sink.close()


@pytest.mark.parametrize("kind", SINKS)
def test_of_every_fault_is_said_how_it_is_played_or_why_it_cannot_happen(kind: str) -> None:
    sink = SINKS[kind]
    assert sink.plays.keys() | sink.cannot.keys() == WORDS.keys()
    assert not sink.plays.keys() & sink.cannot.keys()
    assert all(len(reason) > 20 for reason in sink.cannot.values())


def test_the_documents_have_the_table_as_it_is_played() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run python -m tests.sync.contract"


def test_every_kind_of_connector_is_a_column_here_and_a_row_in_the_readme() -> None:
    assert SINKS.keys() == BUILD.keys()
    _, _, told = README.read_text(encoding="utf-8").partition("## Connect your ERP")
    assert set(re.findall(r"^\| `(\w+)` \|", told.partition("\n## ")[0], re.MULTILINE)) == BUILD.keys()


class Asked(Current):
    """A connector, and from where it was asked for news."""

    def __init__(self, connector: Connector) -> None:
        super().__init__(lambda: connector)
        self.since: list[str] = []

    def pull(self, since: str) -> Pulled | None:
        self.since.append(since)
        return super().pull(since)


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=together(kind)) for kind in SINKS if kind not in BESIDE])
def test_a_connector_that_was_another_kind_before_asks_from_its_own_beginning(
    opened: Opened, tmp_path: Path, kind: str
) -> None:
    with floor_before(opened(kind), tmp_path, start=False) as floor:
        for before in BUILD.keys() - {kind}:
            floor.db.do(lambda tx, before=before: tx.run(ASKED, c=NAME, so_far=f"{before} {SO_FAR[before]}"))  # type: ignore[misc]
            first, again = (Asked(floor.erp.followers[NAME].connector) for _ in range(2))
            Puller(floor.db, first, floor.site).pull()
            assert first.since[0] == "", before
            with floor.db.reading() as tx:
                whose, _, so_far = str(tx.value(ASKED_TO, c=NAME)).partition(" ")
            Puller(floor.db, again, floor.site).pull()
            assert again.since[0] == (so_far if whose == kind else ""), (
                "and then from where it came to, if it keeps that"
            )


@pytest.mark.parametrize(("kind", "fault"), cells(*LINE_FAULTS))
def test_whatever_the_line_does_every_event_is_told_once(
    opened: Opened, tmp_path: Path, kind: str, fault: LineFault
) -> None:
    sink = opened(kind)
    with floor_before(sink, tmp_path) as floor:
        floor.happens(4)
        floor.told()
        floor.erp.pause(NAME, by="ruth")
        floor.happens(20)
        sink.play(fault)
        floor.erp.resume(NAME, by="ruth")
        if sink.plays[fault]:
            notice(floor, sink.plays[fault], tries=2 * POISON_TRIES if fault == "ill" else 1)
            floor.happens(6)  # the floor does not wait
            assert floor.state().state == "waiting"
        else:
            floor.told()
        sink.mend()
        floor.told()
        state = floor.state()
        assert (state.dead, state.asks, state.parked, state.discarded) == (0, 0, 0, 0), "no event is to blame"
        assert state.sentence == f"Everything up to event {state.last_seq} is accepted."
        if fault == "twice" and sink.hears_duplicates:
            assert state.duplicates == 20, "the second answer is the one we heard"
        if fault in ASKED_FIRST:
            assert set(sink.offered(floor.site).values()) == {1}, "asked for what it has, not offered blindly again"
        floor.told_once()


def notice(floor: Floor, words: str, *, tries: int) -> None:
    """Until the desk says so, and so many tries came to nothing."""

    def said() -> bool:
        state = floor.state()
        if state.failed < tries:
            floor.erp.retry_now(NAME)
        return state.failed >= tries and re.search(words, state.sentence) is not None

    until(said, f"the desk says {words!r}", NOTICED_WITHIN_S)


@pytest.mark.parametrize(("kind", "fault"), cells(*ODD_EVENTS))
def test_an_event_it_will_not_take_holds_its_own_document_and_nothing_else(
    opened: Opened, tmp_path: Path, kind: str, fault: OddEvent
) -> None:
    sink = opened(kind)
    with floor_before(sink, tmp_path) as floor:
        sink.play(fault)
        floor.erp.pause(NAME, by="ruth")
        floor.happens(3)
        event = sink.odd(fault)
        [odd] = floor.post(event)
        others = floor.happens(4)
        [behind] = floor.post(found(event.document.removeprefix("item ")))
        floor.happens(4)
        floor.erp.resume(NAME, by="ruth")

        def put_aside() -> bool:
            floor.erp.retry_now(NAME)
            return floor.letters() == [odd] and floor.letters("parked") == [behind]

        until(
            put_aside, "it is put aside, and the next of its item behind it", 2 * sink.told_within_s
        )  # the hub has its own patience
        until(lambda: floor.state().accepted_to == behind + 4, "the rest of the batch is unharmed", NOTICED_WITHIN_S)
        floor.told_once(but=(odd, behind))
        assert others
        with floor.db.reading() as tx:
            [letter] = floor.erp.letters(tx, NAME)
        assert re.search(sink.plays[fault], letter.answer), letter.answer
        assert letter.request == floor.offered(odd)
        if fault == "cannot_read_one":  # nothing to put right: two people let it go
            floor.erp.propose_discard(NAME, odd, "No warehouse holds so many", by="ruth")
            floor.erp.second_discard(NAME, odd, by="nora")
            floor.told()
            floor.told_once(but=(odd,))
        else:
            sink.mend()
            floor.erp.replay(NAME, odd, by="ruth")
            floor.told()
            floor.told_once()


@pytest.mark.parametrize(("kind", "fault"), cells("told_again"))
def test_beginning_again_at_the_first_event_tells_nothing_twice_where_the_sink_can_be_asked(
    opened: Opened, tmp_path: Path, kind: str, fault: Fault
) -> None:
    sink = opened(kind)
    with floor_before(sink, tmp_path) as floor:
        floor.happens(30)
        floor.told()
        told = sink.applied(floor.site)
        floor.erp.replay_from(NAME, 1, by="ruth")
        if sink.can_be_asked:
            until(lambda: floor.state().duplicates == 30, "all thirty are known", NOTICED_WITHIN_S)
        else:
            until(lambda: floor.state().sent == 60, "all thirty are told again", NOTICED_WITHIN_S)
        floor.restart()
        floor.happens(3)
        floor.told()
        if sink.can_be_asked:
            floor.told_once()
        else:  # an importer that keeps the keys has each once
            again = sink.applied(floor.site)
            assert again[:60] == told * 2
            assert [key.rpartition(".")[2] for key in again[60:]] == ["31", "32", "33"]


@pytest.mark.parametrize(("kind", "fault"), cells("clock_back"))
def test_a_clock_set_back_changes_neither_order_nor_count(
    opened: Opened, tmp_path: Path, kind: str, fault: Fault
) -> None:
    with floor_before(opened(kind), tmp_path) as floor:
        floor.happens(8)
        with clock.frozen(clock.now() - clock.HOUR):
            floor.happens(8)
            floor.told()
        floor.happens(8)
        floor.told()
        floor.told_once()


@pytest.mark.parametrize(
    ("kind", "engine", "kills"),
    [
        pytest.param("http", "sqlite", 2, id="http-killed", marks=together("http")),
        pytest.param("http", "postgresql", KILLS, id="http-killed-long-postgresql", marks=long("http")),
        *(pytest.param(kind, "sqlite", KILLS, id=f"{kind}-killed-long", marks=long(kind)) for kind in SINKS),
    ],
)
def test_both_sides_are_killed_by_turns_and_every_event_is_told_once(
    opened: Opened, tmp_path: Path, kind: str, engine: str, kills: int
) -> None:
    sink = opened(kind)
    with floor_before(sink, tmp_path, engine=engine, start=False) as floor:
        follower = start(floor)
        try:
            for number in range(kills):
                had = len(sink.applied(floor.site))
                floor.happens(WAVE)
                until(lambda had=had: len(sink.applied(floor.site)) > had, "it is telling", NOTICED_WITHIN_S)  # type: ignore[misc]
                if number % 2:
                    sink.kill()
                    floor.happens(5)
                    sink.mend()
                else:
                    follower.kill()
                    follower.wait()
                    follower = start(floor)
        finally:
            follower.kill()
            follower.wait()
        floor.erp.start()
        floor.told()
        floor.told_once()
        assert floor.letters() == []


def start(floor: Floor) -> subprocess.Popen[bytes]:
    few = msgspec.structs.replace(floor.settings.connectors[0], batch=FEW)
    settings = msgspec.json.encode(few).decode()
    return subprocess.Popen([sys.executable, "-m", "tests.sync.contract.follower", floor.url, floor.site, settings])
