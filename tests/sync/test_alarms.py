"""Alarms by age and disk: seen at once, grave ones are a case, and the floor is never stopped by them."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from app import clock
from app.schema.sync import connector
from app.schema.work import exception
from sync import switchboard
from tests.sync.odoo_fake import OdooFake
from tests.sync.sink import House, house, received, until


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, "http://127.0.0.1:9") as built:  # nobody listens there
        yield built


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the box may be as full as it likes."""
    monkeypatch.setattr(switchboard, "_disk_percent", lambda path: 10)


def ringing(floor: House) -> list[str]:
    with floor.db.reading() as tx:
        return [alarm.code for alarm in floor.erp.alarms(tx)]


def cases(floor: House) -> list[tuple[str, str]]:
    with floor.db.reading() as tx:
        rows = tx.rows(select(exception.c.code, exception.c.state).order_by(exception.c.created))
    return [(str(code), str(state)) for code, state in rows]


def test_an_erp_that_is_away_rings_after_five_minutes_and_is_a_case_after_an_hour(floor: House) -> None:
    now = clock.now()
    with clock.frozen(now):
        floor.post(received("1", "MUG"))
    until(lambda: floor.state().state == "waiting", "it is noticed")
    for minutes, code in ((4, ""), (5, "late"), (59, "late"), (60, "very_late")):
        with clock.frozen(now + minutes * clock.MINUTE):
            assert [name for name in ringing(floor) if name.endswith("late")] == ([code] if code else [])
            floor.erp.keep_cases()
    assert cases(floor) == [("erp_very_late", "open")]
    with clock.frozen(now + 61 * clock.MINUTE):
        floor.erp.keep_cases()
        assert cases(floor) == [("erp_very_late", "open")]  # once
        assert floor.post(received("2", "MUG")) == [2]  # the floor scans on
        floor.db.do(lambda tx: tx.run(update(connector).values(cursor=2)))
        floor.erp.keep_cases()
    assert cases(floor) == [("erp_very_late", "closed")]


def test_minutes_are_a_setting_of_the_connector(floor: House) -> None:
    now = clock.now()
    with clock.frozen(now):
        floor.post(received("1", "MUG"))
    floor.erp.change_setting("ERP", "late_min", 30, 0, "ada")
    with clock.frozen(now + 20 * clock.MINUTE):
        assert "late" not in ringing(floor)
    with clock.frozen(now + 31 * clock.MINUTE):
        assert "late" in ringing(floor)


def test_an_erp_that_cannot_be_asked_rings_though_nothing_waits_to_be_told(tmp_path: Path, odoo: OdooFake) -> None:
    with house(tmp_path, odoo.url, kind="odoo", start=False) as quiet:
        puller, now = quiet.erp.pullers["ERP"], clock.now()
        odoo.stop()
        for minutes, rings in ((0, False), (4, False), (5, True), (61, True)):
            with clock.frozen(now + minutes * clock.MINUTE):
                puller.ask()
                assert ("unasked" in ringing(quiet)) is rings
        odoo.start()
        puller.ask()
        assert "unasked" not in ringing(quiet)
        odoo.fail(status=401)
        with clock.frozen(now):
            puller.ask()
        with clock.frozen(now + 60 * clock.MINUTE), quiet.db.reading() as tx:
            [alarm] = [one for one in quiet.erp.alarms(tx) if one.code == "unasked"]
    assert alarm.grave
    assert alarm.sentence.startswith("Nobody could ask ERP what it wants for 60 minutes. ")
    assert "the API key is not valid" in alarm.sentence


def test_a_full_disk_rings_and_is_a_case_before_it_is_too_late(floor: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for percent, code in ((79, ""), (80, "disk"), (95, "brimful"), (50, "")):
        monkeypatch.setattr(switchboard, "_disk_percent", lambda path, percent=percent: percent)
        assert [name for name in ringing(floor) if name in ("disk", "brimful")] == ([code] if code else [])
        floor.erp.keep_cases()
    assert cases(floor) == [("disk_brimful", "closed")]


def test_a_batch_setting_is_gone_by_at_once(floor: House) -> None:
    floor.erp.change_setting("ERP", "batch", 7, 0, "ada")
    until(lambda: floor.erp.followers["ERP"]._pace.largest == 7, "it is gone by")


def test_another_settings_file_is_written_down_with_before_and_after_and_no_secret(floor: House) -> None:
    floor.restart()  # the same file says nothing new
    one = floor.settings.connectors[0]
    moved = msgspec.structs.replace(one, address="http://127.0.0.1:10", batch=50)
    floor.settings = msgspec.structs.replace(floor.settings, connectors=(moved,))
    floor.restart()
    with floor.db.reading() as tx:
        notes = [note for note in floor.erp.notes(tx, "ERP") if note.what == "configured"]
    assert len(notes) == 2
    assert notes[1].was == ""
    assert notes[0].was == notes[1].becomes
    assert ('"batch":100' in notes[0].was, '"batch":50' in notes[0].becomes) == (True, True)
    assert "http://127.0.0.1:10" in notes[0].becomes
    assert one.secret not in str(notes)
