"""`pickface serve` as an admin starts it: it is killed here, and must come back.

It is killed in two ways: the process that answers (its parent starts another by itself), or the whole process group at
once, as when the machine's owner pulls it out of the rack; only then somebody starts it again.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import msgspec

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 60.0
NOTICED_S = 0.3
SERVE = ("app.cli",)


class Server:
    def __init__(self, database: str, folder: Path, module: Sequence[str] = SERVE, **settings: object) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        config = folder / f"settings-{self.port}.json"
        config.write_bytes(msgspec.json.encode({"database": database, "port": self.port, **settings}))
        config.chmod(0o600)
        self._command = [sys.executable, "-m", *module, "--config", str(config), "serve"]
        self.process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health", trust_env=False, timeout=5).status_code == 200
        return False

    def wait_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while not self.ready():
            assert time.monotonic() < until, f"not ready within {READY_WITHIN_S:g} s: {self.last_words()}"
            assert self.process is None or self.process.poll() is None, f"the server ended: {self.last_words()}"
            time.sleep(0.05)

    def kill_answering(self) -> None:
        """Kill −9 the process that answers. The server starts another."""
        assert self.process is not None
        for child in _children(self.process.pid):
            if b"resource_tracker" not in _command(child):
                os.kill(child, signal.SIGKILL)
                _wait_dead(child)  # a dying process may still answer one more question about its health
        self.kills += 1
        time.sleep(NOTICED_S)  # its parent must have seen it, too

    def kill_all(self) -> None:
        """Kill −9 everything of it, and start it again."""
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

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]


def _wait_dead(pid: int) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while _command(pid) and time.monotonic() < until:
        time.sleep(0.01)


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
