"""The stage of the benches that go over HTTP: real servers in processes of their own, and the load against them.

Ours is started as a user starts it (`pickface serve` with a settings file), so that what is measured is what is run.
Every server listens on loopback at a free port and is ended by its own process id.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import msgspec

from tests.bench.load import Load, Plan

READY_WITHIN_S = 60.0
KNOCK_S = 1.0  # how long one look whether it is ready may take
STOP_WITHIN_S = 20.0
LOAD_EXTRA_S = 60.0  # how much longer than planned a load may take before it is given up
HOST = "127.0.0.1"
OURS = ("app.cli", "--config", "{settings}", "serve")
BARE = ("tests.bench.bare", "{settings}")
ROOT = Path(__file__).parents[2]


class StageError(RuntimeError):
    """Something of the stage did not do as it must: the figure would mean nothing."""


class Server:
    """One server over one database; `more` are further settings."""

    def __init__(self, module: tuple[str, ...], url: str, folder: Path, **more: object) -> None:
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}"
        self._log = folder / f"server-{self.port}.log"
        settings = folder / f"settings-{self.port}.json"
        settings.write_text(json.dumps({"database": url, "host": HOST, "port": self.port, **more}))
        self._command = [sys.executable, "-m", *(word.format(settings=settings) for word in module)]
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Returns at once; whoever needs the server waits for it, so that two may start side by side."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)

    def wait_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_S
        while not self._ready:
            if time.monotonic() > end or self._process is None or self._process.poll() is not None:
                raise StageError(f"The server did not start: {self._last_words()}")
            time.sleep(0.02)
            self._ready = self._is_ready()

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=KNOCK_S)
        try:
            connection.request("GET", "/health")
            return b'"ready"' in connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def load(self, plan: Plan) -> Load:
        """Put a load on. Raises StageError for a single error: nothing may be refused."""
        self.wait_ready()
        before = self.cpu_s()
        found = _load(plan)
        if found.errors or not found.answers:
            told = f"{found.errors} errors, {found.answers} answers"
            raise StageError(f"{told}: {found.first_errors} {self._last_words()}")
        return msgspec.structs.replace(found, cpu_us=round((self.cpu_s() - before) / found.sent * 1e6, 1))

    def cpu_s(self) -> float:
        """Processor time its processes took so far. A busy neighbour lengthens a load, but hardly this."""
        self.wait_ready()
        assert self._process is not None
        return sum(_ticks(pid) for pid in _family(self._process.pid)) / os.sysconf("SC_CLK_TCK")

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]

    def memory_mb(self) -> float:
        """What the server's processes take of the machine together; pages they share are counted once (PSS)."""
        self.wait_ready()
        assert self._process is not None
        return sum(_pss_kb(pid) for pid in _family(self._process.pid)) / 1024


def _load(plan: Plan) -> Load:
    """From a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=msgspec.json.encode(plan),
        capture_output=True,
        cwd=ROOT,
        timeout=plan.warm_s + plan.seconds + LOAD_EXTRA_S,
    )
    if ended.returncode:
        raise StageError(f"The load broke off: {ended.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(ended.stdout, type=Load)


@contextmanager
def beside(module: str, plan: object) -> Iterator["subprocess.Popen[bytes]"]:
    """Another of our load modules, running while something is measured."""
    process = subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(plan))
    process.stdin.close()
    process.stdin = None  # communicate() would close it again
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                found += _family(int(child))
    return found


def heap_mb() -> float:
    """What this process has for itself, without the pages of files."""
    return _pss_kb(os.getpid(), "Pss_Anon:") / 1024


def _pss_kb(pid: int, kind: str = "Pss:") -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(kind):
                return int(line.split()[1])
    return 0


def _ticks(pid: int) -> int:
    """User and system time of a process, all its threads together (proc(5), fields 14 and 15)."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0
