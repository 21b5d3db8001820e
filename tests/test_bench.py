"""Every bench still works: each one runs at a size that says nothing about speed, and brings its figures home."""

import json
from pathlib import Path

import pytest

from app.db import Database
from app.stock import rebuild
from tests.bench import figures, history
from tests.bench.__main__ import BENCHES, _parser
from tests.bench.figures import Asked, Figure, alone, held_against

IDS = {
    "B1": ["B1", "B1 p99"],
    "B3": ["B3", "B3 p99"],
    "B4": ["B4", "B4 p99"],
    "B11": ["B11", "B11 idle"],
    "B15": ["B15", "B15 p99", "B15 memory", "B15 strangers"],
    "B17": ["B17", "B17 site"],
}
LONG = {"B16": pytest.mark.faults, "B17": pytest.mark.faults}  # they start a Tryton, and four servers


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = tmp_path_factory.mktemp("bench")
    return figures.tiny(Asked(folder=folder, cache=folder / "cache"))


@pytest.mark.parametrize("id", [pytest.param(id, marks=LONG.get(id, ())) for id in BENCHES])
def test_it_still_measures(id: str, asked: Asked) -> None:
    found = BENCHES[id](asked)
    assert [figure.id for figure in found] == IDS.get(id, [id])
    for figure in found:
        assert figure.ours > 0, figure
        assert figure.beside is None or figure.beside > 0, figure
        assert len(figure.rounds) == 1, figure
        assert figure.goal or figure.met is None, figure
    if id == "B1":
        assert "scan 0 µs" not in found[0].note


def test_a_history_proves_and_grows_from_a_shorter_one(asked: Asked) -> None:
    for rows in (asked.few, asked.many):
        database = Database(history.copied(asked.cache, rows, asked.folder))
        with database.reading() as tx:
            report = rebuild.check(tx)
        database.close()
        assert report.clean, report.findings
        assert (report.events, report.movements) == (rows, rows)
    with pytest.raises(ValueError, match="even number"):
        history.filled(asked.cache, 1_001)


def test_a_ratio_is_held_against_its_goal() -> None:
    slow = held_against("B1", "scans", [(50, 100), (70, 100), (40, 100)], unit="/s", least=0.6)
    assert (slow.ours, slow.beside, slow.ratio, slow.met) == (50, 100, 0.5, False)
    assert held_against("B1", "scans", [(70, 100)], unit="/s", least=0.6).met is True
    assert held_against("B7", "labels", [(300, 100)], unit="µs", most=2).met is False
    assert alone("B8", "labels", [1_999], unit="/s", least=2_000).met is False
    assert alone("B10", "start", [2.5], unit="s", most=3).met is True


def test_the_figures_are_told_to_people_and_to_machines(tmp_path: Path) -> None:
    asked = Asked(folder=tmp_path, cache=tmp_path)
    found = [
        held_against("B1", "posting scans", [(600.0, 1000.0)], unit="/s", least=0.6),
        Figure(id="B6", what="slowest", ours=12.5, unit="ms", goal="≤ 100 ms", met=None, note="a slow machine"),
    ]
    text = figures.table(found)
    assert "B1" in text
    assert "0.60" in text
    assert "B6: a slow machine" in text
    figures.write(tmp_path / "bench.json", found, asked, 1.0)
    told = json.loads((tmp_path / "bench.json").read_text())
    assert told["figures"][0]["ratio"] == 0.6
    assert told["sizes"]["workers"] == 32
    assert told["machine"]["cpus"] > 0


def test_an_unknown_bench_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parser().parse_args(["--only", "B1,B99"])
    assert "choose from B1" in capsys.readouterr().err
    assert _parser().parse_args(["--only", "b1,B7"]).only == ["B1", "B7"]
