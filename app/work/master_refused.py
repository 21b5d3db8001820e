"""`event.refused`: an ERP that took an event of ours says later, by the event's id, that it did not apply it.

Who is told by files says nothing when it is told; what its importer thinks of it comes hours later. On the floor nothing
changes by it, so it moves no row of the work's: whoever told the event sees to it (`sync/refusals.py`).
"""

from typing import Annotated

from msgspec import Meta

from app.work.master_terms import Message, OptionalCode

Reason = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"^[^\x00]*\S[^\x00]*\Z")]
Raw = Annotated[str, Meta(max_length=20_000, pattern=r"^[^\x00]*\Z")]


class EventRefused(Message, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="event.refused"):
    """An event that was told is not applied after all: it becomes a dead letter, and later events of its document wait.

    `code` is the event's id.
    """

    reason: Reason  # why, for people
    raw: Raw = ""  # the whole of what the importer said, where there is more than the reason
    connector: OptionalCode = ""  # which told it, as the settings name it; needed where several did
