"""Scanning: whatever the scanner is, a label becomes one turn without a tap, and the worker hears what became of it."""

import re
import time

import msgspec
import pytest
from playwright.sync_api import BrowserContext, Page, Route

from app.floor.prompt import Answer
from app.web import render
from app.web.render import DeviceSign
from tests.browser.conftest import open_floor, says, scan, sounds, stored, until
from tests.browser.gallery import SAMPLES
from tests.browser.scripted import ScriptedFloor

pytestmark = pytest.mark.xdist_group("browser-scans")
BOUNCE_MS = 600  # the same label sooner than this is a trigger that bounced

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_wedge_burst_is_a_scan_without_a_tap_or_focus(page: Page, floor: ScriptedFloor) -> None:
    page.evaluate("() => document.activeElement.blur()")
    scan(page, "4006381333931")
    says(page, "Took 4006381333931")
    assert floor.read == ["4006381333931"]
    assert UUID7.fullmatch(floor.taken[0].id)
    assert floor.taken[0].after == "s0"
    assert floor.taken[0].kind == "scan"
    assert sounds(page)[:2] == ["read", "ok"]


def test_a_slow_wedge_and_a_tab_at_the_end_are_a_scan_too(page: Page, floor: ScriptedFloor) -> None:
    page.evaluate("() => wedge('LOC/A-14-03', 20, 'Tab')")
    says(page, "Took LOC/A-14-03")


def test_real_key_events_and_the_gs1_separator_arrive_whole(page: Page, floor: ScriptedFloor) -> None:
    for key in "]C1010950600013435210L1":
        page.keyboard.press(key)
    page.keyboard.press("Control+]")
    for key in "17260731":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    until(page, lambda: bool(floor.taken), "the scan")
    assert floor.read == ["]C1010950600013435210L1\x1d17260731"]


def test_android_scan_services_write_through_the_input_method(page: Page, floor: ScriptedFloor) -> None:
    page.keyboard.insert_text("T-0203")
    says(page, "Took T-0203")
    page.keyboard.insert_text("T-0204")
    page.keyboard.press("Enter")  # some add a terminator after the commit
    says(page, "Took T-0204")
    page.wait_for_timeout(150)
    assert floor.read == ["T-0203", "T-0204"]


def test_a_human_typing_is_no_scan_but_is_offered_to_be_sent(page: Page, floor: ScriptedFloor) -> None:
    page.evaluate("() => wedge('MUG', 120)")
    assert page.locator("#type-box").input_value() == "MUG"
    assert floor.arrived == []
    page.keyboard.press("Enter")
    says(page, "Took MUG")
    assert floor.taken[0].kind == "type"


def test_a_scan_while_the_typing_box_is_open_is_a_scan(page: Page, floor: ScriptedFloor) -> None:
    page.locator(".main").click()
    page.evaluate(
        """() => {
          const box = document.getElementById("type-box");
          for (const key of [..."T-0203", "Enter"]) {
            box.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            if (key.length === 1) box.value += key;
          }
        }"""
    )
    says(page, "Took T-0203")
    assert [scan.kind for scan in floor.taken] == ["scan"]
    assert page.locator("dialog[open]").count() == 0


def test_a_burst_that_broke_off_is_not_taken_for_a_shorter_code(page: Page, floor: ScriptedFloor) -> None:
    page.evaluate(
        "async () => { await wedge('T-0', 0, '2'); await new Promise(done => setTimeout(done, 700)); await wedge('0203') }"
    )
    says(page, "Read in pieces. Scan it again.")
    scan(page, "T-0203")
    says(page, "Took T-0203")
    assert floor.read == ["T-0203"]


def test_what_a_human_typed_before_is_no_part_of_the_label(page: Page, floor: ScriptedFloor) -> None:
    page.evaluate(
        "async () => { await wedge('12', 120, '3'); await new Promise(done => setTimeout(done, 200)); await wedge('T-0203') }"
    )
    says(page, "Took T-0203")


def test_quick_scans_are_sent_in_order_each_naming_the_one_before(page: Page, floor: ScriptedFloor) -> None:
    floor.delay = 0.05
    page.evaluate("async () => { for (let n = 100; n < 112; n++) await wedge('SKU-' + n) }")
    until(page, lambda: len(floor.taken) == 12, "twelve scans")
    assert floor.read == [f"SKU-{n}" for n in range(100, 112)]
    assert [one.after for one in floor.taken] == ["s0", *(one.id for one in floor.taken[:-1])]


