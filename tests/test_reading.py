"""`pickface read`: GS1's own conformance vectors judged whole, and whatever a pipe may bring."""

import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cli, reading
from app.db import Database
from tests import engines
from tests.devices.fuzz import labels
from tests.world import World

COMMITTED = Path(__file__).parent / "devices" / "gs1_vectors.json"
FOLDER = "PICKFACE_GS1_VECTORS"  # of files with more of them, in the same form or as objects with these names
FIELDS = ("id", "level", "input", "valid", "elements", "error")
COUPONS = ("]C18110", "]C18112")  # North American coupons have a grammar of their own: not read, nor counted
BAR = 0.98


def vectors(file: Path) -> Iterator[dict[str, Any]]:
    for row in json.loads(file.read_text())["vectors"]:
        one = row if isinstance(row, dict) else dict(zip(FIELDS, row, strict=True))
        if not one["input"].startswith(COUPONS):
            yield one


def ask(text: str, symbology: str | None = None) -> dict[str, Any]:
    line = json.dumps({"symbology": symbology, "input": text}).encode() + b"\n"
    return answers(line)[0]


def answers(lines: bytes) -> list[dict[str, Any]]:
    out = io.BytesIO()
    reading.run(io.BytesIO(lines), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def missed(file: Path) -> tuple[Counter[str], list[str]]:
    """How many of each level, and which were not judged or not read as GS1 does."""
    of_level: Counter[str] = Counter()
    wrong = []
    for one in vectors(file):
        of_level[one["level"]] += 1
        found = ask(one["input"])
        elements = [[identifier["ai"], identifier["value"]] for identifier in found["identifiers"]]
        if found["valid"] != one["valid"] or (one["elements"] and elements != one["elements"]):
            wrong.append(f"{one['level']} {one['id']} {one['input']!r}: {one['error'] or 'valid'}, read as {found}")
    return of_level, wrong


def test_gs1s_own_vectors_are_read_and_judged_as_gs1_does() -> None:
    of_level, wrong = missed(COMMITTED)
    assert wrong == []
    assert of_level.keys() == {"syntax", "association", "digital_link", "gtin"}


def test_more_of_gs1s_vectors_reach_the_bar() -> None:
    folder = os.environ.get(FOLDER)
    if not folder:
        pytest.skip(f"{FOLDER} names no folder: only the vectors of this repository were read.")
    files = sorted(Path(folder).glob("*.json"))
    assert files, f"There is no *.json in {folder}."
    for file in files:
        of_level, wrong = missed(file)
        print(
            f"{file.name}: {sum(of_level.values()) - len(wrong)} of {sum(of_level.values())}",
            dict(of_level),
            *wrong,
            sep="\n",
        )
        assert len(wrong) <= (1 - BAR) * sum(of_level.values()), wrong


def test_a_label_is_answered_with_what_the_floor_makes_of_it() -> None:
    found = ask("0109506000134352" + "17271231" + "10L-77\x1d" + "21S1", "]C1")
    assert found == {
        "valid": True, "code": None, "sentence": None,
        "identifiers": [
            {"ai": "01", "title": "GTIN", "value": "09506000134352"},
            {"ai": "17", "title": "USE BY or EXPIRY", "value": "271231"},
            {"ai": "10", "title": "BATCH/LOT", "value": "L-77"},
            {"ai": "21", "title": "SERIAL", "value": "S1"},
        ],
        "reading": {"kind": "item", "gtin": "09506000134352", "lot": "L-77", "expiry": "2027-12-31", "serial": "S1"},
        "warning": None, "here": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("]C0LOC/A-01", "location"), ("CMD/UNDO", "command"), ("340000000000000019", "text"), ("A-01", "text"),
        ("]C100123456789012345675", "lpn"), ("]C110L-7", "lot"), ("]C14141234567890128", "location"), ("]Q1", "nothing"),
        ("]E02112345678900", "item"), ("]C1420SW1A1AA", "facts"), ("https://id.gs1.org/01/09506000134352", "item"),
    ],
)  # fmt: skip
def test_each_kind_of_label_has_its_reading(text: str, kind: str) -> None:
    assert ask(text)["reading"]["kind"] == kind


