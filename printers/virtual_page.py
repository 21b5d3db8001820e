"""The virtual printer's window: what came out, as pictures, and buttons for what goes wrong with printers.

Plain pages without a script, refreshed every three seconds, on loopback only. A form is obeyed only when the browser
says that this page sent it.
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from printers import picture, slip
from printers.virtual import Printed, VirtualPrinter

SHOWN = 60  # newest labels on the page
MAX_FORM = 256
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
BUTTONS = {
    "paper": ("Take the paper out", "Put paper in"),
    "head": ("Open the head", "Close the head"),
    "pause": ("Pause", "Go on"),
    "silent": ("Fall silent", "Speak again"),
}
STYLE = """
body{font:18px/1.4 system-ui,sans-serif;margin:0;background:#e9edf0;color:#16202a}
header{background:#16202a;color:#fff;padding:16px 24px}h1{margin:0 0 4px;font-size:24px}header p{margin:0 0 12px}
form{display:flex;flex-wrap:wrap;gap:8px}button{font:inherit;min-height:48px;padding:0 16px;border:2px solid #fff;
border-radius:6px;background:#16202a;color:#fff}button.on{background:#ffc400;color:#000;border-color:#ffc400}
main{display:flex;flex-wrap:wrap;align-items:flex-start;gap:24px;padding:24px}figure{margin:0;width:340px}
img{display:block;width:100%;background:#fff;box-shadow:0 1px 6px #0005}figcaption{padding:6px 2px}
p.none{padding:0 24px;font-size:22px}
"""


class VirtualPrinterPage:
    """Serves one virtual printer's page until stopped."""

    def __init__(self, printer: VirtualPrinter, host: str = "127.0.0.1", port: int = 0) -> None:
        self.server = ThreadingHTTPServer((host, port), _request_class(printer))
        self.server.daemon_threads = True
        self.host, self.port = str(self.server.server_address[0]), int(self.server.server_address[1])
        self.url = f"http://{self.host}:{self.port}/"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True)

    def start(self) -> VirtualPrinterPage:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> VirtualPrinterPage:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def picture_of(printed: Printed) -> str:
    return slip.slip_svg(printed.payload) if printed.kind == "escpos" else picture.label_svg(printed.payload)


def page(printer: VirtualPrinter) -> str:
    kept = list(reversed(printer.printed()))[:SHOWN]
    figures = "".join(
        f'<figure><img src="/label/{one.number}.svg" alt="Label {one.number}">'
        f"<figcaption>No. {one.number}</figcaption></figure>"
        for one in kept
    )
    empty = '<p class="none">Nothing printed yet.</p>'
    on = {"paper": printer.paper_out, "head": printer.head_open, "pause": printer.paused, "silent": printer.silent}
    buttons = "".join(
        f'<button name="fault" value="{name}"{" class=on" if on[name] else ""}>{words[on[name]]}</button>'
        for name, words in BUTTONS.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
        '<meta name="viewport" content="width=device-width"><title>Virtual printer</title>'
        '<link rel="stylesheet" href="/style.css"></head><body>'
        f"<header><h1>Virtual printer {printer.address}</h1><p>{printer.count} printed, {printer.waiting()} waiting</p>"
        f'<form method="post" action="/fault">{buttons}</form></header><main>{figures or empty}</main></body></html>'
    )


def press(printer: VirtualPrinter, fault: str) -> bool:
    """A button: each press turns its fault on or off."""
    match fault:
        case "paper" if printer.paper_out:
            printer.refill()
        case "paper":
            printer.change(paper_out=True)
        case "head":
            printer.change(head_open=not printer.head_open)
        case "pause":
            printer.change(paused=not printer.paused)
        case "silent":
            printer.change(silent=not printer.silent)
        case _:
            return False
    return True


def _request_class(printer: VirtualPrinter) -> type[BaseHTTPRequestHandler]:
    class Request(BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "pickface", ""

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/":
                self.reply(page(printer), "text/html; charset=utf-8")
            elif path == "/style.css":
                self.reply(STYLE, "text/css")
            elif path == "/favicon.ico":
                self.reply(picture.code128_svg("P"), "image/svg+xml")
            else:
                number = path.removeprefix("/label/").removesuffix(".svg")
                found = next((one for one in printer.printed() if str(one.number) == number), None)
                if found is None:
                    self.send_error(HTTPStatus.NOT_FOUND)
                else:
                    self.reply(picture_of(found), "image/svg+xml")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            form = parse_qs(self.rfile.read(min(int(length), MAX_FORM)).decode("latin-1")) if length.isdigit() else {}
            own = self.headers.get("Origin") == f"http://{self.headers.get('Host', '')}"
            if not own or not press(printer, form.get("fault", [""])[0]):
                self.send_error(HTTPStatus.FORBIDDEN)
                return
            self.send_response(HTTPStatus.SEE_OTHER)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def reply(self, body: str, kind: str) -> None:
            content = body.encode()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def end_headers(self) -> None:
            for name, value in HEADERS.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent: every refresh would be a line."""

    return Request


def run_printer(
    tcp: str = "127.0.0.1:9100", web: str = "127.0.0.1:9180", *, kind: str = "zpl", stop: threading.Event | None = None
) -> None:
    """`pickface virtual printer`: runs until `stop` or Ctrl-C. Raises OSError when a port is taken."""
    tcp_host, _, tcp_port = tcp.rpartition(":")
    web_host, _, web_port = web.rpartition(":")
    stop = stop or threading.Event()
    printer = VirtualPrinter(tcp_host, int(tcp_port), kind="escpos" if kind == "escpos" else "zpl")
    with printer, VirtualPrinterPage(printer, web_host, int(web_port)):
        try:
            stop.wait()
        except KeyboardInterrupt:
            return