def test_the_same_code_within_the_bounce_is_dropped_with_a_warning(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "MUG-BLU")
    scan(page, "MUG-BLU")
    says(page, "Read twice, counted once") if not floor.taken else None
    until(page, lambda: bool(floor.taken), "the first")
    page.wait_for_timeout(450)
    assert floor.read == ["MUG-BLU"]
    assert "warning" in sounds(page)
    scan(page, "MUG-BLU")
    until(page, lambda: len(floor.taken) == 2, "a later repeat")


def test_where_a_repeat_means_one_more_both_count(page: Page, floor: ScriptedFloor) -> None:
    floor.repeats = True
    floor.prompt = floor.ask(0)
    open_floor(page, floor)
    scan(page, "MUG-BLU")
    scan(page, "MUG-BLU")
    until(page, lambda: floor.read == ["MUG-BLU", "MUG-BLU"], "both")


def test_a_refusal_holds_input_until_it_is_understood(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "BAD-TEE")
    page.wait_for_selector("#screen.hold")
    assert page.locator(".shout.err").inner_text() == "Wrong item"
    assert sounds(page)[-1] == "error"
    scan(page, "MUG-BLU")
    page.wait_for_timeout(150)
    assert len(floor.arrived) == 1
    assert sounds(page)[-1] == "error"
    page.keyboard.press("Enter")
    page.wait_for_selector("#screen:not(.hold)")
    assert page.locator("#screen main.after .item").is_visible()
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")
    assert floor.taken[0].after == f"!{floor.arrived[0].id}"


def test_the_right_label_acknowledges_a_refusal_by_itself(page: Page, floor: ScriptedFloor) -> None:
    """As a GTIN of any length, inside a GS1 label, with a scanner's own mark before it, under our own prefix."""
    for n, right in enumerate(
        ("4006381333931", "]E04006381333931", "]C10104006381333931" + "10L1", "ITM/TEE-M-WHT"), 1
    ):
        scan(page, f"BAD-{n}")
        page.wait_for_selector("#screen.hold")
        scan(page, "4006381333948")
        scan(page, right)
        until(page, lambda: len(floor.read) == n, right)  # noqa: B023
        page.wait_for_selector("#screen:not(.hold)")


def test_after_an_unknown_code_any_other_label_goes_on_but_not_the_same_again(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "WHAT-IS-IT")
    page.wait_for_selector("#screen.hold")
    page.wait_for_timeout(450)
    scan(page, "WHAT-IS-IT")
    page.wait_for_timeout(150)
    assert (len(floor.arrived), sounds(page)[-1]) == (1, "error")
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")


def test_a_pads_own_key_is_pressed_empty_and_sends_what_was_typed(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "pad-and-more")
    says(page, "All 12 are there")
    page.keyboard.type("7", delay=110)
    says(page, "Take that many")
    page.locator("#screen .main:visible").click()
    until(page, lambda: floor.read[-1] == "7", "what was typed")
    page.wait_for_timeout(BOUNCE_MS)
    scan(page, "pad-and-more")
    says(page, "All 12 are there")
    page.locator("#screen .main:visible").click()
    until(page, lambda: floor.read[-1] == "all", "the key itself")
    assert [one.kind for one in floor.taken] == ["scan", "type", "scan", "tap"]


def test_a_number_typed_where_a_quantity_is_asked_is_sent_not_confirmed(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "short")
    says(page, "Confirm 3 short")
    page.keyboard.type("2", delay=110)
    page.keyboard.press("Enter")
    until(page, lambda: (floor.taken[-1].kind, floor.read[-1]) == ("type", "2"), "two found")


def test_keys_stand_in_for_the_glass(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "ONE-MORE")
    says(page, "Took ONE-MORE")
    page.keyboard.press("F1")
    until(page, lambda: floor.read[-1] == "undo", "F1 is undo, always first")
    page.keyboard.press("F2")
    until(page, lambda: floor.read[-1] == "short", "F2")
    page.keyboard.press("Escape")
    until(page, lambda: floor.read[-1] == "back", "Escape")
    assert [one.kind for one in floor.taken[1:]] == ["tap", "tap", "tap"]
    page.go_back()
    page.wait_for_timeout(450)
    page.go_back()
    until(page, lambda: floor.read[-2:] == ["back", "back"], "the browser's back is a step back")
    assert page.url.endswith("/floor")


