"""B16: events into a live Tryton through the connector, beside a bare loop that makes the very same RPC calls.

The bare loop has its bytes ready and only posts them: what is measured is what the connector adds, which is reading the
events, mapping them, encoding the call and judging the answers. Every event is new to Tryton and moves one piece there.
"""

import base64
import time
from typing import Any

import httpx
import msgspec

from app.stock.events import StatusChanged
from app.stock.slots import Slot
from sync.connectors.base import Applied
from sync.connectors.entries import entry_of
from sync.connectors.tryton.connector import A_CALL, TrytonConnector
from sync.connectors.tryton.places import PLACES
from sync.messages import Identity, Message, as_message
from tests.bench.figures import Asked, Figure, held_against, in_turns
from tests.bench.stage import StageError
from tests.sync.test_messages import entry
from tests.sync.tryton_floor import live_tryton
from tests.tryton import company
from tests.tryton.server import PASSWORD, Tryton

GOAL = 0.8
BIN, HELD = Slot(location="A-01"), Slot(location="A-01", status="quarantine")
INBOX = "model.pickface.inbox.post"


class Events:
    """Each is new to Tryton: goods of one product change their status."""

    def __init__(self) -> None:
        self._seq = 0

    def next(self) -> list[Message]:
        first, self._seq = self._seq + 1, self._seq + A_CALL
        held = StatusChanged(item=company.item(3), quantity=1, source=BIN, target=HELD, reason="wet")
        return [as_message(entry(held, seq), Identity(site="BENCH")) for seq in range(first, self._seq + 1)]


def measure(asked: Asked) -> list[Figure]:
    folder = asked.folder / "tryton"
    folder.mkdir(exist_ok=True)
    with live_tryton(folder) as tryton:
        bare, events = Bare(tryton), Events()
        connector = TrytonConnector("ERP", tryton.rpc(), PLACES, "yes")
        _told(connector, events)  # the first call opens the session
        turns = in_turns(asked.rounds, lambda: _told(connector, events), lambda: bare.tell(events))
        connector.close()
    what = f"events into Tryton, {A_CALL} a call"
    return [held_against("B16", what, turns, unit="events/s", least=GOAL, note="beside: the same RPC calls, bare")]


def _told(connector: TrytonConnector, events: Events) -> float:
    messages = events.next()
    begun = time.perf_counter()
    answers = connector.post(messages)
    took = time.perf_counter() - begun
    if answers != [Applied()] * A_CALL:
        raise StageError(f"Tryton did not take them: {answers}")
    return A_CALL / took


class Bare:
    """One session, and bytes that are posted as they are."""

    def __init__(self, tryton: Tryton) -> None:
        self._url = f"http://127.0.0.1:{tryton.port}/erp/rpc/"
        headers = {"Content-Type": "application/json"}
        self._client = httpx.Client(trust_env=False, timeout=60, headers=headers)
        user, token, *_ = self._ask("common.db.login", ["admin", {"password": PASSWORD}, "en"])
        session = base64.b64encode(f"admin:{user}:{token}".encode()).decode()
        self._client.headers["Authorization"] = f"Session {session}"
        self._context = self._ask("model.res.user.get_preferences", [True, {}])

    def tell(self, events: Events) -> float:
        entries = [entry_of(message, PLACES) for message in events.next()]
        body = _call(INBOX, [entries, self._context])
        begun = time.perf_counter()
        answer = self._client.post(self._url, content=body).content
        took = time.perf_counter() - begun
        if answer.count(b'"applied"') != A_CALL:
            raise StageError(f"Tryton did not take them: {answer[:500]!r}")
        return A_CALL / took

    def _ask(self, method: str, params: list[object]) -> Any:
        return self._client.post(self._url, content=_call(method, params)).json()["result"]


def _call(method: str, params: list[object]) -> bytes:
    return msgspec.json.encode({"id": 0, "method": method, "params": params})
