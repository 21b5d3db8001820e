"""An ERP's answer to one event as JSON, the same over HTTP and over NATS.

`{"id": …, "outcome": "applied" | "duplicate" | "rejected" | "needs_approval" | "held", "reason": …, "warning": …}`
"""

from typing import Literal, Self

import msgspec

from sync.asking import RAW_KEPT
from sync.connectors.base import Answer, Applied, Duplicate, Held, NeedsApproval, Rejected

Outcome = Literal["applied", "duplicate", "rejected", "needs_approval", "held"]
_OUTCOMES: dict[type[Answer], Outcome] = {
    Applied: "applied",
    Duplicate: "duplicate",
    Rejected: "rejected",
    NeedsApproval: "needs_approval",
    Held: "held",
}
_TAKEN, _HAD, _HELD = Applied(), Duplicate(), Held()


class OneAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one event. Once one of a document is not taken, later ones of it in the batch are `held`."""

    id: str  # the event's
    outcome: Outcome
    reason: str = ""  # why it was not taken, for people
    warning: str = (
        ""  # of `needs_approval`: its name there; the event comes again with it in `approved` once it is accepted
    )

    @classmethod
    def of(cls, key: str, answer: Answer) -> Self:
        """What is told on of another connector's answer."""
        return cls(
            id=key,
            outcome=_OUTCOMES[type(answer)],
            reason=answer.why if isinstance(answer, Rejected | NeedsApproval) else "",
            warning=answer.warning if isinstance(answer, NeedsApproval) else "",
        )

    @property
    def taken(self) -> bool:
        return self.outcome in ("applied", "duplicate")

    @property
    def meaning(self) -> Answer:
        match self.outcome:
            case "applied":
                return _TAKEN
            case "duplicate":
                return _HAD
            case "held":
                return _HELD
            case "rejected":
                return Rejected(why=self.reason[:RAW_KEPT] or "rejected without a reason", raw=self._raw)
            case _:
                why = self.reason[:RAW_KEPT] or "it warns, and does not say of what"
                return NeedsApproval(why=why, warning=self.warning[:RAW_KEPT], raw=self._raw)

    @property
    def _raw(self) -> str:
        return msgspec.json.encode(self).decode()