def test_a_quantity_is_digits_and_a_barcode_is_never_one(page: Page, floor: ScriptedFloor) -> None:
    scan(page, "ASK-QUANTITY")
    page.wait_for_selector("[data-digit='7']")
    page.keyboard.type("12", delay=120)
    assert page.locator("[data-field]").inner_text() == "12"
    page.keyboard.press("Backspace")
    page.locator("[data-digit='5']").click()
    assert page.locator("[data-field]").inner_text() == "15"
    scan(page, "4006381333931")
    says(page, "Took 4006381333931")
    assert (floor.taken[-1].kind, floor.taken[-1].raw) == ("scan", "4006381333931")
    scan(page, "ASK-QUANTITY")
    page.wait_for_selector("[data-digit='7']")
    page.locator(".main").click()
    says(page, "Type a quantity first.")
    page.locator("[data-digit='7']").click()
    page.keyboard.press("Enter")
    until(page, lambda: (floor.taken[-1].kind, floor.taken[-1].raw) == ("type", "7"), "the quantity")


def test_a_choice_sends_its_value(page: Page, floor: ScriptedFloor) -> None:
    floor.prompt = SAMPLES["short"].prompt
    open_floor(page, floor)
    page.get_by_role("button", name="Damaged").click()
    until(page, lambda: floor.read == ["reason:damaged"], "the choice")


def test_words_are_typed_without_a_tap_and_a_label_there_is_still_a_scan(page: Page, floor: ScriptedFloor) -> None:
    floor.prompt = SAMPLES["text"].prompt
    open_floor(page, floor)
    page.keyboard.type("SEAL 77", delay=110)
    page.keyboard.press("Enter")
    until(page, lambda: floor.read == ["SEAL 77"], "the seal")
    assert floor.taken[0].kind == "type"
    floor.prompt = SAMPLES["text"].prompt
    open_floor(page, floor)
    page.keyboard.type("SEAL-4711")
    page.keyboard.press("Enter")
    until(page, lambda: floor.read[1:] == ["SEAL-4711"], "the seal's barcode")
    assert floor.taken[1].kind == "scan"


def test_a_date_is_sent_as_a_date(page: Page, floor: ScriptedFloor) -> None:
    floor.prompt = SAMPLES["expiry"].prompt
    open_floor(page, floor)
    for digit in "310826":
        page.locator(f"[data-digit='{digit}']").click()
    assert page.locator("[data-field]").inner_text() == "31.08.26"
    page.locator(".main").click()
    until(page, lambda: floor.read == ["2026-08-31"], "the date")


def test_the_stations_own_scanner_changes_the_screen(page: Page, floor: ScriptedFloor) -> None:
    until(page, lambda: bool(floor.news), "the live line")
    pushed = SAMPLES["pick"]
    floor.step = pushed.step + "-pushed"
    floor.push("screen", render.screen(msgspec.structs.replace(pushed, step=floor.step)))
    says(page, "Mug 350 ml blue in tote 1")
    assert sounds(page)[-1] == "ok"
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")


def test_the_live_line_begins_when_somebody_listens_to_it(handheld: BrowserContext, floor: ScriptedFloor) -> None:
    """On a slow network htmx is there long before the page's own modules; nothing may be said to nobody meanwhile."""
    page = handheld.new_page()

    def late(route: Route) -> None:
        time.sleep(0.7)
        assert not floor.news, "the line was open before the page could hear"
        route.continue_()

    page.route(re.compile(r"/scan[^/]*\.js"), late, times=1)
    open_floor(page, floor)
    page.wait_for_selector("html[data-live]", state="attached", timeout=4000)


def test_a_live_line_that_failed_at_first_is_tried_again(handheld: BrowserContext, floor: ScriptedFloor) -> None:
    page = handheld.new_page()
    page.route("**/floor/live", lambda route: route.abort(), times=1)
    open_floor(page, floor)
    until(page, lambda: bool(floor.news), "the live line", 15)
    floor.step = "s1"
    floor.push("screen", render.screen(msgspec.structs.replace(SAMPLES["pick"], step="s1")))
    says(page, "Mug 350 ml blue in tote 1")


