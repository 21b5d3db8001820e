"""Drawing the desk: one frame for every page, a row a line of CSV, and refusals as a sentence where the button was.

A page is a whole document at its own address; htmx fetches it again when something changed and morphs `#desk`, so there
is one way a page is drawn. Reading and drawing happen on a thread, from one snapshot.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import Body

from app.db import Tx
from app.desk.counts import counts
from app.desk.words import Hours, many, number, said, spelled
from app.errors import Malformed, Refusal, SignedOut
from app.floor.sessions import Login
from app.stock import owners
from app.web import doors
from app.web.desk_groups import grouped
from app.web.doors import house, login_of
from app.web.render import ENV

HTML = "text/html"
LONGEST_FILTER = 120  # characters of one value in an address
LARGEST_FILTER = 2**53  # µs of the year 2255; times a hundred (money) it still fits 64 bits
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TOPICS = frozenset(
    [
        "counts",
        "waves", "orders", "tasks", "journal", "print", "connector", "inbox", "discrepancies", "exceptions", "receipts",
        "people", "items", "loads", "holds", "arrivals", "triggers", "returns",
        "corrections", "strategies", "transfers", "carriers", "devices",
        "inspections",
    ]
)  # fmt: skip
TABS = (
    ("waves", "Waves", "/desk/waves", ""),
    ("orders", "Orders", "/desk/orders", ""),
    ("tasks", "Tasks", "/desk/tasks", ""),
    ("loads", "Loads", "/desk/loads", ""),
    ("carriers", "Carriers", "/desk/carriers", "carriers"),
    ("arrivals", "Arrivals", "/desk/arrivals", ""),
    ("receipts", "Receipts", "/desk/receipts", "receipts"),
    ("variances", "Variances", "/desk/variances", "variances"),
    ("counting", "Counts", "/desk/counts", ""),
    ("exceptions", "Exceptions", "/desk/exceptions", "exceptions"),
    ("holds", "Holds", "/desk/holds", "holds"),
    ("returns", "Returns", "/desk/returns", "returns"),
    ("corrections", "Corrections", "/desk/corrections", "corrections"),
    ("transfers", "Transfers", "/desk/transfers", ""),
    ("inspections", "Inspections", "/desk/inspections", "inspections"),
    ("prints", "Prints", "/desk/prints", "prints"),
    ("devices", "Devices", "/desk/devices", "devices"),
    ("ledger", "Ledger", "/desk/ledger", "ledger"),
    ("inbox", "Inbox", "/desk/inbox?state=dead", "inbox"),
    ("strategies", "Putaway", "/desk/strategies", ""),
    ("trace", "Trace", "/desk/trace", ""),
    ("service", "Service", "/desk/service", ""),
    ("overrides", "Overrides", "/desk/overrides", ""),
    ("people", "People", "/desk/people", ""),
)
# Pages that stand under another one's tab.
UNDER = {
    "trigger": "exceptions", "triggers": "exceptions", "unusual": "exceptions", "rules": "exceptions", "recall": "holds",
    "own_numbers": "exceptions",
    "recovery": "returns", "return_rules": "returns", "return_claim": "returns", "inspection_plans": "inspections",
    "order": "orders", "lines": "orders", "load": "loads",
    "codes": "devices", "scanner": "devices", "device": "devices", "printers": "devices", "owners": "holds",
    "connector": "ledger", "mapping": "ledger", "delivery": "ledger", "runbook": "ledger",
    "print_labels": "prints", "label_templates": "prints",
}  # fmt: skip
# Who sees a tab; all others are for whoever may look at the desk.
SEEN_BY = {
    "people": ("admin",),
    "overrides": ("supervisor", "admin"),
    "service": ("service", "viewer", "supervisor", "admin"),
}
DESK_ROLES = ("viewer", "supervisor", "admin")

F = TypeVar("F", bound=msgspec.Struct)
Form = Annotated[F, Body(media_type=RequestEncodingType.URL_ENCODED)]  # what a button sends
Look = Callable[[Tx], Mapping[str, Any]]


class BadFilter(Malformed):
    code, title, http = "bad_filter", "Bad filter", 400
    says = "This address asks for something that cannot be: {reason}"
    todo = "Choose the filter on the page."


def address(path: str, **wanted: Any) -> str:
    """A link with its filters; what is empty is left out."""
    given = {name: value for name, value in wanted.items() if value not in ("", None)}
    return f"{path}?{urlencode(given)}" if given else path


def link(path: str, asked: msgspec.Struct, **changes: Any) -> str:
    """The same filter with something changed; what stands at its default is left out."""
    usual = {field.name: field.default for field in msgspec.structs.fields(type(asked))}
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value != usual[name]}
    given.pop("page", None)
    return address(path, **{**given, **changes})


ENV.globals.update(link=link, url=address, number=number, many=many, said=said, spelled=spelled)


def wanted(request: Request[Any, Any, Any], shape: type[F]) -> F:
    """The filter an address names; what a page does not know is ignored. Raises BadFilter."""
    given = {name: value.replace("\0", "")[:LONGEST_FILTER] for name, value in request.query_params.items()}
    try:
        asked = msgspec.convert({name: value for name, value in given.items() if value != ""}, shape, strict=False)
    except msgspec.ValidationError as problem:
        raise BadFilter(reason=str(problem)) from None
    for name, value in msgspec.structs.asdict(asked).items():
        if isinstance(value, int) and abs(value) > LARGEST_FILTER:
            raise BadFilter(reason=f"{name} is too large a number.")
    return asked


def exports(request: Request[Any, Any, Any]) -> bool:
    return request.query_params.get("format") == "csv"


async def page(
    request: Request[Any, Any, Any], name: str, title: str, look: Look, *, topics: Sequence[str], every_s: int = 30
) -> Response[str]:
    """Read and draw `templates/desk/{name}.html` in the desk's frame. `topics` are the news it lives on."""
    home, login = house(request), login_of(request)
    fixed = await _states(request)
    here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path

    def draw(tx: Tx) -> str:
        hours = Hours(home.settings.timezone)
        ringing = [alarm.code for alarm in home.sync.alarms(tx)] if home.sync is not None else ()
        frame = {
            "board": f"desk/{name}.html", "title": title,
            "groups": grouped(tabs_of(login), counts(tx, fixed, ringing), name, UNDER),
            "hours": hours, "site": home.settings.site_name, "login": login, "csrf": login.csrf, "topics": topics,
            "every": every_s, "here": here, "acts": login.is_a("supervisor", "admin"), "size": "s", "theme": "light",
            "owners": owners.known(tx),
        }  # fmt: skip
        return ENV.get_template("desk.html").render({**frame, **look(tx)})

    return Response(await home.db.read(draw), media_type=HTML)


