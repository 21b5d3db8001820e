"""Labels nobody's scan asked for, printed from the desk: what, from which to which, on which printer."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from markupsafe import Markup

from app import label_templates, template_faults
from app.config import PrinterSettings
from app.db import Tx
from app.desk import labelling, template_forms
from app.desk.label_kinds import KINDS
from app.desk.label_ranges import MOST, Wanted
from app.desk.prints import NoSuchPrinter
from app.web.desk_pages import Form, done, page, wanted
from app.web.doors import house, login_of
from printers import examples, picture, zpl
from printers.drawing import Template
from printers.labels import LabelRefused

Words = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Reason = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")]
HINTS = {
    "location": ("A-01-01", "A-01-40"), "tote": ("T-0001", "T-0050"), "cart": ("CART-01", "CART-08"),
    "badge": ("worker", "worker"), "item": ("item", "item"), "lot": ("lot", "lot"), "serial": ("SN-000001", "SN-000050"),
    "return": ("R-00012", ""),
}  # fmt: skip
SAYS = {
    "location": "One label for every location between the two codes, with its check digits.",
    "tote": "A roll of totes, numbered on.",
    "cart": "One for each cart between the two codes.",
    "badge": "A badge for each active worker between the two codes. The PIN is never printed.",
    "item": "For goods without a readable barcode; with a GTIN all of it stands in one symbol.",
    "lot": "For the lots of one item that are known here.",
    "serial": "A roll of serials of one item, numbered on.",
    "return": "For the pieces of a returned parcel.",
    "command_sheet": "The buttons of the handheld as barcodes, for hands in gloves.",
}


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Words
    printer: Words
    first: Words = ""
    last: Words = ""
    zone: Words = ""
    item: Words = ""
    copies: int = 1
    reason: Reason = ""


@get("/print-labels", opt={"policy": "supervisor"}, summary="Print locations, totes, badges, items, lots, serials")
async def label_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, login = wanted(request, Wanted), login_of(request)
    kinds = {name: kind for name, kind in KINDS.items() if login.is_a(*kind.roles)}
    asked = asked if asked.kind in kinds else msgspec.structs.replace(asked, kind="location")

    def look(tx: Tx) -> dict[str, Any]:
        example = examples.EXAMPLES[asked.kind]
        template = label_templates.of(tx, example)
        drawn, _, problem = drawn_or_why(template, None)
        problem = " ".join(template_faults.fault(template, label_templates.papers(printers_of(request)))) or problem
        return {
            "f": asked, "kinds": kinds, "printers": [one.name for one in printers_of(request)], "hints": HINTS,
            "words": SAYS, "most": MOST, "example": drawn, "problem": problem,
        }  # fmt: skip

    return await page(request, "print_labels", "Print labels", look, topics=(), every_s=3600)


@post("/print-labels", opt={"policy": "supervisor"}, status_code=200, summary="Queue these labels")
async def print_labels(data: Form[Asked], request: Request[Any, Any, Any]) -> Response[str]:
    home, login = house(request), login_of(request)
    printer = next((one for one in printers_of(request) if one.name == data.printer), None)
    if printer is None:
        raise NoSuchPrinter(printer=data.printer or "without a name")
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if name != "printer"}
    site = home.settings.site_name

    def queue(tx: Tx) -> str:
        return labelling.print_labels(tx, Wanted(**given), printer, site=site, who=login)

    return done(await home.db.ado(queue))


def printers_of(request: Request[Any, Any, Any]) -> list[PrinterSettings]:
    return [one for one in house(request).ports.printers.values() if one.kind == "zpl"]


def drawn_svg(template: Template, papers: Sequence[Any] | None) -> Markup:
    """The example of this label on the first of the papers. Raises LabelRefused."""
    drawn = picture.label_svg(_example(template, papers))
    return Markup(drawn.replace('role="img"', 'aria-hidden="true"', 1))  # the figure says it


def not_drawn(template: Template, papers: Sequence[Any] | None) -> tuple[str, ...]:
    """Commands of printer code that come out of a printer otherwise than `drawn_svg` shows. Raises LabelRefused."""
    return picture.not_drawn(_example(template, papers))


def drawn_or_why(template: Template, papers: Sequence[Any] | None) -> tuple[Markup, tuple[str, ...], str]:
    """`drawn_svg` and `not_drawn` of a saved template, or the reason there is no drawing: its page must open all the same."""
    try:
        return drawn_svg(template, papers), not_drawn(template, papers), ""
    except LabelRefused as refused:
        return Markup(""), (), refused.sentence


def _example(template: Template, papers: Sequence[Any] | None) -> bytes:
    paper = papers[0] if papers else template_forms.papers(template.name, ())[0]
    return zpl.render(
        examples.EXAMPLES[template.name], dpi=paper.dpi, width_mm=paper.width_mm, height_mm=paper.height_mm,
        template=template,
    )  # fmt: skip


HANDLERS = [label_page, print_labels]