def test_what_was_pushed_while_the_line_was_down_is_shown_when_it_is_back(page: Page, floor: ScriptedFloor) -> None:
    until(page, lambda: bool(floor.news), "the live line")
    floor.step, floor.prompt = "s1", SAMPLES["pick"].prompt  # the station's scanner read, and nobody told the page
    floor.push("end", "")
    says(page, "T-0203")
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")
    assert floor.taken[0].after == "s1"


def test_what_became_of_label_and_devices_while_the_line_was_down_is_told_without_a_scan(
    page: Page, floor: ScriptedFloor
) -> None:
    """The server was killed while it printed: the page said "Printing" until the next scan."""
    until(page, lambda: bool(floor.news), "the live line")
    packing = SAMPLES["pack"]
    side = packing.prompt.carton
    assert side is not None

    def stands(label: str, *, trouble: bool = False) -> Answer:
        carton = msgspec.structs.replace(side, label=label, trouble=trouble)
        return msgspec.structs.replace(
            packing, step="s1", prompt=msgspec.structs.replace(packing.prompt, carton=carton)
        )

    away, back = ((DeviceSign(label="Scale", well=well),) for well in (False, True))
    floor.push("screen", render.screen(stands("Printing on LABEL-1."), devices=away))
    says(page, "Printing on LABEL-1.")
    says(page, "Scale away")
    floor.push("refresh", render.screen(stands("Printing on LABEL-1."), devices=back))
    page.wait_for_function("() => !document.querySelector('#screen').innerText.includes('Scale away')")
    doubt = "Nobody knows whether LABEL-1 printed it: look."
    floor.step, floor.prompt = "s1", stands(doubt, trouble=True).prompt
    floor.push("end", "")
    says(page, doubt)
    assert sounds(page)[-1] == "warning"


def test_how_things_stood_is_not_shown_once_an_answer_was_newer(page: Page, floor: ScriptedFloor) -> None:
    """A line on a slow network may tell of the step before; the worker's own answer has overtaken it."""
    until(page, lambda: bool(floor.news), "the live line")
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")
    floor.push("screen", render.screen(msgspec.structs.replace(SAMPLES["putaway"], step="s0")))
    floor.push("twice", "Read twice, counted once: MUG-BLU")
    says(page, "Read twice, counted once")
    assert page.evaluate("() => document.querySelector('#screen').dataset.step") == floor.taken[0].id
    scan(page, "MUG-RED")
    says(page, "Took MUG-RED")


def test_a_line_that_says_nothing_for_40_seconds_is_opened_anew(handheld: BrowserContext, floor: ScriptedFloor) -> None:
    """Behind a hole in the radio no connection is closed; only the missing beat tells."""
    page = handheld.new_page()
    page.clock.install()
    open_floor(page, floor)
    until(page, lambda: len(floor.news) == 1, "the live line")
    floor.news.clear()  # the server forgets it, and closes nothing
    floor.step, floor.prompt = "s1", SAMPLES["pick"].prompt
    page.clock.run_for(30_000)
    assert floor.news == []
    page.clock.run_for(15_000)
    page.clock.resume()
    says(page, "T-0203")


def test_a_take_over_signs_out_and_says_so(page: Page, floor: ScriptedFloor) -> None:
    until(page, lambda: bool(floor.news), "the live line")
    floor.worker = ""
    floor.push("signed-out", "You were signed in on another device.")
    says(page, "Scan your badge")
    says(page, "signed in on another device")


def test_badge_then_pin_and_the_pin_is_kept_nowhere(handheld: BrowserContext, floor: ScriptedFloor) -> None:
    floor.worker = ""
    page = handheld.new_page()
    open_floor(page, floor)
    scan(page, "BDG/1001")
    says(page, "Mara Kowalska")
    page.keyboard.type("0000", delay=120)
    assert page.locator("[data-dots]").get_attribute("aria-label") == "4 digits entered"
    page.keyboard.press("Enter")
    says(page, "Badge or PIN is wrong.")
    assert sounds(page)[-1] == "error"
    for key in "4711":
        page.locator(f"[data-digit='{key}']").click()
    page.get_by_role("button", name="Sign in").click()
    says(page, "Pick cart 4")
    assert [one.pin for one in floor.pins] == ["0000", "4711"]
    assert stored(page) == []
    kept = page.evaluate("() => JSON.stringify([localStorage, sessionStorage, location.href])")
    assert "4711" not in kept
