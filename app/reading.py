"""`pickface read`: labels understood at the command line, one JSON line in, one JSON line out.

Whoever sets up a supplier's label, a printer or a scanner wants to know what the floor will make of it, without a floor.
`{"symbology": "]C1", "input": "0109506000134352…"}` is answered with whether GS1's rules are kept, and if not why;
with each identifier and its value in the label's order; and with how the floor would understand it. The two differ on
purpose: a web address without a key is no Digital Link, and still a code somebody may have put on a shelf.

Each line has its answer, also one that is no JSON, and is answered before the next is read.
"""

from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from app.db import Database
from app.errors import Refusal, WrongKind
from app.floor import barcodes
from app.floor.screens import KINDS
from devices import gs1
from devices.gs1_elements import Identifiers, title_of
from devices.symbology import GS, is_known, without_aim

LONGEST_LINE = 65_536  # bytes; the longest label, all escaped, takes less


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    input: str
    symbology: str | None = None


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    ai: str
    title: str
    value: str


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the floor would understand it: what kind of thing, and its parts as far as they are on the label."""

    kind: str
    gtin: str = ""
    restricted: str = ""
    sscc: str = ""
    gln: str = ""
    lot: str = ""
    expiry: str = ""
    best_before: str = ""
    serial: str = ""
    count: int = 0
    weight_g: int = 0
    order: str = ""
    text: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    valid: bool
    code: str | None = None
    sentence: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    reading: Reading | None = None
    warning: str | None = None
    here: dict[str, Any] | None = None  # What it is in the house whose settings were given.


_THINGS = frozenset(KINDS) - {"lot", "serial"}  # any text could be a new one of these
LookUp = Callable[[Asked], dict[str, Any]]
_DECODE = msgspec.json.Decoder(Asked)
SEPARATOR_WARNING = "The separator (GS) may be lost: the last value looks as if it had swallowed another identifier."


def run(lines: BinaryIO, answers: BinaryIO, gs: str = GS, look_up: LookUp | None = None) -> None:
    """To the end of the input. Nothing that stands in a line is an error of ours."""
    while line := lines.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            while not line.endswith(b"\n") and (line := lines.readline(LONGEST_LINE)):
                pass
            answer = _refused("line_too_long", f"The line is longer than {LONGEST_LINE} bytes. Send one label a line.")
        else:
            answer = answer_line(line, gs, look_up)
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()


def answer_line(line: bytes, gs: str = GS, look_up: LookUp | None = None) -> Answered:
    if not line.strip():
        return _refused("empty_line", 'The line is empty. Send {"symbology": "]C1", "input": "…"}.')
    try:
        asked = _DECODE.decode(line)
    except msgspec.ValidationError as problem:
        return _refused("wrong_type", f"The line does not fit: {problem}.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        return _refused("no_json", f"The line is no JSON: {problem}.")
    if asked.symbology and not is_known(asked.symbology):
        return _refused(
            "unknown_symbology", "The symbology is neither an AIM identifier, such as ]C1, nor a known name."
        )
    answer = understood(asked.input, asked.symbology, gs)
    return answer if look_up is None else msgspec.structs.replace(answer, here=look_up(asked))


def understood(text: str, symbology: str | None = None, gs: str = GS) -> Answered:
    """One label by what is written on it alone, our own prefixes first."""
    bare = without_aim(text.strip(barcodes.AROUND))
    own = barcodes.PREFIXES.get(bare[:4].upper())
    if own is not None:
        return Answered(valid=True, reading=Reading(kind=own, text=bare[4:].strip()))
    decoded = gs1.decode(text, symbology, gs)
    match decoded:
        case gs1.Malformed(code=code, sentence=sentence):
            return _refused(code, sentence)
        case gs1.ElementString(gs1=message):
            return _judged(message.fault, message.identifiers, _message(message), message.warning)
        case gs1.SsccNumber(sscc=sscc):
            return _judged(None, (("00", sscc),), Reading(kind="lpn", sscc=sscc))
        case gs1.TradeNumber(gtin14=gtin, fault=fault):
            return _judged(fault, (("01", gtin),), Reading(kind="item", gtin=gtin))
        case gs1.RestrictedNumber(number=number, fault=fault):
            return _judged(fault, (("01", number),), Reading(kind="item", restricted=number))
        case gs1.Plain(text=plain, fault=fault):
            return _judged(fault, (), Reading(kind="text" if plain else "nothing", text=plain))


def in_house(database: Database, gs: str = GS) -> LookUp:
    """What a label is in this house: its item, place or licence plate by name, or the floor's refusal."""

    def look_up(asked: Asked) -> dict[str, Any]:
        with database.reading() as tx:
            try:
                try:
                    found = barcodes.read(tx, asked.input, asked.symbology or "", _THINGS, gs=gs)
                except WrongKind:
                    found = barcodes.read(tx, asked.input, asked.symbology or "", KINDS, gs=gs)
            except Refusal as refusal:
                return {"refused": refusal.code, "sentence": str(refusal)}
        return {"kind": found.kind, **msgspec.to_builtins(found)}

    return look_up


def _judged(
    fault: gs1.Fault | None, identifiers: Identifiers, reading: Reading, warning: str | None = None
) -> Answered:
    return Answered(
        valid=fault is None,
        code=fault.code if fault else None,
        sentence=fault.sentence if fault else None,
        identifiers=tuple(Identifier(ai=ai, title=title_of(ai), value=value) for ai, value in identifiers),
        reading=reading,
        warning=SEPARATOR_WARNING if warning else None,
    )


def _message(message: gs1.Gs1) -> Reading:
    """The kind the floor would take it for first: the item, else the plate, the lot, the serial, the place."""
    return Reading(
        kind=(
            "item" if message.gtin or message.restricted
            else "lpn" if message.sscc
            else "lot" if message.lot
            else "serial" if message.serial
            else "location" if message.gln
            else "facts"
        ),
        gtin=message.gtin or "",
        restricted=message.restricted or "",
        sscc=message.sscc or "",
        gln=message.gln or "",
        lot=message.lot or "",
        expiry=message.expiry or "",
        best_before=message.best_before or "",
        serial=message.serial or "",
        count=message.count or 0,
        weight_g=message.weight_g or 0,
        order=message.order or "",
    )  # fmt: skip


def _refused(code: str, sentence: str) -> Answered:
    return Answered(valid=False, code=code, sentence=sentence)
