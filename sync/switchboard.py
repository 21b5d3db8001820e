"""All connectors of the site in one place: started and stopped by main, shown and acted on by the ledger page.

Every action names its connector and the person; it returns once it is durable, or raises a refusal whose sentence the
page shows. Going back, pausing and discarding never touch the journal: they only change what one ERP is told next.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from app import clock
from app.config import Settings
from app.db import Database, Tx
from app.errors import CannotStart, State
from app.stock import journal
from sync import (
    alarms,
    approvals,
    connector_log,
    connector_names,
    connector_settings,
    dead_letters,
    inbound,
    neighbours,
    reconciliations,
)
from sync.alarms import Alarm
from sync.connector_log import Note
from sync.connector_names import BadMapping, NotMapped, Tried
from sync.connector_settings import Setting
from sync.connectors.base import Connector
from sync.connectors.build import connect
from sync.connectors.current import Current
from sync.dead_letters import DeadLetter, NoSuchEvent
from sync.follower import Follower
from sync.messages import as_message
from sync.neighbours import Neighbours
from sync.pulling import ASK_EVERY_S, Puller
from sync.reconciliations import Difference, Run
from sync.refused import NO_CONNECTOR, Refused
from sync.rounds import Round
from sync.standing import ConnectorState

ALARMS_EVERY_S = 60.0
NIGHT_EVERY_S = 300.0


class NoSuchConnector(State):
    code, title, http = "no_such_connector", "No such connector", 404
    says = "There is no connector {name} here."


class Switchboard:
    """Built from the settings; raises CannotStart when they cannot be right. `start` before the first scan is taken."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._db = database
        self._timezone = settings.timezone
        self._settings = {one.name: one for one in settings.connectors}
        self._site = settings.site
        self._up_since = clock.now()
        self.own_work: Callable[[], list[Alarm]] = list  # main, who starts it, says how to ask it
        self._refused = Refused(database)
        self.followers: dict[str, Follower] = {}
        for one in settings.connectors:
            if one.name in self.followers:
                raise CannotStart(f"Two connectors have the name {one.name}.")
            self.followers[one.name] = Follower(
                database,
                connect(one, settings.site),
                site=settings.site,
                begins=connector_settings.begins(one),
                owner=one.owner,
            )
        self.pullers = {
            name: Puller(database, Current(partial(getattr, one, "connector")), settings.site, one.lease.is_ours)
            for name, one in self.followers.items()
        }

    def start(self) -> None:
        for name, follower in self.followers.items():
            self._db.do(lambda tx, one=self._settings[name]: connector_settings.configured(tx, one))  # type: ignore[misc]
            self._take_up_names(follower, follower.exchange)
            follower.start()

    def _take_up_names(self, follower: Follower, exchange: Callable[[Connector], None]) -> None:
        """What was named at the desk goes before the settings file, unless the file has changed so that it cannot."""
        with self._db.reading() as tx:
            names = self._names(tx, follower)
        if names and not connector_names.goes_by(follower.connector, names):
            try:
                exchange(self._renamed(follower, names))
            except BadMapping as refusal:
                told = refusal.sentence
                self._db.do(lambda tx: connector_log.note(tx, follower.name, "not_mapped", words=told))

    def _take_up_between_batches(self, follower: Follower) -> None:
        """Raises Busy."""
        self._take_up_names(follower, lambda then: follower.errands.ask(lambda: follower.exchange(then)))

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

    def notes(self, tx: Tx, connector: str, seq: int = 0) -> list[Note]:
        """What happened to one event there, or (seq 0) to the connector as a whole; newest first.

        Without a connector's name: who was refused at the inbox, and where no connector is.
        """
        return connector_log.of(tx, self._of(connector).name if connector else NO_CONNECTOR, seq)

    def story(self, tx: Tx, connector: str, seq: int) -> DeadLetter | None:
        """What became of an event that was not simply taken."""
        return dead_letters.one(tx, self._of(connector).name, seq)

    def settings(self, tx: Tx, connector: str) -> list[Setting]:
        return list(connector_settings.of(tx, connector, self._of(connector).begins).values())

    def mapping(self, tx: Tx, connector: str) -> list[connector_names.Name]:
        """What the ERP calls what we name; empty where it is told in our names."""
        return connector_names.of(tx, connector, self._of(connector).connector)

    def try_mapping(self, tx: Tx, connector: str, ours: str, theirs: str) -> Tried:
        """What of the last events would have been told otherwise. Raises NotMapped, BadMapping."""
        of = self._of(connector)
        self._name(tx, of, ours)
        then = self._renamed(of, {**self._names(tx, of), ours: theirs})
        try:
            return connector_names.tried(tx, of.connector, then, of.identity, of.audience)
        finally:
            then.close()

    def alarms(self, tx: Tx) -> list[Alarm]:
        found = [
            alarm
            for follower in self.followers.values()
            for alarm in alarms.of_connector(
                tx,
                follower.state(tx),
                connector_settings.of(tx, follower.name, follower.begins),
                self.pullers[follower.name].unasked,
                reconciliations.missed(tx, follower.name, self._timezone, self._up_since),
            )
        ]
        house = [*self.own_work(), *alarms.of_house(tx, self._disk_percent())]
        return sorted(found + house, key=lambda one: not one.grave)

    def reconciliations(self, tx: Tx, connector: str) -> list[Run]:
        return reconciliations.runs(tx, self._of(connector).name)

    def differences(self, tx: Tx, run: str) -> list[Difference]:
        return reconciliations.differences(tx, run)

    # ── what the house does by itself ────────────────────────────────────────────────────────────────────────────
    def rounds(self) -> list[Round]:
        found = [
            Round("alarms", ALARMS_EVERY_S, self.keep_cases),
            Round("nightly reconciliation", NIGHT_EVERY_S, self._at_night),
            *(Round(f"pull {name}", ASK_EVERY_S, puller.ask, rings="") for name, puller in self.pullers.items()),
        ]
        if self._db.path is None:  # an SQLite file has one server
            others = Neighbours(self._db, self.followers, self._take_up_between_batches)
            found.append(Round("decided at other servers", neighbours.EVERY_S, others.look))
        return found

    def keep_cases(self) -> None:
        """Grave alarms are cases, as long as their cause is there; a connector's at the server that speaks to it."""
        abouts = [*(f"connector {one.name}" for one in self._ours()), "house"]
        with self._db.reading() as tx:
            ringing = self.alarms(tx)
        self._db.do(lambda tx: alarms.keep_cases(tx, ringing, abouts))

    def _at_night(self) -> None:
        reconciliations.nightly(self._db, self._ours(), self._timezone)

    def _ours(self) -> list[Follower]:
        """Those that speak to their ERP, rather than their neighbours at another server."""
        return [one for one in self.followers.values() if one.lease.is_ours()]

    def _disk_percent(self) -> int:
        return _disk_percent(self._db.path)

    # ── what a person may do ─────────────────────────────────────────────────────────────────────────────────────
    def retry_now(self, connector: str, by: str = "") -> None:
        """At once; where another server tells it, as soon as that one looks (`neighbours.EVERY_S`)."""
        of = self._of(connector)
        of.retry_now()
        if of.lease.elsewhere:
            self._db.do(lambda tx: connector_log.note(tx, of.name, "tried_now", worker=by))

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

    def reconcile(self, connector: str, by: str) -> str:
        """Compare now; the sentence of what came of it. Takes a few seconds. Raises Busy, ToldElsewhere."""
        return reconciliations.reconcile(self._db, self._of(connector), by).sentence

    def change_setting(self, connector: str, name: str, value: int, version: int, by: str) -> None:
        of = self._of(connector)
        of.decide(
            lambda tx: connector_settings.change(tx, of.name, name, value, version=version, by=by, begins=of.begins)
        )

    def change_mapping(self, connector: str, ours: str, theirs: str, version: int, by: str) -> None:
        """From the next batch on. Raises NotMapped, BadMapping, ChangedMeanwhile, Busy."""
        of = self._of(connector)
        with self._db.reading() as tx:
            before = msgspec.structs.replace(self._name(tx, of, ours), version=version)
            then = self._renamed(of, {**self._names(tx, of), ours: theirs})

        def exchange() -> None:
            self._db.do(lambda tx: connector_names.change(tx, of.name, before, theirs, by))
            of.exchange(then)

        of.errands.ask(exchange)

    def refuse_change(self, connector: str, what: str, by: str) -> None:
        """Write down that somebody tried who may not."""
        known = connector in self.followers or not connector
        self._refused.write(connector if known else NO_CONNECTOR, what if known else f"{connector}: {what}", by)

    def replay_message(self, source: str, id: str) -> str:
        """Try a dead letter of the inbox again; the sentence of what came of it."""
        return self._db.do(lambda tx: inbound.replay(tx, source, id)).sentence

    def discard_message(self, source: str, id: str, reason: str, by: str, second: str) -> str:
        """Discard a dead letter of the inbox: one person proposes, another seconds."""
        return self._db.do(lambda tx: inbound.discard(tx, source, id, reason=reason, by=by, second=second)).sentence

    def _name(self, tx: Tx, of: Follower, ours: str) -> connector_names.Name:
        found = next((one for one in connector_names.of(tx, of.name, of.connector) if one.ours == ours), None)
        if found is None:
            raise NotMapped(connector=of.name, ours=ours)
        return found

    def _names(self, tx: Tx, of: Follower) -> dict[str, str]:
        return {ours: one.theirs for ours, one in connector_names.changed(tx, of.name).items()}

    def _renamed(self, of: Follower, names: dict[str, str]) -> Connector:
        return connector_names.renamed(self._settings[of.name], names, self._site)

    def _of(self, connector: str) -> Follower:
        found = self.followers.get(connector)
        if found is None:
            raise NoSuchConnector(name=connector)
        return found


def _disk_percent(database: Path | None) -> int:
    """How full the disk under the database file is; a database server minds its own, and we our own folder."""
    usage = shutil.disk_usage(database.parent if database is not None else Path.cwd())
    return int(100 * usage.used / usage.total) if usage.total else 0
