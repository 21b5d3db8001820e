"""A scan as it was sent, and the log of all of them: raw, as understood, and how it ended.

The log is also the promise that the same id is answered alike for ever: its row holds the answer, refusals too.
"""

import hashlib
from typing import Literal

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Tx
from app.errors import Forbidden, Refusal, ScanReused
from app.floor.barcodes import LONGEST
from app.floor.prompt import Answer
from app.floor.seats import Seat
from app.schema.floor import scan as _SCANS
from devices import calibration

LAST_MOMENT = 2**53  # µs, in the year 2255: as far as every JSON reader counts exactly


class Scan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the handheld sends: a label read, a button tapped, or something typed. `id` is made by the client."""

    id: str
    after: str
    raw: str
    kind: Literal["scan", "tap", "type", "photo"] = "scan"  # photo: `raw` is the hash the upload was answered with
    symbology: str = ""
    at: int = 0  # µs by the client's clock

    def __post_init__(self) -> None:
        if not (8 <= len(self.id) <= 64 and self.id.isascii() and self.id.isprintable()):
            raise ValueError("the scan id must be 8 to 64 printable characters")
        for name, value, limit in (("after", self.after, 80), ("symbology", self.symbology, 16)):
            if len(value) > limit or not value.isprintable():
                raise ValueError(f"{name} must be at most {limit} printable characters")
        if not 0 <= self.at <= LAST_MOMENT:
            raise ValueError("at must be microseconds since 1970")


_SCAN = (
    "id", "worker", "device", "kind", "raw", "symbology", "body", "after", "at", "received", "screen", "understood",
    "outcome", "seq", "answer",
)  # fmt: skip
KEEP_SCAN = insert(_SCANS).values(**{name: bindparam(name) for name in _SCAN}).on_conflict_do_nothing()
LAST_AT = select(_SCANS.c.received).where(_SCANS.c.id == bindparam("id"))
EARLIER = select(_SCANS.c.worker, _SCANS.c.body, _SCANS.c.answer).where(_SCANS.c.id == bindparam("id"))

_ANSWER = msgspec.json.Decoder(Answer)


class Repeated(Refusal):
    """The scan was taken before: what it did now is taken back, and it is answered as it was then."""


def digest_of(scan: Scan) -> str:
    """Of all that was asked, to tell a retry from a reuse of its id."""
    told = f"{scan.kind}\0{scan.raw}\0{scan.symbology}\0{scan.after}"
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def answered(tx: Tx, scan: Scan, seat: Seat, digest: str) -> Answer | None:
    """What this scan was answered before, if it was. Raises Forbidden for another worker's, ScanReused for another body."""
    row = tx.row(EARLIER, id=scan.id)
    if row is None:
        return None
    if row[0] != seat.worker:
        raise Forbidden(worker=seat.name)
    if row[1] != digest:
        raise ScanReused(id=scan.id)
    return _ANSWER.decode(bytes(row[2]))


def refusal_before(tx: Tx, seat: Seat) -> Answer | None:
    """The refusal a worker stands before, as it was told; None where the last scan was taken."""
    row = tx.row(EARLIER, id=seat.step.removeprefix("!")) if seat.step.startswith("!") else None
    if row is None or row[0] != seat.worker:
        return None
    told = _ANSWER.decode(bytes(row[2]))
    return told if told.step == seat.step else None


def keep(
    tx: Tx,
    scan: Scan,
    seat: Seat,
    *,
    digest: str,
    received: int,
    understood: str,
    outcome: str,
    seq: int,
    answer: bytes,
) -> None:
    """Write it down. Raises Repeated where a scan of this id is there already."""
    kept = tx.run(
        KEEP_SCAN,
        id=scan.id,
        worker=seat.worker,
        device=seat.device,
        kind=scan.kind,
        raw=loggable(scan.raw),
        symbology=scan.symbology,
        body=digest,
        after=scan.after,
        at=scan.at,
        received=received,
        screen=seat.screen,
        understood=loggable(understood),
        outcome=outcome,
        seq=seq,
        answer=answer,
    )
    if not kept:
        raise Repeated()


def loggable(raw: str) -> str:
    """A raw label as both engines can keep it: bounded, a NUL as its picture. A set-up code is not kept as it arrived."""
    if calibration.recognise(raw[:LONGEST]):
        return "(set-up code)"
    return raw[:LONGEST].replace("\0", "␀")
