"""A backup is put back at night, and in the morning no label has a number that is on a pallet already."""

import shutil
from pathlib import Path

from app import clock, schema
from app.db import Database
from app.migrations import migrate
from app.stock import ledger
from app.stock.events import OpeningStock
from app.stock.ledger import By
from app.stock.slots import Slot
from app.work import high_water, numbers
from sync import epochs
from tests import engines

SITE = schema.places.site


def house(folder: Path) -> Database:
    database = Database(engines.fresh_sqlite(folder))
    migrate(database)
    database.do(lambda tx: tx.run(SITE.insert().values(code="MAIN", gs1_company_prefix="4012345")))
    return database


def ssccs(database: Database, count: int) -> list[str]:
    return [database.do(numbers.sscc) for _ in range(count)]


def epoch(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.value(SITE.select().with_only_columns(SITE.c.epoch)))


def test_a_restored_backup_gives_no_number_out_twice(tmp_path: Path) -> None:
    database, file = house(tmp_path), tmp_path / "house.numbers"
    before = ssccs(database, 3)
    assert database.path is not None
    with database.connect() as connection:
        connection.execute(f"VACUUM INTO '{tmp_path / 'backup.db'}'")
    lost = ssccs(database, 5)  # their labels are on the goods
    with database.reading() as tx:
        high_water.note(tx, file)
    lost += ssccs(database, 2)  # given out after the note
    database.close()
    (tmp_path / "restored").mkdir()
    shutil.copy(tmp_path / "backup.db", tmp_path / "restored" / "house.db")

    again = Database(f"sqlite:///{tmp_path / 'restored' / 'house.db'}")
    assert "from a backup" in again.do(lambda tx: high_water.catch_up(tx, file))
    assert epoch(again) == 2
    after = ssccs(again, 20)
    assert not {*before, *lost} & set(after)
    with again.reading() as tx:
        high_water.note(tx, file)
    assert again.do(lambda tx: high_water.catch_up(tx, file)) == ""  # the next start is an ordinary one
    assert epoch(again) == 2
    again.close()


def test_a_backup_that_only_lost_events_opens_another_epoch_each_time_it_is_put_back(tmp_path: Path) -> None:
    def happens(database: Database) -> None:
        event = OpeningStock(item="MUG", quantity=1, target=Slot(location="A-01"))
        database.do(lambda tx: ledger.post(tx, event, By(worker="mara")))
        with database.reading() as tx:
            high_water.note(tx, file)

    database, file = house(tmp_path), tmp_path / "house.numbers"
    database.do(lambda tx: tx.run(SITE.insert().values(code="ANNEX")))  # the first by name, and none of ours
    happens(database)
    with database.connect() as connection:
        connection.execute(f"VACUUM INTO '{tmp_path / 'backup.db'}'")
    happens(database)  # the ERP hears of it
    assert database.do(lambda tx: high_water.catch_up(tx, file)) == "", "an ordinary start"
    database.close()
    for put_back in (2, 3):
        folder = tmp_path / str(put_back)
        folder.mkdir()
        shutil.copy(tmp_path / "backup.db", folder / "house.db")
        again = Database(f"sqlite:///{folder / 'house.db'}")
        assert "a new epoch began" in again.do(lambda tx: high_water.catch_up(tx, file))
        assert again.do(lambda tx: epochs.identity(tx, "MAIN", 1)).key(2) == f"MAIN.{put_back}.2"
        happens(again)
        assert again.do(lambda tx: high_water.catch_up(tx, file)) == ""
        again.close()


def test_a_note_never_goes_back_and_a_broken_one_is_no_note(tmp_path: Path) -> None:
    database, file = house(tmp_path), tmp_path / "house.numbers"
    ssccs(database, 4)
    with database.reading() as tx:
        high_water.note(tx, file)
    assert high_water.noted(file).sscc_serial == 4
    file.write_bytes(b'{"sscc_serial": 99}')
    with database.reading() as tx:
        high_water.note(tx, file)
    assert high_water.noted(file).sscc_serial == 99
    file.write_bytes(b"half a not")
    assert high_water.noted(file) == high_water.Note()
    assert database.do(lambda tx: high_water.catch_up(tx, file)) == ""
    database.close()


def test_where_nothing_is_known_a_person_says_it_was_restored(tmp_path: Path) -> None:
    database = house(tmp_path)
    [first] = ssccs(database, 1)
    assert "a new epoch began" in restored(database)
    [second] = ssccs(database, 1)
    assert int(second[8:17]) - int(first[8:17]) == 100_001
    database.do(lambda tx: tx.run(SITE.update().values(gs1_company_prefix="401234567890", sscc_serial=0)))
    restored(database)
    assert ssccs(database, 1)[0][1:13] == "401234567890"  # of a short range only a hundredth is skipped
    database.close()


def test_the_same_backup_put_back_twice_by_hand_begins_elsewhere_each_time(tmp_path: Path) -> None:
    database = house(tmp_path)
    begun = clock.now()
    event = OpeningStock(item="MUG", quantity=1, target=Slot(location="A-01"))
    with clock.frozen(begun):
        database.do(lambda tx: ledger.post(tx, event, By(worker="mara")))
    backup = tmp_path / "backup.db"
    with database.connect() as connection:
        connection.execute(f"VACUUM INTO '{backup}'")
    database.close()
    given_out, epochs_begun = [], []
    for hours in (1, 9):
        again = Database(f"sqlite:///{shutil.copy(backup, tmp_path / f'after-{hours}.db')}")
        with clock.frozen(begun + hours * clock.HOUR):
            restored(again)
        given_out += ssccs(again, 500)
        epochs_begun.append(epoch(again))
        again.close()
    assert len(set(given_out)) == 1000
    assert epochs_begun[0] < epochs_begun[1]


def restored(database: Database) -> str:
    return database.do(lambda tx: high_water.skip(tx, clock.now()))
