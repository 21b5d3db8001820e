"""The task board's doors: read by whoever may look at the desk, acted on by a supervisor, its weights by an admin."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.db import Tx
from app.desk import tasks as board
from app.desk.task_rows import STATES, TaskFilter
from app.floor import flows
from app.stock.ledger import By
from app.web.desk_pages import Form, done, export, exports, page, wanted
from app.web.doors import house, login_of
from app.work import directing_acts, directing_queue, directing_weights, people, task_kinds

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
Code = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
CSV: dict[str, Callable[[Any, Any], Any]] = {
    "task": lambda row, hours: row.row.id, "kind": lambda row, hours: row.row.kind,
    "what": lambda row, hours: row.title, "state": lambda row, hours: row.row.state,
    "priority": lambda row, hours: row.row.priority, "due": lambda row, hours: hours.iso(row.row.due),
    "made": lambda row, hours: hours.iso(row.row.created), "document": lambda row, hours: row.row.document,
    "wave": lambda row, hours: row.row.wave, "cart": lambda row, hours: row.row.cart,
    "item": lambda row, hours: row.row.item, "place": lambda row, hours: row.row.place,
    "begins at": lambda row, hours: row.row.begins, "zone": lambda row, hours: row.row.zone,
    "worker": lambda row, hours: row.row.worker, "device": lambda row, hours: row.row.device,
    "meant for": lambda row, hours: row.row.assigned,
    "given because": lambda row, hours: row.row.given.replace("\n", "; "), "reason": lambda row, hours: row.row.reason,
    "stuck": lambda row, hours: " ".join(row.blocked), "put off by": lambda row, hours: ", ".join(row.put_off),
    "cancelled by": lambda row, hours: row.row.cancelled_by, "cancelled why": lambda row, hours: row.row.cancelled_why,
}  # fmt: skip


class One(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Id


class Assign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Id
    worker: Code = ""  # empty: anybody


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Id
    to: Literal["up", "down"]


class Cancel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Id
    reason: Code


class Weigh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Code
    metres: Annotated[str, msgspec.Meta(max_length=9, pattern=r"^\d{1,9}\Z")]


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Code = ""  # empty: every kind
    zone: Code = ""  # empty: everywhere
    needs: Annotated[str, msgspec.Meta(max_length=120, pattern=r"^[a-z0-9_ ]*\Z")] = ""  # empty: nothing any more


@get("/tasks", opt={"policy": "viewer"}, summary="Everything that waits or is under way")
async def task_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked = wanted(request, TaskFilter)
    if exports(request):
        return await export(request, "tasks", CSV, lambda tx: {"rows": board.board(tx, asked, export=True).page.rows})
    return await page(
        request, "tasks", "Tasks", lambda tx: {"b": board.board(tx, asked), "f": asked, "states": STATES},
        topics=("tasks", "people"),
    )  # fmt: skip


@post("/tasks/assign", opt={"policy": "supervisor"}, status_code=200, summary="Mean a task for somebody")
async def assign(data: Form[Assign], request: Request[Any, Any, Any]) -> Response[str]:
    return await _do(request, lambda tx, by: directing_acts.assign(tx, data.id, data.worker, by))


@post("/tasks/priority", opt={"policy": "supervisor"}, status_code=200, summary="More or less urgent")
async def priority(data: Form[Step], request: Request[Any, Any, Any]) -> Response[str]:
    return await _do(request, lambda tx, by: directing_acts.step(tx, data.id, 1 if data.to == "up" else -1, by))


@post("/tasks/release", opt={"policy": "supervisor"}, status_code=200, summary="End a worker's lease")
async def release(data: Form[One], request: Request[Any, Any, Any]) -> Response[str]:
    return await _do(request, lambda tx, by: directing_acts.release(tx, data.id, by))


@post("/tasks/cancel", opt={"policy": "supervisor"}, status_code=200, summary="Take a task out of the queue")
async def cancel(data: Form[Cancel], request: Request[Any, Any, Any]) -> Response[str]:
    return await _do(request, lambda tx, by: directing_acts.cancel(tx, data.id, data.reason, by))


@post("/tasks/weight", opt={"policy": "admin"}, status_code=200, summary="What urgency is worth in walking")
async def weigh(data: Form[Weigh], request: Request[Any, Any, Any]) -> Response[str]:
    def change(tx: Tx, by: By) -> str:
        directing_weights.change(tx, data.name, int(data.metres))
        people.note(tx, "weight_changed", by.worker, by.device, f"task weight {data.name}: {data.metres} m")
        return f"Counts {data.metres} m now: {directing_weights.WORDS[data.name]}."

    return await _do(request, change)


@post("/tasks/need", opt={"policy": "admin"}, status_code=200, summary="What skill or equipment a kind of task takes")
async def need(data: Form[Need], request: Request[Any, Any, Any]) -> Response[str]:
    def change(tx: Tx, by: By) -> str:
        directing_queue.need(tx, data.kind, data.zone, data.needs)
        kind = (
            (flow.title if (flow := flows.flow(data.kind)) else task_kinds.of(data.kind).title)
            if data.kind
            else "Every task"
        )
        what = f"{kind} in zone {data.zone}" if data.zone else kind
        told = f"{what} takes {data.needs.replace('_', ' ') or 'nothing special'} now."
        people.note(tx, "need_changed", by.worker, by.device, f"task need {data.kind} {data.zone}: {data.needs}")
        tx.tell("tasks")
        return told

    return await _do(request, change)


async def _do(request: Request[Any, Any, Any], work: Callable[[Tx, By], str]) -> Response[str]:
    who = login_of(request)
    by = By(worker=who.worker, device=who.device, cause="desk")
    return done(await house(request).db.ado(lambda tx: work(tx, by)))


HANDLERS = [task_list, assign, priority, release, cancel, weigh, need]
