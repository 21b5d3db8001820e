"""The integration monitor: one connector with all there is to know and do about it, one event as one ERP had it.

Whoever may look sees everything, raw answers too. Trying again, pausing and replaying is a supervisor's; settings are an
admin's. Whoever else tries is refused and written down: see `acts.py`.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import ledger
from app.desk.runbook import RUNBOOK
from app.errors import State
from app.stock import journal
from app.web.desk_ledger import Letter, Name, One, sync_of
from app.web.desk_pages import Form, done, page, wanted
from app.web.doors import login_of
from app.work import transfers

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z_]+\Z")]
Value = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
SHOWN_DIFFERENCES = 100


class Which(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    connector: str = ""
    seq: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connector: Name
    setting: Word
    value: Value
    version: Value


class NotThere(State):
    code, title, http = "not_there", "Not there", 404
    says = "There is no {what} {scanned} here."


@get("/connector", opt={"policy": "viewer"}, summary="One connector: state, figures, settings, reconciliation, log")
async def connector_page(request: Request[Any, Any, Any]) -> Response[Any]:
    sync, asked = sync_of(request), wanted(request, Which)

    def look(tx: Tx) -> dict[str, Any]:
        states = {state.name: state for state in sync.states(tx)}
        found = states.get(asked.name) if asked.name else next(iter(states.values()), None)
        if found is None:
            raise NotThere(what="connector", scanned=asked.name)
        runs = sync.reconciliations(tx, found.name)
        compared = next((run for run in runs if run.outcome not in ("failed", "nothing")), None)
        return {
            "c": found,
            "names": list(states),
            "alarms": [alarm for alarm in sync.alarms(tx) if alarm.connector in ("", found.name)],
            "settings": sync.settings(tx, found.name),
            "mapped": bool(sync.mapping(tx, found.name)),
            "notes": sync.notes(tx, found.name),
            "runs": runs,
            "compared": compared,
            "differences": sync.differences(tx, compared.id)[:SHOWN_DIFFERENCES] if compared else [],
            "sites": transfers.own_sites(tx) if compared else [],
            "admin": login_of(request).is_a("admin"),
        }

    return await page(request, "connector", "Connector", look, topics=("journal", "connector", "inbox"))


@get("/delivery", opt={"policy": "viewer"}, summary="One event as one connector had it: request, answer, attempts")
async def delivery_page(request: Request[Any, Any, Any]) -> Response[Any]:
    sync, asked = sync_of(request), wanted(request, Event)

    def look(tx: Tx) -> dict[str, Any]:
        entry = journal.entry(tx, asked.seq)
        state = next((one for one in sync.states(tx) if one.name == asked.connector), None)
        if entry is None or state is None:
            raise NotThere(
                what="connector" if state is None else "event",
                scanned=asked.connector if state is None else asked.seq,
            )
        (line,) = ledger.in_words(tx, [entry], [state])
        story = sync.story(tx, state.name, asked.seq)
        return {
            "line": line, "c": state, "story": story, "notes": sync.notes(tx, state.name, asked.seq),
            "request": (story.request if story else "") or sync.request(tx, state.name, asked.seq),
        }  # fmt: skip

    return await page(request, "delivery", "Event", look, topics=("journal", "connector"))


@get("/runbook", opt={"policy": "viewer"}, summary="For each alarm: what it means, what may go on, what to do")
async def runbook_page(request: Request[Any, Any, Any]) -> Response[Any]:
    return await page(request, "runbook", "Runbook", lambda tx: {"chapters": RUNBOOK}, topics=("counts",))


@post(
    "/connector/reconcile",
    opt={"policy": "supervisor", "act": "reconcile"},
    status_code=200,
    summary="Compare stock with the ERP now",
)
async def reconcile(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    said = await asyncio.to_thread(sync_of(request).reconcile, data.connector, login_of(request).worker)
    return done(said, stays=True)


@post(
    "/connector/replay-from",
    opt={"policy": "supervisor", "act": "replay from event {seq}"},
    status_code=200,
    summary="Read the journal again",
)
async def replay_from(data: Form[Letter], request: Request[Any, Any, Any]) -> Response[str]:
    await asyncio.to_thread(sync_of(request).replay_from, data.connector, data.seq, login_of(request).worker)
    return done(f"{data.connector} is told again from event {data.seq}; an ERP that keeps the ids books nothing twice.")


@post(
    "/connector/setting",
    opt={"policy": "admin", "act": "{setting} to {value}"},
    status_code=200,
    summary="Change a setting; an admin's",
)
async def change_setting(data: Form[Change], request: Request[Any, Any, Any]) -> Response[str]:
    sync, who = sync_of(request), login_of(request).worker
    await asyncio.to_thread(sync.change_setting, data.connector, data.setting, data.value, data.version, who)
    return done(f"{data.connector} goes by {data.value} from now on.")


HANDLERS = [
    connector_page, delivery_page, runbook_page, reconcile, replay_from, change_setting,
]  # fmt: skip
