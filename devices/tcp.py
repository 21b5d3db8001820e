"""Scanners and scales on the network: either we call them, or they call us.

A fixed scanner over a conveyor is usually a server we connect to; a battery scanner behind an access point often wants
to connect to a server of ours. The bytes, the framing and the back-off are those of a serial port. A connection that
dies without a word (power cut, cable behind the switch) is found out by keep-alive: one of ours within six seconds, or
with its first breath when it is back; a battery scanner that called us is asked less often, within half a minute.
"""

import contextlib
import selectors
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from devices.framing import IDLE_GAP_S, Framer, Framing
from devices.link import Backoff, Connection, DeviceThread, LinkError
from devices.scanner import OnFrame, deliver

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

CONNECT_TIMEOUT_S = 2.0  # the second knock of TCP itself, after a second, still counts
WRITE_TIMEOUT_S = 2.0
READ_BYTES = 4096
MAX_CALLERS = 16  # Scanners connected to one of our doors at once.


class TcpPort:
    """A device that listens on host and port; we call it."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    @property
    def address(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    def open(self) -> Connection:
        try:
            opened = socket.create_connection((self.host, self.port), CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            raise LinkError("missing", f"{self.address} does not answer. Is the device switched on?") from error
        except ConnectionRefusedError as error:
            raise LinkError("refused", f"{self.address} refuses the connection.") from error
        except OSError as error:
            raise LinkError("missing", f"{self.address} cannot be reached: {error}") from error
        keep_alive(opened)
        return TcpConnection(self.address, opened)

    def identity(self) -> object:
        return None


class TcpConnection:
    def __init__(self, address: str, opened: socket.socket) -> None:
        self._address = address
        self._socket = opened

    def read(self, wait_s: float) -> bytes:
        self._socket.settimeout(wait_s)
        try:
            chunk = self._socket.recv(READ_BYTES)
        except TimeoutError:
            return b""
        except OSError as error:
            raise LinkError("lost", f"{self._address} broke off: {error}") from error
        if not chunk:
            raise LinkError("lost", f"{self._address} closed the connection.")
        return chunk

    def write(self, payload: bytes) -> None:
        self._socket.settimeout(WRITE_TIMEOUT_S)
        try:
            self._socket.sendall(payload)
        except OSError as error:
            raise LinkError("lost", f"{self._address} takes no command: {error}") from error

    def check(self) -> None:
        """A socket says itself when it is gone."""

    def close(self) -> None:
        self._socket.close()


class ScannerDoor(DeviceThread):
    """A port of ours that scanners connect to; all of them deliver under the door's name, each framed by itself."""

    def __init__(self, name: str, host: str, port: int, on_frame: OnFrame, framing: Framing = "line") -> None:
        super().__init__(name)
        self._host = host
        self._port = port
        self._on_frame = on_frame
        self._framing = framing

    def _hold(self, backoff: Backoff) -> None:
        callers = selectors.DefaultSelector()
        with contextlib.closing(self._listen()) as door, contextlib.closing(callers):
            callers.register(door, selectors.EVENT_READ, None)
            self.note(state="open")
            self.count(opened=1)
            backoff.reset()
            try:
                while not self._stop.is_set():
                    self._turn(callers, door)
            finally:
                for key in list(callers.get_map().values()):
                    if key.data is not None:
                        self._hang_up(callers, key.fileobj, key.data)

    def _listen(self) -> socket.socket:
        try:
            return socket.create_server((self._host, self._port), backlog=MAX_CALLERS)
        except OSError as error:
            where = f"{self._host}:{self._port}"
            raise LinkError("held", f"{where} cannot be listened on, another program may: {error}") from error

    def _turn(self, callers: selectors.BaseSelector, door: socket.socket) -> None:
        heard = {key.fd for key, _ in callers.select(IDLE_GAP_S)}
        for key in list(callers.get_map().values()):
            framer: Framer | None = key.data
            if framer is None:
                if key.fd in heard:
                    self._welcome(callers, door)
            elif key.fd in heard:
                self._hear(callers, key.fileobj, framer)
            else:
                self._deliver(framer.pause())

    def _welcome(self, callers: selectors.BaseSelector, door: socket.socket) -> None:
        try:
            caller, peer = door.accept()
        except OSError as error:  # Gone again before we came to the door.
            self.note(last_error=f"A scanner did not get in: {error}")
            return
        if len(callers.get_map()) > MAX_CALLERS:
            caller.close()
            self.note(last_error=f"{peer[0]} was turned away: {MAX_CALLERS} scanners are connected already.")
            return
        caller.setblocking(False)
        keep_alive(caller, idle_s=10, every_s=5, times=3)
        callers.register(caller, selectors.EVENT_READ, Framer(self._framing))
        self.count(callers=1)

    def _hear(self, callers: selectors.BaseSelector, caller: "FileDescriptorLike", framer: Framer) -> None:
        assert isinstance(caller, socket.socket)
        try:
            chunk = caller.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.note(last_error=f"A scanner broke off: {error}")
            chunk = b""
        if not chunk:
            self._hang_up(callers, caller, framer)
            return
        self.note(last_seen=datetime.now(UTC))
        self.heard.take(chunk)
        self.wire.heard(chunk)
        dropped, overlong = framer.dropped, framer.overlong
        self._deliver(framer.feed(chunk))
        self.count(dropped=framer.dropped - dropped, overlong=framer.overlong - overlong)

    def _hang_up(self, callers: selectors.BaseSelector, caller: "FileDescriptorLike", framer: Framer) -> None:
        assert isinstance(caller, socket.socket)
        callers.unregister(caller)
        caller.close()
        self.count(callers=-1)
        before = framer.dropped
        framer.cut()
        self.count(dropped=framer.dropped - before)

    def _deliver(self, frames: list[bytes]) -> None:
        for raw in frames:
            deliver(self, self._on_frame, raw)


def keep_alive(opened: socket.socket, *, idle_s: int = 1, every_s: int = 1, times: int = 5) -> None:
    """Find a dead peer within `idle_s + times * every_s`, where the system can be told so; one that began anew at once."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, number in (("TCP_KEEPIDLE", idle_s), ("TCP_KEEPINTVL", every_s), ("TCP_KEEPCNT", times)):
        if hasattr(socket, option):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), number)
