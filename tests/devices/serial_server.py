"""A box that carries a serial port over the network (RFC 2217): pyserial's own server side over a port that has no wire.

One caller at a time, as such boxes have it. `say` is what the scanner behind it sends; `hang_up` drops the caller in the
middle of whatever is under way, `switch_off` the box with it.
"""

import contextlib
import socket
import threading
from typing import Any

import serial
from serial import rfc2217

READ_BYTES = 1024
CALLED_WITHIN_S = 5.0


class SerialServer:
    def __init__(self, port: int = 0) -> None:
        self.line: Any = serial.serial_for_url("loop://")
        self._door = socket.create_server(("127.0.0.1", port))
        self.port = int(self._door.getsockname()[1])
        self._caller: socket.socket | None = None
        self._manager: Any = None
        self._ready = threading.Event()
        threading.Thread(target=self._serve, name="serial-server", daemon=True).start()

    @property
    def address(self) -> str:
        return f"rfc2217://127.0.0.1:{self.port}"

    def say(self, payload: bytes) -> None:
        assert self._ready.wait(CALLED_WITHIN_S), "nobody called"
        self.write(b"".join(self._manager.escape(payload)))

    def write(self, payload: bytes) -> None:
        """What pyserial's side of the handshake answers through."""
        caller = self._caller
        if caller is not None:
            with contextlib.suppress(OSError):
                caller.sendall(payload)

    def hang_up(self) -> None:
        caller, self._caller = self._caller, None
        self._ready.clear()
        if caller is not None:
            with contextlib.suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)
            caller.close()

    def switch_off(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._door.close()
        self.hang_up()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            self._caller = caller
            self._manager = rfc2217.PortManager(self.line, self)
            self._ready.set()
            with contextlib.suppress(OSError):
                while chunk := caller.recv(READ_BYTES):
                    for _ in self._manager.filter(chunk):
                        pass  # nobody writes to a scanner
            self._ready.clear()
