"""Scans are answered once, in order, and for ever the same."""

from collections.abc import Callable

import pytest

from app import clock
from app.errors import Forbidden, ScanReused, SignedOut
from tests.world import World

Build = Callable[[str], World]


def test_a_worker_meets_the_menu_and_an_unknown_code_is_refused(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    assert mara.asks == "Scan anything to start"
    mara.scan("nonsense-77")
    assert mara.refusal == "unknown"
    assert mara.says == "Nobody knows nonsense-77."
    assert world.holds() == "A-01-01 TEE-M 10"


def test_the_same_id_gives_the_same_answer_refusals_too(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    before = mara.step
    first = mara.turn("nonsense-77", id="scan-0001", after=before)
    again = mara.turn("nonsense-77", id="scan-0001", after=before)
    assert first == again
    with pytest.raises(ScanReused):
        mara.turn("something-else", id="scan-0001", after=before)


def test_after_a_refusal_what_was_scanned_before_seeing_it_is_held(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    mara.turn("nonsense-77", id="scan-0001")
    seen = mara.step
    mara.turn("nonsense-78", id="scan-0002", after="scan-0001")
    assert mara.refusal == "held"
    mara.turn("nonsense-79", id="scan-0003", after=seen)
    assert mara.refusal == "unknown", "a scan made after seeing the refusal counts again"


def test_a_scan_that_overtook_the_one_before_it_keeps_its_answer(build: Build) -> None:
    """The second came first and was held; when its predecessor is there, asking again is still the same question."""
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    first = mara.step
    held = mara.turn("STN/none", id="scan-0002", after="scan-0001")
    assert mara.refusal == "held"
    mara.turn("menu", "tap", id="scan-0001", after=first)
    assert mara.step == "scan-0001"
    assert mara.turn("STN/none", id="scan-0002", after="scan-0001") == held
    accepted = mara.turn("menu", "tap", id="scan-0003", after="scan-0001")
    assert mara.turn("menu", "tap", id="scan-0003", after="scan-0001") == accepted
    tom = world.worker("tom")
    with pytest.raises(Forbidden):
        tom.turn("menu", "tap", id="scan-0003", after=tom.step)
    with pytest.raises(ScanReused):
        mara.turn("look_up", "tap", id="scan-0003", after="scan-0003")


def test_badging_in_elsewhere_signs_the_old_device_out(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    old = world.worker("mara", device="HH-01")
    world.worker("mara", device="HH-02")
    with pytest.raises(SignedOut):
        old.scan("A-01-01")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("x" * 5_000, "too_long"),
        ("]C10104000000000017", "malformed"),  # a bad check digit under a GS1 symbology
        ("CMD/", "unknown"),
        ("A-01-01", "no_job_for_this"),
        ("<script>alert(1)</script>", "unknown"),
        ("\x00\x01", "malformed"),
    ],
)
def test_bad_labels_get_a_refusal_with_a_code_and_are_logged(build: Build, label: str, code: str) -> None:
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    mara.scan(label)
    assert mara.refusal == code
    from app.schema.floor import scan

    [(outcome, raw)] = world.rows(scan.select().with_only_columns(scan.c.outcome, scan.c.raw))
    assert outcome == code
    assert raw == label[:512].replace("\0", "␀")
    world.check()


def test_an_answer_is_quick_to_find_again(build: Build) -> None:
    world = build("A-01-01 TEE-M 10")
    mara = world.worker("mara")
    for _ in range(3):
        mara.turn("nonsense", id=clock.new_id())
    assert mara.refusal == "unknown"
