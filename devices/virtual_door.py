"""The other end of the wire where it is a network: a listening port, with a plug, that readers call.

Network scanners and scales have such a port, and so has a box that carries a serial port over the network
(virtual_serial_server.py). Pulling the plug drops whoever has called in the middle of whatever is under way; plugged in
again it is the same port.
"""

import contextlib
import select
import socket
import threading
from abc import ABC, abstractmethod
from typing import ClassVar

from devices.virtual_line import READ_BYTES, WRITE_TIMEOUT_S, NobodyListens

CLIENT_WAIT_S = 10.0
MAX_CLIENTS = 16


class Door(ABC):
    """The port and its plug; what becomes of who calls is each line's own."""

    scheme: ClassVar[str]  # of its address, as a device setting names it

    def __init__(self, host: str, port: int) -> None:
        self._where = (host, port)
        self._door: socket.socket | None = None
        self._came = threading.Condition()
        self.plug()

    @property
    def address(self) -> str:
        return f"{self.scheme}://{self._where[0]}:{self._where[1]}"

    @property
    def plugged(self) -> bool:
        return self._door is not None

    def plug(self) -> None:
        self.unplug()
        self._door = socket.create_server(self._where, backlog=MAX_CLIENTS)
        self._where = self._door.getsockname()[:2]
        threading.Thread(target=self._welcome, args=(self._door,), name=f"virtual-{self.address}", daemon=True).start()

    def unplug(self) -> None:
        """Close the door and every connection, in the middle of whatever is under way."""
        if self._door is not None:
            with contextlib.suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)  # Wakes the thread that waits in accept.
            self._door.close()
            self._door = None
        self.hang_up()
        with self._came:
            self._came.notify_all()  # whoever waits for a reader waits no longer

    def _welcome(self, door: socket.socket) -> None:
        while True:
            try:
                caller, _ = door.accept()
            except OSError:  # The door was closed.
                return
            self._let_in(caller)

    @abstractmethod
    def hang_up(self) -> None:
        """Drop whoever is connected; they may call again."""

    @abstractmethod
    def _let_in(self, caller: socket.socket) -> None:
        """On the door's thread: nobody else is let in until this returns."""


class TcpLine(Door):
    """A listening port, as network scanners and scales have; whoever connects hears everything from then on."""

    scheme = "tcp"

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._clients: list[socket.socket] = []
        super().__init__(host, port)

    @property
    def heard(self) -> bool:
        return bool(self._clients)

    def hang_up(self) -> None:
        with self._came:
            for client in self._clients:
                client.close()
            self._clients.clear()

    def write(self, payload: bytes) -> None:
        """To every reader; waits for the first one to connect, NobodyListens when none does or it is unplugged."""
        with self._came:
            self._came.wait_for(lambda: self._clients or not self.plugged, CLIENT_WAIT_S)
            if not self.plugged:
                raise NobodyListens(f"{self.address} is unplugged.")
            if not self._clients:
                raise NobodyListens(f"Nobody is connected to {self.address}.")
            clients = list(self._clients)
        for client in clients:
            try:
                client.sendall(payload)
            except OSError:
                self._forget(client)

    def read(self, wait_s: float) -> bytes:
        with self._came:
            if not self._came.wait_for(lambda: self._clients, wait_s):
                return b""
            clients = list(self._clients)
        heard = b""
        try:
            for client in select.select(clients, [], [], wait_s)[0]:
                chunk = client.recv(READ_BYTES)
                if not chunk:
                    self._forget(client)
                heard += chunk
        except (OSError, ValueError):  # A client went while we waited; the next write or read forgets it.
            self._forget(*(client for client in clients if client.fileno() < 0))
        return heard

    def _let_in(self, caller: socket.socket) -> None:
        caller.settimeout(WRITE_TIMEOUT_S)
        with self._came:
            if len(self._clients) >= MAX_CLIENTS:
                caller.close()
                return
            self._clients.append(caller)
            self._came.notify_all()

    def _forget(self, *gone: socket.socket) -> None:
        with self._came:
            for client in gone:
                client.close()
                if client in self._clients:
                    self._clients.remove(client)