def test_without_aim_identifier_the_digits_and_the_separator_decide() -> None:
    assert ask("0109506000134352" + "10L-7\x1d21S1")["reading"]["serial"] == "S1"
    assert ask("9506000134352")["identifiers"] == [{"ai": "01", "title": "GTIN", "value": "09506000134352"}]
    assert ask("123456789012345675")["reading"] == {"kind": "lpn", "sscc": "123456789012345675"}
    assert ask("A\x1d10B")["code"] == "gs1_unknown_ai"


def test_a_lost_separator_is_said() -> None:
    assert "separator (GS) may be lost" in ask("]C1010950600013435210ABC17271231")["warning"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "empty_line"), (b"   ", "empty_line"), (b"scan", "no_json"), (b'{"input": "\xff"}', "no_json"),
        (b'{"input": "\\ud800"}', "no_json"), (b"[" * 60_000, "wrong_type"),
        (b'{"a":' + b"[" * 60_000, "no_json"), (b"[]", "wrong_type"), (b"null", "wrong_type"),
        (b"{}", "wrong_type"), (b'{"input": 5}', "wrong_type"), (b'{"input": "A", "symbology": 5}', "wrong_type"),
        (b'{"input": "A", "symbology": "]??"}', "unknown_symbology"), (b'{"input": "' + b"A" * 70_000 + b'"}', "line_too_long"),
        (b'{"input": "' + b"A" * 9_000 + b'"}', "too_long"),
    ],
)  # fmt: skip
def test_a_bad_line_has_its_answer_and_the_next_is_read(line: bytes, code: str) -> None:
    bad, good = answers(line + b'\n{"input": "A-01", "note": "further names are left alone"}')
    assert (bad["valid"], bad["code"]) == (False, code)
    assert bad["sentence"].endswith(".")
    assert good["valid"]


def test_the_command_reads_to_the_end_and_exits_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given, taken = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text('{"symbology": "]C1", "input": "10A~21B"}\nnonsense\n')
    with given.open() as source, taken.open("w") as target:
        monkeypatch.setattr("sys.stdin", source)
        monkeypatch.setattr("sys.stdout", target)
        assert cli.main(["read", "--gs", "~"]) == 0
    first, second = map(json.loads, taken.read_text().splitlines())
    assert (first["reading"]["lot"], first["reading"]["serial"]) == ("A", "B")
    assert second["code"] == "no_json"


def test_with_a_house_its_things_are_named_and_its_refusals_told(tmp_path: Path) -> None:
    database = Database(engines.fresh_sqlite(tmp_path))
    world = World(database, "A-01-01 MUG 3")
    look_up = reading.in_house(database)
    here = [
        reading.answer_line(json.dumps({"input": text}).encode(), look_up=look_up).here
        for text in (world.barcodes["MUG"], "A-01-01", "NOBODY-KNOWS", "")
    ]
    database.close()
    assert [found and found.get("item", found.get("location", found.get("refused"))) for found in here] == [
        "MUG", "A-01-01", "unknown", "nothing_read",
    ]  # fmt: skip


def sound(many: int, seed: int) -> None:
    """No crash, and every answer is one of ours: valid without a reason, or not with one."""
    for text in labels(many, seed):
        found = reading.understood(text)
        assert found.valid == (found.code is None) == (found.sentence is None), text
        assert found.reading is not None or not found.valid, text
        assert found.sentence is None or found.sentence.endswith((".", "…")), text


def test_20_000_labels_nobody_printed_are_answered() -> None:
    sound(20_000, seed=7)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(10))
def test_a_million_labels_nobody_printed_are_answered(seed: int) -> None:
    sound(100_000, seed=1_000 + seed)
