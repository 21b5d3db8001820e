"""What an ERP calls our places is changed at the desk: tried dry first, a version each, in use at once and after a restart."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.config import ConnectorSettings
from sync import connector_names, neighbours
from sync.connector_names import BadMapping, NotMapped
from sync.connector_settings import ChangedMeanwhile
from sync.connectors.base import Mapped
from tests import engines
from tests.sync.sink import House, broken, house, moved, opened, received, rounds_of, until

NOBODY = "http://floor@127.0.0.1:9/erp"


@pytest.fixture
def tryton(tmp_path: Path) -> Iterator[House]:
    """A floor whose Tryton is away; what it would be told is known all the same."""
    with house(tmp_path, NOBODY, kind="tryton") as floor:
        floor.post(opened("MUG", 10), received("1", "MUG", 2), moved("MUG", 3), broken("MUG"))
        yield floor


def named(floor: House) -> dict[str, connector_names.Name]:
    with floor.db.reading() as tx:
        return {one.ours: one for one in floor.erp.mapping(tx, "ERP")}


def used(floor: House, ours: str) -> str:
    connector = floor.erp.followers["ERP"].connector
    assert isinstance(connector, Mapped)
    return connector.mapping[ours]


def test_a_name_is_tried_on_the_last_events_before_it_is_changed(tryton: House) -> None:
    with tryton.db.reading() as tx:
        tried = tryton.erp.try_mapping(tx, "ERP", "damaged", "BROKEN")
    assert (tried.events, tried.told, tried.otherwise) == (4, 3, 1)  # from bin to bin Tryton is told of nothing
    (one,) = tried.shown
    assert (one.seq, one.type) == (4, "status.changed")
    assert ('"target": "DAMAGED"' in one.before, '"target": "BROKEN"' in one.after) == (True, True)
    assert used(tryton, "damaged") == "DAMAGED"


def test_each_change_is_a_version_in_use_at_once_and_after_a_restart(tryton: House) -> None:
    assert named(tryton)["damaged"].version == 0
    tryton.erp.change_mapping("ERP", "damaged", "BROKEN", 0, by="ada")
    assert used(tryton, "damaged") == "BROKEN"
    with pytest.raises(ChangedMeanwhile) as refused:
        tryton.erp.change_mapping("ERP", "damaged", "DMG", 0, by="bob")
    assert refused.value.sentence.startswith("ada has set damaged to BROKEN meanwhile.")
    assert used(tryton, "damaged") == "BROKEN"
    tryton.erp.change_mapping("ERP", "damaged", "DMG", 1, by="bob")
    tryton.restart()
    assert used(tryton, "damaged") == "DMG"
    row = named(tryton)["damaged"]
    assert (row.theirs, row.version, row.changed_by) == ("DMG", 2, "bob")
    with tryton.db.reading() as tx:
        notes = [note for note in reversed(tryton.erp.notes(tx, "ERP")) if note.what == "mapped"]
    assert [(note.words, note.was, note.becomes, note.worker) for note in notes] == [
        ("damaged, version 1", "DAMAGED", "BROKEN", "ada"), ("damaged, version 2", "BROKEN", "DMG", "bob"),
    ]  # fmt: skip


def test_what_is_decided_at_one_server_of_a_database_counts_at_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "EVERY_S", 0.1)
    url = engines.fresh_postgresql()
    with (
        house(tmp_path, NOBODY, kind="tryton", database=url) as here,
        house(tmp_path, NOBODY, kind="tryton", database=url) as there,
    ):
        here.erp.change_mapping("ERP", "damaged", "BROKEN", 0, by="ada")
        here.erp.change_setting("ERP", "moves", 0, 0, by="ada")
        assert (used(there, "damaged"), moves(there)) == ("DAMAGED", True)
        with rounds_of(there):
            until(lambda: (used(there, "damaged"), moves(there)) == ("BROKEN", False), "the other hears of it")
        there.erp.change_mapping("ERP", "damaged", "DMG", 1, by="bob")
        assert used(here, "damaged") == "BROKEN"
        with rounds_of(here):
            until(lambda: used(here, "damaged") == "DMG", "and the other way about")
            here.post(opened("MUG", 10))
            until(lambda: tries_again(here), "it asks")
            there.erp.pause("ERP", by="bob")
            until(lambda: not tries_again(here), "a pause is one at both")
            there.erp.resume("ERP", by="bob")
            until(lambda: tries_again(here), "and its end")
    engines.remove(url)


def tries_again(floor: House) -> bool:
    """Does its own follower, told to, ask the ERP that is away?"""
    before, until_ = floor.state().failed, time.monotonic() + 1
    floor.erp.retry_now("ERP")
    while floor.state().failed == before and time.monotonic() < until_:
        time.sleep(0.02)
    return floor.state().failed != before


def moves(floor: House) -> bool:
    return floor.erp.followers["ERP"].audience.moves


def test_what_cannot_be_named_is_refused(tryton: House, tmp_path: Path) -> None:
    with tryton.db.reading() as tx, pytest.raises(NotMapped):
        tryton.erp.try_mapping(tx, "ERP", "nonsense", "X")
    with house(tmp_path, str(tmp_path / "drop"), kind="file", database=f"sqlite:///{tmp_path}/other.db") as floor:
        assert named(floor) == {}
        with pytest.raises(NotMapped):
            floor.erp.change_mapping("ERP", "damaged", "X", 0, by="ada")
    places = {name: name.upper() for name in named(tryton) if not name.startswith("~")}
    erp = ConnectorSettings(name="N", kind="erpnext", address="http://127.0.0.1:9", secret="key:secret", options=places)
    with pytest.raises(BadMapping) as refused:
        connector_names.renamed(erp, {"damaged": "QUARANTINE"}, "MAIN")
    assert "QUARANTINE for two statuses" in refused.value.sentence


def test_a_name_the_settings_file_has_no_room_for_any_more_does_not_stop_the_house(tryton: House) -> None:
    tryton.erp.change_mapping("ERP", "damaged", "BROKEN", 0, by="ada")
    tryton.db.do(
        lambda tx: tx.run(
            connector_names.PUT, connector="ERP", ours="gone", theirs="X", version=1, changed_by="ada", changed=1
        )
    )
    tryton.restart()
    assert used(tryton, "damaged") == "DAMAGED"  # the file's own, and it is said
    with tryton.db.reading() as tx:
        told = [note.words for note in tryton.erp.notes(tx, "ERP") if note.what == "not_mapped"]
    assert len(told) == 1
    assert "gone" in told[0]


def test_another_secret_is_written_down_and_nobody_learns_it(tryton: House) -> None:
    tryton.restart()  # the same one says nothing new
    one = msgspec.structs.replace(tryton.settings.connectors[0], secret="quite another one")
    tryton.settings = msgspec.structs.replace(tryton.settings, connectors=(one,))
    tryton.restart()
    with tryton.db.reading() as tx:
        notes = tryton.erp.notes(tx, "ERP")
    told = [(note.words, note.was, note.becomes) for note in reversed(notes) if note.what == "secret"]
    assert [words for words, _, _ in told] == [
        "its first, by the settings file", "another one, by the settings file, at the start",
    ]  # fmt: skip
    assert told[0][2] == told[1][1] != told[1][2]
    assert "quite another one" not in str(notes)
