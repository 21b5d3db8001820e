"""The virtual printer's window: what came out, as pictures, and keys for what goes wrong with printers.

A plain page without a script, refreshed every three seconds, on loopback only.
"""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from devices import virtual_settings
from printers import picture, slip_picture
from printers.virtual import Printed, VirtualPrinter
from printers.virtual_cable import Cable
from printers.virtual_door import Body, Door
from printers.virtual_faults import FAULTS, press

SHOWN = 60  # newest labels on the page
HTML, CSS, SVG = "text/html; charset=utf-8", "text/css", "image/svg+xml"
STYLE = """
body{font:18px/1.4 system-ui,sans-serif;margin:0;background:#e9edf0;color:#16202a}
header{background:#16202a;color:#fff;padding:16px 24px}h1{margin:0 0 4px;font-size:24px}header p{margin:0 0 12px}
form{display:flex;flex-wrap:wrap;gap:8px}button{font:inherit;min-height:48px;padding:0 16px;border:2px solid #fff;
border-radius:6px;background:#16202a;color:#fff}button.on{background:#ffc400;color:#000;border-color:#ffc400}
main{display:flex;flex-wrap:wrap;align-items:flex-start;gap:24px;padding:24px}figure{margin:0;width:340px}
img{display:block;width:100%;background:#fff;box-shadow:0 1px 6px #0005}figcaption{padding:6px 2px}
p.none{padding:0 24px;font-size:22px}
"""


class VirtualPrinterPage(Door):
    """Serves one virtual printer's page until stopped."""

    def __init__(self, printer: VirtualPrinter, host: str = "127.0.0.1", port: int = 0) -> None:
        self._printer = printer
        super().__init__(self._get, self._post, host, port)

    def _get(self, path: str) -> Body | None:
        match path:
            case "/":
                return Body(page(self._printer).encode(), HTML)
            case "/style.css":
                return Body(STYLE.encode(), CSS)
            case "/favicon.ico":
                return Body(picture.code128_svg("P").encode(), SVG)
            case _:
                return label_at(self._printer, path.removeprefix("/label/"))

    def _post(self, path: str, form: dict[str, str]) -> str | None:
        if form.get("fault") not in FAULTS:
            return None
        press(self._printer, form["fault"], form.get("number", "").strip())
        return "/"


def label_at(printer: VirtualPrinter, name: str) -> Body | None:
    """`12.svg`: the picture of the twelfth label, while it is kept."""
    number = name.removesuffix(".svg")
    found = next((one for one in printer.printed() if str(one.number) == number), None)
    return Body(picture_of(found).encode(), SVG, kept=True) if found else None


def picture_of(printed: Printed) -> str:
    return slip_picture.slip_svg(printed.payload) if printed.kind == "escpos" else picture.label_svg(printed.payload)


def page(printer: VirtualPrinter) -> str:
    kept = list(reversed(printer.printed()))[:SHOWN]
    figures = "".join(
        f'<figure><img src="/label/{one.number}.svg" alt="Label {one.number}">'
        f"<figcaption>No. {one.number}</figcaption></figure>"
        for one in kept
    )
    empty = '<p class="none">Nothing printed yet.</p>'
    buttons = "".join(
        f'<button name="fault" value="{name}"{" class=on" if fault.is_on(printer) else ""}>'
        f"{fault.mend if fault.is_on(printer) else fault.break_}</button>"
        for name, fault in FAULTS.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
        '<meta name="viewport" content="width=device-width"><title>Virtual printer</title>'
        '<link rel="stylesheet" href="/style.css"></head><body>'
        f"<header><h1>Virtual printer {printer.address}</h1><p>{printer.count} printed, {printer.waiting()} waiting</p>"
        '<form method="post" action="/fault">'
        f'<input name="number" maxlength="6" aria-label="N" placeholder="N">'
        f"{buttons}</form></header><main>{figures or empty}</main></body></html>"
    )


def run_printer(
    tcp: str = "127.0.0.1:9102",
    web: str = "127.0.0.1:9181",
    *,
    kind: str = "zpl",
    pty: Path | None = None,
    stop: threading.Event | None = None,
) -> None:
    """`pickface virtual printer`: runs until `stop` or Ctrl-C; prints its settings. Raises OSError when a port is taken.

    With `pty` it is at the end of a serial cable, too.
    """
    tcp_host, _, tcp_port = tcp.rpartition(":")
    web_host, _, web_port = web.rpartition(":")
    stop = stop or threading.Event()
    printer = VirtualPrinter(tcp_host, int(tcp_port), kind="escpos" if kind == "escpos" else "zpl")
    with ExitStack() as running:
        running.enter_context(printer)
        address = printer.address if pty is None else running.enter_context(Cable(printer, pty)).address
        window = running.enter_context(VirtualPrinterPage(printer, web_host, int(web_port)))
        name = "SLIP-2" if printer.kind == "escpos" else "LABEL-2"
        sys.stderr.write(f"{name} prints at {address}; its paper is seen at {window.url}\n")
        settings = virtual_settings.printer(name, address, printer.kind, serial=pty is not None)
        virtual_settings.tell(settings if pty else virtual_settings.first() + settings)
        try:
            stop.wait()
        except KeyboardInterrupt:
            return
