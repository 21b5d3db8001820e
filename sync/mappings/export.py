"""`pickface export`: a stretch of the journal as CloudEvents, EPCIS 2.0 or X12, into a file or on standard output."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from app import clock
from app.db import Database
from app.schema.sync import epoch
from app.stock import journal
from sync import messages
from sync.mappings import epcis, names, x12
from sync.messages import Identity

Format = Literal["cloudevents", "epcis", "x12"]
FORMATS: tuple[Format, ...] = ("cloudevents", "epcis", "x12")
MOST = 10_000  # events in one export
RECEIVER = "DEPOSITOR"  # of an X12 interchange where nobody is named

EPOCHS = epoch.select().order_by(epoch.c.number.desc())


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    last: int  # the seq it ends with; the next one goes on after it
    more: bool
    trouble: tuple[str, ...] = ()


def export(
    database: Database, form: Format, *, site: str, after: int = 0, most: int = MOST, receiver: str = RECEIVER
) -> Exported:
    with database.reading() as tx:
        entries = journal.after(tx, after, min(most, MOST) + 1)
        epochs = [(int(row[0]), int(row[1])) for row in tx.rows(EPOCHS)]
        gtins = names.gtins(tx) if form != "cloudevents" else {}
    identity = Identity(site=site, epochs=(*epochs, (1, 0)))
    taken = entries[:most]
    said = [messages.as_message(entry, identity).body for entry in taken]
    last = taken[-1].seq if taken else after
    more, at = (
        len(entries) > len(taken),
        clock.as_datetime(clock.now()).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
    called = names.Names(site, gtins)
    match form:
        case "cloudevents":
            return Exported(text="".join(f"{body.decode()}\n" for body in said), last=last, more=more)
        case "epcis":
            told = epcis.document(_decoded(said), called, at)
            return Exported(text=json.dumps(told, ensure_ascii=False, indent=1) + "\n", last=last, more=more)
        case "x12":
            text, trouble = x12.interchange(_decoded(said), called, sender=site, receiver=receiver, number=last, at=at)
            return Exported(text=text, last=last, more=more, trouble=tuple(trouble))


def write(exported: Exported, path: Path) -> None:
    """Whole or not at all."""
    aside = path.with_name(f"{path.name}.part")
    aside.write_text(exported.text, encoding="utf-8")
    aside.replace(path)


def _decoded(said: list[bytes]) -> Iterator[dict[str, Any]]:
    return (json.loads(body) for body in said)
