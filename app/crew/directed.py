"""Directed work: the worker asks the house what is next, of all jobs, and does that.

What the menu names is begun at once where it is a job a worker can go on with from there; else the worker asks why, says
that it cannot now, or looks at what else waits. How the job is done is the job's own.
"""

from collections.abc import Callable

from app.crew.count import count
from app.crew.pick import pick
from app.crew.replenish import replenish
from app.crew.work import Slip, Worker

JOBS: dict[str, Callable[[Worker], bool]] = {"counting": count, "replenishing": replenish, "picking": pick}
TAKEN = ("nothing_next", "task_over", "task_taken", "nothing_to_bring", "finish_first", "nothing_to_pick")
TAKE_OVER = ("running_elsewhere",)
NOT_NOW = 0.3


def directed(worker: Worker) -> bool:
    """The task the house names. False where it names none of these jobs."""
    worker.tap("menu")
    main = worker.prompt.main
    if main is None:
        return False
    job = main.value
    if job in JOBS:
        worker.tap("next", job, may=TAKEN, confirm=TAKE_OVER)
    else:
        job = _another(worker)
    if not job or worker.handheld.answer.refusal or worker.asks == "Scan anything to start":
        return False
    worker.led_to = job
    try:
        return JOBS[job](worker)
    finally:
        worker.led_to = ""


def _another(worker: Worker) -> str:
    """Ask why, perhaps put it off, and choose another task; the job of it, empty where none of these waits."""
    worker.tap("why", may=TAKEN)
    if worker.prompt.job != "Next task":
        return ""
    if worker.dice.random() < NOT_NOW:
        worker.tap("later")
        worker.expect("Why not now?")
        reason = worker.prompt.choices[0].value
        worker.tap("reason", reason, Slip("reason", "reason:no_such", ("no_such_reason",), "tap"))
        if worker.prompt.job != "Next task":
            return ""
    worker.tap("others")
    for key in worker.prompt.choices:
        job, _, task = key.value.partition(" ")
        if job in JOBS and task and not key.note.endswith("has it"):
            worker.tap("take", key.value, may=TAKEN, confirm=TAKE_OVER)
            return job
    worker.tap("back")
    return ""
