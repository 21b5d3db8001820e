"""A case from the floor: its owner and due time, what follows by itself, who may close it, and when it goes higher."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app import clock, schema
from app.db import Tx
from app.desk import exceptions as board
from app.desk.exceptions import ExceptionFilter
from app.stock import journal
from app.stock.ledger import By
from app.work import chores, duties, exception_codes, exceptions, impact, tasks
from app.work.exceptions import Raised
from tests.world import World


@pytest.fixture
def house(build: Callable[[str], World]) -> World:
    world = build("A-01-01 MUG 10\nA-01-02 TEE 5")
    world.worker("mara")
    world.worker("ruth", "worker supervisor")
    return world


def add(world: World, code: str, **facts: Any) -> str:
    return world.db.do(lambda tx: exceptions.add(tx, code, f"{code} it is.", worker="mara", **facts))


def found(world: World, key: str) -> Raised:
    return world.db.do(lambda tx: exceptions.find(tx, key))


def test_the_codes_row_says_who_decides_by_when_and_what_follows(house: World) -> None:
    key = add(house, "wrong_item", item="MUG", location="A-01-01")
    case = found(house, key)
    assert (case.owner, case.due - case.created) == ("supervisor", 4 * clock.HOUR)
    assert case.followed == "A-01-01 is to be counted"
    with house.db.reading() as tx:
        [count] = tasks.queue(tx, "count")
    assert (count.place, count.item, count.reason) == ("A-01-01", "MUG", "wrong item")
    again = found(house, add(house, "wrong_item", item="MUG", location="A-01-01"))
    assert again.followed == "A-01-01 is to be counted already", "one count of a bin is enough"
    plain = found(house, add(house, "never_heard_of"))
    assert (plain.owner, plain.followed) == ("supervisor", "")
    house.check()


def test_an_admin_changes_a_row_and_the_next_case_follows_it(house: World) -> None:
    with house.db.reading() as tx:
        row = exception_codes.of(tx, "wrong_item")
    changed = msgspec.structs.replace(row, owner="admin", due_min=30, follow_ups="")
    house.db.do(lambda tx: exception_codes.change(tx, changed))
    case = found(house, add(house, "wrong_item", location="A-01-01"))
    assert (case.owner, case.due - case.created, case.followed) == ("admin", 30 * clock.MINUTE, "")


def test_another_modules_follow_up_is_called_and_its_refusal_undoes_nothing(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exceptions, "_FOLLOWS", dict(exceptions._FOLLOWS))

    @exceptions.follow("hold")
    def hold_it(tx: Tx, raised: Raised, by: By) -> str:
        if raised.item == "TEE":
            raise tasks.TaskOver(state="gone")
        return f"{raised.quantity} × {raised.item} put on hold for {by.worker}"

    assert found(house, add(house, "expired", item="MUG", quantity=3)).followed == "3 × MUG put on hold for mara"
    assert found(house, add(house, "expired", item="TEE")).followed == "No hold: This task is gone already."
    with pytest.raises(LookupError, match="no exception code"):
        exceptions.follow("dance")


def test_the_erp_is_told_when_a_case_is_raised_and_when_it_is_settled(house: World) -> None:
    key = add(house, "short_shelf_life", document="po 4500187", item="MUG", quantity=4)
    assert found(house, key).followed.startswith("the ERP is told by event")
    by = By(worker="ruth", cause="desk")
    assert house.db.do(lambda tx: exceptions.settle(tx, key, "Taken  in all the same", by)) == "Closed."
    with house.db.reading() as tx:
        told = [entry for entry in journal.after(tx, 0, 100) if entry.kind.startswith("exception")]
    assert [(entry.kind, entry.document) for entry in told] == [
        ("exception_raised", "po 4500187"), ("exception_settled", "po 4500187"),
    ]  # fmt: skip
    assert found(house, key).decided == "Taken in all the same"
    with pytest.raises(exceptions.AlreadyClosed):
        house.db.do(lambda tx: exceptions.settle(tx, key, "again", by))
    house.check()


def test_a_case_that_wants_approval_is_closed_by_somebody_else(house: World) -> None:
    key = add(house, "write_off", item="MUG", quantity=2)
    with pytest.raises(duties.SamePerson, match="Mara raised this, so somebody else must approve it"):
        house.db.do(lambda tx: exceptions.settle(tx, key, "fine", By(worker="mara")))
    with pytest.raises(exceptions.NoReason):
        house.db.do(lambda tx: exceptions.settle(tx, key, " \n ", By(worker="ruth")))
    house.db.do(lambda tx: exceptions.settle(tx, key, "fine", By(worker="ruth")))
    assert found(house, key).decided_by == "ruth"


def test_who_takes_a_case_is_named_and_may_be_relieved(house: World) -> None:
    key = add(house, "unreadable")
    assert house.db.do(lambda tx: exceptions.take(tx, key, "ruth")) == "You take care of it."
    assert house.db.do(lambda tx: exceptions.take(tx, key, "ada")) == "You take care of it; ruth had it."


def test_what_nobody_decides_goes_higher_once(house: World) -> None:
    key, calm = add(house, "ship_complete_short"), add(house, "no_destination")
    row = exception_codes.ExceptionCode(code="quiet", title="Quiet", due_min=1, escalate_min=0)
    house.db.do(lambda tx: exception_codes.change(tx, row))
    quiet, unknown = add(house, "quiet"), add(house, "never_heard_of")
    now = clock.now()
    with clock.frozen(now + 2 * clock.HOUR + clock.MINUTE):
        assert house.db.do(exceptions.escalate) == 1
    assert [found(house, one).owner for one in (key, calm, quiet, unknown)] == [
        "admin", "supervisor", "supervisor", "supervisor",
    ]  # fmt: skip
    with clock.frozen(now + 3 * clock.DAY):
        assert house.db.do(exceptions.escalate) == 2
        assert house.db.do(exceptions.escalate) == 0
    assert found(house, quiet).owner == "supervisor", "never: its row says so"
    assert found(house, unknown).owner == "admin"
    assert any(chore.do is exceptions.escalate for chore in chores.everything())


# ── which one first ──────────────────────────────────────────────────────────────────────────────────────────────────
NOON = 1_800_000_000 * clock.SECOND


@pytest.mark.parametrize(
    ("facts", "score", "why"),
    [
        ({}, 0, "Nothing waits"),
        ({"cutoff": NOON + 28 * clock.MINUTE, "document": "order 7"}, 80, "Order 7 leaves in 28 min"),
        ({"cutoff": NOON - 90 * clock.MINUTE, "document": "order 7"}, 100, "Order 7 missed its cut-off 1 h 30 ago"),
        ({"cutoff": NOON + 3 * clock.DAY}, 0, "Nothing waits"),
        ({"cutoff": NOON + 3 * clock.HOUR, "priority": 1}, 70, "An order leaves in 3 h 00, priority 1"),
        ({"value": 240_00}, 15, "240.00 at stake"),
        ({"waiting": 1, "item": "MUG"}, 4, "1 order waits for MUG"),
        ({"waiting": 40, "item": "MUG"}, 20, "40 orders wait for MUG"),
        ({"due": NOON - 70 * clock.MINUTE}, 15, "Overdue by 1 h 10"),
        ({"due": NOON - 9 * clock.DAY, "value": 5_000_00}, 70, "Overdue by 9 d, 5000.00 at stake"),
        ({"due": NOON + clock.MINUTE, "priority": 9}, 0, "Nothing waits"),
    ],
)
def test_points_can_be_checked_by_hand_and_the_heaviest_reason_is_read_first(
    facts: dict[str, Any], score: int, why: str
) -> None:
    found = impact.judge(impact.Facts(**facts), NOON)
    assert (found.score, found.why) == (score, why)


def order(world: World, code: str, item: str, cutoff: int, priority: int = 5, state: str = "pool") -> None:
    world.add(schema.documents.sales_order, code=code, cutoff=cutoff, priority=priority, state=state)
    world.add(schema.documents.order_line, id=f"{code}/1", order_code=code, line="1", item=item, quantity=2)


def test_the_queue_stands_in_the_order_of_what_waiting_costs(house: World) -> None:
    with clock.frozen(now := clock.now()):
        _queue_in_order(house, now)


def _queue_in_order(house: World, now: int) -> None:
    house.change(schema.items.item, schema.items.item.c.code == "TEE", standard_cost=60_00)
    order(house, "100", "MUG", now + 30 * clock.MINUTE, 1)
    order(house, "200", "TEE", now + 3 * clock.HOUR)
    order(house, "300", "TEE", now + 5 * clock.MINUTE, 1, state="shipped")
    idle = add(house, "unreadable")
    tee = add(house, "damaged", item="TEE", quantity=20)
    mug = add(house, "short_pick", item="MUG", document="order 100")
    gone = add(house, "short_pick", document="order 300")
    house.add(
        schema.work.discrepancy, id="d-1", document="po 1", item="TEE", kind="short", expected=3, found=1,
        due=now - 2 * clock.HOUR, created=now,
    )  # fmt: skip
    with house.db.reading() as tx:
        rows = board.listing(tx, ExceptionFilter()).page.rows
    assert [row.id for row in rows] == [mug, "d-1", tee, gone, idle]
    assert rows[0].why == "Order 100 leaves in 30 min, priority 1, 1 order waits for MUG"
    assert rows[2].why == "An order leaves in 3 h 00, 1200.00 at stake, 1 order waits for TEE"
    assert rows[1].why.startswith("An order leaves in 3 h 00, overdue by 2 h 00, 120.00 at stake")
    assert rows[2].wants_photo
    with house.db.reading() as tx:
        assert board.listing(tx, ExceptionFilter(taken="nobody")).page.rows[0].id == mug
        assert board.listing(tx, ExceptionFilter(taken="ruth")).page.rows == ()
    house.db.do(lambda tx: board.take(tx, "discrepancy", "d-1", worker="ruth", device="D"))
    house.db.do(lambda tx: board.close(tx, "discrepancy", "d-1", reason="rest comes", worker="ruth", device="D"))
    with house.db.reading() as tx:
        [closed] = board.listing(tx, ExceptionFilter(state="closed")).page.rows
    assert (closed.decided, closed.decided_by, closed.taken_by) == ("accepted: rest comes", "ruth", "ruth")
