"""Everything that can be refused, one sentence each.

A refusal is an answer, not a failure: it has a stable code (for programs), a title of two or three words (for the red
band), and a sentence that says what was expected, what was scanned and what to do. Raising one anywhere inside a turn
takes back all the turn did. The class is the rule's name; the words are filled from what the rule knew.

    Refusal
    ├── Unknown     nobody knows this code            ├── State      it is too late, too early, or somebody else's
    ├── Wrong       known, but not what is needed     ├── Forbidden  not this person, not this way
    ├── Ambiguous   scan something more precise       ├── BadAmount  quantities, weights, dates that cannot be
    ├── Malformed   the label itself is broken        ├── ScanAgain  allowed, if the same code is scanned again
    │                                                 └── NeedsRelease  allowed, if a supervisor says so
"""

from typing import Any, ClassVar


class Refusal(Exception):
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "Not possible"
    says: ClassVar[str] = "That is not possible here."
    todo: ClassVar[str] = ""
    severity: ClassVar[str] = "error"
    scanned_is: ClassVar[str] = "Scanned"  # what the second of the two is: scanned, on the scale, too many
    http: ClassVar[int] = 409
    retry_after_s: ClassVar[int] = 1  # of a 503

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        return _fill(self.says, self.facts)

    @property
    def what_to_do(self) -> str:
        return _fill(self.todo, self.facts)

    @property
    def expected(self) -> str:
        return str(self.facts.get("expected", ""))

    @property
    def scanned(self) -> str:
        return str(self.facts.get("scanned", ""))

    @property
    def field(self) -> str:
        return str(self.facts.get("field", ""))


def _fill(words: str, facts: dict[str, Any]) -> str:
    if "{" not in words:
        return words
    filled = words.format_map({key: str(value) for key, value in facts.items()})
    return filled.replace("..", ".") if "..." not in filled else filled  # `with Mara K.` ends a sentence, too


# ── what a label can do wrong ────────────────────────────────────────────────────────────────────────────────────────
class Unknown(Refusal):
    code, title = "unknown", "Unknown code"
    says = "Nobody knows {scanned}."
    todo = "Scan another label on it, or ask for the item to be linked."


class NoRule(Unknown):
    """A number for use inside one house, and this house has not said what it means."""

    code, title = "no_rule", "No rule for it"
    says = "{scanned} is a number for use inside one house, not a GTIN, and no rule here says where its item stands."
    todo = "Scan another label on it, or ask for its pattern to be set at the desk (Own labels)."


class NoItemNumber(Refusal):
    """A label of the house's own pattern, whose item nobody has. Not Unknown: linking it would link one weight only."""

    code, title = "no_item_number", "Unknown item number"
    says = "{scanned} is a label for item number {number}, which nobody knows."
    todo = "Scan another label on it, or ask for {number} to be made a barcode of the item."


class NothingRead(Refusal):
    """An empty read. The trigger was pressed, no label was there: nothing stops for it."""

    code, title, severity = "nothing_read", "Nothing read", "warning"
    says = "The scanner read nothing."
    todo = "Scan again."


class NoSuchKey(Unknown):
    code, title = "no_such_key", "No such key"
    says = "This screen has no key {scanned}."
    todo = "Choose one of those it shows."


class Wrong(Refusal):
    code, title = "wrong", "Wrong code"
    says = "Expected {expected}, scanned {scanned}."
    todo = "Put it back."


class WrongKind(Wrong):
    code, title = "wrong_kind", "Wrong label"
    says = "Scan {expected}. {scanned} is {kind}."
    todo = "Nothing was counted."


class NothingToScan(WrongKind):
    code, title = "nothing_to_scan", "Answer first"
    says = "{scanned} is {kind}, but a scan cannot answer this."
    todo = "Press or type the answer."


class Ambiguous(Refusal):
    code, title = "ambiguous", "Which one?"
    says = "{scanned} can mean {meanings}."
    todo = "Scan something more precise."


class Malformed(Refusal):
    code, title = "malformed", "Bad label"
    says = "{scanned} is not a sound label: {reason}"
    todo = "Scan it again, or another label on it."


class TooLong(Malformed):
    code, title = "too_long", "Not a label"
    says = "That was {length} characters; a label has at most {limit}."


# ── rules a worker meets in every job ────────────────────────────────────────────────────────────────────────────────
class State(Refusal):
    code, title = "state", "Not now"


class Held(State):
    code, title = "held", "Scan again"
    says = "A scan before this one was not accepted, so this one was not applied."
    todo = "Look at the screen, then scan what it asks for."


class ScanReused(Refusal):
    code, title, http = "scan_reused", "Id used twice", 422
    says = "The scan id {id} was already used for something else."


class NothingToUndo(State):
    code, title = "nothing_to_undo", "Nothing to undo"
    says = "You have no last step that can be undone."


class UndoTooLate(State):
    code, title = "undo_too_late", "Too late to undo"
    says = "The goods moved on since: {reason}"
    todo = "Ask a supervisor to correct it."


class Forbidden(Refusal):
    code, title, http = "forbidden", "Not allowed", 403
    says = "{worker} may not do this."
    todo = "Ask a supervisor."


class NeedsRelease(Refusal):
    """More than this person may decide. Where the screen offers it (`floor.release`), a supervisor may release it.

    `what` is it about, in words; `kind` is the limit it is above (app/work/limits.py), or empty where any supervisor
    may release it; `limit` and `amount` are that kind's whole numbers.
    """

    code, title, http = "needs_release", "Supervisor needed", 403
    says = "{what}: that takes a supervisor."
    todo = "Let a supervisor scan their badge."
    offered = False  # by the screen: then it is asked for at the device

    @property
    def what(self) -> str:
        return str(self.facts.get("what", "")) or self.sentence

    @property
    def kind(self) -> str:
        return str(self.facts.get("kind", ""))

    @property
    def limit(self) -> int:
        return int(self.facts.get("limit", 0))

    @property
    def amount(self) -> int:
        return int(self.facts.get("amount", 0))

    @property
    def key(self) -> str:
        """What exactly was released: the same rule with the same figures, nothing else."""
        return f"{self.code}: {self.sentence}"


class SignedOut(Refusal):
    code, title, http = "signed_out", "Signed out", 401
    says = "You are signed out here."
    todo = "Scan your badge."


class BadAmount(Refusal):
    code, title = "bad_amount", "Wrong quantity"
    says = "{amount} is not a quantity: {reason}"
    todo = "Type whole units."


class ScanAgain(Refusal):
    """Allowed by the rules, but rarely meant. The same code once more confirms it; any other starts anew."""

    code, title, severity = "scan_again", "Sure?", "warning"
    says = "Expected {expected}, scanned {scanned}."
    todo = "Sure? Scan {scanned} again."


# ── ours and the machine's ───────────────────────────────────────────────────────────────────────────────────────────
class Busy(Refusal):
    code, title, http = "busy", "Server busy", 503
    says = "Too many scans at once; this one was not taken."
    todo = "It is sent again by itself."


class StorageFailed(Refusal):
    code, title, http = "storage_failed", "Server cannot save", 503
    says = "The server cannot write to its disk, so nothing was confirmed."
    todo = "Wait for the server; it restarts by itself."


class CannotStart(Exception):
    """The server must not run like this; the sentence says why and what the admin can do."""
