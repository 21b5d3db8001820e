"""A scanner or scale on a serial port, most often a USB device that calls itself one.

The address is a path below `/dev/serial/by-id`, because ttyACM0 is whatever was plugged in first today. The port is
opened for us alone: two readers would each get half a scan. An unplugged device does not always say so, so the path is
looked at five times a second: another device behind the link, or none, is a loss.
"""

import errno
import os
from typing import Literal

import serial
from serial.tools import list_ports

from devices.link import Connection, LinkError, Port

Flow = Literal["none", "rts-cts", "xon-xoff"]
READ_BYTES = 4096
WRITE_TIMEOUT_S = 2.0


class SerialPort:
    """A path and its line settings; 9600 baud, 8 bits, no parity, 1 stop bit unless the device says otherwise."""

    def __init__(
        self, path: str, baud: int = 9600, bits: int = 8, parity: str = "N", stop_bits: float = 1, flow: Flow = "none"
    ) -> None:
        self.path = path
        self._line = {
            "baudrate": baud, "bytesize": bits, "parity": parity, "stopbits": stop_bits,
            "rtscts": flow == "rts-cts", "xonxoff": flow == "xon-xoff",
        }  # fmt: skip

    @property
    def address(self) -> str:
        return self.path

    def open(self) -> Connection:
        return SerialConnection(self, self.take(), self.identity())

    def take(self) -> serial.Serial:
        """The port itself, raw, set and held by us alone. Raises LinkError."""
        try:
            return serial.Serial(self.path, exclusive=True, timeout=0, write_timeout=WRITE_TIMEOUT_S, **self._line)
        except (serial.SerialException, OSError, ValueError) as error:
            raise self._why(error) from error

    def identity(self) -> tuple[int, int] | None:
        """The device number behind the path and its inode, None while nothing is there."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_rdev, found.st_ino

    def _why(self, error: Exception) -> LinkError:
        code = getattr(error, "errno", None)
        if code in (errno.EBUSY, errno.EAGAIN) or "lock" in str(error):
            return LinkError("held", f"{self.path} is held by another program. Close it there.")
        if code in (errno.EACCES, errno.EPERM):
            return LinkError("refused", f"No right to open {self.path}. Add the account to the group dialout.")
        if self.identity() is None:
            return LinkError("missing", f"{self.path} is not there. Plug the device in.")
        return LinkError("refused", f"{self.path} cannot be opened: {error}.")


class SerialConnection:
    """An open port of this machine, or one behind a serial server: pyserial's is the same to use."""

    def __init__(self, port: Port, opened: serial.Serial, identity: object) -> None:
        self._port = port
        self._serial = opened
        self._identity = identity

    def read(self, wait_s: float) -> bytes:
        try:
            if self._serial.timeout != wait_s:
                self._serial.timeout = wait_s
            first: bytes = self._serial.read(1)
            if not first:
                return b""
            rest: bytes = self._serial.read(min(self._serial.in_waiting, READ_BYTES))
            return first + rest
        except (serial.SerialException, OSError, TypeError, ValueError) as error:  # pyserial's, closed in mid-read.
            raise LinkError("lost", f"{self._port.address} was unplugged or broke off: {error}") from error

    def write(self, payload: bytes) -> None:
        try:
            self._serial.write(payload)
        except (serial.SerialException, OSError) as error:
            raise LinkError("lost", f"{self._port.address} takes no command: {error}") from error

    def check(self) -> None:
        if self._port.identity() != self._identity:
            raise LinkError("lost", f"{self._port.address} was unplugged.")

    def close(self) -> None:
        try:
            self._serial.close()
        except (serial.SerialException, OSError):
            return  # The device is gone; there is nothing left to close.


def serial_ports() -> list[tuple[str, str]]:
    """The ports of this machine as (path to configure, description), by their lasting names where they have one."""
    lasting: dict[str, str] = {}
    folder = "/dev/serial/by-id"
    if os.path.isdir(folder):
        lasting = {
            os.path.realpath(os.path.join(folder, name)): os.path.join(folder, name) for name in os.listdir(folder)
        }
    return [(lasting.get(found.device, found.device), str(found.description)) for found in list_ports.comports()]
