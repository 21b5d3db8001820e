"""Lines a printer cannot set: shaped as their readers write them, whole, and read the same by two renderers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fontpkg_noto_sans_arabic
import fontpkg_noto_sans_devanagari
import pytest
from PIL import Image, ImageChops, ImageFont, features

from printers import bitmap, typefaces, zpl
from printers.labels import LpnLabel
from tests.printers.renderers import BOTH

HINDI, ARABIC = "क्षत्रिय हिन्दी", "مرحبا بالعالم"


@pytest.fixture
def fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own fonts and two that come with the tests."""
    folders = [str(Path(str(one.__file__)).parent) for one in (fontpkg_noto_sans_arabic, fontpkg_noto_sans_devanagari)]
    yield from with_folders(monkeypatch, (*folders, *typefaces.FOLDERS))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from with_folders(monkeypatch, ())


def with_folders(monkeypatch: pytest.MonkeyPatch, folders: tuple[str, ...]) -> Iterator[None]:
    forget()
    monkeypatch.setattr(typefaces, "FOLDERS", folders)
    yield
    monkeypatch.undo()
    forget()


def forget() -> None:
    for known in (typefaces.files, typefaces._fonts, typefaces.missing, typefaces._is_missing, bitmap.line_image):
        known.cache_clear()


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize("text", [HINDI, ARABIC])
def test_a_script_is_shaped_and_not_set_letter_by_letter(text: str) -> None:
    assert features.check("raqm")
    assert bitmap.undrawn(text) == ""
    font, same = typefaces.best_for(text, 60)
    assert same == text
    assert isinstance(font, ImageFont.FreeTypeFont)
    apart = sum(font.getlength(letter) for letter in text)
    assert font.getlength(text) < apart * 0.9  # joined and stacked, it is narrower than its letters
    image = bitmap.line_image(text, height=60, width=2000)
    assert image.size[1] == 60
    assert ink(image)[0] > 1000


@pytest.mark.usefixtures("fonts")
def test_arabic_runs_from_right_to_left() -> None:
    one, both = (bitmap.line_image(text, height=60, width=2000) for text in ("سلام", "سلام ١"))
    left = both.crop((0, 0, both.width - one.width + 2, 60))
    right = both.crop((both.width - one.width, 0, both.width, 60))
    assert ink(left)[0] < ink(right)[0]  # what is said first stands on the right
    assert (
        ImageChops.difference(right.convert("L"), one.convert("L")).getbbox() is None
        or ink(right)[0] >= ink(one)[0] * 0.9
    )


@pytest.mark.usefixtures("fonts")
def test_nothing_that_hangs_below_or_stands_above_is_cut_off() -> None:
    for text in (HINDI, "ह्रीं ख़ूँ", ARABIC, "Ǻģ"):
        tall = bitmap.line_image(text, height=80, width=3000)
        box = tall.convert("L").point(lambda grey: 255 - grey).getbbox()
        font, _ = typefaces.best_for(text, 64)
        _, top, _, bottom = font.getbbox(text)
        assert box is not None
        assert box[3] - box[1] >= min(80, bottom - top) * 0.8


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize("text", [HINDI, ARABIC])
def test_both_renderers_print_the_same_dots(text: str) -> None:
    payload = zpl.render(LpnLabel(lpn="LPN-1", item=text, name="Mug", quantity=1, unit="each"))
    assert payload.count(b"^GFA,") == 1
    where = (32, 130, 768, 240)
    first, second = (draw(payload)[0].convert("L").crop(where) for draw in BOTH.values())
    assert ink(first.convert("1"))[0] > 500
    assert ImageChops.difference(first, second).getbbox() is None


@pytest.mark.usefixtures("fonts")
def test_a_line_of_several_scripts_is_drawn_whole_by_several_fonts() -> None:
    for text, seen in (
        (f"Київ {HINDI}", ["Київ ", HINDI]),
        (f"{ARABIC} {HINDI}", [HINDI, f"{ARABIC} "]),  # begins on the right
        (f"{HINDI} {ARABIC} 12", [f"{HINDI} ", "12", f"{ARABIC} "]),
    ):
        runs = typefaces.runs(text, 64)
        assert [run.text for run in runs] == seen
        assert [run.rightward for run in runs] == [ARABIC not in part for part in seen]
        assert bitmap.undrawn(text) == ""
        image = bitmap.line_image(text, height=80, width=3000)
        alone = [bitmap.line_image(part.strip(), height=80, width=3000) for part in seen]
        assert ink(image)[0] == pytest.approx(sum(ink(one)[0] for one in alone), rel=0.05)


@pytest.mark.usefixtures("bare")
def test_what_no_font_has_is_told_with_the_package_that_brings_it() -> None:
    assert set(bitmap.undrawn("Beijing 北京")) == {"北", "京"}
    assert typefaces.package_for("北") == "fonts-noto-cjk"
    assert typefaces.package_for("ह") == "fonts-noto-core"
    assert bitmap.undrawn("Größe 8") == ""
    assert ink(bitmap.line_image("北京", height=40, width=400))[0] > 20  # question marks


def ink(image: Image.Image) -> tuple[int, int]:
    """Black dots, white dots."""
    black = image.convert("L").histogram()[0]
    return black, image.width * image.height - black
