"""A real house on a loopback port, in a thread of its own, for the tests of what a supervisor sees."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from app.db import Database
from tests import engines
from tests.desk import house


class OpenHouse:
    """A house, that of `tests/desk/house.py` if no other, open for browsers at `url`; `db` writes as the floor would."""

    def __init__(self, folder: Path, lay_out: Callable[[Database], object] = house.lay_out) -> None:
        address = engines.fresh_sqlite(folder)
        laid_out = Database(address)
        lay_out(laid_out)
        laid_out.close()
        self.app = house.open_house(address, folder)
        self.db: Database = self.app.state.house.db
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = Server(
            self.app, address="127.0.0.1", port=self.port, interface=Interfaces.ASGI, log_enabled=False
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if self.app.state.house.ready and probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError("the house did not open")

    def _run(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._server.serve())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.app.state.house.hub.stop)
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(timeout=10)
