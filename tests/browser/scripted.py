"""A floor with a script instead of a warehouse: the real pages and the real static door, answers made up here.

It keeps the one rule that matters to a handheld: a scan applies only to the step it names, the same id is answered alike,
and a refusal changes the step. `busy` posts are answered 503; `arrived` is every scan that came, `taken` what was applied.
"""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from app.floor.prompt import Answer, Goods, Key, Prompt, Verdict
from app.floor.scans import Scan
from app.web import assets, render
from tests.browser.gallery import PACK, SAMPLES

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HTML = "text/html; charset=utf-8"


class Badge(msgspec.Struct):
    badge: str


class Pin(msgspec.Struct):
    badge: str
    pin: str
    takeover: bool = False


class ScriptedFloor:
    """What the tests steer and look at."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.port = 0
        self.news: list[asyncio.Queue[tuple[str, str]]] = []
        self.begin()

    def begin(self) -> None:
        self.worker = "mara"
        self.csrf = "t0k3n"
        self.step = "s0"
        self.repeats = False
        self.prompt = self.ask(0)
        self.answers: dict[str, Answer] = {}
        self.arrived: list[Scan] = []
        self.taken: list[Scan] = []
        self.pins: list[Pin] = []
        self.busy = 0  # how many posts are answered 503
        self.delay = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def read(self) -> list[str]:
        return [scan.raw for scan in self.taken]

    def ask(self, count: int) -> Prompt:
        return Prompt(
            job="Pick cart 4",
            headline="Scan item",
            progress=(min(12, count + 1), 12),
            big="item",
            item=Goods(code="TEE-M-WHT", name="T-shirt organic, white, M"),
            quantity=count,
            unit="each",
            keys=(Key(name="short", label="Short"), Key(name="skip", label="Skip")),
            can_undo=count > 0,
            repeats=self.repeats,
        )

    def turn(self, scan: Scan) -> Answer:
        if scan.id in self.answers:
            return self.answers[scan.id]
        self.arrived.append(scan)
        verdict: Verdict | None
        if scan.after != self.step:
            verdict = Verdict(kind="error", code="held", title="Scan again", sentence="It was not applied.")
            step = self.step
        elif scan.raw.startswith("WHAT"):
            step = self.step = f"!{scan.id}"
            verdict = Verdict(
                kind="error", code="unknown", title="Unknown code", sentence="Nobody knows it.", right=("*",)
            )
        elif scan.raw.startswith("BAD"):
            step = self.step = f"!{scan.id}"
            verdict = Verdict(
                kind="error", code="wrong_item", title="Wrong item", sentence=f"Expected TEE-M-WHT, scanned {scan.raw}.",
                expected="TEE-M-WHT", scanned=scan.raw, todo="Put it back.",
                right=("TEE-M-WHT", "4006381333931", "0104006381333931*"),
            )  # fmt: skip
        else:
            self.taken.append(scan)
            step = self.step = scan.id
            verdict = Verdict(kind="step" if scan.raw == "STEP" else "ok", sentence=f"Took {scan.raw}")
            self.prompt = self.ask(len(self.taken))
            if scan.raw == "ASK-QUANTITY":
                self.prompt = SAMPLES["quantity"].prompt
            if scan.raw in SAMPLES:
                self.prompt = SAMPLES[scan.raw].prompt
        answer = Answer(id=scan.id, step=step, prompt=self.prompt, verdict=verdict, worker="Mara K.")
        self.answers[scan.id] = answer
        return answer

    def push(self, event: str, data: str) -> None:
        assert self.loop is not None
        for queue in list(self.news):
            self.loop.call_soon_threadsafe(queue.put_nowait, (event, data))


def application(floor: ScriptedFloor) -> Litestar:
    @get("/floor", sync_to_thread=False)
    def page() -> Response[str]:
        if not floor.worker:
            return Response(render.badge_page(device="HH-07", site="Lindau"), media_type=HTML)
        answer = Answer(id="", step=floor.step, prompt=floor.prompt, worker="Mara K.")
        return Response(
            render.page(answer, csrf=floor.csrf, device="HH-07", worker=floor.worker), media_type=HTML,
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip

    @get("/gallery/{name:str}", sync_to_thread=False)
    def sample(name: FromPath[str]) -> Response[str]:
        if name == "pin":
            frame = {"title": "PIN", "csrf": "", "worker": "", "size": "m", "theme": "light", "device": "HH-07"}
            html = render.document(
                "floor/pin.html", {**frame, "name": "Mara Kowalska", "badge": "1", "v": None, "takeover": False}
            )
            return Response(html, media_type=HTML)
        if name == "badge":
            return Response(render.badge_page(device="HH-07", site="Lindau"), media_type=HTML)
        devices = [render.DeviceSign(label=label) for label in ("Scanner", "Scale", "Printer")]
        worn = SAMPLES[name]
        html = render.page(
            worn, csrf="t", device="HH-07", worker="", devices=devices if worn.prompt.template == PACK.template else ()
        )
        return Response(html, media_type=HTML)

    @post("/floor/scan", status_code=200)
    async def scan(data: JSONBody[Scan], request: Request[Any, Any, Any]) -> Response[str]:
        if request.headers.get("x-csrf") != floor.csrf:
            return Response("no", status_code=403)
        if not floor.worker:
            return Response("signed out", status_code=401)
        await asyncio.sleep(floor.delay)
        if floor.busy > 0:
            floor.busy -= 1
            return Response("busy", status_code=503, headers={"Retry-After": "0"})
        answer = floor.turn(data)
        kind = answer.verdict.kind if answer.verdict else "none"
        headers = {"X-Verdict": kind, "X-Step": answer.step, "X-Id": answer.id}
        return Response(render.screen(answer), media_type=HTML, headers=headers)

    @post("/floor/badge", status_code=200, sync_to_thread=False)
    def badge(data: JSONBody[Badge]) -> Response[str]:
        return Response(render.pin_page(name="Mara Kowalska", badge=data.badge, device="HH-07"), media_type=HTML)

    @post("/floor/pin", status_code=200, sync_to_thread=False)
    def pin(data: JSONBody[Pin]) -> Response[str]:
        floor.pins.append(data)
        if data.pin != "4711":
            wrong = Verdict(kind="error", code="wrong_pin", sentence="Badge or PIN is wrong.")
            html = render.pin_page(name="Mara Kowalska", badge=data.badge, device="HH-07", verdict=wrong)
            return Response(html, media_type=HTML, status_code=403)
        floor.worker = "mara"
        return Response("{}", headers={"X-Goto": "/floor"})

    @post("/floor/out", status_code=200, sync_to_thread=False)
    def out() -> Response[str]:
        floor.worker = ""
        return Response("{}", headers={"X-Goto": "/floor"})

    @get("/floor/live")
    async def live() -> Stream:
        async def stream() -> AsyncIterator[bytes]:
            queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
            floor.news.append(queue)
            try:
                yield b": hello\n\n"
                if floor.worker:  # how things stand
                    now = Answer(id="", step=floor.step, prompt=floor.prompt, worker="Mara K.")
                    queue.put_nowait(("screen", render.screen(now)))
                while True:
                    event, data = await queue.get()
                    if event == "end":
                        return
                    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
                    yield f"event: {event}\n{lines}\n".encode()
            finally:
                if queue in floor.news:
                    floor.news.remove(queue)

        return Stream(stream(), media_type="text/event-stream")

    def guard(response: Response[Any]) -> Response[Any]:
        response.headers.setdefault("content-security-policy", POLICY)
        return response

    return Litestar(
        [page, sample, scan, badge, pin, out, live, assets.router()], after_request=guard, openapi_config=None
    )


class Running:
    """The scripted floor on a loopback port, in a thread of its own."""

    def __init__(self, floor: ScriptedFloor) -> None:
        self.floor = floor
        if not floor.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                floor.port = probe.getsockname()[1]
        self._server = Server(
            application(floor), address="127.0.0.1", port=floor.port, interface=Interfaces.ASGI, log_enabled=False
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", floor.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError("the scripted floor did not start")

    def _run(self) -> None:
        loop = self.floor.loop = asyncio.new_event_loop()
        loop.run_until_complete(self._server.serve())

    def stop(self) -> None:
        assert self.floor.loop is not None
        for queue in list(self.floor.news):
            self.floor.loop.call_soon_threadsafe(queue.put_nowait, ("end", ""))
        self.floor.loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(timeout=5)
