"""How a label looks, which printer it comes out of, and the pictures of the house: all of it an admin's.

The editor is a table, one field a row. While somebody types, the label is drawn here, from the very bytes a printer would
get; saving asks the same checks as everything, and a refusal names the row.
"""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from markupsafe import Markup

from app import label_templates, print_routes, template_faults
from app.db import Tx
from app.desk import template_forms
from app.label_templates import TemplateBroken
from app.web.desk_labels import Words, drawn_or_why, drawn_svg, not_drawn, printers_of
from app.web.desk_pages import HTML, Form, done, page, wanted
from app.web.doors import house, login_of
from app.web.render import ENV
from printers import graphics
from printers.labels import LabelRefused
from printers.layout import BrokenTemplate


class TemplateFilter(msgspec.Struct, frozen=True, kw_only=True):
    name: str = "lpn"
    version: int = -1  # shown in the diff against the one before; −1: the newest
    paper: str = ""  # "width x height x dpi"; empty: the usual one


@get("/label-templates", opt={"policy": "admin"}, summary="How each label looks, its versions and what they changed")
async def template_page(request: Request[Any, Any, Any]) -> Response[Any]:
    asked, printers = wanted(request, TemplateFilter), printers_of(request)

    def look(tx: Tx) -> dict[str, Any]:
        template, every = label_templates.named(tx, asked.name), label_templates.versions(tx, asked.name)
        shown = asked.version if asked.version >= 0 else template.version
        changes: list[label_templates.Change] = []
        if shown > 0:
            before, after = (label_templates.version(tx, asked.name, n) for n in (shown - 1, shown))
            changes = label_templates.changes(before, after)
        papers = template_forms.papers(asked.name, printers)
        paper = template_forms.paper_of(asked.paper, papers)
        faults = template_faults.everything(tx, printers)
        preview, missing, problem = drawn_or_why(template, [paper])
        return {
            "f": asked, "template": template, "known": label_templates.everything(tx), "versions": every,
            "rows": template_forms.rows(template.layout), "kinds": template_forms.KINDS, "shown": shown,
            "changes": changes, "names": template_forms.names(template), "papers": papers, "paper": paper,
            "preview": preview, "missing": missing, "problem": faults.get(asked.name, problem), "faults": faults,
            "styles": template_forms.STYLES,
            "pictures": label_templates.pictures(tx), "routes": print_routes.everything(tx), "route_kinds": print_routes.KINDS,
            "printers": sorted(house(request).ports.printers),
        }  # fmt: skip

    return await page(request, "label_templates", "Label templates", look, topics=(), every_s=86_400)


@post("/label-templates/preview", opt={"policy": "admin"}, status_code=200, summary="What is typed, drawn")
async def preview(request: Request[Any, Any, Any]) -> Response[str]:
    """The drawing, or the sentence why it could not be saved like this."""
    form = await request.form()
    printers = printers_of(request)

    def draw(tx: Tx) -> str:
        name = str(form.get("name", ""))[:64]
        paper = template_forms.paper_of(str(form.get("paper", "")), template_forms.papers(name, printers))
        problem, drawn, missing = "", Markup(""), tuple[str, ...]()
        try:
            template = label_templates.made(tx, name, template_forms.read(form.multi_items()))
            drawn, missing = drawn_svg(template, [paper]), not_drawn(template, [paper])
            label_templates.refuse_broken(template, printers)
        except (LabelRefused, TemplateBroken) as refused:
            problem = refused.sentence
        return ENV.get_template("parts/label_preview.html").render(preview=drawn, missing=missing, problem=problem)

    return Response(await house(request).db.read(draw), media_type=HTML)


@post("/label-templates/save", opt={"policy": "admin"}, status_code=200, summary="A new version of a template")
async def save(request: Request[Any, Any, Any]) -> Response[str]:
    form, who, printers = await request.form(), login_of(request), printers_of(request)
    name, note = str(form.get("name", ""))[:64], str(form.get("note", ""))
    before = template_forms.whole(str(form.get("before", "")))
    try:
        layout = template_forms.read(form.multi_items())
    except BrokenTemplate as problem:
        raise TemplateBroken(reason=problem.sentence) from None

    def keep(tx: Tx) -> str:
        version = label_templates.save(
            tx, name, layout, printers, before=before, note=note, by=who.worker, device=who.device
        )
        return f"Saved: version {version} of the {name.replace('_', ' ')} label. What is printed from now on looks like it."

    return done(await house(request).db.ado(keep))


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Words
    version: int
    before: int


@post("/label-templates/back", opt={"policy": "admin"}, status_code=200, summary="The fields of an old version again")
async def back(data: Form[Back], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), printers_of(request)

    def keep(tx: Tx) -> str:
        version = label_templates.back_to(
            tx, data.name, data.version, printers, before=data.before, by=who.worker, device=who.device
        )
        return f"Version {version} is as version {data.version} was."

    return done(await house(request).db.ado(keep))


@post("/label-templates/picture", opt={"policy": "admin"}, status_code=200, summary="A picture of the house, its logo")
async def take_picture(request: Request[Any, Any, Any]) -> Response[str]:
    form, who = await request.form(), login_of(request)
    given, name = form.get("picture"), str(form.get("name", ""))
    picture = await given.read(graphics.LARGEST + 1) if isinstance(given, UploadFile) else b""

    def keep(tx: Tx) -> str:
        label_templates.take_in(tx, name, picture, by=who.worker, device=who.device)
        return f"Taken in: a field of kind picture that says {name} prints it."

    return done(await house(request).db.ado(keep))


class Routed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Words = ""
    station: Words = ""
    zone: Words = ""
    position: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    printer: Words = ""


@post(
    "/print-routes/save", opt={"policy": "admin"}, status_code=200, summary="Which printer a kind of label comes out of"
)
async def save_route(data: Form[Routed], request: Request[Any, Any, Any]) -> Response[str]:
    who, printers = login_of(request), house(request).ports.printers
    route = print_routes.Route(**msgspec.structs.asdict(data))
    await house(request).db.ado(lambda tx: print_routes.put(tx, route, printers, by=who.worker, device=who.device))
    return done(f"{route.words}.")


@post("/print-routes/drop", opt={"policy": "admin"}, status_code=200, summary="Take a route away")
async def drop_route(data: Form[Routed], request: Request[Any, Any, Any]) -> Response[str]:
    who = login_of(request)
    route = print_routes.Route(**msgspec.structs.asdict(data))
    await house(request).db.ado(lambda tx: print_routes.drop(tx, route, by=who.worker, device=who.device))
    return done("Taken away.")


HANDLERS = [template_page, preview, save, back, take_picture, save_route, drop_route]
