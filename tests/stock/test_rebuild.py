"""`pickface check` finds whatever a vandal with the database's password altered, and names the first bad number.

Each case builds a small day of work, drops the triggers that forbid it, changes one thing, and must be found out.
"""

from collections.abc import Callable
from typing import Any

import pytest

from app.db import Database
from app.schema.items import lot
from app.schema.stock import lpn
from app.stock import ledger, rebuild
from app.stock.events import Allocated, AnyEvent, Moved, Picked, Received
from app.stock.slots import Carry, Claim, Slot
from tests.world import BY, World

Build = Callable[[str], World]
LINE = "4711/1"


@pytest.fixture
def day(build: Build) -> World:
    """Seven events: two opening stocks, a receipt with a plate, a promise, a pick, a serial's receipt, a nesting."""
    world = build("A-01-01 TEE-M 10\nA-02-01 HONEY 4 lot=L1")
    world.add(lot, item="DRILL", lot="", seen=0)
    world.add(lpn, code="T-1", kind="tote", location="CART")
    slot = Slot(location="A-01-01")
    dock = Slot(location="DOCK", lpn="LPN-1")
    events: list[AnyEvent] = [
        Received(po="1", line="1", item="MUG", quantity=5, target=dock, new_lpn=True, grams=2_500),
        Allocated(order="4711", claimed=(Claim(line=LINE, item="TEE-M", quantity=3, slot=slot),)),
        Picked(line=LINE, pick="P", item="TEE-M", quantity=1, source=slot, target=slot.at("CART", "T-1")),
        Received(po="1", line="2", item="DRILL", quantity=1, target=Slot(location="DOCK"), serials=("S-1",)),
        Moved(contents=(), carried=(Carry(lpn="LPN-2", location="DOCK", parent="LPN-1", kind="pallet"),)),
    ]
    world.db.do(lambda tx: [ledger.post(tx, event, BY) for event in events])
    world.check()
    return world


def vandalise(database: Database, *statements: str) -> None:
    """Alter the tables as nothing of ours can: past the triggers and the writer."""
    connection = database.connect()
    if database.dialect == "sqlite":
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in named:
            connection.execute(f"DROP TRIGGER {name}")
    else:
        for table in ("journal", "movement"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        assert connection.execute(statement).rowcount == 1, f"nothing altered by {statement}"
    connection.close()


def findings(world: World) -> list[tuple[str, int]]:
    with world.db.reading() as tx:
        return [(finding.code, finding.seq) for finding in rebuild.check(tx).findings]


HEADER = ["kind", "worker", "device", "station", "cause", "document", "owner"]


@pytest.mark.parametrize("column", HEADER)
def test_an_altered_header_is_named_by_its_number(day: World, column: str) -> None:
    vandalise(day.db, f"UPDATE journal SET {column} = {column} || 'x' WHERE seq = 4")
    assert findings(day) == [("altered", 4)]


def test_an_altered_time_is_named_by_its_number(day: World) -> None:
    vandalise(day.db, "UPDATE journal SET at = at + 1 WHERE seq = 3")
    assert findings(day) == [("altered", 3)]


def _flip(database: Database, column: str, seq: int, byte: int) -> str:
    with database.reading() as tx:
        kept = bytes(tx.connection.execute(f"SELECT {column} FROM journal WHERE seq = {seq}").fetchone()[0])
    altered = (kept[:byte] + bytes([kept[byte] ^ 1]) + kept[byte + 1 :]).hex()
    written = f"x'{altered}'" if database.dialect == "sqlite" else f"decode('{altered}', 'hex')"
    return f"UPDATE journal SET {column} = {written} WHERE seq = {seq}"


@pytest.mark.parametrize("byte", [0, 1, 17, 40, -1])
def test_one_altered_byte_of_a_body_is_named_by_its_number(day: World, byte: int) -> None:
    """Also where it is no JSON any more."""
    vandalise(day.db, _flip(day.db, "body", 2, byte % 60))
    assert findings(day)[0] == ("altered", 2)


@pytest.mark.parametrize("seq", [1, 3, 7])
def test_one_altered_byte_of_a_hash_is_named_by_its_number(day: World, seq: int) -> None:
    vandalise(day.db, _flip(day.db, "hash", seq, 31))
    assert findings(day)[0] == ("altered", seq)


@pytest.mark.parametrize(
    "change",
    [
        "quantity = quantity + 1",
        "grams = grams + 1",
        "lot = 'L9'",
        "line = 'x'",
        "source = 'A-09'",
        "source_status = 'damaged'",
        "target = 'A-09'",
        "target_lpn = 'X'",
        "serial = 'S-9'",
    ],
)
def test_an_altered_movement_is_named_by_its_event(day: World, change: str) -> None:
    vandalise(day.db, f"UPDATE movement SET {change} WHERE seq = 3")
    assert findings(day)[0] == ("altered", 3)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM journal WHERE seq = 3", ("gap", 3)),
        ("DELETE FROM journal WHERE seq = 1", ("gap", 1)),
        ("DELETE FROM journal WHERE seq = 7", ("head", 7)),
        ("DELETE FROM movement WHERE seq = 3", ("altered", 3)),
        ("UPDATE journal_head SET seq = 8", ("head", 8)),
        ("UPDATE journal_head SET seq = 6", ("head", 7)),
    ],
)
def test_a_missing_row_is_named_by_its_number(day: World, statement: str, found: tuple[str, int]) -> None:
    vandalise(day.db, statement)
    assert findings(day)[0] == found


