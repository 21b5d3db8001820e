"""A Tryton that listens, and can be killed and started again on the same port.

It serves two databases: one company with our inbox module, and the same company as it was before anybody installed that.
"""

import os
import signal
import socket
import subprocess
import time
from copy import copy
from pathlib import Path
from typing import Any

import httpx

from sync.connectors.tryton.rpc import Rpc
from tests.tryton import environment

PASSWORD = "a password for tests"
ERP, PLAIN = "erp", "plain"  # with our module, and without it
UP_WITHIN_S = 60.0


def configure(folder: Path, uri: str, port: int) -> Path:
    """Tryton's own settings file."""
    host = uri.partition("host=")[2].partition("&")[0]
    file = folder / "trytond.conf"
    file.write_text(
        f"[database]\nuri = postgresql://postgres@/?host={host}\npath = {folder}\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n[session]\nauthentications = password\n"
    )
    return file


class Tryton:
    """Serves these databases, and goes by the first."""

    def __init__(self, folder: Path, server: Any, *databases: str, programs: Path | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._programs = programs or environment.programs()
        self._settings = configure(folder, server.get_uri(), self.port)
        self._log = folder / "trytond.log"
        self._databases = databases or (ERP,)
        self._database = self._databases[0]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://admin@127.0.0.1:{self.port}/{self._database}"

    def rpc(self) -> Rpc:
        return Rpc(self.address, PASSWORD)

    def asked_for(self, database: str) -> "Tryton":
        """The same process, by another of its databases."""
        other = copy(self)
        other._database = database
        return other

    def start(self) -> "Tryton":
        command = [str(self._programs / "trytond"), "-c", str(self._settings), "-d", *self._databases]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
        until = time.monotonic() + UP_WITHIN_S
        while not self._answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"Tryton did not come up:\n{self._log.read_text()[-4000:]}")
            time.sleep(0.1)
        return self

    def kill(self) -> None:
        """kill −9."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> "Tryton":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _answers(self) -> bool:
        asked = {"id": 0, "method": "common.server.version", "params": []}
        try:
            return httpx.post(f"http://127.0.0.1:{self.port}/rpc/", json=asked, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False
