"""One worker's handheld, as a program: badge and PIN, then scan after scan over the public JSON door.

A scan gets its id here and keeps it until it has a final answer: a dead network, a 503, a server killed in mid-answer are
met by sending the very same again. Only a 401 means signing in anew, and then too the same scan is asked after first, for
it may have counted already. Every answer goes into the crew's log, which is later held against the house's own.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from app import clock
from app.crew.truth import Badge

PATIENCE_S = 180.0  # how long one scan is sent again before the worker gives up
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
ANSWER_WITHIN_S = 10.0


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    note: str = ""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str = ""
    note: str = ""
    value: str = ""


class Carton(msgspec.Struct, frozen=True, kw_only=True):
    type: str = ""


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """What a human would look at; the rest of the Prompt is passed over."""

    headline: str
    job: str = ""
    hint: str = ""
    place: str = ""
    item: Goods | None = None
    quantity: int = 0
    unit: str = ""
    progress: tuple[int, int] | None = None
    tote: str = ""
    carton: Carton | None = None
    choices: tuple[Key, ...] = ()
    keys: tuple[Key, ...] = ()
    main: Key | None = None
    can_undo: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    sentence: str = ""
    code: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    step: str
    prompt: Prompt
    verdict: Verdict | None = None
    seq: int = 0

    @property
    def refusal(self) -> str:
        return self.verdict.code if self.verdict else ""

    @property
    def outcome(self) -> str:
        return (self.verdict.code or self.verdict.kind) if self.verdict else "ok"


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    csrf: str
    answer: Answer


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One scan as the crew saw it."""

    id: str
    badge: str
    kind: str
    raw: str
    outcome: str
    seq: int
    tries: int
    ms: float
    wrong: str = ""  # what was wrong about it on purpose; empty: meant
    expected: tuple[str, ...] = ()  # the refusals a wrong one may get


class GivenUp(Exception):
    """The house gave no final answer; the sentence says what it said last."""


_ANSWER = msgspec.json.Decoder(Answer)
_SIGNED_IN = msgspec.json.Decoder(SignedIn)


class Handheld:
    def __init__(self, url: str, who: Badge, note: Callable[[Entry], None], dice: random.Random) -> None:
        self.who = who
        self.sign_ins = 0
        self.answer: Answer
        self._note = note
        self._dice = dice
        self._csrf = ""
        self._step = ""
        self._http = httpx.Client(
            base_url=url, headers={"Accept": "application/json"}, timeout=ANSWER_WITHIN_S, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def sign_in(self) -> Answer:
        """Badge and PIN; whoever is signed in elsewhere with this badge is signed out. Raises GivenUp."""
        body = {"badge": self.who.badge, "pin": self.who.pin, "takeover": True}
        response, _ = self._patiently(lambda: self._http.post("/floor/pin", json=body), final=(200,))
        signed_in = _SIGNED_IN.decode(response.content)
        self._csrf, self._step, self.answer = signed_in.csrf, signed_in.answer.step, signed_in.answer
        self.sign_ins += 1
        return signed_in.answer

    def sign_out(self) -> None:
        """Badge out; already being out is as good."""
        self._patiently(lambda: self._http.post("/floor/out", headers={"X-CSRF": self._csrf}), final=(200, 401, 403))

    def send(
        self, raw: str, kind: str = "scan", symbology: str = "", *, wrong: str = "", expected: tuple[str, ...] = ()
    ) -> Answer:
        """One scan, tap or typed answer until its end is known. Raises GivenUp."""
        scan: dict[str, Any] = {
            "id": clock.new_id(), "after": self._step, "raw": raw, "kind": kind, "symbology": symbology,
            "at": clock.now(),
        }  # fmt: skip
        began, tries, met_anew = time.perf_counter(), 0, False
        while True:
            response, more = self._patiently(lambda: self._post(scan), final=(200, 401))
            tries += more
            if response.status_code == 200:
                break
            self.sign_in()
            met_anew = True
        answer = _ANSWER.decode(response.content)
        entry = Entry(
            id=scan["id"], badge=self.who.badge, kind=kind, raw=raw, outcome=answer.outcome, seq=answer.seq,
            tries=tries, ms=(time.perf_counter() - began) * 1000, wrong=wrong, expected=expected,
        )  # fmt: skip
        if met_anew and answer.refusal == "held":
            # It had not counted before we were signed out, and the sign-in made a new step to follow.
            self._note(msgspec.structs.replace(entry, wrong="", expected=()))
            return self.send(raw, kind, symbology, wrong=wrong, expected=expected)
        self._note(entry)
        if not met_anew:
            self._step = answer.step
        self.answer = answer
        return answer

    def upload(self, picture: bytes) -> str:
        """A photo to the house: the name under which it is scanned. The same photo twice is one. Raises GivenUp."""
        while True:
            response, _ = self._patiently(
                lambda: self._http.post(
                    "/floor/photo", content=picture, headers={"X-CSRF": self._csrf, "Content-Type": "image/jpeg"}
                ),
                final=(200, 201, 401),
            )
            if response.status_code != 401:
                return str(response.json()["hash"])
            self.sign_in()

    def _post(self, scan: dict[str, Any]) -> httpx.Response:
        return self._http.post("/floor/scan", json=scan, headers={"X-CSRF": self._csrf})

    def _patiently(self, call: Callable[[], httpx.Response], *, final: tuple[int, ...]) -> tuple[httpx.Response, int]:
        """(the final response, how often it was sent): again after a network failure or a 5xx, with full jitter."""
        until, pause, tries, said = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S, 0, ""
        while time.monotonic() < until:
            tries += 1
            try:
                response = call()
            except httpx.TransportError as problem:
                said = f"{type(problem).__name__} {problem}"
            else:
                if response.status_code in final:
                    return response, tries
                said = f"{response.status_code} {response.text[:200]}"
                if response.status_code < 500:
                    break
            time.sleep(self._dice.uniform(0, pause))
            pause = min(pause * 2, LONGEST_PAUSE_S)
        raise GivenUp(f"Badge {self.who.badge} got no answer after {tries} tries: {said}")


class Log:
    """What all of the crew scanned, in the order the answers came. Bounded by the day itself: it is the evidence."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._lock = threading.Lock()

    def note(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)
