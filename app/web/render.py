"""Answers drawn as pages: one generic screen for every Prompt, and a few of its own where that does not do.

A scan is answered within a breath, so a fragment is drawn in some tens of microseconds: templates are compiled at start,
one flat file draws a screen, and what needs deciding (which keys are seen, which part of a code differs) is decided here
in plain Python, not in the template. Everything is escaped; nothing is ever marked safe.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from app.floor.prompt import Answer, Prompt, Verdict
from app.web.assets import asset
from app.web.looks import (
    MOST_CHOICES,
    PADDED,
    TYPED,
    cart,
    key_row,
    lines_of,
    marked,
    place_slots,
    reasons,
    sentences,
    tolerance,
)

TEMPLATES = Path(__file__).parents[2] / "templates"
COMMON = "floor/screen.html"
STATION_PAGES = frozenset({"floor/pack.html"})
MODULES = (
    "floor",
    "scan",
    "queue",
    "store",
    "sounds",
    "pad",
    "say",
    "signin",
    "sheets",
    "ids",
    "live",
    "device",
    "photo",
)


class DeviceSign(msgspec.Struct, frozen=True, kw_only=True):
    """A device of a station as its page's top bar shows it: a tick, or what is wrong."""

    label: str  # "Scanner"
    well: bool = True


def _environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    # Templates read only struct fields, so the plain getattr will do; it is a third of a fragment's time faster.
    env.getattr = getattr  # type: ignore[method-assign,assignment]
    env.globals["asset"] = asset
    return env


ENV = _environment()
_COMPILED = {
    name: ENV.get_template(name)
    for name in ENV.list_templates(extensions=["html"])
    if name.startswith("floor/") or name in ("floor.html", "page.html")
}


def screen(answer: Answer, *, devices: Sequence[DeviceSign] = ()) -> str:
    """The fragment for one Answer: everything on the glass, one element, `#screen`."""
    return _COMPILED[_template_of(answer.prompt)].render(facts(answer, devices))


def page(
    answer: Answer,
    *,
    csrf: str,
    device: str,
    worker: str,
    size: str = "m",
    theme: str = "light",
    devices: Sequence[DeviceSign] = (),
) -> str:
    """The whole document for a signed-in worker. `worker` is their code: unsent scans are bound to it."""
    frame = {"title": answer.prompt.job, "csrf": csrf, "device": device, "worker": worker, "size": size, "theme": theme}
    return document(_template_of(answer.prompt), {**facts(answer, devices), **frame})


def badge_screen(*, device: str, site: str = "", verdict: Verdict | None = None) -> str:
    """The fragment that waits for a badge; with a verdict, why the last one was refused."""
    return _COMPILED["floor/badge.html"].render(device=device, site=site, v=verdict)


def badge_page(
    *,
    device: str,
    site: str = "",
    csrf: str = "",
    size: str = "m",
    theme: str = "light",
    verdict: Verdict | None = None,
) -> str:
    """The whole document while nobody is signed in."""
    frame = {"title": "Sign in", "csrf": csrf, "device": device, "worker": "", "size": size, "theme": theme}
    return document("floor/badge.html", {**frame, "site": site, "v": verdict})


def pin_page(*, name: str, badge: str, device: str, verdict: Verdict | None = None, takeover: bool = False) -> str:
    """The fragment that asks for the PIN. With `takeover` its main key signs in here and signs the other device out."""
    return _COMPILED["floor/pin.html"].render(name=name, badge=badge, device=device, v=verdict, takeover=takeover)


def _template_of(prompt: Prompt) -> str:
    return prompt.template if prompt.template in _COMPILED else COMMON


def document(template: str, known: dict[str, Any]) -> str:
    """A fragment's template inside the whole document."""
    return _COMPILED["floor.html"].render({**known, "template": template, "modules": MODULES})


def facts(answer: Answer, devices: Sequence[DeviceSign] = ()) -> dict[str, Any]:
    """What a template needs besides the Prompt itself, decided once."""
    prompt, verdict = answer.prompt, answer.verdict
    big = prompt.biggest
    slots, place_size = place_slots(prompt.place) if prompt.place else ((), "")
    station = prompt.template in STATION_PAGES
    hold = verdict is not None and verdict.kind == "error"
    stop = verdict is not None and (hold or (verdict.kind == "warning" and bool(verdict.title or verdict.expected)))
    item_below = big == "place" and (prompt.item is not None or prompt.facts)
    padded = prompt.ask in PADDED and not prompt.choices  # a pad and eight choices do not fit one glass
    summed = big == "lines" and bool(prompt.rows or prompt.facts) and prompt.quantity is not None  # a line among lines
    less = 0 if station else bool(verdict) + bool(prompt.hint and (prompt.keys or prompt.can_undo))
    rows, more_rows = lines_of(prompt.rows, less=less) if prompt.rows else ((), 0)
    known: dict[str, Any] = {
        "a": answer,
        "p": prompt,
        "v": verdict,
        "big": big,
        "slots": slots,
        "place_size": place_size,
        "stop": stop,
        "hold": hold,
        "keys": key_row(prompt, most=4 if station else 3),
        "choices": prompt.choices[:MOST_CHOICES],
        "pressing": any(key.pressed for key in prompt.choices) if prompt.choices else False,
        "cart": cart(prompt.totes, prompt.tote) if prompt.totes else None,
        "rows": rows,
        "more_rows": more_rows,
        "why": reasons(prompt.why) if prompt.why else (),
        "padded": padded,
        "summed": summed,
        "at_done": f"at {prompt.place}" in prompt.done,
        "counts": prompt.ask == "quantity" and not padded,
        "scans": prompt.ask == "scan" or any(kind not in TYPED for kind in prompt.expects),
        "bare": not (prompt.item or prompt.place or rows or prompt.facts),
        "now": big == "item" and not prompt.facts and prompt.ask == "scan",
        "has_b": not padded
        and bool(
            item_below
            or (prompt.quantity is not None and not summed)
            or prompt.tote
            or prompt.why
            or (prompt.choices and prompt.ask in PADDED)
        ),
    }
    if stop and verdict is not None:
        known["words"] = sentences(verdict)
        known["marks"] = marked(verdict.expected, verdict.scanned)
    if station:
        carton = prompt.carton
        known["devices"] = devices
        known["typed"] = prompt.ask in TYPED
        known["tolerance"] = tolerance(carton) if carton is not None else None
        known["carton_why"] = reasons(carton.why) if carton is not None else ()
    return known
