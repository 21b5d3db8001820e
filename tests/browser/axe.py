"""What axe-core (vendored) finds wrong with a page for people who see, hear or reach less.

Only the violations come back over the wire: the whole report of a desk page is a megabyte and was most of the time.
"""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
EVERYTHING = ("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("cat.color",)  # all that can differ between two themes or two sizes of one page
AUDIT = """only => axe.run(document, { runOnly: only, resultTypes: ["violations"] })
  .then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 120)).join(" | ")))"""


def violations(page: Page, only: Sequence[str] = EVERYTHING) -> list[str]:
    """One line for each rule the page breaks as it stands now: the rule and what of the page breaks it."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SCRIPT)  # by the debugger: the page's own policy lets no such script in
    found: list[str] = page.evaluate(AUDIT, list(only))
    return found
