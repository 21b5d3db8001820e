"""Events are for ever: what a journal row said ten years ago must say the same tomorrow, to us and to every ERP.

Each event has a golden file: its JSON as it lies in the journal, and what it says of itself. A new event without one
fails here. Change a golden only to add an optional field.
"""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from app.stock.events import AnyEvent, decode
from app.stock.slots import Carry, Claim, Movement, Slot

GOLDEN = Path(__file__).parent / "golden"
TAGS = sorted(str(event.__struct_config__.tag) for event in get_args(AnyEvent))


class Golden(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    body: msgspec.Raw
    document: str
    movements: list[str]
    claims: list[str]
    carries: list[str]
    in_words: str


def _slot(slot: Slot) -> str:
    words = [slot.location] + ([f"in {slot.lpn}"] if slot.lpn else [])
    return " ".join(words + ([slot.status] if slot.status != "available" else []))


def told(event: Any, body: bytes) -> Golden:
    """What an event says of itself, as a golden file has it."""

    def movement(one: Movement) -> str:
        words = [str(one.quantity), one.item] + ([f"lot {one.lot}"] if one.lot else [])
        words += [f"serial {one.serial}"] if one.serial else []
        words += [f"{one.grams} g"] if one.grams else []
        words += [f"{_slot(one.source)} → {_slot(one.target)}"] + ([f"for {one.line}"] if one.line else [])
        return " ".join(words)

    def claim(one: Claim) -> str:
        lot = f" lot {one.slot.lot}" if one.slot.lot else ""
        return f"{one.quantity:+} {one.item}{lot} at {_slot(one.slot)} for {one.line}"

    def carry(one: Carry) -> str:
        words = [one.lpn, f"at {one.location}", one.state] + ([f"in {one.parent}"] if one.parent else [])
        words += [f"new {one.kind}"] if one.kind else []
        return " ".join(words + ([f"of {one.document}"] if one.document else []))

    return Golden(
        body=msgspec.Raw(body),
        document=event.document,
        movements=[movement(one) for one in event.movements()],
        claims=[claim(one) for one in event.claims()],
        carries=[carry(one) for one in event.carries()],
        in_words=event.in_words(),
    )


def read(tag: str) -> Golden:
    return msgspec.json.decode((GOLDEN / f"{tag}.json").read_bytes(), type=Golden)


def test_every_event_has_a_golden_file_and_every_file_an_event() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == TAGS


@pytest.mark.parametrize("tag", TAGS)
def test_an_old_journal_row_says_what_it_always_said(tag: str) -> None:
    golden = read(tag)
    body = msgspec.json.format(bytes(golden.body), indent=-1)
    event = decode(body)
    assert event.__struct_config__.tag == tag
    assert told(event, bytes(golden.body)) == golden
    assert msgspec.json.encode(event) == body, "an event is written again exactly as it was"


@pytest.mark.parametrize("tag", TAGS)
def test_a_field_that_a_later_version_adds_does_not_hinder_an_older_one(tag: str) -> None:
    known = msgspec.json.decode(bytes(read(tag).body))
    assert decode(msgspec.json.encode({**known, "added_later": {"any": [1]}})) == decode(msgspec.json.encode(known))


@pytest.mark.parametrize("tag", TAGS)
def test_no_event_can_be_read_without_a_field_it_needs(tag: str) -> None:
    """What an event must have is its fields without a default; leaving any of them out is refused."""
    known = msgspec.json.decode(bytes(read(tag).body))
    [kind] = [event for event in get_args(AnyEvent) if event.__struct_config__.tag == tag]
    needed = [field.name for field in msgspec.structs.fields(kind) if field.required]
    assert needed
    for name in needed:
        with pytest.raises(msgspec.ValidationError, match=f"missing required field `{name}`"):
            decode(msgspec.json.encode({key: value for key, value in known.items() if key != name}))


def test_an_adjustment_cannot_be_written_without_reason_and_approver() -> None:
    for left_out in ("reason", "approver"):
        known = msgspec.json.decode(bytes(read("adjusted").body))
        del known[left_out]
        with pytest.raises(msgspec.ValidationError):
            decode(msgspec.json.encode(known))


@pytest.mark.parametrize(("quantity", "serial"), [(0, ""), (-3, ""), (2, "S-1")])
def test_a_movement_of_nothing_or_of_two_with_one_serial_cannot_be_built(quantity: int, serial: str) -> None:
    with pytest.raises(ValueError, match=r"movement|one by one"):
        Movement(item="TEE-M", quantity=quantity, source=Slot(location="A"), target=Slot(location="B"), serial=serial)
