"""Keeping hold of a device: open it, listen, notice that it is gone, try again, for ever and without hurry.

A cable is pulled, a scanner's base loses power, a port is taken by another program, a by-id link vanishes and comes
back as another tty. All of that is one loop: a `Port` can be opened to a `Connection`, one thread listens to it, and
after a loss it waits 0.2 s, doubling to 5 s with jitter, or until the port is seen to have come back. What cannot be seen
without knocking, a host on the network, is knocked at once a second: whatever was off reads again within two. Subclasses
say what the bytes mean; nobody outside the thread touches the connection.
"""

import random
import threading
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from time import monotonic
from typing import Literal, Protocol

import msgspec

from devices.heard import Hearing
from devices.wire import Wire

State = Literal["connecting", "open", "missing", "held", "refused", "lost", "closed"]

FIRST_RETRY_S = 0.2
LONGEST_RETRY_S = 5.0
LONGEST_UNSEEN_S = 1.0  # where only a try can tell that it is back
STEADY_S = 5.0  # A connection that lived this long, or said something, starts the back-off anew.
PRESENCE_CHECK_S = 0.2
STOP_TIMEOUT_S = 3.0


class LinkError(Exception):
    """The device cannot be reached or is gone; trying again may help. `state` is what the device wall shows."""

    def __init__(self, state: State, sentence: str) -> None:
        super().__init__(sentence)
        self.state: State = state


class Connection(Protocol):
    """An open device. Any failure is a LinkError."""

    def read(self, wait_s: float) -> bytes:
        """What has come, or b"" when nothing did within `wait_s`."""

    def write(self, payload: bytes) -> None: ...

    def check(self) -> None:
        """Raise LinkError when the device behind the address is another one, or none."""

    def close(self) -> None: ...


class Port(Protocol):
    """An address that can be opened."""

    @property
    def address(self) -> str: ...

    def open(self) -> Connection: ...

    def identity(self) -> object:
        """What is at the address, if that can be seen without opening it; a change ends the wait for the next try."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One device as the device wall shows it. `dropped` counts frames begun and not delivered, too long ones as well."""

    state: State = "connecting"
    since: datetime | None = None  # When it was opened or lost, UTC.
    last_seen: datetime | None = None  # When bytes last came, UTC.
    last_error: str | None = None
    opened: int = 0  # Times; the first is no reconnect.
    callers: int = 0  # At a door of ours, those connected now.
    frames: int = 0
    dropped: int = 0
    overlong: int = 0
    garbage: int = 0  # Frames that are no text, lines that are no weight.
    refused: int = 0  # Weights that may not be used.


class Backoff:
    """0.2 s, doubling to 5 s, each drawn between half and the whole so that forty scanners do not knock in step."""

    def __init__(self) -> None:
        self._next = FIRST_RETRY_S

    def wait_s(self) -> float:
        wait = self._next
        self._next = min(self._next * 2, LONGEST_RETRY_S)
        return wait * random.uniform(0.5, 1.0)

    def reset(self) -> None:
        self._next = FIRST_RETRY_S


class DeviceThread(ABC):
    """One thread that keeps one device. What `_hold` does until it fails with a LinkError is the subclass's."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard = Hearing()
        self.wire = Wire(in_lines=True)
        self._health = Health(since=datetime.now(UTC))
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=f"device-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(STOP_TIMEOUT_S)

    def health(self) -> Health:
        return self._health

    def note(self, **changes: object) -> None:
        """Change some of the health; snapshots already handed out stay as they are."""
        with self._changing:
            was, self._health = self._health, msgspec.structs.replace(self._health, **changes)
            if (was.state == "open") != (self._health.state == "open"):
                self._health = msgspec.structs.replace(self._health, since=datetime.now(UTC))

    def count(self, **more: int) -> None:
        """Add to some of the counters."""
        with self._changing:
            total = {name: getattr(self._health, name) + number for name, number in more.items()}
            self._health = msgspec.structs.replace(self._health, **total)

    @abstractmethod
    def _hold(self, backoff: Backoff) -> None:
        """Open the device and use it until `_stop` is set. Raises LinkError when it is not there or is lost."""

    def _identity(self) -> object:
        return None

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            before = self._identity()
            try:
                self._hold(backoff)
            except LinkError as error:
                self.note(state=error.state, last_error=str(error))
            except Exception as error:  # Ours alone to have caused: loud in the log, and never shown as open.
                self.note(state="closed", last_error=f"{type(error).__name__}: {error}. Restart Pickface.")
                raise
            wait_s = backoff.wait_s()
            self._wait(min(wait_s, LONGEST_UNSEEN_S) if before is None else wait_s, before)
        self.note(state="closed")

    def _wait(self, wait_s: float, before: object) -> None:
        """Wait, but not longer than until something else than `before` is at the address, or the same once more."""
        left = wait_s
        while left > 0 and not self._stop.wait(min(left, PRESENCE_CHECK_S)):
            left -= PRESENCE_CHECK_S
            now = self._identity()
            if now is None:
                before = None  # gone: whatever comes next was plugged in, also under the number it had
            elif now != before:
                return


class LinkThread(DeviceThread):
    """The thread that owns a port. Subclasses take bytes in `on_bytes`, pauses in `on_quiet`, the loss in `on_lost`."""

    read_wait_s = 0.1

    def __init__(self, name: str, port: Port) -> None:
        super().__init__(name)
        self.port = port

    def on_open(self, connection: Connection) -> None:
        """A fresh connection, before its first byte."""

    @abstractmethod
    def on_bytes(self, connection: Connection, chunk: bytes) -> None:
        """What was read, as it came: frames are the subclass's affair."""

    def on_quiet(self, connection: Connection) -> None:
        """Nothing came for `read_wait_s`."""

    def on_lost(self) -> None:
        """The connection is gone."""

    def say(self, connection: Connection, payload: bytes) -> None:
        """Raises LinkError."""
        connection.write(payload)
        self.wire.said(payload)

    def _identity(self) -> object:
        return self.port.identity()

    def _hold(self, backoff: Backoff) -> None:
        connection = self.port.open()
        self.note(state="open")
        self.count(opened=1)
        opened = checked = monotonic()
        try:
            self.on_open(connection)
            while not self._stop.is_set():
                chunk = connection.read(self.read_wait_s)
                if chunk:
                    backoff.reset()
                    self.note(last_seen=datetime.now(UTC))
                    self.heard.take(chunk)
                    self.wire.heard(chunk)
                    self.on_bytes(connection, chunk)
                else:
                    self.on_quiet(connection)
                now = monotonic()
                if now - checked >= PRESENCE_CHECK_S:
                    connection.check()
                    checked = now
                    if now - opened >= STEADY_S:
                        backoff.reset()
        finally:
            connection.close()
            self.on_lost()
