"""A serial port behind a serial server: the scanner keeps its cable, the cable ends in a box on the network (RFC 2217).

Unlike a raw socket the box is told the line settings, so a scanner at 19,200 baud is read as one. Port and box are two
things that can go away: whichever does, what had begun is dropped and the box is called again.
"""

import serial
from serial import rfc2217

from devices.link import Connection, LinkError, LinkThread
from devices.serial_port import SerialConnection
from devices.tcp import keep_alive

ANSWER_WITHIN_S = 3.0  # the box, to each question of the handshake; calling it may take 5 s, which pyserial has fixed


class RemoteSerialPort:
    """Host and port of a serial server, and the line settings it is to use."""

    def __init__(self, host: str, port: int, baud: int = 9600, bits: int = 8, parity: str = "N") -> None:
        where = f"[{host}]" if ":" in host else host
        self._address = f"rfc2217://{where}:{port}"
        self._line = {"baudrate": baud, "bytesize": bits, "parity": parity}

    @property
    def address(self) -> str:
        return self._address

    def open(self) -> Connection:
        try:
            # With the patience it is read with: pyserial tells the box all of its line anew when that changes.
            opened = rfc2217.Serial(
                f"{self._address}?timeout={ANSWER_WITHIN_S}", timeout=LinkThread.read_wait_s, **self._line
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise self._why(error) from error
        keep_alive(opened._socket)  # pyserial has no other way to a peer that died without a word
        return SerialConnection(self, opened, self.identity())

    def identity(self) -> object:
        return None

    def _why(self, error: Exception) -> LinkError:
        told = str(error)
        if "Could not open" in told:
            return LinkError("missing", f"{self._address} cannot be reached. Is the serial server switched on?")
        if "RFC2217" in told or "rejected" in told:
            return LinkError("refused", f"{self._address} answers, but does not set a serial line: {told}.")
        return LinkError("refused", f"{self._address} cannot be opened: {told}.")
