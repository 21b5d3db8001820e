"""Templates are data, and a broken one cannot be saved: the refusal names the field and says why."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image, ImageDraw

from printers import graphics, layout, picture, templates, zpl
from printers.checking import Paper, check
from printers.drawing import Template
from printers.examples import EXAMPLES, with_text
from printers.labels import BadgeLabel, ItemLabel, LabelRefused, ShippingLabel
from printers.layout import Box, BrokenTemplate, Code, Layout, Picture, Rule, Symbol, Text
from printers.placeholders import pattern
from tests.printers.renderers import BOTH, scanned

HOUSE = [
    Paper(),
    Paper(dpi=300, height_mm=50),
    Paper(dpi=600, width_mm=105, height_mm=148),
    Paper(width_mm=50, height_mm=30),
]
SYMBOL = Symbol(y="54%", h="45%", symbol="code128", text="{barcode}", edge=True)


def tote(*fields: layout.AnyField) -> Template:
    return Template("tote", type(EXAMPLES["tote"]), Layout(fields=(*fields, SYMBOL)))


def refused(template: Template) -> BrokenTemplate:
    with pytest.raises(BrokenTemplate) as problem:
        check(template, HOUSE)
    return problem.value


@pytest.mark.parametrize("name", templates.BUILT_IN)
def test_what_every_house_begins_with_may_be_saved(name: str) -> None:
    label, fields = templates.BUILT_IN[name]
    assert layout.decode(layout.encode(fields)) == fields
    check(Template(name, label, fields), HOUSE)


def test_a_changed_template_prints_what_it_now_says() -> None:
    template = tote(Text(y="0", h="20%", text="Wash me: {CODE} [({kind})]"))
    check(template, HOUSE)
    payload = zpl.render(EXAMPLES["tote"], height_mm=50, template=template)
    assert "Wash me: TOTE-0042 (600 x 400)" in picture.texts(payload)
    for draw in BOTH.values():
        [image] = draw(payload, height_mm=50)
        assert scanned(image) == ["TOTE-0042"]


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (Text(y="0", h="10%", text="{tote}"), "{tote} is not on this label. It has code, kind, barcode."),
        (Text(y="0", h="10%", text="{code"), "has a brace that is no placeholder"),
        (Text(y="0", h="10", text="x"), "'10' is not a length; write 8.5%, 4mm or 100%-4mm."),
        (Text(x="60%", y="0", w="60%", h="10%", text="x"), "mm from the left"),
        (Text(y="0", h="120%", text="x"), "mm from the top; the paper is 100 × 50 mm."),
        (Text(y="0", h="10%", text="x", lines=7), "text has 1 to 6 lines."),
        (Text(y="0", h="10%", text="x" * 401), "a text has at most 400 characters."),
        (Box(y="0", h="10%", line_mm=11), "a frame is 0 to 10 mm thick."),
        (Picture(y="0", h="10%", name="logo"), "there is no picture named 'logo'."),
        (Symbol(x="0", y="0", w="20%", h="20%", symbol="code128", text="{barcode}"), "mm wide with its quiet zones"),
        (Symbol(y="0", h="20%", symbol="code128", text="{kind}"), "use digits, capitals and"),
        (Code(code="^FO1,1^FDx^FS^XZ"), "^XZ may not stand in a template"),
        (Code(code="~JA^FS"), "without `~`"),
        (Code(code="^FO1,1^GFB,9,9,1,x^FS"), "^GF may not stand in a template"),
        (Code(code="^FO{code},1^FDx^FS"), "only as field data"),
        (Code(code="^FO1,1^FD{code}^FS"), "only as field data"),
        (Code(code="^FO9999,1^FDx^FS"), "is not on the paper"),
        (Code(code="^FO1,1^FO2,2^FDx^FS"), "ends with its ^FS"),
        (Code(code="^FO1,1^FDx"), "ends with ^FS"),
        (Code(code=r"^FO1,1^FDa\&b^FS"), "no backslash"),
    ],
)  # fmt: skip
def test_a_broken_field_is_named_and_the_reason_said(field: layout.AnyField, why: str) -> None:
    problem = refused(tote(Rule(y="53%"), field))
    assert problem.field == 2
    assert problem.sentence.startswith("Field 2: ")
    assert why in problem.sentence


def test_what_the_label_is_scanned_by_stays_on_it_and_alone() -> None:
    assert "scanned by {barcode}" in refused(Template("tote", ItemLabel, Layout(fields=(Rule(y="0"),)))).sentence
    over = refused(tote(Text(y="50%", h="10%", text="x")))
    assert over.sentence == "Field 2: it lies over field 1; a symbol needs white all round."
    shipping = templates.SHIPPING
    below = replace(shipping, fields=(*shipping.fields, Text(y="100%+38.5mm", h="3mm", text="Thank you")))
    assert "this symbol is the lowest" in refused(Template("shipping", ShippingLabel, below)).sentence
    plain = tuple(replace(one, symbol="plate") if isinstance(one, Symbol) else one for one in shipping.fields)
    loose = Template("shipping", ShippingLabel, replace(shipping, fields=plain))
    assert "needs a logistic symbol" in refused(loose).sentence
    assert "1 to 60 fields" in refused(tote(*[Rule(y="0")] * 60)).sentence


def test_text_that_is_no_template_is_refused() -> None:
    for text in (
        b"",
        b"[]",
        b'{"fields": [{"kind": "poem"}]}',
        b'{"fields": [{"kind": "text", "lines": "two"}]}',
        b"\xff",
    ):
        with pytest.raises(BrokenTemplate, match="not a template"):
            layout.decode(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{worker} {ROLE}", "Ana Ruiz PICKER"),
        ("[At {site}] [as {role}]", "At Leeds 1 as Picker"),
        ("[At {site}]", "At Leeds 1"),
        ("STAFF", "STAFF"),
        ("", ""),
    ],
)
def test_placeholders_say_what_is_on_the_label(text: str, said: str) -> None:
    badge = EXAMPLES["badge"]
    assert pattern(text, BadgeLabel)(badge) == said


def test_what_is_empty_leaves_its_words_out() -> None:
    badge = BadgeLabel(badge="B-1", worker="Ana  [Ruiz] {x}")
    assert pattern("[At {site}]  [{worker}]", BadgeLabel)(badge) == "Ana  [Ruiz] {x}"
    assert pattern("[At {site}] [as {role}]", BadgeLabel)(badge) == ""


EXPERT = tote(Code(code="^FO16,16^A0N,40,40^FH_^FDFor {code}, {kind}^FS^FO16,64^GE40,40,4^FS"))


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=120))
def test_printer_code_obeys_nothing_a_label_says(text: str) -> None:
    label = with_text(EXAMPLES["tote"], text)
    payload = zpl.render(label, height_mm=50, template=EXPERT)
    plain = zpl.render(EXAMPLES["tote"], height_mm=50, template=EXPERT)
    assert picture.skeleton(payload) == picture.skeleton(plain)
    assert payload.count(b"^XZ") == 1
    assert not re.search(rb"[~\\\x00-\x09\x0b-\x1f\x7f]", payload)


def test_printer_code_prints_what_the_label_says() -> None:
    check(EXPERT, HOUSE)
    payload = zpl.render(with_text(EXAMPLES["tote"], "A^XZ_5E"), height_mm=50, template=EXPERT)
    assert "For TOTE-0042, A^XZ_5E" in picture.texts(payload)


def test_the_logo_of_the_house_comes_out_as_it_is() -> None:
    drawn = Image.new("RGBA", (60, 30), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).rectangle((0, 0, 29, 29), fill="black")
    file = io.BytesIO()
    drawn.save(file, "PNG")
    logo = graphics.opened(graphics.taken_in(file.getvalue()))
    fields = Layout(fields=(Picture(x="0", y="0", w="20mm", h="10mm", name="logo"), SYMBOL))
    template = Template("tote", type(EXAMPLES["tote"]), fields, pictures={"logo": logo})
    check(template, HOUSE)
    payload = zpl.render(EXAMPLES["tote"], height_mm=50, template=template)
    assert b":Z64:" in payload
    for draw in BOTH.values():
        [image] = draw(payload, height_mm=50)
        grey = image.convert("L")
        assert grey.crop((32, 32, 110, 110)).getextrema() == (0, 0)
        assert grey.crop((114, 32, 190, 110)).getextrema() == (255, 255)
    assert "M32 32h80" in picture.label_svg(payload)


@pytest.mark.parametrize("given", [b"", b"GIF89a", b"<svg/>", b"x" * (graphics.LARGEST + 1)])
def test_what_is_no_picture_is_refused(given: bytes) -> None:
    with pytest.raises(LabelRefused):
        graphics.taken_in(given)
