"""Saved label templates that today's checks would not let through.

A template is checked when it is saved; a newer Pickface may check more, and a picture it shows may be gone. So it is
checked again before a label is made of it, and a label nobody could scan is refused in words. The Templates page says of
each one before anybody needs a label; the device wall says it at the printer, from the first label refused on until the
template is mended.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from app import label_templates
from app.config import PrinterSettings
from app.db import Tx
from printers import checking
from printers.checking import Paper
from printers.drawing import Template
from printers.layout import BrokenTemplate

_REFUSED: dict[tuple[str, str], PrinterSettings] = {}  # by printer and template: no more than the house has of both


def refusal(template: Template, printer: PrinterSettings) -> str:
    """Why no label is made of it for this printer, kept for the device wall; empty where all is well."""
    if not template.version:
        return ""
    told = "".join(fault(template, label_templates.papers([printer])))
    if told:
        _REFUSED[printer.name, template.name] = printer
    return told


def refused(tx: Tx) -> dict[str, list[str]]:
    """By printer, why labels were refused there and still would be."""
    found: dict[str, list[str]] = {}
    for (printer, name), paper in sorted(_REFUSED.items(), key=lambda one: one[0]):
        template = label_templates.named(tx, name)
        if template.version:
            found.setdefault(printer, []).extend(fault(template, label_templates.papers([paper])))
    return found


def everything(tx: Tx, printers: Iterable[PrinterSettings]) -> dict[str, str]:
    """By name, why a saved template is not sound on one of the house's papers; those that are sound are left out."""
    papers = label_templates.papers(printers)
    found = {
        name: fault(label_templates.named(tx, name), papers)
        for name, version in label_templates.everything(tx).items()
        if version
    }
    return {name: faults[0] for name, faults in found.items() if faults}


def fault(template: Template, papers: Sequence[Paper]) -> list[str]:
    """A sentence where it is not sound: the first paper's."""
    return [told for paper in papers or [Paper()] if (told := _fault(template, paper))][:1]


@lru_cache(maxsize=256)
def _fault(template: Template, paper: Paper) -> str:
    """Once for a template of `label_templates.made` and a paper: drawing it for this takes tens of milliseconds."""
    try:
        checking.check(template, [paper])
    except BrokenTemplate as problem:
        return f"Version {template.version} of the template {template.name} is not sound: {problem.sentence}"
    return ""
