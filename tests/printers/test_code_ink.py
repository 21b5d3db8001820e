"""Printer code lies over nothing that is scanned: what it draws is computed, and never less than what comes out."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import ImageOps

from printers import codes, picture, templates, zpl
from printers.checking import Paper, check
from printers.code_ink import ink
from printers.drawing import Template
from printers.examples import EXAMPLES, height_mm, with_text
from printers.layout import BrokenTemplate, Code
from tests.printers.renderers import scanned, zplkit_draws
from tests.printers.samples import SCANNED

SVG = "{http://www.w3.org/2000/svg}"


def with_code(name: str, code: str) -> Template:
    label, usual = templates.BUILT_IN[name]
    return Template(name, label, replace(usual, fields=(*usual.fields, Code(code=code))))


def read(name: str, code: str, text: str = "") -> list[str]:
    label = with_text(EXAMPLES[name], text) if text else EXAMPLES[name]
    height = height_mm(name)
    [image] = zplkit_draws(zpl.render(label, height_mm=height, template=with_code(name, code)), height_mm=height)
    return scanned(image)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tote", "^FO40,200^GB700,180,180^FS"),
        ("tote", "^FT40,390^GB700,180,180^FS"),
        ("tote", "^FO250,150^GC240,240^FS"),
        ("tote", "^FO300,190^GE200,180,180,W^FS"),
        ("tote", "^FO60,120^A0N,400,400^FH_^FD{kind}^FS"),
        ("shipping", "^FO0,900^GB800,300,300^FS"),
        ("item_gs1", "^FO0,150^GD260,200,90^FS"),
        ("command_sheet", "^FO0,100^GB800,1090,700^FS"),
    ],
)
def test_what_would_hide_the_symbol_is_refused(name: str, code: str) -> None:
    assert read(name, code) != sorted(SCANNED[name])  # it does hide it
    with pytest.raises(BrokenTemplate, match=r"its ink lies over field \d+, which needs white all round") as problem:
        check(with_code(name, code), [Paper(height_mm=height_mm(name))])
    assert problem.value.field == len(templates.BUILT_IN[name][1].fields) + 1


def test_nothing_is_drawn_into_a_quiet_zone_or_below_a_logistic_symbol() -> None:
    for code in ("^FO2,230^GB8,100,8^FS", "^FO2,2^A0R,20,20^FH_^FD{kind}^FS", "^FO300,150^BEN,40^FD590123412345^FS"):
        with pytest.raises(BrokenTemplate, match="white all round"):
            check(with_code("tote", code))
    with pytest.raises(BrokenTemplate, match="this symbol is the lowest"):
        check(with_code("shipping", "^FO10,1175^A0N,16,16^FDThank you^FS"))


@settings(max_examples=40, deadline=None)
@given(
    x=st.integers(0, 780),
    y=st.integers(0, 390),
    drawn=st.sampled_from(
        ("^GB{a},{b},{b}", "^GC{a},9", "^GE{a},{b},5", "^GD{a},{b},7", "^A0N,{a},{a}^FDWMg", "^A0B,30,{a}^FDWM")
    ),
    place=st.sampled_from(("^FO", "^FT")),
    a=st.integers(5, 200),
    b=st.integers(5, 200),
)
def test_what_may_be_saved_is_still_scanned(x: int, y: int, drawn: str, place: str, a: int, b: int) -> None:
    code = f"{place}{x},{y}{drawn.format(a=a, b=b)}^FS"
    try:
        check(with_code("tote", code))
    except BrokenTemplate:
        return
    assert read("tote", code) == SCANNED["tote"]


@pytest.mark.parametrize(
    "code",
    [
        "^FO100,100^GB60,40,4^FS",
        "^FO100,100^GD80,40,10^FS",
        "^FO100,100^GD80,40,10,B,L^FS",
        "^FT100,200^GC60,4^FS",
        "^FO100,100^GE60,40,4^FS",
        "^FT100,200^A0N,40,40^FDxgWW^FS",
        "^FO100,100^A0R,40,80^FDxgWW^FS",
        "^FO100,100^A0I,40,40^FDxgWW^FS",
        "^CF0,30^FO100,100^FDxgWW^FS",
        "^FO100,100^BCN,60^FDABC-1234567890^FS",
        "^FT100,300^BY3^BCN,60,Y,Y^FDabc^FS",
        "^FO100,100^BCR,60,N^FDABC^FS",
        "^FO100,100^BY3^B3N,N,60^FDABC^FS",
        "^FO100,100^BEN,60^FD590123412345^FS",
        "^FO100,100^BQN,2,4^FDQA,https://pickface.example/totes/42^FS",
        "^FT100,300^BQN,2,4^FDQA,x^FS",
        "^FO100,100^BXN,4,200^FDABCdef0123456789^FS",
        "^FO100,100^GSN,40,40^FDA^FS",
    ],
)
def test_no_ink_lies_outside_its_box(code: str) -> None:
    codes.check(code)
    [box] = ink(code, width=800, height=400)
    [image] = zplkit_draws(f"^XA^CI28^PW800^LL400{code}^XZ".encode(), height_mm=50)
    found = ImageOps.invert(image.convert("L")).getbbox()
    assert found is not None
    assert box[0] <= found[0]
    assert box[1] <= found[1]
    assert box[2] >= found[2]
    assert box[3] >= found[3]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("^FO1,1^B7N,4^FDx^FS", "how large ^B7 comes out cannot be told; ^BC, ^B3, ^BE, ^BX and ^BQ can."),
        ("^FO1,1^FDx^FS", "text says how large it is before ^FD: ^A0N,40,40."),
        ("^FO1,1^A0N^FDx^FS", "^A0 says how high its letters are"),
        ("^CFB,30^FO1,1^FDx^FS", "write ^CF0,40."),
        ("^GB9,9^FS", "^GB stands between ^FO and ^FS."),
        ("^FO1,1^GB9,9^GB700,300,300^FS", "only one thing"),
        ("^FO1,1^GB9,9^A0N,40,40^FDx^FS", "only one thing"),
        ("^FO1,1,1^GB9,9^FS", "^FO says where it stands in two numbers"),
        ("^FT^GB9,9^FS", "^FT says where it stands in two numbers"),
        ("^FT1,90^A0R,40,40^FDx^FS", "a turned field stands by ^FO"),
        ("^FT76,135^GE191,198,5^FS", "^FT76,135 would begin above the paper"),
        ("^FO1,1^GBx,9^FS", "^GB needs a whole number of dots, not 'x'."),
        ("^FO1,1^BXN,4^FDx^FS", "^BXN,4,200."),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(code: str, why: str) -> None:
    with pytest.raises(BrokenTemplate) as problem:
        check(with_code("tote", code))
    assert why in problem.value.sentence


# ── the picture an admin sees while typing ───────────────────────────────────────────────────────────────────────────
def drawn(code: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture.label_svg(f"^XA{code}^XZ".encode())))[1:]


@pytest.mark.parametrize("name", sorted({*codes.MAY, *(f"^B{letter}" for letter in codes.BARCODES)}))
def test_what_may_stand_in_a_template_is_drawn_or_named(name: str) -> None:
    if name in ("^BY", "^CF", "^FH", "^FO", "^FT", "^FS", "^FX", "^FD", "^FR"):
        return  # they leave no ink by themselves
    code = f"^FO10,10{name}{'' if name.startswith(('^G', '^C')) else 'N,'}60,40,4^FDA^FS"
    if name in ("^GB", "^GC", "^GD", "^GE"):
        code = f"^FO10,10{name}60,40,4^FS"
    assert bool(drawn(code)) != (name in picture.not_drawn(code.encode()))


def test_the_picture_is_as_the_printer_draws_it() -> None:
    [text] = drawn("^FT100,200^A0N,40,40^FDMug^FS")
    assert (text.get("y"), text.text) == ("200.0", "Mug")
    [bars, said] = drawn("^FO100,100^BCN,60^FDABC^FS")
    assert (bars.tag, said.text) == (f"{SVG}path", "ABC")
    assert "v60" in str(bars.get("d"))
    assert [one.tag for one in drawn("^FO1,1^GC60,4^FS^FO1,1^GE60,40,4^FS")] == [f"{SVG}ellipse"] * 2
    [turned] = drawn("^FO100,100^A0R,40,40^FDMug^FS")
    assert turned.get("transform") == "translate(140 100) rotate(90)"
    for code, missing in (("^BQN,2,4^FDQA,x", "^BQ"), ("^BCR,60^FDA", "^BC"), ("^BXN,4,200^FDA", "^BX")):
        assert picture.not_drawn(f"^XA^FO1,1{code}^FS^XZ".encode()) == (missing,)


@pytest.mark.parametrize("name", templates.BUILT_IN)
def test_nothing_of_our_own_labels_is_left_out(name: str) -> None:
    assert picture.not_drawn(zpl.render(EXAMPLES[name], height_mm=height_mm(name))) == ()
