"""No scan is lost: outage, reload, a pulled battery. After a refusal the rest is held and shown, never sent by itself."""

import random
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Route

from tests.browser.conftest import EARS, open_floor, says, scan, sounds, stored, until
from tests.browser.scripted import ScriptedFloor
from tests.chromium import find_chromium

pytestmark = pytest.mark.xdist_group("browser-queue")


def test_a_scan_is_on_the_disk_before_it_is_sent(page: Page, floor: ScriptedFloor) -> None:
    held: list[int] = []

    def look(route: Route) -> None:
        held.append(len(stored(page)))
        route.continue_()

    page.route("**/floor/scan", look)
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")
    assert held == [1]
    assert page.evaluate("() => window.durability") == "strict"
    until(page, lambda: stored(page) == [], "deleted once answered")


def test_offline_scans_wait_in_order_and_are_sent_by_themselves(
    handheld: BrowserContext, page: Page, floor: ScriptedFloor
) -> None:
    handheld.set_offline(True)
    for code in ("SKU-1", "SKU-2", "SKU-3"):
        scan(page, code)
    says(page, "Offline. Saved here, go on.")
    says(page, "3 unsent")
    assert [turn["raw"] for turn in stored(page)] == ["SKU-1", "SKU-2", "SKU-3"]
    handheld.set_offline(False)
    until(page, lambda: floor.read == ["SKU-1", "SKU-2", "SKU-3"], "all three in order")
    says(page, "0 unsent")
    assert stored(page) == []
    assert [one.after for one in floor.taken] == ["s0", floor.taken[0].id, floor.taken[1].id]


def test_a_busy_server_is_asked_again_with_the_same_id(page: Page, floor: ScriptedFloor) -> None:
    floor.busy = 3
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")
    assert floor.read == ["MUG-BLU"]


def test_an_answer_that_got_lost_is_heard_again_and_applied_once(page: Page, floor: ScriptedFloor) -> None:
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route("**/floor/scan", lose_first)
    scan(page, "MUG-BLU")
    says(page, "Took MUG-BLU")
    assert lost == [200]
    assert floor.read == ["MUG-BLU"]


def test_a_reload_without_network_shows_the_last_screen_and_the_queue(
    handheld: BrowserContext, page: Page, floor: ScriptedFloor
) -> None:
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    scan(page, "SKU-1")
    says(page, "Took SKU-1")
    handheld.set_offline(True)
    scan(page, "SKU-2")
    says(page, "1 unsent")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    says(page, "1 unsent")
    says(page, "2 / 12")  # one line further than the page in the shell
    scan(page, "SKU-3")
    says(page, "2 unsent")
    handheld.set_offline(False)
    until(page, lambda: floor.read == ["SKU-1", "SKU-2", "SKU-3"], "the rest")


def test_after_a_refusal_the_rest_is_held_shown_and_never_sent(
    handheld: BrowserContext, page: Page, floor: ScriptedFloor
) -> None:
    handheld.set_offline(True)
    for code in ("SKU-1", "BAD-TEE", "SKU-2", "SKU-3"):
        scan(page, code)
    says(page, "4 unsent")
    handheld.set_offline(False)
    page.wait_for_selector("#screen.hold")
    says(page, "Held: SKU-2, SKU-3. Scan again what is in your hand.")
    assert [turn["state"] for turn in stored(page)] == ["held", "held"]
    page.get_by_role("button", name="I understood").click()
    says(page, "Held: SKU-2, SKU-3.")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    says(page, "Held: SKU-2, SKU-3.")
    page.wait_for_timeout(600)
    assert [one.raw for one in floor.arrived] == ["SKU-1", "BAD-TEE"]
    scan(page, "SKU-2")
    says(page, "Took SKU-2")
    assert floor.read == ["SKU-1", "SKU-2"]
    until(page, lambda: stored(page) == [], "the held ones done with")


def test_a_scan_made_before_the_refusal_was_seen_is_held_too(page: Page, floor: ScriptedFloor) -> None:
    floor.delay = 0.3
    scan(page, "BAD-TEE")
    scan(page, "SKU-2")
    page.wait_for_selector("#screen.hold")
    says(page, "Held: SKU-2.")
    page.wait_for_timeout(400)
    assert [one.raw for one in floor.arrived] == ["BAD-TEE"]


def test_unsent_scans_wait_for_the_worker_who_made_them(
    handheld: BrowserContext, page: Page, floor: ScriptedFloor
) -> None:
    handheld.set_offline(True)
    scan(page, "SKU-1")
    says(page, "1 unsent")
    floor.worker = ""
    handheld.set_offline(False)
    says(page, "Scan your badge")
    says(page, "1 unsent of mara wait here.")
    floor.worker, floor.step = "jonas", "j0"
    open_floor(page, floor)
    scan(page, "SKU-9")
    says(page, "Took SKU-9")
    assert floor.read == ["SKU-9"]
    floor.worker, floor.step = "mara", "s0"
    open_floor(page, floor)
    until(page, lambda: floor.read == ["SKU-9", "SKU-1"], "mara's own scan")


def test_slow_network_is_said_after_a_second(page: Page, floor: ScriptedFloor) -> None:
    floor.delay = 1.6
    scan(page, "MUG-BLU")
    assert sounds(page) == ["read"]
    says(page, "slow network")
    says(page, "Took MUG-BLU")


def test_a_bad_day_loses_and_doubles_nothing(handheld: BrowserContext, page: Page, floor: ScriptedFloor) -> None:
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    luck, made = random.Random(7), []
    for n in range(120):
        made.append(f"SKU-{n:04}")
        scan(page, made[-1])
        event = luck.random()
        if event < 0.1:
            handheld.set_offline(True)
        elif event < 0.3:
            handheld.set_offline(False)
        elif event < 0.4:
            floor.busy = luck.randrange(3)
        elif event < 0.45:
            until(
                page, lambda: made[-1] in floor.read or made[-1] in [turn["raw"] for turn in stored(page)], "the write"
            )
            page.reload()
            page.wait_for_selector("html[data-ready]", state="attached")
    handheld.set_offline(False)
    until(page, lambda: len(floor.taken) == len(made), "the end of the day", 30)
    assert floor.read == made
    assert len({one.id for one in floor.arrived}) == len(floor.arrived) == len(made)


def test_a_pulled_battery_loses_nothing(playwright: Playwright, floor: ScriptedFloor, tmp_path: Path) -> None:
    path = find_chromium()
    assert path is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def boot() -> subprocess.Popen[bytes]:
        command = [
            path,
            "--headless=new",
            "--no-sandbox",
            f"--remote-debugging-port={port}",
            f"--user-data-dir={tmp_path}",
        ]
        return subprocess.Popen([*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def look() -> Page:
        for _ in range(100):
            try:
                browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                break
            except Exception:  # not listening yet
                time.sleep(0.1)
        context = browser.contexts[0]
        context.add_init_script(EARS)
        page = context.new_page()
        open_floor(page, floor)
        return page

    device = boot()
    try:
        page = look()
        floor.busy = 10**6  # the server answers 503 until the battery is out
        for code in ("SKU-1", "SKU-2", "SKU-3"):
            scan(page, code)
        until(page, lambda: len(stored(page)) == 3, "three on the disk")
        device.send_signal(signal.SIGKILL)
        device.wait()
        floor.busy = 0
        device = boot()
        page = look()
        until(page, lambda: floor.read == ["SKU-1", "SKU-2", "SKU-3"], "all three after the crash", 15)
    finally:
        device.kill()
        device.wait()
