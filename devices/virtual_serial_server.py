"""A box that carries a serial port over the network (RFC 2217), with a virtual device on the cable behind it.

It is pyserial's own server side, so baud, bits and parity are negotiated as with a real one; the cable has no wire, so any
speed will do. One caller at a time, as such boxes have it. Pulling its plug drops the caller in the middle of whatever is
under way; hanging up leaves the box on, to be called again.
"""

import contextlib
import queue
import socket

import serial
from serial import rfc2217

from devices.virtual_door import CLIENT_WAIT_S, Door
from devices.virtual_line import READ_BYTES, NobodyListens

MOST_HEARD = 1000  # pieces kept until somebody reads them; later ones are lost, as in a port's own buffer


class _Caller:
    """Who is connected, and the telnet conversation with them."""

    def __init__(self, connection: socket.socket, cable: serial.SerialBase) -> None:
        self.connection = connection
        self.talk = rfc2217.PortManager(cable, self)

    def write(self, payload: bytes) -> None:
        """What pyserial's side of the handshake answers through; a caller who hung up hears nothing."""
        with contextlib.suppress(OSError):
            self.connection.sendall(payload)


class SerialServerLine(Door):
    """A `Line` whose reader calls by `rfc2217://`. `cable` shows the settings it was told."""

    scheme = "rfc2217"

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.cable = serial.serial_for_url("loop://")
        self._caller: _Caller | None = None
        self._heard: queue.Queue[bytes] = queue.Queue(MOST_HEARD)
        super().__init__(host, port)

    @property
    def heard(self) -> bool:
        return self._caller is not None

    def hang_up(self) -> None:
        with self._came:
            caller, self._caller = self._caller, None
        if caller is not None:
            with contextlib.suppress(OSError):
                caller.connection.shutdown(socket.SHUT_RDWR)
            caller.connection.close()

    def write(self, payload: bytes) -> None:
        """To whoever has called; NobodyListens when nobody does within the wait, or it is unplugged."""
        with self._came:
            self._came.wait_for(lambda: self._caller is not None or not self.plugged, CLIENT_WAIT_S)
            caller = self._caller
        if not self.plugged:
            raise NobodyListens(f"{self.address} is unplugged.")
        if caller is None:
            raise NobodyListens(f"Nobody has called {self.address}.")
        caller.write(b"".join(caller.talk.escape(payload)))

    def read(self, wait_s: float) -> bytes:
        try:
            return self._heard.get(timeout=wait_s)
        except queue.Empty:
            return b""

    def _let_in(self, caller: socket.socket) -> None:
        here = _Caller(caller, self.cable)
        with self._came:
            self._caller = here
            self._came.notify_all()
        self._listen(here)

    def _listen(self, caller: _Caller) -> None:
        """Until the caller is gone: its orders to the line are obeyed, its bytes kept for `read`."""
        with contextlib.suppress(OSError):
            while chunk := caller.connection.recv(READ_BYTES):
                said = b"".join(caller.talk.filter(chunk))
                if said:
                    with contextlib.suppress(queue.Full):
                        self._heard.put_nowait(said)
        with self._came:
            if self._caller is caller:
                self._caller = None
        caller.connection.close()
