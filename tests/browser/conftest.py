"""A real Chromium and a scripted floor for the tests of what a worker sees and hears."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.scripted import Running, ScriptedFloor
from tests.chromium import find_chromium

# Notes every sound the page makes and everything its policy forbids, before the page's own scripts run.
EARS = """
window.sounds = []; window.forbidden = [];
document.addEventListener("floor:sound", event => window.sounds.push(event.detail));
document.addEventListener("securitypolicyviolation", event => {
  window.forbidden.push(event.violatedDirective + " " + event.blockedURI);
});
// How durably the queue was written.
window.durability = null;
const open = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (name, mode, options) {
  if (mode === "readwrite" && name === "turns") window.durability ??= options?.durability;
  return open.apply(this, arguments);
};
// A wedge scanner: a burst of keys at the window, `pace` ms apart by their own time stamps.
window.wedge = async (text, pace = 0, end = "Enter") => {
  for (const key of [...text, end]) {
    window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    if (pace) await new Promise(done => setTimeout(done, pace));
  }
};
"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium: run `python -m tests.chromium`.")
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    running = Running(ScriptedFloor())
    yield running
    running.stop()


@pytest.fixture
def floor(server: Running) -> ScriptedFloor:
    """The scripted floor at the beginning of its script."""
    server.floor.begin()
    return server.floor


@pytest.fixture
def handheld(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 360, "height": 640})
    context.add_init_script(EARS)
    context.set_default_timeout(8000)
    yield context
    context.close()


@pytest.fixture
def page(handheld: BrowserContext, floor: ScriptedFloor) -> Page:
    """The handheld with the floor open and its scanner ready."""
    page = handheld.new_page()
    open_floor(page, floor)
    return page


def open_floor(page: Page, floor: ScriptedFloor, path: str = "/floor") -> None:
    page.goto(floor.url + path)
    page.wait_for_selector("html[data-ready]", state="attached")


def scan(page: Page, text: str) -> None:
    """A wedge burst."""
    page.evaluate("text => wedge(text)", text)


def says(page: Page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('#screen').innerText.includes(words)", arg=words)


def sounds(page: Page) -> list[str]:
    heard: list[str] = page.evaluate("() => window.sounds")
    return heard


def stored(page: Page) -> list[dict[str, Any]]:
    """What lies in the handheld's own memory."""
    turns: list[dict[str, Any]] = page.evaluate(
        """() => new Promise(done => {
          const request = indexedDB.open("pickface");
          request.onsuccess = () => {
            const all = request.result.transaction("turns").objectStore("turns").getAll();
            all.onsuccess = () => { request.result.close(); done(all.result); };
          };
        })"""
    )
    return turns


def until(page: Page, fits: Callable[[], bool], what: str, seconds: float = 8.0) -> None:
    for _ in range(int(seconds / 0.03)):
        if fits():
            return
        page.wait_for_timeout(30)
    raise AssertionError(f"waited {seconds} s for {what}")
