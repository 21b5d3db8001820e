"""Lines of a label in scripts no label printer sets: drawn by us as Chromium draws them, which shapes text by its own code.

The very same font is given to both, and the two pictures are laid on one another. Letter by letter, in the order they
are typed, the same text covers little of Chromium's picture, so the measure can tell the two apart.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import fontpkg_noto_sans_arabic
import fontpkg_noto_sans_devanagari
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont
from playwright.sync_api import Browser

from printers import bitmap, typefaces
from tests import npm

pytestmark = pytest.mark.xdist_group("browser-looks")

JAPANESE_FONT = (
    "@fontsource/sawarabi-gothic",
    "5.3.1",
    "29bf44a5846453419e066fb8e09cd30919643fa04a3210af3397fc11e65f78ae",
    "package/files/sawarabi-gothic-japanese-400-normal.woff",
    "sawarabi-gothic-5.3.1.woff",
)
HEIGHT = 80
SMALLER = 108  # two scripts are too high together and are set smaller: of this height as large as Chromium sets them
ALIKE, UNLIKE = 0.85, 0.6  # the share of all ink that both have: the same line, and another one
TEXTS = {"arabic": "مرحبا بالعالم", "devanagari": "क्षत्रिय हिन्दी", "japanese": "東京都北区受取人"}


@pytest.fixture(params=sorted(TEXTS))
def script(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[str, Path]]:
    """(text, its font), where no other font is on the machine."""
    name = str(request.param)
    copyfile(_font(name), tmp_path / "notosans-bold.ttf")
    _forget()
    monkeypatch.setattr(typefaces, "FOLDERS", (str(tmp_path),))
    yield TEXTS[name], tmp_path / "notosans-bold.ttf"
    monkeypatch.undo()
    _forget()


def test_a_line_is_drawn_as_chromium_draws_it(chromium: Browser, script: tuple[str, Path]) -> None:
    text, font = script
    assert bitmap.undrawn(text) == ""
    ours = _ink(bitmap.line_image(text, height=HEIGHT, width=4000))
    theirs = _ink(_in_chromium(chromium, text, font))
    assert _shared(ours, theirs) > ALIKE
    if len(text.split()) > 1:  # letters that join; Japanese is set letter by letter
        assert _shared(_ink(_letter_by_letter(text, font)), theirs) < UNLIKE
    assert _shared(_ink(bitmap.line_image(text[::-1], height=HEIGHT, width=4000)), theirs) < UNLIKE


@pytest.mark.parametrize("text", ["हिन्दी مرحبا بالعالم", "مرحبا हिन्दी بالعالم"])
def test_a_line_of_two_scripts_and_two_fonts(
    chromium: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    fonts = [tmp_path / "notosans-bold.ttf", tmp_path / "notosansarabic.ttf"]
    for font, name in zip(fonts, ("devanagari", "arabic"), strict=True):
        copyfile(_font(name), font)
    _forget()
    monkeypatch.setattr(typefaces, "FOLDERS", (str(tmp_path),))
    try:
        theirs = _ink(_in_chromium(chromium, text, *fonts))
        assert _shared(_ink(bitmap.line_image(text, height=SMALLER, width=4000)), theirs) > ALIKE
        turned = " ".join(text.split()[::-1])
        assert _shared(_ink(bitmap.line_image(turned, height=SMALLER, width=4000)), theirs) < UNLIKE
    finally:
        monkeypatch.undo()
        _forget()


def _font(name: str) -> Path:
    if name == "japanese":
        found = npm.fetched(*JAPANESE_FONT)
        if found is None:
            pytest.skip("npm is not here: no Japanese font to draw with")
        return found
    package = fontpkg_noto_sans_arabic if name == "arabic" else fontpkg_noto_sans_devanagari
    return next(Path(str(package.__file__)).parent.rglob("*.ttf"))


def _in_chromium(chromium: Browser, text: str, *fonts: Path) -> Image.Image:
    faces = "".join(
        f"@font-face {{ font-family: f{number}; font-weight: 100 900; "
        f"src: url(data:font/ttf;base64,{base64.b64encode(font.read_bytes()).decode()}) }}"
        for number, font in enumerate(fonts)
    )
    families = ", ".join(f"f{number}" for number in range(len(fonts)))
    page = chromium.new_page(viewport={"width": 2400, "height": 300})
    try:
        page.set_content(
            f"<style>{faces} p {{ font: 700 64px {families}; position: absolute; left: 40px; top: 40px; "
            f"white-space: nowrap; unicode-bidi: plaintext; font-synthesis: none }}</style><p>{text}</p>"
        )
        page.evaluate("document.fonts.ready.then(() => true)")
        return Image.open(io.BytesIO(page.screenshot()))
    finally:
        page.close()


def _letter_by_letter(text: str, font: Path) -> Image.Image:
    """What a program draws that knows nothing of the script."""
    image = Image.new("L", (4000, 300), 255)
    loaded, across = ImageFont.truetype(str(font), 64), 20.0
    for letter in text:
        ImageDraw.Draw(image).text((across, 60), letter, font=loaded, fill=0)
        across += loaded.getlength(letter)
    return image


def _ink(image: Image.Image) -> Image.Image:
    """Its ink alone, black on white, cut to its edges."""
    grey = image.convert("L").point(lambda value: 255 if value > 140 else 0)
    return grey.crop(ImageChops.invert(grey).getbbox())


def _shared(one: Image.Image, other: Image.Image) -> float:
    """The ink both have, of the ink either has, at the same height."""
    width = round(one.width * other.height / one.height)
    one = one.resize((width, other.height)).point(lambda value: 255 if value > 140 else 0)
    wide = max(one.width, other.width)
    first, second = (Image.new("L", (wide, other.height), 255) for _ in range(2))
    first.paste(one, (0, 0))
    second.paste(other, (0, 0))
    both, either = ImageChops.lighter(first, second), ImageChops.darker(first, second)
    return both.histogram()[0] / either.histogram()[0]


def _forget() -> None:
    for known in (typefaces.files, typefaces._fonts, typefaces.missing, typefaces._is_missing, bitmap.line_image):
        known.cache_clear()
