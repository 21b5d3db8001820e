"""A line that fails: a TCP proxy before somebody's server that is late, cuts off, goes dumb, or loses half of an answer.

What the server was asked has always reached it, so every fault leaves the asker in doubt: that is the point.
"""

import contextlib
import random
import socket
import struct
import threading
import time
from collections import Counter

FAULTS = ("late", "cut", "reset", "dumb", "half")
LATE_S, DUMB_S = (0.02, 0.4), 1.0
CHUNK = 65_536


class BadLine:
    """Every connection gets one fault of its own, at one of its first answers; `honest` lets all through."""

    def __init__(self, port: int, seed: int, faults: tuple[str, ...] = FAULTS) -> None:
        self._to = port
        self._chance = random.Random(seed)
        self._faults = faults
        self.honest = False
        self.happened: Counter[str] = Counter()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _open(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._to), timeout=5)
            server.settimeout(None)
        except OSError:
            _reset(client)
            return
        threading.Thread(target=_pump, args=(client, server), daemon=True).start()
        fault, at = self._chance.choice(self._faults), self._chance.randint(1, 3)
        with contextlib.suppress(OSError):
            n = 0
            while answer := server.recv(CHUNK):
                n += 1
                if n != at or self.honest:
                    client.sendall(answer)
                    continue
                self.happened[fault] += 1
                if fault == "late":
                    time.sleep(self._chance.uniform(*LATE_S))
                    client.sendall(answer)
                    continue
                if fault == "half":
                    client.sendall(answer[: len(answer) // 2])
                if fault == "dumb":
                    time.sleep(DUMB_S)
                if fault in ("reset", "dumb"):
                    _reset(client)
                break
        for one in (client, server):
            _close(one)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while asked := source.recv(CHUNK):
            target.sendall(asked)
        target.shutdown(socket.SHUT_WR)


def _reset(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    _close(one)


def _close(one: socket.socket) -> None:
    """Also under the thread that listens there: until that wakes up the kernel keeps the line open, and nobody hears."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RD)
    one.close()