def test_an_added_movement_is_found(day: World) -> None:
    columns = "n, item, lot, serial, quantity, grams, source, source_lpn, source_status, target, target_lpn"
    columns += ", target_status, line"
    vandalise(day.db, f"INSERT INTO movement (seq, {columns}) SELECT 99, {columns} FROM movement WHERE seq = 3")
    assert ("stray", 8) in findings(day)


@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("balance", ["UPDATE balance SET quantity = quantity + 1 WHERE item = 'MUG'"]),
        ("balance", ["UPDATE balance SET location = 'A-09' WHERE item = 'MUG'"]),
        ("balance", ["UPDATE balance SET status = 'damaged' WHERE item = 'MUG'"]),
        ("balance", ["DELETE FROM balance WHERE item = 'MUG'"]),
        ("weight", ["UPDATE balance SET grams = grams - 1 WHERE item = 'MUG'"]),
        ("allocation", ["UPDATE balance SET allocated = allocated + 1 WHERE location = 'A-01-01'"]),
        ("promise", ["UPDATE allocation SET quantity = quantity + 1 WHERE location = 'A-01-01'"]),
        ("promise", ["UPDATE allocation SET line = '4712/1' WHERE location = 'A-01-01'"]),
        ("promise", ["DELETE FROM allocation WHERE location = 'CART'"]),
        (
            "allocation",  # both altered alike: the sums agree, the events do not
            [
                "UPDATE balance SET allocated = allocated + 1 WHERE location = 'A-01-01'",
                "UPDATE allocation SET quantity = quantity + 1 WHERE location = 'A-01-01'",
            ],
        ),
        ("serial", ["UPDATE serial SET location = 'A-09'"]),
        ("serial", ["UPDATE serial SET lot = 'L9'"]),
        ("serial", ["UPDATE serial SET status = 'damaged'"]),
        ("serial", ["DELETE FROM serial"]),
        ("lpn", ["UPDATE lpn SET location = 'A-09' WHERE code = 'LPN-1'"]),
        ("lpn", ["UPDATE lpn SET parent = '' WHERE code = 'LPN-2'"]),
        ("lpn", ["DELETE FROM lpn WHERE code = 'LPN-2'"]),
        ("lpn", ["DELETE FROM lpn WHERE code = 'T-1'"]),
        ("lpn", ["UPDATE lpn SET state = 'gone' WHERE code = 'T-1'"]),
        ("lpn", ["UPDATE lpn SET state = 'void' WHERE code = 'T-1'"]),
    ],
)
def test_what_the_events_did_not_make_is_found(day: World, code: str, statements: list[str]) -> None:
    vandalise(day.db, *statements)
    found = findings(day)
    assert found
    assert found[0] == (code, 0)


def test_the_quick_check_before_each_start_names_the_same_number(day: World) -> None:
    def last(most: int) -> Any:
        with day.db.reading() as tx:
            return rebuild.check_last(tx, most)

    for most in (1, 3, 7, 100):
        assert last(most) is None
    vandalise(day.db, "UPDATE journal SET worker = 'nobody' WHERE seq = 5")
    assert last(2) is None, "only the last links are read"
    for most in (3, 7, 100):
        assert (last(most).code, last(most).seq) == ("altered", 5)
    vandalise(day.db, "DELETE FROM journal WHERE seq = 7")
    assert last(1).code == "head"


def test_more_pages_than_one_are_read(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "PAGE", 3)
    world = build("\n".join(f"A-{n:02}-01 TEE-M {n}" for n in range(1, 12)))
    with world.db.reading() as tx:
        report = rebuild.check(tx)
    assert (report.clean, report.events, report.movements) == (True, 11, 11)
    vandalise(world.db, "UPDATE movement SET quantity = 99 WHERE seq = 10")
    assert findings(world)[0] == ("altered", 10)
