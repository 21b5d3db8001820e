"""A worker with a handheld (or at a station's screen) in a real browser, looking at every screen that comes.

Scans are wedge bursts, an input method's commits, or nothing at all where the station's own scanner reads; what a person
types is typed at a person's pace. `touches` counts every finger and mouse button that really went down: on the happy path
there is none.
"""

from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError

from tests.browser.conftest import EARS, says, scan, sounds
from tests.browser.test_floor_looks import FAULTS

TOUCHES = """
for (const kind of ["pointerdown", "mousedown", "touchstart"]) addEventListener(kind, event => {
  if (event.isTrusted) sessionStorage.setItem("touches", Number(sessionStorage.getItem("touches")) + 1);
}, true);
"""
PATIENCE_MS = 12_000
HUMAN_MS = 110  # between two keys


class Hand:
    """One device. `look` is called after each screen; it fails with every fault by name."""

    def __init__(self, browser: Browser, url: str, width: int = 360, height: int = 640) -> None:
        self.url = url
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.context.add_init_script(EARS + TOUCHES)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.seen = 0  # screens looked at
        self.outage = False  # no network is what the test is about: the browser's notes of that are no fault
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self._note(line.text) if line.type == "error" else None)

    def _note(self, line: str) -> None:
        if not (self.outage and ("net::ERR" in line or line.startswith("htmx:") or "409 (Conflict)" in line)):
            self.problems.append(line)

    def open(self) -> None:
        self.page.goto(f"{self.url}/floor")
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def sign_in(self, badge: str, pin: str = "1234", station: str = "") -> None:
        """Badge by the scanner, PIN by the keys."""
        scan(self.page, f"BDG/{badge}")
        self.page.wait_for_selector("#screen[data-ask=pin]")
        self.look()
        self.type_pin(pin)
        self.page.wait_for_selector("#screen[data-step]")
        self.ready()
        self.look()
        if station:
            self.scan(f"STN/{station}")

    def out(self) -> None:
        scan(self.page, "CMD/LOG-OUT")
        self.page.wait_for_selector("#screen[data-ask=badge]")
        self.ready()
        self.look()

    def type_pin(self, pin: str) -> None:
        self.page.keyboard.type(pin, delay=HUMAN_MS)
        self.page.keyboard.press("Enter")

    def scan(self, text: str, *, refused: bool = False, how: str = "wedge") -> None:
        """One label, until the server's answer is on the glass."""
        before = self.step
        if how == "wedge":
            scan(self.page, text)
        else:
            self.page.keyboard.insert_text(text)
        self.answered(before, text, refused=refused)

    def types(self, quantity: str) -> None:
        """Type a quantity by the sheet behind the big button."""
        before = self.step
        self.page.locator("#screen [data-open=type]").last.click()
        self.page.locator("#type-box").fill(quantity)
        self.page.keyboard.press("Enter")
        self.answered(before, quantity)

    def tap(self, key: str) -> None:
        """A finger on a key of the glass, by its words."""
        before = self.step
        self.page.locator("#screen main.after button", has_text=key).last.click()
        self.answered(before, key)

    def answered(self, before: str, what: str, *, refused: bool = False) -> None:
        self.page.wait_for_function(
            "step => document.querySelector('#screen').dataset.step !== step", arg=before, timeout=PATIENCE_MS
        )
        verdict = self.screen("verdict")
        assert (verdict == "error") == refused, f"{what}: {verdict}\n{self.text}"
        self.look()

    def tell(self, text: str) -> None:
        """Typed by a person, then Enter."""
        before = self.step
        self.page.keyboard.type(text, delay=HUMAN_MS)
        self.page.keyboard.press("Enter")
        self.answered(before, text)

    def sees(self, *words: str) -> None:
        for word in words:
            try:
                says(self.page, word)
            except TimeoutError as gone:
                raise AssertionError(f"{word!r} is not on the glass:\n{self.text}") from gone

    def look(self) -> None:
        self.seen += 1
        faults = [str(fault) for fault in self.page.evaluate(FAULTS)]
        forbidden = self.page.evaluate("() => window.forbidden")
        wrong = [*faults, *forbidden, *self.problems]
        assert not wrong, "\n".join([*wrong, self.text])

    def screen(self, name: str) -> str:
        """A fact of the screen on the glass: step, ask, verdict, speech."""
        told: str = self.page.evaluate("name => document.querySelector('#screen').dataset[name] ?? ''", name)
        return told

    @property
    def step(self) -> str:
        return self.screen("step")

    @property
    def text(self) -> str:
        return self.page.locator("#screen").inner_text()

    @property
    def touches(self) -> int:
        return int(self.page.evaluate("() => sessionStorage.getItem('touches') ?? 0"))

    @property
    def sounds(self) -> list[str]:
        return sounds(self.page)

    def picture(self, path: Any) -> None:
        self.page.screenshot(path=path)

    def close(self) -> None:
        self.context.close()
