"""The crew's supervisor: makes the day's waves from the pool, cut-off by cut-off, and releases them to the floor.

It presses the desk's own buttons. A release that was cut off is pressed again, as the desk says it may be; before a new
wave is made the board is read, for a wave may have been made by a press whose answer was lost.
"""

import csv
import io
import re
import time

import httpx

from app.crew.client import GivenUp
from app.crew.truth import Badge

PATIENCE_S = 180.0
PAUSE_S = 0.3
CSRF = re.compile(r'<meta name="csrf" content="([^"]*)"')
MADE = re.compile(r"Wave (\S+) is made")
VARIANCE = re.compile(r'<tr[^>]* data-row="([^"]+)"')
APPROVED = "confirmed"  # a reason of the kind "count"
PRESS_WITHIN_S = 120.0  # a release plans walks


class Desk:
    def __init__(self, url: str, who: Badge) -> None:
        self._who = who
        self._csrf = ""
        self._http = httpx.Client(base_url=url, timeout=PRESS_WITHIN_S, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """Raises GivenUp, also where the badge has no right to the desk."""
        form = {"badge": self._who.badge, "pin": self._who.pin, "after": "/desk/waves"}
        self._patiently("POST", "/desk/sign-in", form, final=(303,))
        page = self._patiently("GET", "/desk/waves", {}, final=(200,)).text
        found = CSRF.search(page)
        self._csrf = found[1] if found else ""

    def make_wave(self, cutoff: int) -> bool:
        """All of the pool due by then, 0 for all there is, on the floor. False when nothing of it was left in the pool."""
        for code in self._unreleased():
            self._release(code)
        answer = self._press("/desk/waves/create", {"cutoff": str(cutoff)} if cutoff else {"all": "yes"})
        found = MADE.search(answer.text)
        if found is None:
            return False
        self._release(found[1])
        return True

    @property
    def variances_wait(self) -> bool:
        """Does anything counted still wait for a recount or a decision?"""
        return any(self._rows(f"/desk/variances?state={state}&format=csv") for state in ("recount", "review"))

    def approve_variances(self) -> int:
        """Bring the books to every count that waits for a decision; how many did."""
        page = self._patiently("GET", "/desk/variances?state=review", {}, final=(200,)).text
        found = dict.fromkeys(VARIANCE.findall(page))
        for one in found:
            self._press("/desk/variances/approve", {"id": one, "reason": APPROVED})
        return len(found)

    def _rows(self, path: str) -> list[dict[str, str]]:
        page = self._patiently("GET", path, {}, final=(200,))
        return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))

    def _unreleased(self) -> list[str]:
        rows = self._rows("/desk/waves?state=open&format=csv")
        return [
            row["wave"] for row in rows if row["state"] in ("Not released", "Releasing", "Late") and not _begun(row)
        ]

    def _release(self, code: str) -> None:
        self._press("/desk/waves/release", {"wave": code})

    def _press(self, path: str, form: dict[str, str]) -> httpx.Response:
        """409 is an answer too: nothing in the pool, or released already."""
        return self._patiently("POST", path, form, final=(200, 409))

    def _patiently(self, method: str, path: str, form: dict[str, str], *, final: tuple[int, ...]) -> httpx.Response:
        until, said = time.monotonic() + PATIENCE_S, ""
        while time.monotonic() < until:
            try:
                headers = {"X-CSRF": self._csrf, "Accept": "text/html"}
                response = self._http.request(method, path, data=form or None, headers=headers)
            except httpx.TransportError as problem:
                said = f"{type(problem).__name__} {problem}"
            else:
                if response.status_code in final:
                    return response
                said = f"{response.status_code} {response.text[:300]}"
                if response.status_code < 500:
                    break
            time.sleep(PAUSE_S)
        raise GivenUp(f"The desk gave no answer to {path}: {said}")


def _begun(row: dict[str, str]) -> bool:
    return row["picked lines"] not in ("", "0")
