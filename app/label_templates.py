"""Which template a label is drawn by: the built-in one, or the newest the house saved.

A change is a new version; nothing is overwritten, so every print job can say what it looked like. Going back is a new
version, too, with the old fields. What cannot be printed cannot be saved: `printers/checking.py`.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import msgspec
from PIL import Image
from sqlalchemy import bindparam, delete, func, insert, select

from app import clock
from app.config import PrinterSettings
from app.db import Tx
from app.errors import Refusal, State
from app.schema.printing import label_picture, label_template
from app.work import people
from printers import checking, graphics, layout, templates, zpl
from printers.checking import Paper
from printers.drawing import Template
from printers.labels import AnyLabel
from printers.layout import BrokenTemplate, Layout

MOST_VERSIONS = 500  # shown of one template
LONGEST_NOTE = 200
MOST_PICTURES = 20
PICTURE_NAME = re.compile(r"[a-z0-9_-]{1,40}")


class NoSuchTemplate(State):
    code, title, http = "no_such_template", "No such template", 404
    says = "There is no template {name} here."
    todo = "Choose another one."


class TemplateBroken(Refusal):
    code, title, http = "template_broken", "Not saved", 422
    says = "{reason}"
    todo = "Change it and save again."


class ChangedMeanwhile(State):
    code, title = "template_changed", "Changed meanwhile"
    says = "Somebody else saved version {now} of {name} while you worked on version {before}."
    todo = "Load the page again."


class Version(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    layout: bytes
    note: str
    worker: str
    created: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a diff: `sign` is +, - or empty."""

    sign: str
    text: str


_SEEN = [label_template.c[name] for name in Version.__struct_fields__]
_NAMED = label_template.c.name == bindparam("of")
CURRENT = (
    select(label_template.c.version, label_template.c.layout)
    .where(_NAMED)
    .order_by(label_template.c.version.desc())
    .limit(1)
)
CERTAIN = select(*_SEEN).where(_NAMED, label_template.c.version == bindparam("at_version"))
VERSIONS = select(*_SEEN).where(_NAMED).order_by(label_template.c.version.desc()).limit(MOST_VERSIONS)
CHANGED = select(label_template.c.name, func.max(label_template.c.version)).group_by(label_template.c.name)
SAVE = insert(label_template).values(
    name=bindparam("of"), version=bindparam("at_version"), layout=bindparam("kept"), note=bindparam("why"),
    worker=bindparam("who"), created=bindparam("now"),
)  # fmt: skip
KEEP_PICTURE = insert(label_picture).values(
    name=bindparam("of"), picture=bindparam("kept"), worker=bindparam("who"), created=bindparam("now")
)
FORGET_PICTURE = delete(label_picture).where(label_picture.c.name == bindparam("of"))
LOGO = select(label_picture.c.picture).where(label_picture.c.name == "logo")
PICTURES = select(label_picture.c.name, label_picture.c.picture).order_by(label_picture.c.name)


# ── what a label is drawn by ─────────────────────────────────────────────────────────────────────────────────────────
def of(tx: Tx, label: AnyLabel) -> Template:
    """Raises LabelRefused for what is no label."""
    return named(tx, templates.name_of(label))


def named(tx: Tx, name: str) -> Template:
    """Raises NoSuchTemplate."""
    row = tx.row(CURRENT, of=_known(name))
    return zpl.BUILT_IN[name] if row is None else made(tx, name, layout.decode(bytes(row[1])), version=int(row[0]))


def made(tx: Tx, name: str, of: Layout, *, version: int = 0) -> Template:
    found: tuple[tuple[str, bytes], ...] = ()
    if any(isinstance(field, layout.Picture) for field in of.fields):
        found = tuple((str(row[0]), bytes(row[1])) for row in tx.rows(PICTURES))
    return _made(_known(name), layout.encode(of), version, found)


@lru_cache(maxsize=64)
def _made(name: str, of: bytes, version: int, pictures: tuple[tuple[str, bytes], ...]) -> Template:
    """By its whole content, so two databases of one process cannot take each other's."""
    found = {named: graphics.opened(picture) for named, picture in pictures}
    return Template(name, templates.BUILT_IN[name][0], layout.decode(of), version=version, pictures=found)


def logo(tx: Tx) -> Image.Image | None:
    """The picture of the house that its slips begin with; None where it has none."""
    kept = tx.value(LOGO)
    return None if kept is None else _opened(bytes(kept))


@lru_cache(maxsize=8)
def _opened(kept: bytes) -> Image.Image:
    return graphics.opened(kept)


# ── what an admin does ───────────────────────────────────────────────────────────────────────────────────────────────
def everything(tx: Tx) -> Mapping[str, int]:
    """Name and current version of every template; 0 is the built-in one."""
    changed = {str(row[0]): int(row[1]) for row in tx.rows(CHANGED)}
    return {name: changed.get(name, 0) for name in templates.BUILT_IN}


