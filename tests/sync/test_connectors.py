"""One contract for every connector, against the real thing: a ledger in its own process, a folder on the disk."""

import csv
import hashlib
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.config import ConnectorSettings
from app.errors import CannotStart
from app.stock.events import Counted
from app.stock.journal import Entry
from app.stock.slots import Slot
from sync import dead_letters
from sync.connectors.base import Applied, Connector, Duplicate, Held, Rejected, TransportError, Untold
from sync.connectors.build import connect
from sync.connectors.file import FileConnector
from sync.connectors.file_note import Ranges
from sync.connectors.http import HttpConnector
from sync.messages import Identity, Message, as_message
from tests.sync.sink import SECRET, Sink, house, received, running_sink, until
from tests.sync.test_messages import entry

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running_sink(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(params=["http", "file"])
def connector(request: pytest.FixtureRequest, sink: Sink, tmp_path: Path) -> Iterator[Connector]:
    address = sink.url if request.param == "http" else str(tmp_path / "drop")
    built = connect(ConnectorSettings(name="ERP", kind=request.param, address=address, secret=SECRET))
    yield built
    built.close()


def message(site: str, seq: int, item: str = "MUG", po: str = "") -> Message:
    event = received(po or f"{site}{seq}", item)
    row = Entry(
        seq=seq,
        kind="received",
        at=1_795_600_800_000_000,
        worker="1007",
        device="",
        station="",
        cause="",
        document=event.document,
        owner="",
        body=msgspec.json.encode(event),
        hash=b"",
    )
    return as_message(row, Identity(site=site))


def test_the_line_to_nats_can_be_imported_before_the_connectors() -> None:
    subprocess.run([sys.executable, "-c", "import sync.nats_line"], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True)


def test_a_key_is_taken_once_and_known_afterwards(connector: Connector) -> None:
    site = connector.kind
    first, second, third = (message(site, seq) for seq in (1, 2, 3))
    assert connector.post([first, second]) == [Applied(), Applied()]
    assert connector.post([second, third]) == [Duplicate(), Applied()]
    assert connector.lookup([first.key, third.key, f"{site}.1.4"]) == {first.key, third.key}


# ── http ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def http(url: str, *, secret: str = SECRET, within_s: float = 5.0) -> HttpConnector:
    return HttpConnector("ERP", url, secret, answer_within_s=within_s)


def test_a_rejection_carries_the_ledgers_words_and_holds_its_document(sink: Sink) -> None:
    sink.fail(unknown_items=["GHOST"])
    batch = [message("R", 1, "GHOST", "A"), message("R", 2, "MUG", "A"), message("R", 3, "MUG", "B")]
    refused, *others = http(sink.url).post(batch)
    assert isinstance(refused, Rejected)
    assert refused.why == "Item GHOST is not known here."
    assert '"outcome":"rejected"' in refused.raw
    assert others == [Held(), Applied()]
    sink.fail()


def test_a_wrong_secret_is_ours_to_put_right(sink: Sink) -> None:
    with pytest.raises(TransportError) as problem:
        http(sink.url, secret="another").post([message("S", 1)])
    assert (problem.value.permanent, problem.value.unknown) == (True, False)
    assert "Compare the secret and the clocks." in problem.value.sentence


def test_nobody_at_the_address_means_nothing_arrived() -> None:
    with pytest.raises(TransportError) as problem:
        http("http://127.0.0.1:9").post([message("N", 1)])
    assert (problem.value.permanent, problem.value.unknown) == (False, False)


def test_a_late_answer_leaves_the_fate_unknown_and_lookup_settles_it(sink: Sink) -> None:
    sink.fail(late_s=0.6)
    late = http(sink.url, within_s=0.3)
    with pytest.raises(TransportError) as problem:
        late.post([message("L", 1)])
    assert problem.value.unknown
    sink.fail()
    assert http(sink.url).lookup(["L.1.1"]) == {"L.1.1"}


def test_a_wrong_count_of_answers_is_not_believed(sink: Sink) -> None:
    sink.fail(forget_answers=1)
    with pytest.raises(TransportError, match="talks nonsense: it answered for 1 events") as problem:
        http(sink.url).post([message("C", 1), message("C", 2)])
    assert problem.value.unknown


@pytest.mark.parametrize(
    ("says", "permanent", "unknown"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", False, True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", False, True),
        (b"HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", False, True),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", True, False),
        (b"HTTP/1.1 302 Away\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", True, False),
        (b"220 smtp.example ESMTP\r\n", False, True),
        (b"", False, True),
    ],
)
def test_whatever_listens_there_a_batch_ends_in_a_sentence(says: bytes, permanent: bool, unknown: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            line.recv(65536)
            line.sendall(says)
            line.close()

        listener = threading.Thread(target=answer, daemon=True)
        listener.start()
        with pytest.raises(TransportError) as problem:
            http(f"http://127.0.0.1:{server.getsockname()[1]}").post([message("X", 1)])
        listener.join()
    assert (problem.value.permanent, problem.value.unknown) == (permanent, unknown)
    assert problem.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("address", "secret"), [("ftp://erp", "s"), ("erp:80", "s"), ("http://", "s"), ("http://erp", "")]
)
def test_settings_that_cannot_be_right_stop_the_start(address: str, secret: str) -> None:
    with pytest.raises(CannotStart):
        connect(ConnectorSettings(name="ERP", address=address, secret=secret))


