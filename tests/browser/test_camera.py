"""The handheld's camera as its scanner: a real Chromium whose camera films a drawn code, through the vendored reader.

What it reads goes the way of a wedge's burst, with the AIM identifier in front; the reader is fetched when the key is
pressed, from our own door, and runs under a policy of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright

from tests.browser.conftest import EARS, open_floor, says, scan, until
from tests.browser.scripted import ScriptedFloor
from tests.browser.test_floor_looks import FAULTS
from tests.chromium import find_chromium

pytestmark = pytest.mark.xdist_group("browser-scans")

WIDTH, HEIGHT, FRAMES = 640, 480, 4
GS1 = "(01)09506000134352(10)ABC(17)260731"
READ_GS1 = "010950600013435210ABC\x1d17260731"
CODES = [
    ("Code128", "LOC/A-14-03", {}, "]C0LOC/A-14-03"),
    ("EAN13", "4006381333931", {}, "]E04006381333931"),
    ("UPCA", "036000291452", {}, "]E00036000291452"),
    ("ITF", "15400141288763", {}, "]I115400141288763"),
    ("DataMatrix", "T-0203", {}, "]d1T-0203"),
    ("QRCode", "HTTPS://ID.GS1.ORG/01/09506000134352", {}, "]Q1HTTPS://ID.GS1.ORG/01/09506000134352"),
    ("Code128", GS1, {"gs1": True}, f"]C1{READ_GS1}"),
    ("DataMatrix", GS1, {"gs1": True}, f"]d2{READ_GS1}"),
    ("QRCode", GS1, {"gs1": True}, f"]Q3{READ_GS1}"),
]


class Film:
    """What stands before the lens; Chromium films it anew each time its camera is switched on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.show()

    def show(self, *symbols: Image.Image, width: int = WIDTH, height: int = HEIGHT) -> None:
        """Nothing, one code in the middle, or several one above the other."""
        paper = Image.new("L", (width, height), 255)
        for number, symbol in enumerate(symbols):
            left = (width - symbol.width) // 2
            top = height // 2 - symbol.height // 2 if len(symbols) == 1 else 130 + 115 * number
            paper.paste(symbol, (left, top))
        colourless = bytes([128]) * (width * height // 2)
        frame = b"FRAME\n" + paper.tobytes() + colourless
        self.path.write_bytes(f"YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420\n".encode() + frame * FRAMES)


def drawn(kind: str, text: str, height: int = 200, **how: bool) -> Image.Image:
    symbol = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind), **how)
    drawing: Any = symbol.to_image(scale=1)
    dots = memoryview(drawing)
    tall, wide = drawing.shape[:2]
    image = Image.frombytes("L", (wide, tall), dots.tobytes())
    times = max(1, min(500 // wide, height // min(tall, 60)))
    return image.resize((wide * times, min(height, tall * times)), Image.Resampling.NEAREST)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return Film(tmp_path_factory.mktemp("film") / "camera.y4m")


@pytest.fixture(scope="module")
def filmed(playwright: Playwright, film: Film) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=find_chromium(),
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film.path}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def phone(filmed: Browser, floor: ScriptedFloor) -> Iterator[Page]:
    context = filmed.new_context(viewport={"width": 360, "height": 640})
    context.add_init_script(EARS)
    context.set_default_timeout(8000)
    page = context.new_page()
    open_floor(page, floor)
    yield page
    context.close()


def aim(page: Page) -> None:
    page.locator("#screen [data-open=type]").last.click()
    page.locator("#type [data-open=camera]").click()


def told(page: Page, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('#camera [data-told]').innerText.includes(words)", arg=words
    )


def test_every_kind_of_code_arrives_as_a_wedges_burst_would(phone: Page, floor: ScriptedFloor, film: Film) -> None:
    fetched: list[str] = []
    phone.on("request", lambda request: fetched.append(request.url.split("/", 3)[3]))
    assert not phone.evaluate(
        "() => performance.getEntriesByType('resource').some(one => /camera|zxing/.test(one.name))"
    )
    for number, (kind, text, how, read) in enumerate(CODES, 1):
        film.show(drawn(kind, text, **how))
        aim(phone)
        until(phone, lambda: len(floor.taken) == number, f"{kind} {text}", 12)  # noqa: B023
        assert floor.read[-1] == read
        assert floor.taken[-1].kind == "scan"
        phone.wait_for_selector("dialog:not([open])#camera", state="attached")
        assert phone.evaluate("() => document.querySelector('#camera video').srcObject") is None, "the camera is off"
    assert sum("zxing.wasm" in url for url in fetched) == 1, "fetched once, from our own door"
    assert phone.evaluate("() => window.forbidden") == []


def test_two_codes_in_the_frame_are_none_until_one_is_left(phone: Page, floor: ScriptedFloor, film: Film) -> None:
    film.show(drawn("Code128", "T-0203", 100), drawn("Code128", "T-0204", 100))
    aim(phone)
    told(phone, "Several codes in the frame.")
    assert floor.taken == []
    assert phone.evaluate(FAULTS) == []
    scan(phone, "T-0203")  # a wedge is as good, and ends the looking
    says(phone, "Took T-0203")
    assert phone.locator("dialog[open]").count() == 0


def test_held_upright_it_reads_what_it_shows(phone: Page, floor: ScriptedFloor, film: Film) -> None:
    """A phone's picture is higher than wide then: only its middle is shown, and only the frame in that is read."""
    upright = Image.new("L", (460, 640), 255)
    for top, label in ((140, "T-0201"), (280, "T-0203"), (420, "T-0205")):
        upright.paste(drawn("Code128", label, 80), (30, top))
    film.show(upright, width=480, height=640)
    aim(phone)
    says(phone, "Took ]C0T-0203")
    assert floor.read == ["]C0T-0203"]


def test_where_the_camera_is_the_scanner_the_big_key_is_its_trigger(
    phone: Page, floor: ScriptedFloor, film: Film
) -> None:
    film.show(drawn("DataMatrix", "T-0203"))
    phone.locator("#screen .who").click()
    phone.locator("#who [data-switch=camera]").click()
    phone.locator("#who [data-close]").click()
    says(phone, "tap for camera")
    phone.locator("#screen .main").click()
    says(phone, "Took ]d1T-0203")


def test_no_https_no_camera_and_no_leave_are_said_in_words(phone: Page, floor: ScriptedFloor) -> None:
    for name, words in (
        ("NotAllowedError", "Allow it in the browser"),
        ("NotFoundError", "This device has no camera."),
        ("NotReadableError", "Another app has the camera."),
    ):
        phone.evaluate(
            "name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }", name
        )
        aim(phone)
        told(phone, words)
        phone.locator("#camera [data-close]").click()
    phone.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true })")
    aim(phone)
    told(phone, "The camera needs HTTPS.")
    assert phone.evaluate(FAULTS) == []
    phone.locator("#camera [data-open=type]").click()
    phone.locator("#type-box").fill("T-0205")
    phone.keyboard.press("Enter")
    says(phone, "Took T-0205")


def test_a_reader_that_cannot_be_fetched_is_said_and_tried_again(phone: Page, floor: ScriptedFloor, film: Film) -> None:
    film.show(drawn("Code128", "T-0203"))
    phone.context.route("**/zxing.wasm", lambda route: route.abort())
    aim(phone)
    told(phone, "The code reader did not load.")
    phone.context.unroute("**/zxing.wasm")
    phone.locator("#camera [data-close]").click()
    aim(phone)
    says(phone, "Took ]C0T-0203")
