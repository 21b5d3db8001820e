"""Where the examples of `docs/messages.md` come from: stories of the floor that the other tests tell anyway.

While one of these stories runs, the form of what its journal says is held against the examples committed: which fields,
of which kinds. So the page costs no time of its own, and who tells a story with another item need not write it anew; word
for word it is compared by `make faults`. `python -m tests.contract` writes the examples. What differs from run to run (the
hour, the ids the house makes) stands there as always the same.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from app.db import Database
from app.stock import journal
from sync import messages

FOLDER = Path(__file__).parents[2] / "docs" / "contract"
EXAMPLES = FOLDER / "examples.json"
ENGINE = "sqlite"
NOTED = "PICKFACE_EXAMPLES"  # the folder where a run that makes them anew puts them

# By story, the events whose example is taken from it: the last of its kind there.
STORIES = {
    "tests/workflows/test_loading.py::test_an_order_cancelled_on_the_truck_stops_the_closing_until_it_is_off": (
        "allocated", "picked", "carton_opened", "packed", "carton_closed", "staged", "loaded", "unloaded", "shipped", "moved",
    ),
    "tests/workflows/test_loading.py::test_a_backordered_line_does_not_keep_the_order_open": ("backordered",),
    "tests/workflows/test_returning_next.py::test_a_gift_the_rows_propose_is_held_to_the_limit_when_it_leaves": (
        "return_received", "return_inspected", "return_disposed", "return_left", "return_closed", "overridden",
    ),
    "tests/workflows/test_returning_next.py::test_the_desk_finds_out_whose_an_unknown_parcel_is": ("return_identified",),
    "tests/work/test_transfers.py::test_another_house_says_what_arrived_and_the_rest_is_asked_to_be_written_off": (
        "deallocated", "exception_raised", "transfer_shipped", "transfer_delivered", "transfer_closed",
    ),
    "tests/work/test_transfers.py::test_what_another_house_shipped_is_received_here_by_its_number": ("transfer_received",),
    "tests/workflows/test_receiving_arrival.py::test_a_truck_is_checked_in_at_its_door_unloaded_and_gone": (
        "truck_arrived", "truck_unloaded", "pallet_received", "asn_closed", "receipt_closed",
    ),
    "tests/workflows/test_inspecting.py::test_after_the_verdict_no_unit_is_taken_back": (
        "received", "unit_inspected", "inspected",
    ),
    "tests/workflows/test_counting_review.py::"
    "test_promised_goods_that_are_not_there_are_short_and_planned_anew_the_least_urgent_first": (
        "opening_stock", "counted", "adjusted", "pick_short",
    ),
    "tests/workflows/test_counting_review.py::test_a_code_nobody_knew_is_linked_later_and_becomes_a_difference": (
        "barcode_learned",
    ),
    "tests/workflows/test_packing_bought.py::"
    "test_a_label_is_bought_printed_once_scanned_back_and_goes_on_the_manifest": ("manifest_closed",),
    "tests/work/test_discrepancies.py::test_too_much_of_a_blind_receipt_is_held_at_its_close_plate_by_plate": (
        "discrepancy_settled", "status_changed",
    ),
    "tests/workflows/test_holding.py::test_a_promise_made_before_the_hold_is_neither_picked_nor_offered_again": (
        "lot_held", "lot_released",
    ),
    "tests/workflows/test_put_back.py::test_the_last_piece_out_of_a_carton_taken_back_makes_the_carton_stand_again": (
        "order_cancelled", "put_back",
    ),
    "tests/workflows/test_put_back.py::test_a_picked_order_that_is_held_waits_where_it_is_and_goes_on": (
        "order_held", "order_resumed",
    ),
    "tests/work/test_exceptions.py::test_the_erp_is_told_when_a_case_is_raised_and_when_it_is_settled": (
        "exception_settled",
    ),
    "tests/workflows/test_replenishing.py::test_a_full_face_takes_what_fits_and_the_rest_goes_back": ("replenished",),
    "tests/workflows/test_putaway.py::test_serials_travel_along": ("put_away",),
    "tests/workflows/test_putaway.py::test_undo_brings_the_goods_and_the_lpn_back": ("undone",),
    "tests/workflows/test_adjusting.py::test_a_write_off_takes_a_supervisor_s_badge_at_the_device": ("written_off",),
    "tests/workflows/test_receiving_problem.py::test_goods_nobody_ordered_are_on_hold_and_the_erp_hears_of_them": (
        "unplanned_received",
    ),
    "tests/workflows/test_receiving_onward.py::test_an_item_nobody_measured_is_measured_once": ("dimensions_measured",),
    "tests/workflows/test_packing.py::test_a_missing_serial_is_given_up_with_its_number": ("pack_short",),
}  # fmt: skip
VARIANT = {
    "test_a_truck_is_checked_in_at_its_door_unloaded_and_gone": f"[{ENGINE}-A-1]"
}  # of a story told in several ways

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_HOUR = "2026-11-23T08:{:02}:{:02}Z"
_IN_TEXT = re.compile(r"\b\d{16}\b")
_MOMENT = 10**15  # whole numbers above are µs since 1970


@cache
def nodes() -> dict[str, tuple[str, ...]]:
    """By the id pytest gives the story's run."""
    return {f"{story}{VARIANT.get(story.partition('::')[2], f'[{ENGINE}]')}": kinds for story, kinds in STORIES.items()}