# ── file ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_drop_is_a_file_its_checksum_and_a_note(tmp_path: Path) -> None:
    FileConnector("ERP", tmp_path).post([message("F", 1), message("F", 2)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".delivered.json", "F.1.1-2.done", "F.1.1-2.jsonl"]
    body = (tmp_path / "F.1.1-2.jsonl").read_bytes()
    assert (tmp_path / "F.1.1-2.done").read_text() == f"{hashlib.sha256(body).hexdigest()}  F.1.1-2.jsonl\n"
    assert [msgspec.json.decode(line)["id"] for line in body.splitlines()] == ["F.1.1", "F.1.2"]
    assert (tmp_path / ".delivered.json").read_text() == '{"dropped":{"F.1":[[1,2]]}}'


def test_a_crash_before_the_note_drops_nothing_twice(tmp_path: Path) -> None:
    FileConnector("ERP", tmp_path).post([message("F", 1), message("F", 2)])
    (tmp_path / ".delivered.json").unlink()
    (tmp_path / "F.1.1-2.done").unlink()
    (tmp_path / "F.1.3-3.jsonl.part").write_bytes(b'{"id"')
    again = FileConnector("ERP", tmp_path)
    assert again.post([message("F", 2), message("F", 3)]) == [Duplicate(), Applied()]
    done = sorted(path.name for path in tmp_path.glob("*.*"))
    assert done == [".delivered.json", "F.1.1-2.done", "F.1.1-2.jsonl", "F.1.3-3.done", "F.1.3-3.jsonl"]


def test_a_table_has_a_row_for_each_movement_and_a_crash_drops_none_of_it_twice(tmp_path: Path) -> None:
    settings = ConnectorSettings(name="ERP", kind="file", address=str(tmp_path), options={"format": "csv"})
    nothing_moved = as_message(
        entry(Counted(task="C", item="MUG", slot=Slot(location="A"), quantity=1), 2), Identity(site="F")
    )
    batch = [message("F", 1, 'MUG, blue\n"big"'), nothing_moved]
    assert connect(settings).post(batch) == [Applied(), Applied()]
    [file] = tmp_path.glob("*.csv")
    assert file.name == "F.1.1-2.csv"
    with file.open(encoding="utf-8", newline="") as table:
        came, counted = csv.DictReader(table)
    assert (came["id"], came["type"], came["document"]) == ("F.1.1", "receipt.line_confirmed", "po F1")
    assert (came["item"], came["quantity"], came["from"], came["from_status"], came["to"], came["to_status"]) == (
        'MUG, blue\n"big"', "1", "~supplier", "", "DOCK-1", "available",
    )  # fmt: skip
    assert msgspec.json.decode(came["event"])["event"] == "received"
    assert (counted["id"], counted["item"], counted["quantity"]) == ("F.1.2", "", "")
    file.with_suffix(".done").unlink()
    (tmp_path / ".delivered.json").unlink()
    again = connect(ConnectorSettings(name="ERP", kind="file", address=str(tmp_path)))
    assert again.post(batch) == [Duplicate(), Duplicate()], "written as lines since, it still knows what the table has"
    assert file.with_suffix(".done").exists()
    with pytest.raises(CannotStart, match="has one option, format: jsonl or csv"):
        connect(ConnectorSettings(name="ERP", kind="file", address=str(tmp_path), options={"format": "xml"}))


def test_what_the_erp_took_away_is_not_dropped_again(tmp_path: Path) -> None:
    FileConnector("ERP", tmp_path).post([message("F", 1)])
    for path in tmp_path.glob("F.*"):
        path.unlink()
    assert FileConnector("ERP", tmp_path).post([message("F", 1)]) == [Duplicate()]


AGAIN = Untold(id="wish", first=2, last=3)


def dropped(folder: Path) -> dict[str, list[str]]:
    """By finished file, the keys in it."""
    files = sorted(path for path in folder.glob("*.jsonl") if path.with_suffix(".done").exists())
    return {path.name: [msgspec.json.decode(line)["id"] for line in path.read_bytes().splitlines()] for path in files}


def test_what_counts_as_untold_is_dropped_once_more_in_a_file_of_its_own(tmp_path: Path) -> None:
    first, second, third, fourth = (message("F", seq) for seq in (1, 2, 3, 4))
    folder = FileConnector("ERP", tmp_path)
    folder.post([first, second, third])
    folder.forget([AGAIN])
    assert folder.lookup(["F.1.1", "F.1.2", "F.1.3"]) == {"F.1.1"}
    assert folder.post([first, second, third]) == [Duplicate(), Applied(), Applied()]
    folder.forget([AGAIN])
    assert folder.post([second, third, fourth]) == [Duplicate(), Duplicate(), Applied()], (
        "the same wish is followed once"
    )
    assert dropped(tmp_path) == {
        "F.1.1-3.jsonl": ["F.1.1", "F.1.2", "F.1.3"], "F.1.2-3.again-1.jsonl": ["F.1.2", "F.1.3"], "F.1.4-4.jsonl": ["F.1.4"],
    }  # fmt: skip
    folder.forget([AGAIN, Untold(id="another", first=3, last=3)])
    assert folder.post([second, third]) == [Duplicate(), Applied()]
    assert list(dropped(tmp_path))[-2:] == ["F.1.3-3.again-2.jsonl", "F.1.4-4.jsonl"]


def test_a_crash_while_something_is_told_again_drops_none_of_it_a_third_time(tmp_path: Path) -> None:
    batch = [message("F", seq) for seq in (1, 2, 3)]
    FileConnector("ERP", tmp_path).post(batch)
    FileConnector("ERP", tmp_path).forget([AGAIN])
    noted = (tmp_path / ".delivered.json").read_bytes()
    after_forgetting = FileConnector("ERP", tmp_path)  # its row in the database was not gone yet
    after_forgetting.forget([AGAIN])
    after_forgetting.post(batch)
    (tmp_path / ".delivered.json").write_bytes(noted)
    (tmp_path / "F.1.2-3.again-1.done").unlink()
    after_dropping = FileConnector("ERP", tmp_path)
    after_dropping.forget([AGAIN])
    assert after_dropping.post(batch) == [Duplicate()] * 3
    assert list(dropped(tmp_path)) == ["F.1.1-3.jsonl", "F.1.2-3.again-1.jsonl"]


def test_the_note_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    (tmp_path / ".delivered.json").write_text('{"F.1":[[1,2]]}')
    assert FileConnector("ERP", tmp_path).post([message("F", 2), message("F", 3)]) == [Duplicate(), Applied()]
    assert (tmp_path / ".delivered.json").read_text() == '{"dropped":{"F.1":[[1,3]]}}'


def test_a_folder_is_told_again_what_a_person_replays_once_and_never_by_itself(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    with house(tmp_path, str(drop), kind="file") as floor:
        floor.post(*(received(str(number), "MUG") for number in range(6)))
        until(floor.drained, "all is dropped")
        floor.erp.replay_from("ERP", 4, by="2001")
        until(lambda: floor.state().sent == 9, "three are dropped again")
        until(floor.drained, "and that is all")
        floor.db.do(
            lambda tx: tx.run(dead_letters.GO_BACK, c="ERP", before=2)
        )  # as a crash leaves it: dropped, not noted
        floor.erp = floor.switchboard()
        floor.erp.start()
        floor.post(received("7", "MUG"))
        until(floor.drained, "it goes on")
    told = [key for keys in dropped(drop).values() for key in keys]
    assert Counter(told) == {f"MAIN.1.{seq}": 2 if 4 <= seq <= 6 else 1 for seq in range(1, 8)}
    assert dropped(drop)["MAIN.1.4-6.again-1.jsonl"] == ["MAIN.1.4", "MAIN.1.5", "MAIN.1.6"]


def test_what_another_server_dropped_meanwhile_stays_in_the_note(tmp_path: Path) -> None:
    here, there = FileConnector("ERP", tmp_path), FileConnector("ERP", tmp_path)
    here.post([message("F", 1)])
    there.post([message("F", 2)])
    assert here.post([message("F", 2), message("F", 3)]) == [Duplicate(), Applied()]
    assert there.lookup(["F.1.1", "F.1.3", "F.1.4"]) == {"F.1.1", "F.1.3"}


def test_a_note_somebody_broke_stops_the_drop_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".delivered.json").write_text("[[")
    with pytest.raises(TransportError, match="was changed by somebody") as problem:
        FileConnector("ERP", tmp_path).post([message("F", 1)])
    assert problem.value.permanent


def test_a_folder_that_is_none_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "drop").write_text("a file")
    with pytest.raises(TransportError, match="cannot be written"):
        FileConnector("ERP", tmp_path / "drop").post([message("F", 1)])


def test_numbers_in_any_order_become_few_ranges() -> None:
    ranges = Ranges()
    for seq in (5, 1, 3, 2, 9, 4, 4):
        ranges.add(f"M.1.{seq}")
    assert ranges.spans == {"M.1": [[1, 5], [9, 9]]}
    assert [seq for seq in range(11) if f"M.1.{seq}" in ranges] == [1, 2, 3, 4, 5, 9]
    assert "M.2.1" not in ranges
    ranges.remove(3, 3)
    ranges.remove(5, 9)
    assert ranges.spans == {"M.1": [[1, 2], [4, 4]]}
