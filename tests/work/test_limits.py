"""Who may decide how much alone: rows for roles, rows by name, and goods without a price."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app.errors import NeedsRelease
from app.work import defaults, exception_codes, limits, people, reasons
from tests.world import World

Build = Callable[[str], World]


@pytest.fixture
def house(build: Build) -> World:
    world = build("A-01-01 TEE-M 10")
    world.item("MUG", standard_cost=499)
    world.worker("mara")
    world.worker("ruth", "worker supervisor")
    world.worker("ada", "admin")
    return world


def ask(world: World, rule: Callable[..., Any], *given: Any, **more: Any) -> Any:
    return world.db.do(lambda tx: rule(tx, *given, **more))


def test_the_highest_of_the_roles_holds_and_a_workers_own_row_beats_them(house: World) -> None:
    assert ask(house, limits.of, "mara", "count_quantity") == 5
    assert ask(house, limits.of, "ruth", "count_quantity") == 500
    assert ask(house, limits.of, "ada", "count_quantity") is None
    assert ask(house, limits.of, "mara", "over_receipt_percent") == 0  # nobody gave her one
    ask(house, limits.give, "worker", "ruth", "count_quantity", 3)
    assert ask(house, limits.of, "ruth", "count_quantity") == 3
    ask(house, limits.drop, "worker", "ruth", "count_quantity")
    assert ask(house, limits.of, "ruth", "count_quantity") == 500
    assert ask(house, limits.of, "nobody", "count_quantity") == 0


def test_what_is_above_is_for_a_supervisor_and_says_by_how_much(house: World) -> None:
    ask(house, limits.refuse_above, "mara", "adjust_quantity", -5, what="5 × MUG less")
    with pytest.raises(NeedsRelease) as refused:
        ask(house, limits.refuse_above, "mara", "adjust_quantity", -6, what="6 × MUG less")
    assert refused.value.sentence == "6 × MUG less: 6 units, and Mara may decide up to 5 units."
    assert (refused.value.kind, refused.value.limit, refused.value.amount) == ("adjust_quantity", 5, 6)


def test_goods_are_judged_by_their_price_and_without_one_not_at_all(house: World) -> None:
    def value(who: str, item: str, quantity: int) -> Any:
        return ask(house, limits.refuse_value_above, who, "adjust_value", item, quantity, what="Less")

    assert value("mara", "MUG", -10) == 49_90
    with pytest.raises(limits.AboveLimit, match=r"54\.89, and Mara may decide up to 50\.00"):
        value("mara", "MUG", 11)
    with pytest.raises(limits.NoPrice, match=r"TEE-M has no price, so a limit of 50\.00 cannot be judged"):
        value("mara", "TEE-M", 1)
    assert value("ada", "TEE-M", 1) == 0  # who has no limit needs no price
    assert ask(house, limits.value_of, "TEE-M", 3) is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("role", "boss", "adjust_value", 1), "that is no role"),
        (("worker", "ghost", "adjust_value", 1), "nobody is called so"),
        (("role", "worker", "mood", 1), "nothing asks for it"),
        (("role", "worker", "adjust_value", -2), "it is 0 or more"),
        (("role", "worker", "adjust_value", 2**60), "it is 0 or more"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(house: World, row: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(limits.NoSuchLimit, match=reason):
        ask(house, limits.give, *row)


def test_the_usual_rows_are_there_and_make_sense(house: World) -> None:
    with house.db.reading() as tx:
        assert len(limits.everything(tx)) == len(limits.DEFAULTS)
        assert {limit.kind for limit in limits.everything(tx)} == set(limits.KINDS)
        for code in exception_codes.everything(tx):
            assert code.owner in people.ROLES
            assert set(code.follow_ups.split()) <= set(exception_codes.FOLLOW_UPS), code.code
        assert exception_codes.of(tx, "damaged").photo == 1
        assert exception_codes.of(tx, "never_heard_of").title == "Never heard of"
        assert reasons.of_kind(tx, "adjust")[0].code == "found"
        assert reasons.check(tx, "write_off", "damaged").photo == 1
        with pytest.raises(reasons.NoSuchReason, match="bored is no reason for this"):
            reasons.check(tx, "write_off", "bored")
    for table, rows in defaults.ROWS:
        keys = [tuple(row[column.name] for column in table.primary_key) for row in rows]
        assert len(set(keys)) == len(keys), table.name


def test_a_reason_that_is_switched_off_is_offered_no_more(house: World) -> None:
    reason = ask(house, reasons.check, "write_off", "own_use")
    ask(house, reasons.change, msgspec.structs.replace(reason, active=0))
    assert "own_use" not in [one.code for one in ask(house, reasons.of_kind, "write_off")]


def test_skills_and_equipment_say_what_somebody_can_do() -> None:
    mara = people.Worker(
        code="mara", badge="B", name="Mara", roles="worker", pin_hash="", language="en", size="m", active=1,
        skills="hazmat cold", equipment="reach_truck",
    )  # fmt: skip
    assert mara.can("hazmat", "reach_truck")
    assert mara.can()
    assert not mara.can("hazmat", "crane")
