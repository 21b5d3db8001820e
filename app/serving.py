"""Standing up again: a warehouse has nobody who would restart a server at three in the morning.

The process that answers may be killed, run out of memory, or end itself because the disk failed; its parent then makes
sure of the database anew and starts another. It does so for as long as each new one comes up, slower where it does not
live long; after a few in a row that did not come up it gives up with a sentence, because then somebody has to look.
The web server shares its port willingly with whoever asks, so the parent holds the port against every other.
"""

import contextlib
import mmap
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from app.errors import CannotStart

MOST_TRIES = 5  # starts in a row that do not come up; with the pauses between them most of a minute
CALM_S = 10.0  # lived that long, its death has nothing to do with the one before
LONGEST_PAUSE_S = 2.0  # where it comes up each time: writing is back soon after a full disk has room again
PARENT_SEEN_EVERY_S = 1.0

log = structlog.get_logger()
_up = mmap.mmap(-1, 1)  # shared with the forked process that answers; it has no other way to say that it came up


class Server(Protocol):
    """What is used of granian."""

    interrupt_signal: bool

    def on_startup(self, hook: Callable[[], None]) -> object: ...

    def signal_handler_interrupt(self) -> None: ...

    def serve(self) -> None: ...


def came_up() -> None:
    """Told by the process that answers, once it does."""
    _up[0] = 1


def keep_serving(make: Callable[[], Server], make_sure: Callable[[], None]) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit code; raises CannotStart where it does not come up any more.

    `make_sure` may raise CannotStart: at the first start that is the end, later a try that failed.
    """
    stop = threading.Event()
    failed = restless = 0
    reason = "the process that answers ended before it came up"
    first = True
    while True:
        _listen_for(stop)
        up, began = False, time.monotonic()
        try:
            make_sure()
            up = _serve_once(make(), stop)
        except CannotStart as problem:
            if first:
                raise
            reason = str(problem).rstrip(".")
        if stop.is_set():
            return 0
        if first and not up:
            raise CannotStart("The server did not start: the process that answers ended before it came up.")
        first = False
        failed = 0 if up else failed + 1
        restless = restless + 1 if time.monotonic() - began < CALM_S else 0
        if failed >= MOST_TRIES:
            raise CannotStart(f"The server did not come up again in {failed} tries: {reason}.")
        pause = 3.0 ** (failed - 1) if failed else min(0.1 * 2**restless, LONGEST_PAUSE_S) if restless else 0.0
        log.warning("the process that answers ended; another is started", pause_s=round(pause, 1))
        if stop.wait(pause):
            return 0


def _listen_for(stop: threading.Event) -> None:
    """The signals are ours while no server stands; a standing one takes them over."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def _serve_once(server: Server, stop: threading.Event) -> bool:
    """Serve until told to stop, or until the process that answers is gone; whether it came up."""
    _up[0] = 0

    def stop_at_once() -> None:
        if stop.is_set():  # told between our last look and its own
            server.signal_handler_interrupt()

    server.on_startup(stop_at_once)
    with contextlib.suppress(SystemExit):  # how it says that its worker failed
        server.serve()
    if server.interrupt_signal:
        stop.set()
    _listen_for(stop)
    return bool(_up[0])


def hold_port(host: str, port: int) -> socket.socket:
    """The port, for as long as the socket is kept; nothing is ever heard on it. Raises CannotStart where it is taken.

    First bound as anybody would, which fails beside a listener and beside another holder; then shared, so that our own
    server may listen. The web server itself would start beside another one and take half of its requests.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family):
            pass
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
        return held
    except (OSError, OverflowError) as problem:
        reason = os.strerror(problem.errno) if isinstance(problem, OSError) and problem.errno else str(problem)
        raise CannotStart(f"Nothing can listen on {host}:{port}: {reason}.") from None


def follow_parent() -> None:
    """End when the process that started us is gone: nobody else would end us."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SEEN_EVERY_S)
        os._exit(4)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()
