"""What one site's event means to another site: goods on their way there, goods that arrived, a transfer that is over.

The hub reads it off the very message the ERP gets, and makes of it what the other site's inbox takes. The event's own key
is the message's id, so that one that is carried twice is taken once; whoever is neither sender nor named in it is told
nothing. What was received over is the receiver's own find: the sender's transit only gives what it holds.
"""

import logging

import msgspec

from app.stock.events import AnyEvent, TransferClosed, TransferReceived, TransferShipped, decode
from sync.messages import TYPES

log = logging.getLogger("pickface.hub")

_TOLD_ABROAD = frozenset(TYPES[kind] for kind in ("transfer_shipped", "transfer_received", "transfer_closed"))


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One message for another site's inbox."""

    to: str
    key: str
    body: bytes


class _Data(msgspec.Struct, frozen=True):
    event: msgspec.Raw


class _Carried(msgspec.Struct, frozen=True):
    id: str
    source: str
    time: str
    data: _Data


_CARRIED = msgspec.json.Decoder(_Carried)


def letter(type_: str, carried: bytes) -> Letter | None:
    """The letter to another site an event's message asks for; None where it concerns nobody else."""
    if type_ not in _TOLD_ABROAD:
        return None
    try:
        message = _CARRIED.decode(carried)
        event = decode(bytes(message.data.event))
    except msgspec.DecodeError as problem:  # the ERP says the same of it, and its site hears that
        log.warning("an event of type %s cannot be read: %s", type_, problem)
        return None
    to, kind, facts = _told(event, message.source)
    if not to or to == message.source:
        return None
    envelope = {
        "specversion": "1.0", "id": message.id, "source": message.source, "site": to, "type": kind,
        "subject": event.document.partition(" ")[2], "time": message.time, "datacontenttype": "application/json",
        "data": {"event": message.id, **facts},
    }  # fmt: skip
    return Letter(to=to, key=message.id, body=msgspec.json.encode(envelope))


def _told(event: AnyEvent, sender: str) -> tuple[str, str, dict[str, object]]:
    """(which site, the type of message, its content)."""
    match event:
        case TransferShipped():
            line = {
                "line": event.line, "item": event.item, "quantity": event.quantity, "lot": event.source.lot,
                "lpn": event.lpn, "expiry": event.expiry, "serials": event.serials,
            }  # fmt: skip
            facts = {"source": sender, "target": event.to_site, "lines": [line], "to_go": event.to_go}
            return event.to_site, "transfer.announced", facts
        case TransferReceived() if not event.local and event.quantity > event.over:
            expected = event.quantity - event.over
            line = {
                "line": event.line, "quantity": expected, "lot": event.target.lot, "serials": event.serials[:expected],
            }  # fmt: skip
            return event.from_site, "transfer.arrived", {"lines": [line]}
        case TransferClosed(to_site=to) if to == sender:
            return event.from_site, "transfer.arrived", {"lines": [], "closed": True}
        case TransferClosed(from_site=source, to_site=to) if source == sender:
            return to, "transfer.announced", {"source": source, "target": to, "lines": [], "to_go": 0}
    return "", "", {}
