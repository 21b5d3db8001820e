"""A sink is one ERP with all that stands before it, made to go wrong on purpose.

To join the table a new connector brings one class: how to start, kill and ask its ERP, and for every fault either a
method of that name and what the monitor then says (`plays`), or the reason why it cannot happen to it (`cannot`). Who is
asked over HTTP inherits eight of them from `WebSink`.
"""

import re
import uuid
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from app.config import ConnectorSettings
from app.stock.events import Adjusted, AnyEvent
from app.stock.slots import Slot
from sync.connectors.base import Connector
from tests.sync.contract.faults import ANYBODYS, Fault, LineFault, OddEvent
from tests.sync.contract.relay import Asked, Relay

NAME = "ERP"
NOTHING_TO_SEE = ""  # a fault that nobody at the desk would notice
EVERYBODY: Mapping[Fault, str] = dict.fromkeys(ANYBODYS, NOTHING_TO_SEE)


class FaultySink(ABC):
    kind: ClassVar[str]
    tested: ClassVar[str]  # against what, for the documents
    plays: ClassVar[Mapping[Fault, str]]  # and what the monitor says of it, a regular expression
    cannot: ClassVar[Mapping[Fault, str]]
    long: ClassVar[bool] = False  # too slow for `make test`
    quick: ClassVar[Sequence[Fault]] = ()  # played there all the same
    told_within_s: ClassVar[float] = 90.0  # of what piled up while it was being killed
    hears_duplicates: ClassVar[bool] = True  # is the second answer to a batch another than the first?
    can_be_asked: ClassVar[bool] = True  # what it has; else the events a person wants told again come twice
    items: tuple[str, ...] = ("MUG", "CAP", "TEE", "LAMP")  # which it knows
    stranger = "GHOST"  # an item it does not know

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # ── what every sink brings ───────────────────────────────────────────────────────────────────────────────────
    @abstractmethod
    def start(self) -> None:
        """Bring it up, with what it had kept."""

    @abstractmethod
    def kill(self) -> None:
        """kill −9 of the ERP itself."""

    @abstractmethod
    def close(self) -> None:
        """For good."""

    def site(self) -> str:
        """A site it has not heard of yet."""
        return f"S{uuid.uuid4().hex[:6]}"

    @abstractmethod
    def settings(self, site: str) -> ConnectorSettings: ...

    @abstractmethod
    def impatient(self, site: str) -> Connector:
        """As the settings make it, but it does not wait long for an answer."""

    @abstractmethod
    def applied(self, site: str) -> list[str]:
        """The keys it has of the site, in the order they came in."""

    @abstractmethod
    def offered(self, site: str) -> Counter[str]:
        """How often each key of the site was offered; none where that cannot be seen."""

    @abstractmethod
    def mend(self) -> None:
        """All is well again: it is up, and the line is good."""

    # ── faults ───────────────────────────────────────────────────────────────────────────────────────────────────
    def play(self, fault: LineFault | OddEvent) -> None:
        getattr(self, fault)()

    def away(self) -> None:
        self.kill()

    def odd(self, fault: OddEvent) -> AnyEvent:
        """The event it will not take."""
        return found(self.stranger)


class WebSink(FaultySink):
    """One that is asked over HTTP: between it and the connector stands a relay."""

    patience_s: ClassVar[float] = 1.0

    def begin(self, port: int) -> None:
        """Once the ERP is up."""
        self.relay = Relay(port, self.posts, late_s=2.5 * self.patience_s)

    @abstractmethod
    def posts(self, asked: Asked) -> bool:
        """Is this request an event on its way, and no question?"""

    def offered(self, site: str) -> Counter[str]:
        key = re.compile(rf"{site}\.1\.\d+".encode())
        return Counter(found.decode() for body in self.relay.posted for found in set(key.findall(body)))

    def mend(self) -> None:
        self.relay.mend()
        self.start()

    def down(self) -> None:
        self.relay.play("down")

    def ill(self) -> None:
        self.relay.play("ill")

    def late(self) -> None:
        self.relay.play("late")

    def lost_answer(self) -> None:
        self.relay.play("lost_answer")

    def nonsense(self) -> None:
        self.relay.play("nonsense")

    def overtaken(self) -> None:
        self.relay.play("overtaken")

    def twice(self) -> None:
        self.relay.play("twice")

    def dies_after_apply(self) -> None:
        self.relay.play("lost_answer", then=self.kill)


def found(item: str, change: int = 1) -> Adjusted:
    """Goods nobody had in the books, counted and approved: every ERP has a place for that."""
    return Adjusted(item=item, slot=Slot(location="A-01"), change=change, reason="found", approver="ruth")
