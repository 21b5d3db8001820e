"""A whole floor as real processes: the server, the central ledger, label printers in this process; all on loopback.

The server is started as an admin starts it, from a settings file. It can be killed in two ways: only the worker process
that answers (the server starts another), or everything at once (and somebody starts it again).
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import httpx
import msgspec

from app.config import ConnectorSettings, PrinterSettings, Settings
from printers.virtual import VirtualPrinter
from printers.virtual_page import VirtualPrinterPage
from tests.sync.sink import SECRET, Sink

READY_WITHIN_S = 60.0
STOPS_WITHIN_S = 20.0
NOT_ANSWERING = "resource_tracker"  # a child of the server that is not the process behind the door


class Server:
    """`pickface serve` with a settings file, and what a service unit does: when it ends by itself, it is started again."""

    def __init__(self, config: Path, url: str, log: IO[bytes]) -> None:
        self._config = config
        self._log = log
        self._lock = threading.Lock()
        self._wanted = False
        self._process: subprocess.Popen[bytes] | None = None
        self.url = url
        self.kills = self.restarts = 0

    def start(self) -> None:
        self._wanted = True
        self._spawn()
        threading.Thread(target=self._watch, daemon=True).start()

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).json().get("state") == "ready":
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"The server was not ready within {READY_WITHIN_S:g} s.")

    def kill_worker(self) -> bool:
        """Kill −9 the process that answers; the server starts another. False when there is none just now."""
        with self._lock:
            for child in _children(self._pid):
                if (told := _command(child)) and NOT_ANSWERING not in told:
                    os.kill(child, signal.SIGKILL)
                    self.kills += 1
                    return True
        return False

    def kill_all(self) -> None:
        """Kill −9 everything of the server; the watch starts it again."""
        with self._lock:
            os.killpg(self._pid, signal.SIGKILL)
            self.kills += 1

    def stop(self) -> None:
        with self._lock:
            self._wanted = False
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "app.cli", "--config", str(self._config), "serve"]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True)

    def _watch(self) -> None:
        while True:
            time.sleep(0.1)
            with self._lock:
                if not self._wanted:
                    return
                if self._process is not None and self._process.poll() is not None:
                    self.restarts += 1
                    self._spawn()


class ProofFloor:
    """`with ProofFloor(folder, database_url) as floor:` everything stands, and the server is not started."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.config = folder / "settings.json"
        self._database = database
        self._open = ExitStack()

    def __enter__(self) -> "ProofFloor":
        self.sink = Sink(self.folder).start()
        self._open.callback(self.sink.kill)
        printers = [self._open.enter_context(VirtualPrinter()) for _ in range(2)]
        pages = [self._open.enter_context(VirtualPrinterPage(printer)) for printer in printers]
        self.labels = tuple(page.url for page in pages)
        port = _free_port()
        settings = Settings(
            site="MAIN",
            site_name="Proof",
            database=self._database,
            port=port,
            inbox_secret=SECRET,
            printer_loopback=True,
            printers=tuple(
                PrinterSettings(name=f"LABEL-{n}", address=printer.address) for n, printer in enumerate(printers, 1)
            ),
            connectors=(ConnectorSettings(name="central", address=self.sink.url, secret=SECRET, moves=True),),
        )
        self.config.write_bytes(msgspec.json.encode(settings))
        self.config.chmod(0o600)
        log = self._open.enter_context((self.folder / "server.log").open("ab"))
        self.server = Server(self.config, f"http://127.0.0.1:{port}", log)
        self._open.callback(self.server.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A `pickface` command with this floor's settings."""
        command = [sys.executable, "-m", "app.cli", "--config", str(self.config), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=1200)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _children(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in told.split()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
