"""The virtual printer's window: the label in the browser is the label on paper."""

from __future__ import annotations

import socket
import threading
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

import pytest

from printers import datamatrix, escpos, picture, slip_picture, zpl
from printers.virtual import VirtualPrinter
from printers.virtual_page import VirtualPrinterPage, run_printer
from tests.printers.samples import HEIGHT_MM, HOSTILE, LABELS, SLIP

SVG = "{http://www.w3.org/2000/svg}"


def fetch(url: str, form: bytes | None = None, **headers: str) -> tuple[str, dict[str, str]]:
    with urllib.request.urlopen(urllib.request.Request(url, data=form, headers=headers), timeout=5) as answer:
        return answer.read().decode(), dict(answer.headers)


@pytest.mark.parametrize("name", LABELS)
def test_the_picture_has_the_texts_and_symbols_of_the_label(name: str) -> None:
    payload = zpl.render(LABELS[name], height_mm=HEIGHT_MM.get(name, 150))
    root = ElementTree.fromstring(picture.label_svg(payload))
    fields = [argument for command, argument in picture.commands(payload) if command == b"FD"]
    symbols = payload.count(b"^BC") + payload.count(b"^BX")
    assert len(root.findall(f"{SVG}text")) == len([field for field in fields if field.strip()]) - symbols
    assert len(root.findall(f"{SVG}path")) >= symbols


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_label_is_a_harmless_picture(text: str) -> None:
    label = LABELS["lpn"].__class__(lpn="LPN-1", item=text, name=text, quantity=1, unit=text)  # type: ignore[call-arg]
    drawn = ElementTree.fromstring(picture.label_svg(zpl.render(label)))
    assert {element.tag.removeprefix(SVG) for element in drawn.iter()} <= {"svg", "rect", "text", "path"}


@pytest.mark.parametrize("payload", [b"", b"^XA^XZ", b"^GB", b"^FOa,b^BC^FDx^FS", b"\xff\x00^PW0^LL-1^GFA,1,1,0,FF^FS"])
def test_what_is_not_ours_is_drawn_as_far_as_it_goes(payload: bytes) -> None:
    ElementTree.fromstring(picture.label_svg(payload))
    ElementTree.fromstring(slip_picture.slip_svg(payload))


def test_a_slip_is_a_picture_too() -> None:
    root = ElementTree.fromstring(slip_picture.slip_svg(escpos.render(SLIP)))
    assert "PACKING SLIP" in [element.text for element in root.iter(f"{SVG}text")]


def test_a_datamatrix_has_its_finder_pattern() -> None:
    grid = datamatrix.grid("0109506000134352")
    assert all(row[0] for row in grid)
    assert all(grid[-1])
    assert [row[-1] for row in grid] == [n % 2 == 1 for n in range(len(grid))]


def test_the_page_shows_each_label_and_its_buttons_play_faults() -> None:
    with VirtualPrinter() as printer, VirtualPrinterPage(printer) as page:
        assert "Nothing printed yet." in fetch(page.url)[0]
        with socket.create_connection((printer.host, printer.port)) as host:
            host.sendall(zpl.render(LABELS["shipping"]) + zpl.render(LABELS["hold"]))
        assert printer.wait_for(2)
        body, headers = fetch(page.url)
        assert "2 printed, 0 waiting" in body
        assert "<script" not in body
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Harrison &amp; Sons" in fetch(f"{page.url}label/1.svg")[0]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(f"{page.url}label/3.svg")
        own = page.url.rstrip("/")
        assert "Put paper in" in fetch(f"{page.url}fault", b"fault=paper", Origin=own)[0]
        assert printer.paper_out
        for form, origin in ((b"fault=paper", "http://elsewhere"), (b"fault=format", own), (b"", own)):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                fetch(f"{page.url}fault", form, Origin=origin)
        assert printer.paper_out


def test_only_so_many_labels_are_kept() -> None:
    with VirtualPrinter(keep=3) as printer:
        with socket.create_connection((printer.host, printer.port)) as host:
            for number in range(5):
                host.sendall(b"^XA^FD%d^FS^XZ" % number)
        assert printer.wait_for(5)
        assert [picture.texts(label) for label in printer.labels()] == [["2"], ["3"], ["4"]]


def test_the_command_runs_until_it_is_stopped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stop, cable = threading.Event(), tmp_path / "usb-Zebra-port0"
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        tcp, web = (f"127.0.0.1:{taken.getsockname()[1]}" for taken in (one, two))
    running = threading.Thread(target=run_printer, args=(tcp, web), kwargs={"stop": stop, "pty": cable})
    running.start()
    try:
        for _ in range(100):
            try:
                assert "Virtual printer" in fetch(f"http://{web}/")[0]
                break
            except urllib.error.URLError:
                threading.Event().wait(0.02)
        else:
            pytest.fail("the page never answered")
        assert cable.is_symlink()
    finally:
        stop.set()
        running.join(5)
    assert not running.is_alive()
    assert not cable.is_symlink()
    settings = tomllib.loads(capfd.readouterr().out)["printers"]
    assert settings == [{"name": "LABEL-2", "address": str(cable), "transport": "serial"}]
