"""What one ERP calls our places and statuses: the mapping, row by row, each a version with who, before and after.

The settings file names what the house begins with (`[connectors.options]`). What an admin names otherwise at the desk
goes before it, at once and after each restart. Before a row is changed it is tried dry: of the last events those are
shown of which the ERP would be told something else, in the words it is told now and in those it would be.
"""

import difflib
from collections.abc import Mapping
from itertools import islice

import msgspec
from sqlalchemy import bindparam, select

from app import clock
from app.config import ConnectorSettings
from app.db import Tx
from app.errors import CannotStart, State
from app.schema.sync import connector_name
from app.stock import journal
from app.work.master_terms import put
from sync import connector_log
from sync.connector_settings import ChangedMeanwhile
from sync.connectors.base import Connector, Mapped
from sync.connectors.build import connect
from sync.delivery import Audience
from sync.messages import Identity, Message, as_message
from sync.stories import TOPIC

TRIED_ON = 500  # events, the newest
SHOWN = 20  # of those that would be told otherwise
LONGEST = 200  # characters of a name

OF = select(connector_name).where(connector_name.c.connector == bindparam("c"))
PUT = put(connector_name)


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the mapping; version 0: as the settings file, or the connector itself, begins with."""

    connector: str
    ours: str
    theirs: str
    version: int = 0
    changed_by: str = ""
    changed: int = 0


class Otherwise(msgspec.Struct, frozen=True, kw_only=True):
    """An event of which the ERP would be told something else: the lines that differ."""

    seq: int
    type: str
    before: str
    after: str


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    events: int  # tried on
    told: int  # of them the ERP is told of
    otherwise: int
    shown: list[Otherwise]


class NotMapped(State):
    code, title, http = "not_mapped", "No mapping", 404
    says = "{connector} has no name {ours} of its own: it is told in our names."


class BadMapping(State):
    code, title = "bad_mapping", "Not possible"
    says = "{reason}"
    todo = "Name it otherwise, or change the settings file."


def of(tx: Tx, name: str, connector: Connector) -> list[Name]:
    """All rows of a connector that has a mapping, in order; none where it tells everything in our names."""
    if not isinstance(connector, Mapped):
        return []
    kept = changed(tx, name)
    return [
        kept.get(ours) or Name(connector=name, ours=ours, theirs=connector.mapping[ours])
        for ours in sorted(connector.mapping)
    ]


def changed(tx: Tx, name: str) -> dict[str, Name]:
    """What somebody named otherwise at the desk."""
    return {one.ours: one for one in tx.all(OF, Name, c=name)}


def goes_by(connector: Connector, names: Mapping[str, str]) -> bool:
    """Is its ERP told in these names already?"""
    return isinstance(connector, Mapped) and names.items() <= connector.mapping.items()


def renamed(settings: ConnectorSettings, names: Mapping[str, str], site: str) -> Connector:
    """The connector with these names before those of the settings file. Raises BadMapping."""
    try:
        return connect(msgspec.structs.replace(settings, options={**settings.options, **names}), site)
    except CannotStart as problem:
        raise BadMapping(reason=str(problem)) from None


def tried(tx: Tx, now: Connector, then: Connector, who: Identity, audience: Audience) -> Tried:
    """What the ERP would have been told otherwise of the newest events. Nothing is sent."""
    assert isinstance(now, Mapped)
    assert isinstance(then, Mapped)
    messages = [as_message(entry, who) for entry in journal.latest(tx, TRIED_ON) if audience.hears_of(entry)]
    pairs = [(message, _words(now, message), _words(then, message)) for message in messages]
    others = [
        Otherwise(seq=message.seq, type=message.type, before=_lacks(after, before), after=_lacks(before, after))
        for message, before, after in pairs
        if before != after
    ]
    told = sum(bool(before) for _, before, _ in pairs)
    return Tried(events=len(pairs), told=told, otherwise=len(others), shown=others[:SHOWN])


def _words(connector: Mapped, message: Message) -> str:
    said = connector.says(message)
    return "" if said is None else msgspec.json.format(msgspec.json.encode(said), indent=1).decode()


def _lacks(one: str, other: str) -> str:
    """The lines of the other that the one has not."""
    lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm="")
    return "\n".join(line[1:].strip() for line in islice(lines, 2, None) if line.startswith("+"))


def change(tx: Tx, name: str, before: Name, theirs: str, by: str) -> None:
    """Make it so. `before` is what the person looked at. Raises ChangedMeanwhile."""
    kept = changed(tx, name).get(before.ours)
    if (kept.version if kept else 0) != before.version:
        assert kept is not None
        raise ChangedMeanwhile(person=kept.changed_by, name=before.ours, value=kept.theirs)
    version = before.version + 1
    tx.run(PUT, connector=name, ours=before.ours, theirs=theirs, version=version, changed_by=by, changed=clock.now())
    connector_log.note(
        tx, name, "mapped", words=f"{before.ours}, version {version}", was=before.theirs, becomes=theirs, worker=by
    )
    tx.tell(TOPIC)
