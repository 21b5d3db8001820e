"""A whole floor as real processes: the server, the central ledger, label printers in this process; all on loopback.

The server is started as an admin starts it, from a settings file. It can be killed in two ways: only the worker process
that answers (the server starts another), or everything at once (and somebody starts it again).
"""

import os
import signal
import socket
import subprocess
import sys
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
SPAWNED = "spawn_main"  # how the server's worker process is called


class Server:
    """`pickface serve` with a settings file."""

    def __init__(self, config: Path, url: str, log: IO[bytes]) -> None:
        self._config = config
        self._log = log
        self.url = url
        self.kills = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.cli", "--config", str(self._config), "serve"]
        self.process = subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True)

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"The server ended with {self.process.returncode}.")
            time.sleep(0.1)
        raise RuntimeError(f"The server was not ready within {READY_WITHIN_S:g} s.")

    def kill_worker(self) -> bool:
        """Kill −9 the process that answers; the server starts another. False when there is none just now."""
        for child in _children(self.process.pid if self.process else 0):
            if SPAWNED in _command(child):
                os.kill(child, signal.SIGKILL)
                self.kills += 1
                return True
        return False

    def kill_all(self) -> None:
        """Kill −9 everything of the server, and start it again."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.kills += 1
        self.start()

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


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
            connectors=(ConnectorSettings(name="central", address=self.sink.url, secret=SECRET),),
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
