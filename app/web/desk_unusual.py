"""Unusual figures: the list, the rows behind one, and what a person decides."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post

from app.desk import unusual
from app.desk.unusual import UnusualFilter
from app.web.desk_pages import Form, done, export, exports, moment, page, plain, wanted
from app.web.doors import house, login_of
from app.work.unusual import ONE_LIST, TITLES
from app.work.unusual_notes import DECISIONS
from app.work.unusual_sums import KINDS

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=600, pattern=r"^[^\x00]*\Z")]
CSV = {
    "measure": lambda row, hours: row.figure.measure, "of": lambda row, hours: row.figure.kind,
    "who or what": lambda row, hours: row.figure.subject, "name": plain("name"),
    "cases": lambda row, hours: row.figure.cases, "occasions": lambda row, hours: row.figure.of,
    "units": lambda row, hours: row.figure.units, "others' cases": lambda row, hours: row.figure.others_cases,
    "others' occasions": lambda row, hours: row.figure.others_of,
    "chance": lambda row, hours: f"{row.figure.chance:.3g}", "judged": lambda row, hours: row.figure.judged,
    "unusual": lambda row, hours: "yes" if row.figure.unusual else "no",
    "said": lambda row, hours: row.figure.sentence,
    "decided": lambda row, hours: row.note.decision if row.note else "",
    "because": lambda row, hours: row.note.reason if row.note else "",
    "decided by": lambda row, hours: row.note.worker if row.note else "",
}  # fmt: skip
ROWS = {
    "when": moment("at"), "event": plain("seq"), "worker": plain("worker"), "item": plain("item"),
    "place": plain("location"), "units": plain("units"), "said": plain("words"), "document": plain("document"),
}  # fmt: skip


class Decide(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    measure: Word
    kind: Word
    subject: Word
    decision: Literal["explained", "watch", "case"]
    reason: Reason = ""


@get("/unusual", opt={"policy": "viewer"}, summary="Figures that chance does not explain, and their rows")
async def unusual_list(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, who = wanted(request, UnusualFilter), login_of(request)
    names = who.is_a("supervisor", "admin")
    if exports(request):
        if asked.subject:
            return await export(
                request, "unusual-rows", ROWS,
                lambda tx: {"rows": unusual.listing(tx, asked, names=names, me=who.worker, export=True).cases},
            )  # fmt: skip
        return await export(
            request, "unusual", CSV,
            lambda tx: {"rows": unusual.listing(tx, asked, names=names, me=who.worker, export=True).page.rows},
        )  # fmt: skip
    known = {
        "f": asked, "names": names, "titles": TITLES, "kinds": [kind for kind in KINDS if names or kind != "worker"],
        "decisions": DECISIONS, "share": round(ONE_LIST * 100),
    }  # fmt: skip
    return await page(
        request, "unusual", "Unusual", lambda tx: {"b": unusual.listing(tx, asked, names=names, me=who.worker), **known},
        topics=("triggers",), every_s=3600,
    )  # fmt: skip


@post("/unusual/decide", opt={"policy": "supervisor"}, status_code=200, summary="Decide on a figure, with the reason")
async def decide(data: Form[Decide], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    return done(
        await house(request).db.ado(
            lambda tx: unusual.decide(
                tx, data.measure, data.kind, data.subject, decision=data.decision, reason=data.reason,
                worker=who.worker, device=who.device,
            )
        )
    )  # fmt: skip


HANDLERS = [unusual_list, decide]