def versions(tx: Tx, name: str) -> list[Version]:
    """Newest first; the last is the built-in one."""
    built_in = Version(
        version=0, layout=layout.encode(templates.BUILT_IN[_known(name)][1]), note="built in", worker="", created=0
    )
    return [*tx.all(VERSIONS, Version, of=name), built_in]


def version(tx: Tx, name: str, number: int) -> Layout:
    """Raises NoSuchTemplate."""
    if number == 0:
        return templates.BUILT_IN[_known(name)][1]
    found = tx.one(CERTAIN, Version, of=_known(name), at_version=number)
    if found is None:
        raise NoSuchTemplate(name=f"{name} version {number}")
    return layout.decode(found.layout)


def save(
    tx: Tx,
    name: str,
    wanted: Layout,
    printers: Iterable[PrinterSettings],
    *,
    before: int,
    note: str,
    by: str,
    device: str,
) -> int:
    """A new version; its number. Raises TemplateBroken with the field and why, ChangedMeanwhile, NoSuchTemplate."""
    now = everything(tx)[_known(name)]
    if now != before:
        raise ChangedMeanwhile(name=name, now=now, before=before)
    refuse_broken(made(tx, name, wanted), printers)
    tx.run(
        SAVE, of=name, at_version=now + 1, kept=layout.encode(wanted), why=note.strip()[:LONGEST_NOTE], who=by,
        now=clock.now(),
    )  # fmt: skip
    people.note(tx, "template_changed", by, device, f"label {name}: version {now + 1}")
    tx.tell("print")
    return now + 1


def refuse_broken(template: Template, printers: Iterable[PrinterSettings]) -> None:
    """Raises TemplateBroken with the field and why."""
    try:
        checking.check(template, papers(printers))
    except BrokenTemplate as problem:
        raise TemplateBroken(reason=problem.sentence) from None


def take_in(tx: Tx, name: str, picture: bytes, *, by: str, device: str) -> None:
    """A picture of the house; one of that name before is replaced, and is in what is printed from now on.

    Raises TemplateBroken for what is no picture.
    """
    if not PICTURE_NAME.fullmatch(name):
        raise TemplateBroken(reason=f"{name[:40]!r} is no name for a picture: small letters, digits, - and _.")
    try:
        kept = graphics.taken_in(picture)
    except graphics.NoPicture as problem:
        raise TemplateBroken(reason=problem.sentence) from None
    known = {row[0] for row in tx.rows(PICTURES)}
    if name not in known and len(known) >= MOST_PICTURES:
        raise TemplateBroken(reason=f"There are {MOST_PICTURES} pictures already.")
    tx.run(FORGET_PICTURE, of=name)
    tx.run(KEEP_PICTURE, of=name, kept=kept, who=by, now=clock.now())
    people.note(tx, "template_changed", by, device, f"picture {name}")


def pictures(tx: Tx) -> list[str]:
    return [str(row[0]) for row in tx.rows(PICTURES)]


def back_to(
    tx: Tx, name: str, number: int, printers: Iterable[PrinterSettings], *, before: int, by: str, device: str
) -> int:
    """The fields of an old version as a new one; its number. Raises as `save` does."""
    wanted = version(tx, name, number)
    return save(tx, name, wanted, printers, before=before, note=f"back to version {number}", by=by, device=device)


def papers(printers: Iterable[PrinterSettings]) -> list[Paper]:
    """Every paper of the house."""
    return [Paper(dpi=one.dpi, width_mm=one.paper_mm, height_mm=one.height_mm) for one in printers if one.kind == "zpl"]


def changes(before: Layout, after: Layout) -> list[Change]:
    """What a version changed, field by field, each field on a line."""
    old, new = lines(before), lines(after)
    found: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Change(sign="", text=text) for text in old[a:b]]
        else:
            found += [Change(sign="-", text=text) for text in old[a:b]]
            found += [Change(sign="+", text=text) for text in new[c:d]]
    return found


def lines(of: Layout) -> list[str]:
    """A template to read: what differs from the defaults of each field."""
    return [f"foot {of.foot_mm:g} mm, least height {of.least_mm:g} mm", *(_line(field) for field in of.fields)]


def _line(field: Any) -> str:
    usual = {one.name: one.default for one in msgspec.structs.fields(field)}
    told = [f"{key}={value!r}" for key, value in msgspec.structs.asdict(field).items() if value != usual[key]]
    return " ".join([str(type(field).__struct_config__.tag), *told])


def _known(name: str) -> str:
    if name not in templates.BUILT_IN:
        raise NoSuchTemplate(name=name[:40] or "without a name")
    return name
