"""What every carrier can do, and how it says that it could not.

A carrier file only translates. Patience, states and the rule that no label is bought twice are the buyer's. An answer
that did not come is *unknown*, never "failed": the label may have been made all the same, so the carrier is asked by the
idempotency key (`lookup`) before anything is tried again.

    Bought          the label exists            Declined    the carrier says no: the address, the parcel, the void
                                                NoAnswer    nobody said anything ── unknown: it may have been done
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from app.work.carriers.parcel import Bought, Parcel, Quote


class Declined(Exception):
    """The carrier understood and says no: asking again changes nothing, somebody must change something."""

    def __init__(self, sentence: str, *, about: Literal["address", "parcel", "order"] = "parcel") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.about = about


class NoAnswer(Exception):
    """Nobody answered, or nothing that can be understood. `unknown`: it may have been done all the same."""

    def __init__(self, sentence: str, *, unknown: bool = True, wait_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.unknown = unknown
        self.wait_s = wait_s  # the carrier asks us to wait so long


class Carrier(Protocol):
    """All may raise NoAnswer. Each is safe to call again with the same key, except `buy`, which only the buyer repeats."""

    name: str
    kind: str
    address: str

    def quote(self, parcel: Parcel) -> list[Quote]:
        """What its services would cost. Buys nothing."""
        ...

    def buy(self, key: str, parcel: Parcel) -> Bought:
        """One label under this idempotency key. Raises Declined."""
        ...

    def lookup(self, key: str) -> Bought | None:
        """The label made under this key, or None where the carrier knows for certain that there is none."""
        ...

    def void(self, key: str, shipment: str) -> None:
        """The label will not be used. It is named by its `Bought.shipment`, or its tracking number where that is empty.
        Raises Declined, for one that is on its way.
        """
        ...

    def manifest(self, key: str, shipments: Sequence[str]) -> str:
        """These parcels are on the truck, named as in `void`; the manifest's number. Raises Declined."""
        ...

    def track(self, tracking: str) -> str:
        """Where it is, in words."""
        ...

    def close(self) -> None: ...
