"""One scan of a set-up code says what is wrong with a scanner, in words somebody can follow."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from devices.calibration import AIM, ELEMENTS, LINK, Found, in_words, recognise, settings_of
from devices.keyboards import LAYOUTS, Layout, typed
from devices.link import DeviceThread
from devices.scanner import Scanner
from devices.serial_port import SerialPort
from devices.symbology import GS
from devices.virtual import VirtualScanner
from printers.picture import datamatrix_svg, gs1_128_svg
from tests.devices.conftest import Heard, until
from tests.devices.test_scanner import Run


def found(text: str) -> Found:
    seen = recognise(text)
    assert seen is not None, text
    return seen


def wishes(text: str, *, types: bool = True) -> list[str]:
    return [told.sentence for told in in_words(found(text), types=types) if not told.well]


def test_a_scanner_that_is_set_up_well_has_nothing_to_wish_for() -> None:
    seen = found("]C1" + ELEMENTS + "\r")
    assert (seen.code, seen.aim, seen.separator, seen.terminator, seen.prefix) == ("GS1-128", "]C1", GS, "\r", "")
    assert not seen.is_misread
    assert wishes("]C1" + ELEMENTS + "\r") == []
    assert found("]d2" + ELEMENTS + "\t").code == "DataMatrix"
    assert wishes("]Q1" + LINK + "\r") == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("separator", [GS, ""])
def test_each_keyboard_layout_is_known_by_what_it_makes_of_the_code(layout: Layout, separator: str) -> None:
    for text in (typed(AIM["GS1-128"] + ELEMENTS.replace(GS, separator), layout) + "\r", typed(LINK, layout)):
        seen = found(text)
        assert (seen.layout, seen.caps_lock) == layout
        assert seen.is_misread == (layout != ("QWERTY", False))


def test_a_wrong_layout_is_told_in_words() -> None:
    garbled = typed(ELEMENTS.replace(GS, ""), ("QWERTZ", True))
    assert garbled == "010950600013435210ZyAq21pf1"
    assert wishes(garbled) == [
        "The keyboard of this computer is QWERTZ, and the scanner types for an American one: set the scanner's keyboard "
        "country to Germany, or the computer's layout to English (US).",
        "Caps Lock is on: switch it off, or let the scanner ignore it.",
        "No terminator arrives: let the scanner end each code with Enter (CR) or Tab.",
        "No AIM identifier arrives: let the scanner send it (“transmit AIM ID” or “symbology identifier”).",
        "The separator (GS) is lost: a lot would swallow what stands behind it. Let the scanner send GS, or a stand-in "
        "such as ~.",
    ]


def test_what_stands_around_the_code_becomes_settings() -> None:
    text = ELEMENTS.replace(GS, "~")
    assert settings_of(found(text + "\t")) == {"framing": "tab", "gs": "~"}
    assert settings_of(found("\x02" + text + "\x03")) == {"framing": "stx", "gs": "~"}
    assert wishes("ab]C1" + ELEMENTS + "\r") == [
        "2 characters stand before the code: take the prefix out of the scanner."
    ]
    assert wishes("]C1" + ELEMENTS, types=False)[0].endswith("tell its codes apart by pauses.")


def test_a_label_is_no_set_up_code() -> None:
    for text in ("", "A-01", "]C10109506000134352", ELEMENTS[:-3], LINK[:-3]):
        assert recognise(text) is None


def pixels(svg: str, scale: int = 4) -> Image.Image:
    """Our own drawings are strokes on white."""
    width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    image = Image.new("L", (width * scale, height * scale), 255)
    for x, y, w, h in ([int(n) * scale for n in stroke] for stroke in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", svg)):
        ImageDraw.Draw(image).rectangle((x, y, x + w - 1, y + h - 1), fill=0)
    return image


@pytest.mark.parametrize(("drawing", "aim"), [(gs1_128_svg, "]C1"), (datamatrix_svg, "]d2")])
def test_the_codes_on_the_page_are_read_by_another_reader(drawing: object, aim: str) -> None:
    assert callable(drawing)
    read = zxingcpp.read_barcodes(pixels(drawing(ELEMENTS)))
    assert [(one.text, one.symbology_identifier) for one in read] == [("(01)09506000134352(10)yZaQ(21)PF1", aim)]


def test_what_a_stations_scanner_said_last_is_kept_byte_for_byte(
    pistol: VirtualScanner, heard: Heard, running: Run
) -> None:
    device: DeviceThread = running(Scanner("pistol", SerialPort(pistol.address), heard))
    until(device, "open")
    assert device.heard.last() is None
    pistol.send_raw(b"]C1" + ELEMENTS.encode() + b"\r\n")
    heard.wait(1)
    last = device.heard.last()
    assert last is not None
    assert last.raw.startswith(b"]C1010950600013435210yZaQ\x1d21PF1\r")