def tabs_of(login: Login) -> list[tuple[str, str, str, str]]:
    """The pages this login may open."""
    return [tab for tab in TABS if login.is_a(*SEEN_BY.get(tab[0], DESK_ROLES))]


async def _states(request: Request[Any, Any, Any]) -> Sequence[Any]:
    return house(request).edges.states()


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


async def export(
    request: Request[Any, Any, Any], name: str, columns: Mapping[str, Callable[[Any, Hours], Any]], rows: Look
) -> Response[bytes]:
    """The rows of a list as CSV: the same filter, no pages."""
    home = house(request)

    def write(tx: Tx) -> bytes:
        hours, out = Hours(home.settings.timezone), io.StringIO(newline="")
        table = csv.writer(out)
        table.writerow(columns)
        for row in rows(tx)["rows"]:
            table.writerow([safe_cell(column(row, hours)) for column in columns.values()])
        return "\ufeff".encode() + out.getvalue().encode()  # the mark tells spreadsheets that it is UTF-8

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(await home.db.read(write), media_type="text/csv", headers=headers)


def plain(field: str) -> Callable[[Any, Hours], Any]:
    """A column that is a field."""
    return lambda row, hours: getattr(row, field)


def moment(field: str) -> Callable[[Any, Hours], Any]:
    """A column that is a time, with its offset."""
    return lambda row, hours: hours.iso(getattr(row, field))


# ── answers to a button ──────────────────────────────────────────────────────────────────────────────────────────────
def done(sentence: str, *, stays: bool = False) -> Response[str]:
    """What came of it; the page fetches itself anew. With `stays` the sentence is closed by hand."""
    return Response(_said("ok", "Done", sentence, "", stays=stays), media_type=HTML)


def _said(kind: str, title: str, sentence: str, todo: str, *, stays: bool = False) -> str:
    return ENV.get_template("desk/said.html").render(kind=kind, title=title, sentence=sentence, todo=todo, stays=stays)


def refusal_page(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """A sentence for htmx, a page for a browser, JSON for a program; the status is the refusal's own."""
    headers = {
        "X-Refusal": refusal.code,
        **({"Retry-After": str(refusal.retry_after_s)} if refusal.http == 503 else {}),
    }
    if request.headers.get("hx-request"):
        body = _said("err", refusal.title, refusal.sentence, refusal.what_to_do)
        return Response(body, media_type=HTML, status_code=refusal.http, headers=headers)
    if "text/html" not in request.headers.get("accept", ""):
        return doors.refusal_answer(request, refusal)
    if isinstance(refusal, SignedOut):
        return sign_in_page(request, status=refusal.http)
    return Response(
        ENV.get_template("desk_refused.html").render(
            title=refusal.title, sentence=refusal.sentence, todo=refusal.what_to_do, csrf="", size="s", theme="light"
        ),
        media_type=HTML,
        status_code=refusal.http,
        headers=headers,
    )


def problem_page(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """A form that cannot be meant, or a page that is not there."""
    if request.headers.get("hx-request"):
        answer = doors.http_answer(request, problem)
        body = _said("err", answer.content["title"], answer.content["sentence"], "")
        return Response(body, media_type=HTML, status_code=problem.status_code)
    return doors.http_answer(request, problem)


def sign_in_page(
    request: Request[Any, Any, Any],
    *,
    status: int = 200,
    badge: str = "",
    refusal: Refusal | None = None,
    after: str = "",
) -> Response[str]:
    """Badge and PIN for the desk. `after` is where to go then."""
    page = ENV.get_template("desk_sign_in.html").render(
        title="Sign in", csrf="", size="s", theme="light", site=house(request).settings.site_name, badge=badge,
        refusal=refusal, after=after or (request.url.path if request.method == "GET" else ""),
    )  # fmt: skip
    return Response(page, media_type=HTML, status_code=status)
