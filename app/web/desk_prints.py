"""Print jobs: the list, and the four things a person may decide about one."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import prints
from app.desk.prints import STATES, PrintFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of

CSV = {
    "created": moment("created"), "kind": plain("kind"), "subject": plain("subject"), "document": plain("document"),
    "printer": plain("printer"), "state": plain("state"), "said": plain("sentence"), "reason": plain("reason"),
    "copy": plain("copy"), "attempts": plain("attempts"), "worker": plain("worker"), "station": plain("station"),
    "job": plain("id"),
}  # fmt: skip
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")]


class Looked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    job: Id
    out: Literal["yes", "no"]


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    job: Id
    reason: Reason = ""


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    job: Id
    printer: Id
    reason: Reason = ""


@get("/prints", opt={"policy": "viewer"}, summary="Print jobs by state, printer, kind, code")
async def job_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, printers = wanted(request, PrintFilter), house(request).ports.printers
    if exports(request):
        return await export(
            request, "prints", CSV, lambda tx: {"rows": prints.jobs(tx, asked, printers, export=True).page.rows}
        )
    return await page(
        request, "prints", "Print jobs",
        lambda tx: {"b": prints.jobs(tx, asked, printers), "f": asked, "states": ("trouble", *STATES)}, topics=("print",),
    )  # fmt: skip


@post("/prints/came-out", opt={"policy": "supervisor"}, status_code=200, summary="Did the label come out?")
async def came_out(data: Form[Looked], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: prints.came_out(tx, data.job, yes=data.out == "yes", worker=who.worker)
        )
    )  # fmt: skip


@post("/prints/cancel", opt={"policy": "supervisor"}, status_code=200, summary="Never print this job")
async def cancel_job(data: Form[Because], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(lambda tx: prints.cancel(tx, data.job, reason=data.reason, worker=who.worker))
    )


@post("/prints/reprint", opt={"policy": "supervisor"}, status_code=200, summary="Print a marked copy")
async def reprint_job(data: Form[Because], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), house(request).ports.printers
    return done(
        await house(request).db.ado(
            lambda tx: prints.reprint(tx, data.job, printers, reason=data.reason, worker=who.worker)
        )
    )


@post("/prints/move", opt={"policy": "supervisor"}, status_code=200, summary="Send a waiting job to another printer")
async def move_job(data: Form[Elsewhere], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), house(request).ports.printers
    return done(
        await house(request).db.ado(
            lambda tx: prints.move(tx, data.job, data.printer, printers, reason=data.reason, worker=who.worker)
        )
    )


HANDLERS = [job_list, came_out, cancel_job, reprint_job, move_job]
