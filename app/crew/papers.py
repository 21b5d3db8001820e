"""The printers' trays: the crew looks at what really came out and takes its own label from there.

It reads the virtual printers' windows, as a person reads the paper: the order's number, and the carton's below its bars.
A label is taken once; a copy of one that was already taken is thrown away.
"""

import html
import re
import threading
import time
from collections.abc import Sequence

import httpx

LOOK_EVERY_S = 0.15
NUMBER = re.compile(r"/label/(\d+)\.svg")
TEXT = re.compile(r"<text [^>]*>([^<]*)</text>")
SSCC = re.compile(r"\(00\) ?([\d ]{18,24})")
OWN = re.compile(r"(?:C|CTN)-\d+")


class Papers:
    def __init__(self, pages: Sequence[str]) -> None:
        self._pages = tuple(page.rstrip("/") for page in pages)
        self._seen: set[str] = set()
        self._tray: list[tuple[frozenset[str], str]] = []  # words on a label, and its carton
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        self._http = httpx.Client(timeout=5, trust_env=False)

    def wait_for(self, order: str, within_s: float) -> str:
        """The carton number on the order's label, taken out of the tray; the empty text when none came out in time."""
        until = time.monotonic() + within_s
        while True:
            with self._lock:
                self._look()
                found = next(
                    (carton for words, carton in self._tray if order in words and carton not in self._taken), ""
                )
                if found:
                    self._taken.add(found)
                    self._tray = [(words, carton) for words, carton in self._tray if carton != found]
                    return found
            if time.monotonic() > until:
                return ""
            time.sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        for page in self._pages:
            try:
                fresh = [n for n in NUMBER.findall(self._http.get(f"{page}/").text) if f"{page} {n}" not in self._seen]
                for number in fresh:
                    words = [html.unescape(t) for t in TEXT.findall(self._http.get(f"{page}/label/{number}.svg").text)]
                    self._seen.add(f"{page} {number}")
                    carton = _carton_on(words)
                    if carton:
                        self._tray.append((frozenset(words), carton))
            except httpx.TransportError:
                continue  # nobody stands there; looked at again soon


def _carton_on(words: Sequence[str]) -> str:
    for word in words:
        if found := SSCC.search(word):
            return re.sub(r"\D", "", found[1])
        if OWN.fullmatch(word):
            return word
    return ""
