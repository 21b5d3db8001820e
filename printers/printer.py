"""One printer as the settings know it, and how a job on it ended.

An outcome is honest before it is kind: `printed` only when the printer itself said it is idle, `sent` when the bytes
were taken and nobody can say more, `failed` only when no byte of the job left, and `unknown` for everything between.
A person answers `unknown` ("did the label come out?"); the machine never sends such a job again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from devices.serial_port import Flow

Transport = Literal["tcp", "serial", "queue", "file"]
State = Literal["printed", "sent", "unknown", "failed"]
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")
PRINTER_PORTS = (*range(9100, 9110), 6101)


class Printer(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: Literal["zpl", "escpos"] = "zpl"
    transport: Transport = "tcp"
    address: str  # "host:port", the name of an OS queue, or a path such as /dev/usb/lp0
    dpi: Literal[203, 300, 600] = 203
    width_mm: int = 100
    height_mm: int = 150
    two_way: bool = False  # answers status questions; then silence before a job means failed, nothing sent
    baud: int = 9600  # of a serial line
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    flow: Flow = "none"  # how the printer says "wait"
    stations: tuple[str, ...] = ()

    @property
    def answers(self) -> bool:
        """Can it be asked at all? Whether it does is `two_way`."""
        return self.transport in ("tcp", "serial")


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server may open a printer connection to. Loopback only where a network here names it."""

    networks: tuple[str, ...] = PRIVATE_NETWORKS
    ports: tuple[int, ...] = PRINTER_PORTS  # empty: any port from 1024 up


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    state: State
    sentence: str
    warnings: tuple[str, ...] = ()  # what it will lack soon; the label is printed all the same

    @property
    def told(self) -> str:
        return " ".join((self.sentence, *self.warnings))
