"""All connectors of the site in one place: started and stopped by main, shown and acted on by the ledger page.

Every action names its connector and the person; it returns once it is durable, or raises a refusal whose sentence the
page shows. Going back, pausing and discarding never touch the journal: they only change what one ERP is told next.
"""

from app.config import Settings
from app.db import Database, Tx
from app.errors import CannotStart, State
from app.stock import journal
from sync import approvals, dead_letters, inbound
from sync.connectors import connect
from sync.dead_letters import DeadLetter, NoSuchEvent
from sync.follower import Follower
from sync.messages import as_message
from sync.standing import ConnectorState


class NoSuchConnector(State):
    code, title, http = "no_such_connector", "No such connector", 404
    says = "There is no connector {name} here."


class Switchboard:
    """Built from the settings; raises CannotStart when they cannot be right. `start` before the first scan is taken."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._db = database
        self.followers: dict[str, Follower] = {}
        for one in settings.connectors:
            if one.name in self.followers:
                raise CannotStart(f"Two connectors have the name {one.name}.")
            self.followers[one.name] = Follower(
                database, connect(one), site=settings.site, batch=one.batch, owner=one.owner
            )

    def start(self) -> None:
        for follower in self.followers.values():
            follower.start()

    def stop(self) -> None:
        for follower in self.followers.values():
            follower.stop()

    # ── what the ledger page shows ───────────────────────────────────────────────────────────────────────────────
    def states(self, tx: Tx) -> list[ConnectorState]:
        return [follower.state(tx) for follower in self.followers.values()]

    def letters(self, tx: Tx, connector: str, state: str = "dead", most: int = 100) -> list[DeadLetter]:
        """Newest first; `state`: dead, parked, waiting, accepted (after all) or discarded."""
        return dead_letters.in_state(tx, self._of(connector).name, state, most)

    def request(self, tx: Tx, connector: str, seq: int) -> str:
        """The message of an event, byte for byte as it is offered to the ERP."""
        entry = journal.entry(tx, seq)
        if entry is None:
            raise NoSuchEvent(seq=seq, last=journal.last_seq(tx))
        return as_message(entry, self._of(connector).identity).body.decode()

    # ── what a person may do ─────────────────────────────────────────────────────────────────────────────────────
    def retry_now(self, connector: str) -> None:
        self._of(connector).retry_now()

    def pause(self, connector: str, by: str) -> None:
        self._of(connector).decide(lambda tx: dead_letters.pause(tx, connector, by))

    def resume(self, connector: str, by: str) -> None:
        self._of(connector).decide(lambda tx: dead_letters.resume(tx, connector, by))

    def replay(self, connector: str, seq: int, by: str) -> None:
        self._of(connector).decide(lambda tx: dead_letters.replay(tx, connector, seq, by))

    def replay_all(self, connector: str, by: str) -> int:
        return self._of(connector).decide(lambda tx: dead_letters.replay_all(tx, connector, by))

    def replay_from(self, connector: str, seq: int, by: str) -> None:
        self._of(connector).decide(lambda tx: dead_letters.replay_from(tx, connector, seq, by))

    def approve(self, connector: str, seq: int, by: str) -> None:
        self._of(connector).decide(lambda tx: approvals.approve(tx, connector, seq, by))

    def decline(self, connector: str, seq: int, reason: str, by: str) -> None:
        self._of(connector).decide(lambda tx: approvals.decline(tx, connector, seq, reason, by))

    def propose_discard(self, connector: str, seq: int, reason: str, by: str) -> None:
        self._of(connector).decide(lambda tx: dead_letters.propose_discard(tx, connector, seq, reason, by))

    def second_discard(self, connector: str, seq: int, by: str) -> None:
        self._of(connector).decide(lambda tx: dead_letters.second_discard(tx, connector, seq, by))

    def replay_message(self, source: str, id: str) -> str:
        """Try a dead letter of the inbox again; the sentence of what came of it."""
        return self._db.do(lambda tx: inbound.replay(tx, source, id)).sentence

    def discard_message(self, source: str, id: str, reason: str, by: str) -> str:
        """Give a dead letter of the inbox up."""
        return self._db.do(lambda tx: inbound.discard(tx, source, id, reason=reason, by=by)).sentence

    def _of(self, connector: str) -> Follower:
        found = self.followers.get(connector)
        if found is None:
            raise NoSuchConnector(name=connector)
        return found
