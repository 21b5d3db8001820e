"""What people decided beside the goods: an override released by a supervisor, a case raised and settled. No movement.

They stand in the journal because who let what pass belongs to the history of the goods, and because the ERP is told.
"""

from app.stock.events.base import Event


class Overridden(Event, frozen=True, kw_only=True, omit_defaults=True, tag="overridden"):
    """A worker went past a limit or a rule, released by a supervisor who proved to be there. Both are named."""

    worker: str
    supervisor: str
    rule: str  # the refusal's code: over_tolerance, above_limit
    what: str  # in words, as both read it
    kind: str = ""  # the limit it was above
    limit: int = 0
    amount: int = 0
    reason: str = ""
    lane: str = ""  # the document it belongs to

    @property
    def document(self) -> str:
        return self.lane or f"worker {self.worker}"

    def in_words(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return f"{self.supervisor} released for {self.worker}: {self.what}{why}"


class ExceptionRaised(Event, frozen=True, kw_only=True, omit_defaults=True, tag="exception_raised"):
    """Something the floor could not settle alone, told to the ERP because its code says so."""

    id: str
    code: str
    sentence: str
    lane: str = ""
    item: str = ""
    lot: str = ""
    location: str = ""
    quantity: int = 0

    @property
    def document(self) -> str:
        return self.lane or f"exception {self.id}"

    def in_words(self) -> str:
        return self.sentence


class ExceptionSettled(Event, frozen=True, kw_only=True, omit_defaults=True, tag="exception_settled"):
    """Somebody decided on it, with a reason."""

    id: str
    code: str
    decided: str
    decided_by: str
    raised_by: str = ""
    lane: str = ""

    @property
    def document(self) -> str:
        return self.lane or f"exception {self.id}"

    def in_words(self) -> str:
        return f"{self.code.replace('_', ' ')} settled by {self.decided_by}: {self.decided}"
