"""The other end of the wire: what a virtual scanner or scale plugs into, a pseudo terminal here; ports: virtual_door.py.

These are product, not test doubles: the demo, a training floor and our own tests all use them, and the reader at the
other end cannot tell. A virtual line can be pulled and plugged in again, because that is what happens to cables.
"""

import contextlib
import os
import select
import threading
import tty
from pathlib import Path
from time import monotonic
from typing import Protocol

POLL_S = 0.05
WRITE_TIMEOUT_S = 2.0
READ_BYTES = 4096


class NobodyListens(ConnectionError):
    """There is no reader at the other end to send to."""


class Line(Protocol):
    """One wire. `write` reaches every reader, `read` takes what any of them sent."""

    @property
    def address(self) -> str: ...

    @property
    def plugged(self) -> bool: ...

    @property
    def heard(self) -> bool:
        """Is there a reader, as far as this end can know?"""
        ...

    def write(self, payload: bytes) -> None: ...

    def read(self, wait_s: float) -> bytes: ...

    def unplug(self) -> None: ...

    def plug(self) -> None: ...


class OnLine:
    """A device at the near end of a line, and its plug."""

    def __init__(self, line: Line) -> None:
        self.line = line

    @property
    def address(self) -> str:
        """What a device setting names."""
        return self.line.address

    @property
    def plugged(self) -> bool:
        return self.line.plugged

    def unplug(self) -> None:
        self.line.unplug()

    def plug(self) -> None:
        self.line.plug()


class PtyLine:
    """A pseudo terminal behind a link of a lasting name, as udev makes them below /dev/serial/by-id."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._ends: tuple[int, int] | None = None
        self._using = threading.RLock()
        self.plug()

    @property
    def address(self) -> str:
        return str(self._link)

    @property
    def plugged(self) -> bool:
        return self._ends is not None

    @property
    def heard(self) -> bool:
        return self.plugged

    def plug(self) -> None:
        """A fresh terminal behind the same link; the old one, if any, is pulled."""
        with self._using:
            self.unplug()
            ours, theirs = os.openpty()
            tty.setraw(theirs)
            os.set_blocking(ours, False)
            self._ends = ours, theirs
            self._link.symlink_to(os.ttyname(theirs))

    def unplug(self) -> None:
        with self._using:
            if self._link.is_symlink():  # Ours, or left by a run that was killed; never a file of somebody's.
                self._link.unlink()
            if self._ends is not None:
                for end in self._ends:
                    os.close(end)
                self._ends = None

    def write(self, payload: bytes) -> None:
        """Everything, in order; NobodyListens when it is unplugged, or nobody reads and the buffer stays full."""
        end = monotonic() + WRITE_TIMEOUT_S
        while payload:
            with self._using:
                if self._ends is None:
                    raise NobodyListens(f"{self.address} is unplugged.")
                with contextlib.suppress(BlockingIOError):
                    payload = payload[os.write(self._ends[0], payload) :]
            if payload:
                if monotonic() > end:
                    raise NobodyListens(f"Nobody reads from {self.address}.")
                threading.Event().wait(POLL_S / 10)

    def read(self, wait_s: float) -> bytes:
        with self._using:
            ours = self._ends[0] if self._ends else None
        if ours is None:
            threading.Event().wait(wait_s)
            return b""
        try:
            ready, _, _ = select.select([ours], [], [], wait_s)
            return os.read(ours, READ_BYTES) if ready else b""
        except (OSError, ValueError):  # Pulled while we waited.
            return b""
