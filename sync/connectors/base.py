"""What every connector can do, and how it says that it could not.

A connector only translates: it carries a batch to one ERP and brings back that ERP's own answer, event by event. Order,
patience, dead letters and cursors are the follower's. An answer that did not come is *unknown*, never "failed": the
follower then asks `lookup` before it offers the event again.

    Answer                                        TransportError: no answer per event
    ├── Applied     the ERP has it now            ├── permanent     waiting does not help, a person must change something
    ├── Duplicate      it had it already          ├── unknown       the batch may have been applied all the same
    ├── Rejected       it says why not            └── about_batch   the batch itself is not liked: try a smaller one
    ├── NeedsApproval  it takes it when a person accepts its warning; nobody else ever does
    └── Held           not tried, because an earlier event of its document in the same batch was not taken
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from sync.messages import Message


class Applied(msgspec.Struct, frozen=True):
    pass


class Duplicate(msgspec.Struct, frozen=True):
    pass


class Rejected(msgspec.Struct, frozen=True):
    why: str  # the ERP's own words
    raw: str = ""  # its whole answer, where there is more than the words


class NeedsApproval(msgspec.Struct, frozen=True):
    """The ERP warns. A supervisor reads `why` at the desk; when he accepts it, the same event is offered again and
    carries `warning` in its `Message.approved`.
    """

    why: str
    warning: str = ""  # the ERP's own name of it; empty: `why` is its name
    raw: str = ""

    @property
    def name(self) -> str:
        return self.warning or self.why


class Held(msgspec.Struct, frozen=True):
    pass


Answer = Applied | Duplicate | Rejected | NeedsApproval | Held


class OnHand(msgspec.Struct, frozen=True, kw_only=True):
    """What the ERP has of one item, lot and status, in base units."""

    item: str
    quantity: int
    lot: str = ""
    status: str = "available"
    site: str = ""  # empty: of the site it is asked by; the sites of one house are compared as one


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What the ERP wants done, in its order: CloudEvents as JSON, and where to go on from."""

    events: Sequence[bytes]
    next: str
    keep: bool = False  # go on from `next` also after a restart; else everything is asked for once more
    dated: bool = True  # an event's version is the date of what it tells: what is read twice is the same event
    more: bool = False  # there is another page, to be had at once


class Untold(msgspec.Struct, frozen=True, kw_only=True):
    """Events that were told and count as untold, by their seqs; `id` is of the wish."""

    id: str
    first: int
    last: int


class TransportError(Exception):
    """The batch got no answer per event. `sentence` is for the ledger page, `raw` what the other side said.

    `carried`: it is on its way and kept there, so a smaller one would not be answered sooner.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        unknown: bool = True,
        about_batch: bool = False,
        carried: bool = False,
        retry_after_s: float = 0.0,
        raw: str = "",
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.permanent = permanent
        self.unknown = unknown
        self.about_batch = about_batch
        self.carried = carried
        self.retry_after_s = retry_after_s
        self.raw = raw


class Connector(Protocol):
    name: str
    kind: str
    address: str
    way: str  # how it tells the ERP, where there are several ways; in words
    gather_s: float  # how long to gather events between two batches that are not full

    def post(self, batch: Sequence[Message]) -> list[Answer]:
        """Offer the batch, in order; one answer per message, in order. Raises TransportError."""
        ...

    def lookup(self, keys: Sequence[str]) -> set[str]:
        """Which of these the ERP has applied. Raises TransportError."""
        ...

    def snapshot(self, as_of: int) -> Sequence[OnHand] | None:
        """Its stock, which holds every event up to `as_of` that it took and none after. None: it keeps no stock.

        Asked between two batches, so what it has now is right. Raises TransportError.
        """
        ...

    def pull(self, since: str) -> Pulled | None:
        """What the ERP wants done since the last pull ("" at first). None: it pushes, or drops files.

        Raises TransportError.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class Mapped(Protocol):
    """A connector that tells its ERP in the ERP's own names; an admin may change one at the desk."""

    @property
    def mapping(self) -> Mapping[str, str]:
        """What we name, and what the ERP calls it: the connector's options, with those it begins with."""
        ...

    def says(self, message: Message) -> Any:
        """What the ERP is told of an event, to be shown as JSON; None: nothing."""
        ...


@runtime_checkable
class KeepsTold(Protocol):
    """A connector whose ERP cannot be asked, so it keeps itself what it told: that is what its `lookup` says."""

    def forget(self, untold: Sequence[Untold]) -> None:
        """These were not told. A wish that was followed in the last call changes nothing. Raises TransportError."""
        ...