def told(database: Database, kinds: tuple[str, ...]) -> dict[str, Any]:
    """By type, the last message of each of these kinds, without what differs from run to run."""
    with database.reading() as tx:
        entries = journal.after(tx, 0, 10_000)
    last = {entry.kind: entry for entry in entries if entry.kind in kinds}
    found = [messages.as_message(entry, messages.Identity(site="MAIN")) for entry in last.values()]
    return {one.type: steady(json.loads(one.body)) for one in found}


def steady(message: dict[str, Any]) -> dict[str, Any]:
    """The same message as another run would tell it."""
    seq = int(message["sequence"])
    ids: dict[str, str] = {}

    def same(value: Any) -> Any:
        if isinstance(value, str):
            value = _UUID.sub(
                lambda found: ids.setdefault(found[0], f"01900000-0000-7000-8000-{len(ids) + 1:012}"), value
            )
            return value if value.isdigit() else _IN_TEXT.sub(str(_MOMENT), value)
        if isinstance(value, dict):
            return {name: same(one) for name, one in value.items()}
        if isinstance(value, list):
            return [same(one) for one in value]
        return _MOMENT if isinstance(value, int) and value > _MOMENT else value

    return {**same(message), "time": _HOUR.format(seq // 60 % 60, seq % 60)}


def hold_against(database: Database, kinds: tuple[str, ...]) -> None:
    """What the story said must be what the documents say it says; or it is noted, where the examples are made anew."""
    said = told(database, kinds)
    assert len(said) == len(kinds), f"the story tells {sorted(said)} only: choose another in tests/contract/stories.py."
    if folder := os.environ.get(NOTED):
        (Path(folder) / f"{'-'.join(sorted(kinds))[:100]}.json").write_text(json.dumps(said), encoding="utf-8")
        return
    known = committed()
    for type_, message in said.items():
        assert form_of(message) == form_of(known[type_]), f"{type_} has another form: run `python -m tests.contract`."


def form_of(told: Any) -> Any:
    """Its fields and their kinds, whatever they say; of a list, its first."""
    if isinstance(told, dict):
        return {name: form_of(one) for name, one in told.items()}
    if isinstance(told, list):
        return [form_of(told[0])] if told else []
    return type(told).__name__


def committed() -> dict[str, Any]:
    return dict(json.loads(EXAMPLES.read_text(encoding="utf-8"))) if EXAMPLES.exists() else {}
