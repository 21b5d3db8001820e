"""A session belongs to the worker, not to the handheld: it is taken over, it survives a restart, and so do the locks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.db import Database
from app.errors import SignedOut
from app.floor import enrolment, seats, sessions
from app.floor.sessions import InUseElsewhere
from app.schema.people import security_event
from app.work import people
from app.work.people import PinLocked
from app.workflows.menu import Menu
from tests import engines
from tests.world import World

Build = Callable[[str], World]
BADGE, DEVICE = "B-mara", "device HH-01"


def sign_in(world: World, device: str, *, take_over: bool = False) -> str:
    def work(tx: Any) -> str:
        who = people.by_code(tx, "mara")
        assert who is not None
        return sessions.digest(sessions.sign_in(tx, who, device, Menu(), take_over=take_over)[0])

    return world.db.do(work)


def wrong(world: World, badge: str = BADGE, by: str = DEVICE) -> str:
    """What a wrong PIN meets: nothing, or the lock."""
    try:
        world.db.do(lambda tx: people.judge_pin(tx, badge, by, False))
    except PinLocked as locked:
        return locked.sentence
    return ""


def test_a_second_handheld_asks_before_it_takes_over(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    old = world.worker("mara", device="HH-01")
    with pytest.raises(InUseElsewhere) as caught:
        sign_in(world, "HH-02")
    assert caught.value.sentence == "Mara is signed in on HH-01."
    old.scan("nonsense")
    assert old.refusal == "unknown", "the first one works on"
    sign_in(world, "HH-02", take_over=True)
    with pytest.raises(SignedOut):
        old.scan("nonsense")


def test_the_same_handheld_badges_in_again_without_being_asked(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    world.worker("mara", device="HH-01")
    sign_in(world, "HH-01")


def test_a_worker_resumes_at_their_screen_on_another_device_and_after_a_restart(tmp_path: Path) -> None:
    for engine in ("sqlite", "postgresql"):
        url = engines.fresh(engine, tmp_path)
        world = World(Database(url), "A-01-01 TEE-M 10")
        mara = world.worker("mara", device="HH-01")
        mara.tap("look_up").scan("A-01-01")
        stood, step = mara.prompt, mara.step
        world.db.close()

        again = Database(url)
        with again.reading() as tx:
            seat = seats.seat(tx, mara.token)
        assert seat.step == step, "the next scan goes on where the last one ended"
        world.db = again
        mara.badge_in()
        assert (mara.prompt.headline, mara.says) == (stood.headline, "You go on where you stopped.")
        assert mara.step != step
        again.close()


def test_a_login_ends_with_the_shift_and_when_it_lies_idle(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara, begin = world.worker("mara"), clock.now()
    with clock.frozen(begin + seats.IDLE - clock.SECOND):
        mara.tap("menu")
    with clock.frozen(begin + 2 * seats.IDLE - 2 * clock.SECOND):
        mara.tap("menu")
    with clock.frozen(begin + 4 * seats.IDLE), pytest.raises(SignedOut):
        mara.tap("menu")
    mara.badge_in()
    for half_hour in range(1, 24):
        with clock.frozen(begin + half_hour * seats.IDLE // 2):
            mara.tap("menu")
    with clock.frozen(begin + sessions.SHIFT + clock.MINUTE), pytest.raises(SignedOut):
        mara.tap("menu")


def test_hours_of_nothing_but_refusals_sign_nobody_out(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara, begin = world.worker("mara"), clock.now()
    for half_hour in range(1, 8):
        with clock.frozen(begin + half_hour * seats.IDLE // 2):
            assert mara.scan("nonsense").refusal == "unknown"
    world.check()


def test_a_worker_who_left_the_company_is_signed_out_at_once(build: Build) -> None:
    from app.schema.people import worker

    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    world.change(worker, worker.c.code == "mara", active=0)
    with pytest.raises(SignedOut):
        mara.scan("nonsense")


def test_a_login_that_ended_is_not_kept(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    mara.tap("log_out")
    with pytest.raises(SignedOut):
        mara.scan("A-01-01")
    kinds = [row[0] for row in world.rows(select(security_event.c.kind).order_by(security_event.c.id))]
    assert kinds == ["signed_in", "signed_out"]


# ── locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_five_wrong_pins_lock_the_badge_and_only_it(build: Build) -> None:
    world = build("")
    assert [wrong(world) for _ in range(5)] == [""] * 5
    assert wrong(world) == "Too many wrong PINs. Locked for 15 more minutes."
    with pytest.raises(PinLocked):
        world.db.do(lambda tx: people.judge_pin(tx, BADGE, DEVICE, True))
    assert wrong(world, "B-jonas") == "", "another badge on the same device"


def test_twenty_wrong_pins_lock_the_device_for_every_badge(build: Build) -> None:
    world = build("")
    assert [wrong(world, f"B-{number}") for number in range(20)] == [""] * 20
    assert wrong(world, "B-99").startswith("Too many wrong PINs.")
    assert wrong(world, "B-99", by="device HH-02") == "", "another device"
    with clock.frozen(clock.now() + 30 * clock.MINUTE):
        assert wrong(world, "B-99").startswith("Too many"), "twenty an hour, not twenty a quarter of one"
    with clock.frozen(clock.now() + 61 * clock.MINUTE):
        assert wrong(world, "B-98") == ""


def test_a_lock_survives_a_restart_and_ends_by_itself(tmp_path: Path) -> None:
    for engine in ("sqlite", "postgresql"):
        url = engines.fresh(engine, tmp_path)
        world = World(Database(url))
        for _ in range(5):
            wrong(world)
        world.db.close()
        world.db = Database(url)
        assert wrong(world).startswith("Too many wrong PINs.")
        with clock.frozen(clock.now() + people.LOCKED_FOR + clock.SECOND):
            assert wrong(world) == ""
        world.db.close()


def test_a_right_pin_forgets_the_wrong_ones_before_it(build: Build) -> None:
    world = build("")
    for _ in range(3):
        assert [wrong(world) for _ in range(4)] == [""] * 4
        world.db.do(lambda tx: people.judge_pin(tx, BADGE, DEVICE, True))


def test_an_unknown_badge_is_locked_alike_and_costs_as_much(build: Build) -> None:
    world = build("")
    assert [wrong(world, "B-nobody") for _ in range(5)] == [""] * 5
    assert wrong(world, "B-nobody") == "Too many wrong PINs. Locked for 15 more minutes."
    assert people.pin_fits(None, "nobody has this pin") is False, "the stand-in's own PIN opens nothing"
    kept = people.hash_pin("4711")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert people.pin_fits(kept, "4711")
    assert not people.pin_fits(kept, "4712")
    assert not people.pin_fits("", "")


def test_a_new_device_counts_by_its_address_until_it_is_known(build: Build) -> None:
    world = build("")
    code = world.db.do(lambda tx: enrolment.enrol(tx, "token-1"))
    with world.db.reading() as tx:
        assert enrolment.tries_of(tx, "", "10.0.0.7") == "address 10.0.0.7"
        assert enrolment.tries_of(tx, "HH-77", "10.0.0.7") == "address 10.0.0.7"
        assert enrolment.tries_of(tx, code, "10.0.0.7") == "address 10.0.0.7"
        with clock.frozen(clock.now() + people.DEVICE_WINDOW + clock.SECOND):
            assert enrolment.tries_of(tx, code, "10.0.0.7") == f"device {code}"
