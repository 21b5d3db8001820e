"""What every floor page owes a gloved hand: nothing scrolls, nothing is cut, targets are big, nothing comes from elsewhere."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Response

from app.web import assets
from tests.browser import axe
from tests.browser.conftest import open_floor
from tests.browser.gallery import SAMPLES
from tests.browser.scripted import ScriptedFloor

pytestmark = pytest.mark.xdist_group("browser-looks")

VENDOR = Path(__file__).parent / "vendor"
HANDHELDS = ((360, 640), (480, 800), (854, 480))
STATION = (1280, 800)
SIZES = ("s", "m", "l", "xl")
FIRST_PAGE = 60_000  # bytes on the wire
PAGES = [*SAMPLES, "badge", "pin"]

# Everything a page does wrong at this size, in words.
FAULTS = """() => {
  const faults = [], screen = document.getElementById("screen");
  const name = e => `${e.tagName.toLowerCase()}.${e.className.baseVal ?? e.className} “${(e.innerText ?? "").slice(0, 24)}”`;
  const wide = document.documentElement.clientWidth, high = innerHeight;
  const page = document.scrollingElement;
  if (page.scrollHeight > high || page.scrollWidth > wide) faults.push(`the page scrolls: ${page.scrollWidth}×${page.scrollHeight}`);
  if (screen.scrollHeight > screen.clientHeight + 1) faults.push(`the screen is cut: ${screen.scrollHeight} in ${screen.clientHeight}`);
  const seen = [...screen.querySelectorAll("*")].filter(e => e.checkVisibility() && !e.closest("svg, .hide, template"));
  for (const e of seen) {
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (box.left < -1 || box.top < -1 || box.right > wide + 1 || box.bottom > high + 1) faults.push(`${name(e)} hangs out`);
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (own && (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline" && getComputedStyle(e).display !== "ruby")) faults.push(`${name(e)} is cut`);
    if (own && getComputedStyle(e).overflow === "hidden" && e.scrollHeight > e.clientHeight + parseFloat(getComputedStyle(e).fontSize) / 2) faults.push(`${name(e)} loses lines`);
    if (own && parseFloat(getComputedStyle(e).fontSize) < 16) faults.push(`${name(e)} is small`);
  }
  const sections = [...screen.querySelectorAll("main section")].filter(e => e.checkVisibility());
  for (const one of sections) if (one.scrollHeight > one.clientHeight + 2) faults.push(`${name(one)} overflows ${one.scrollHeight} in ${one.clientHeight}`);
  const keys = seen.filter(e => e.matches("button"));
  for (const e of keys) {
    const box = e.getBoundingClientRect(), least = e.matches(".main") ? 72 : 56;
    if (box.height < least - 0.5) faults.push(`${name(e)} is only ${box.height} high`);
    if (innerHeight > 500 && box.top < innerHeight / 4 - 50 && !e.closest(".top")) faults.push(`${name(e)} is in the top quarter`);
    for (const other of keys) {
      if (other === e || e.closest(".top")) continue;
      const far = other.getBoundingClientRect();
      const x = Math.max(far.left - box.right, box.left - far.right), y = Math.max(far.top - box.bottom, box.top - far.bottom);
      if (Math.max(x, y) < 7.5) faults.push(`${name(e)} is ${Math.max(x, y)} from ${name(other)}`);
    }
  }
  return faults;
}"""  # noqa: E501

OFFLINE = """async () => {
  const link = [...document.querySelectorAll("link[rel=modulepreload]")].find(one => /say[.-]/.test(one.href));
  (await import(link.href)).say("offline", "Offline. Saved here, go on.");
}"""


@pytest.fixture(scope="module")
def looking(chromium: Any) -> Any:
    context = chromium.new_context(viewport={"width": 360, "height": 640})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("sample", PAGES)
def test_nothing_scrolls_is_cut_or_too_small_to_press(looking: Page, floor: ScriptedFloor, sample: str) -> None:
    station = sample.startswith("pack")
    open_floor(looking, floor, f"/gallery/{sample}")
    faults = []
    for width, height in (STATION,) if station else HANDHELDS:
        looking.set_viewport_size({"width": width, "height": height})
        for size in ("m",) if station else SIZES:
            looking.evaluate("size => { document.documentElement.dataset.size = size }", size)
            faults += [f"{width}×{height} {size}: {fault}" for fault in looking.evaluate(FAULTS)]
    assert not faults, "\n".join(faults)


def test_the_offline_band_pushes_no_key_off_the_glass(looking: Page, floor: ScriptedFloor) -> None:
    looking.set_viewport_size({"width": 360, "height": 640})
    for sample in ("menu", "menu-more", "close", "short", "pad-and-more"):
        open_floor(looking, floor, f"/gallery/{sample}")
        looking.evaluate(OFFLINE)
        assert looking.locator(".say").inner_text() == "Offline. Saved here, go on."
        assert looking.evaluate(FAULTS) == [], sample


def test_a_code_on_the_big_key_is_not_torn_at_its_dash(looking: Page, floor: ScriptedFloor) -> None:
    looking.set_viewport_size({"width": 360, "height": 640})
    open_floor(looking, floor, "/gallery/menu-code")
    code = looking.locator("#screen .main").get_by_text("W-0001-1", exact=True)
    assert code.evaluate("e => e.getClientRects().length") == 1


def test_every_page_is_accessible_in_both_themes(looking: Page, floor: ScriptedFloor) -> None:
    found = {}
    looking.set_viewport_size({"width": 360, "height": 640})
    for sample in PAGES:
        open_floor(looking, floor, f"/gallery/{sample}")
        for theme, only in (("light", axe.EVERYTHING), ("dark", axe.COLOURS)):
            looking.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            if told := axe.violations(looking, only):
                found[sample, theme] = told
    assert found == {}


def test_sheets_are_accessible_and_fit(looking: Page, floor: ScriptedFloor) -> None:
    looking.set_viewport_size({"width": 360, "height": 640})
    open_floor(looking, floor, "/gallery/receive")
    for opener in (".main", "[data-open=more]", "[data-open=who]"):
        looking.locator(f"#screen main.after {opener}, #screen .top {opener}").first.click()
        bad = axe.violations(looking)
        fits = looking.evaluate(
            "() => { const d = document.querySelector('dialog[open]'); return d.scrollHeight <= d.clientHeight }"
        )
        assert (opener, bad, fits) == (opener, [], True)
        looking.keyboard.press("Escape")


def test_the_first_page_is_small_ours_alone_and_keeps_its_policy(
    handheld: BrowserContext, floor: ScriptedFloor
) -> None:
    page = handheld.new_page()
    seen: list[Response] = []
    problems: list[str] = []
    page.on("response", lambda response: seen.append(response))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    open_floor(page, floor)
    page.wait_for_timeout(300)
    assert {one.url.split("/")[2] for one in seen} == {f"127.0.0.1:{floor.port}"}
    weights = {one.url: _on_the_wire(one) for one in seen if "/live" not in one.url and not one.from_service_worker}
    print(f"first floor page: {sum(weights.values())} bytes in {len(weights)} files")
    assert sum(weights.values()) <= FIRST_PAGE
    assert page.evaluate("() => window.forbidden") == []
    assert problems == []


def _on_the_wire(response: Response) -> int:
    body = response.body()
    packed = response.headers.get("content-encoding") == "gzip" or "html" in response.headers.get("content-type", "")
    return len(gzip.compress(body, 9)) if packed else len(body)


@pytest.mark.parametrize("folder", [assets.FOLDER, VENDOR])
def test_what_is_vendored_is_what_the_list_says(folder: Path) -> None:
    listed = json.loads((folder / "list.json" if folder == VENDOR else folder / "vendor/list.json").read_text())
    for one in listed:
        assert hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest() == one["sha256"], one["file"]
        assert one["name"]
        assert one["version"]
        assert one["licence"]
