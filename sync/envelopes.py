"""What comes in is read event by event, so that one that cannot be meant harms none of the others in its batch.

A batch that is no list of events at all is refused as a whole. An event that is not as agreed, is meant for another
site, or follows a newer schema than this release knows, is refused by itself with a code, and kept for the desk.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.errors import Refusal
from sync.messages import SCHEMA_VERSION

MOST_EVENTS = 100  # in one push
MOST_BODY = 1_048_576  # bytes of one push, or of one line of a file
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
OURS = "urn:pickface:"  # schemas we name; a sender's own are passed over

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+\Z")]


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CloudEvent 1.0 as it comes in. `version` is the sender's version of the thing `subject` names."""

    specversion: Literal["1.0"] = "1.0"
    id: Name
    source: Name
    type: Name
    subject: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*\Z")] = ""
    version: Annotated[int, Meta(ge=0, le=2**53)] = 0
    site: Annotated[str, Meta(max_length=64)] = ""  # whom it is meant for; empty: whoever it reaches
    time: str = ""
    datacontenttype: str = "application/json"
    dataschema: str = ""
    sequence: str = ""
    correlationid: str = ""
    causationid: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is refused before anybody looks into it."""

    code: str  # bad_event, wrong_site, newer_schema, other_schema
    sentence: str
    source: str = ""
    id: str = ""
    type: str = ""
    body: bytes = b""


class BadEnvelope(Refusal):
    code, title, http = "bad_envelope", "Unreadable", 400
    says = "{reason}"


class _Named(msgspec.Struct, frozen=True):
    """As much of an event that is not as agreed as tells which one it is."""

    id: str = ""
    source: str = ""
    type: str = ""


_ONE = msgspec.json.Decoder(Envelope)
_NAMED = msgspec.json.Decoder(_Named)
_RAW = msgspec.json.Decoder(list[msgspec.Raw])
_ANYTHING = msgspec.json.Decoder()


def read_events(body: bytes, site: str = "") -> list[Envelope | Unread]:
    """One event or a list of at most 100, in order. Raises BadEnvelope where there is no telling what they are."""
    if len(body) > MOST_BODY:
        raise BadEnvelope(reason=f"A push has at most {MOST_BODY} bytes, this one has {len(body)}.")
    try:
        raws = _parts(body)
    except UNREADABLE as problem:
        raise BadEnvelope(reason=f"That is not a CloudEvent: {problem}.") from None
    if len(raws) > MOST_EVENTS:
        raise BadEnvelope(reason=f"A push has at most {MOST_EVENTS} events, this one has {len(raws)}.")
    return [_read(raw, site) for raw in raws]


def _parts(body: bytes) -> list[bytes]:
    """The events of a list, each to be read by itself: a letter or a number nobody can read spoils only its own."""
    if body.lstrip()[:1] == b"[":
        return [bytes(raw) for raw in _RAW.decode(body)]
    if not isinstance(_ANYTHING.decode(body), dict):
        raise BadEnvelope(reason="That is not a CloudEvent, nor a list of them.")
    return [body]


def _read(raw: bytes, site: str) -> Envelope | Unread:
    try:
        _ANYTHING.decode(raw)  # all of it, before any part is taken
        event = _ONE.decode(raw)
    except UNREADABLE as problem:
        return _refused(raw, "bad_event", f"The event is not as agreed: {problem}.")
    if event.site and site and event.site != site:
        return _refused(raw, "wrong_site", f"The event is meant for site {event.site}; this is {site}.")
    if event.dataschema.startswith(OURS):
        type_, _, version = event.dataschema.removeprefix(OURS).rpartition(":")
        if type_ != event.type or not (version.isascii() and version.isdigit()):
            told = f"The event is of type {event.type}, its schema is {event.dataschema[:100]}."
            return _refused(raw, "other_schema", told)
        if int(version[:9]) > SCHEMA_VERSION:
            told = f"The event follows version {version[:9]} of {type_}; this release knows {SCHEMA_VERSION}."
            return _refused(raw, "newer_schema", told)
    return event


def _refused(raw: bytes, code: str, sentence: str) -> Unread:
    try:
        named = _NAMED.decode(raw)
    except UNREADABLE:
        named = _Named()
    return Unread(code=code, sentence=sentence, source=named.source, id=named.id, type=named.type, body=raw)
