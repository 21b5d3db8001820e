"""An ERP that was told an event says later that it did not apply it: `event.refused`, by the event's id and with a reason.

So it is where an importer reads a folder. The event becomes a dead letter of the connector that told it, as if the ERP had
answered so at once: later events of its document that are not told yet wait behind it, those told stay told; a person
replays it or two discard it. It counts as untold from then on, so that a folder drops it again when it is replayed; an
ERP that can be asked is asked first. Nothing on the floor changes.
"""

import msgspec
from sqlalchemy import select

from app import clock
from app.db import Tx
from app.errors import Refusal
from app.schema.sync import connector
from app.stock import journal
from app.work.master_refused import EventRefused
from app.work.master_terms import Outcome, applied, dead
from sync import dead_letters, epochs, stories, untold
from sync.connectors.base import Rejected
from sync.messages import Message, as_message

DIGITS = 18  # of a seq or an epoch: more is no number of ours, and no database's

TELLERS = (
    select(connector.c.name, connector.c.cursor, connector.c.site, connector.c.owner)
    .where(connector.c.site != "")
    .order_by(connector.c.name)
)


class NotOurEvent(Refusal):
    code, title, http = "not_our_event", "No event of ours", 404
    says = "{key} is the id of no event of this house."
    todo = "Name the event by its `id`, as it was told."


class OtherSitesEvent(Refusal):
    code, title = "other_sites_event", "Another site's event"
    says = "Event {key} is of another site; here events of {ours} are told."
    todo = "Send it to the inbox of the site that told it."


class NeverTold(Refusal):
    code, title = "never_told", "Never told"
    says = "Event {key} is nothing that {connector} tells."
    todo = "Name the connector as the settings do, or none."


class ToldByMany(Refusal):
    code, title = "told_by_many", "Told by several"
    says = "Event {key} is told by {names}, and it is not said which of them refuses it."
    todo = "Name one of them in `connector`."


class Teller(msgspec.Struct, frozen=True, kw_only=True):
    """A connector, and as whom it tells of whose goods."""

    name: str
    cursor: int
    site: str
    owner: str


def apply(tx: Tx, refused: EventRefused) -> Outcome:
    """Raises a refusal where it is no event that was told; one that is not told yet waits until it is."""
    message, teller = _found(tx, refused)
    name, key = teller.name, refused.code
    story = dead_letters.one(tx, name, message.seq)
    if story is not None and story.state == "dead":
        return Outcome(state="same", sentence=f"Event {key} is a dead letter of {name} already: {story.answer}")
    if story is not None and story.state == "discarded":
        two = f"{story.decided_by} and {story.seconded_by}"
        return Outcome(state="same", sentence=f"Event {key} was given up for {name} by {two}: {story.reason}")
    if not _is_told(teller, message.seq, story):
        told = f"Event {key} is not told to {name} yet; the refusal is taken in by itself once it is."
        return dead(told, missing=_told(name, key))
    raw = refused.raw or msgspec.json.encode(refused).decode()
    stories.put_aside(tx, name, [stories.stuck(message, Rejected(why=refused.reason, raw=raw))], clock.now())
    stories.sort_lanes(tx, name)
    untold.add(tx, name, message.seq, message.seq)
    tx.tell(stories.TOPIC)
    return applied(f"Event {key} is a dead letter of {name}: {refused.reason}")


def is_told(tx: Tx, missing: str) -> bool:
    """Was the event told meanwhile that an Outcome of ours called missing?"""
    key, _, name = missing.removeprefix("event ").partition(" told to ")
    seq = int(key.rpartition(".")[2])
    teller = next((one for one in tx.all(TELLERS, Teller) if one.name == name), None)
    return teller is not None and _is_told(teller, seq, dead_letters.one(tx, name, seq))


def _told(name: str, key: str) -> str:
    return f"event {key} told to {name}"


def _is_told(teller: Teller, seq: int, story: dead_letters.DeadLetter | None) -> bool:
    return seq <= teller.cursor and (story is None or story.state not in ("waiting", "parked", "asks"))


def _found(tx: Tx, refused: EventRefused) -> tuple[Message, Teller]:
    """The event as it was told, and who tells it."""
    key = refused.code
    tellers = tx.all(TELLERS, Teller)
    site, epoch, seq = (["", "", *key.rsplit(".", 2)])[-3:]
    if not all(part.isascii() and part.isdigit() and len(part) <= DIGITS for part in (epoch, seq)):
        raise NotOurEvent(key=key)
    ours = [one for one in tellers if one.site == site]
    if tellers and not ours:
        raise OtherSitesEvent(key=key, ours=", ".join(sorted({one.site for one in tellers})))
    entry, identity = journal.entry(tx, int(seq)), epochs.identity(tx, site, clock.now())
    if entry is None or identity.key(entry.seq) != key:
        raise NotOurEvent(key=key)
    told = [one for one in ours if one.owner in ("", entry.owner) and refused.connector in ("", one.name)]
    if not told:
        raise NeverTold(key=key, connector=refused.connector or "any connector")
    if len(told) > 1:
        raise ToldByMany(key=key, names=" and ".join(one.name for one in told))
    return as_message(entry, identity), told[0]
