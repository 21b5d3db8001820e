"""A piece goes its way: onto a plate, to a place of that way's zone, or out of the books as scrap.

Only what was received and graded can be disposed of, and only from where it is. A plate collects goods of one
disposition: what is to be repaired does not travel with what goes back on the shelf.
"""

import msgspec
from sqlalchemy import bindparam, select

from app.db import Tx
from app.errors import State, Wrong
from app.schema.places import location
from app.stock import balances
from app.stock.events import ReturnDisposed
from app.stock.slots import SCRAP, Slot
from app.work import duties, photos
from app.work.arrivals import ARRIVAL_KINDS
from app.work.returns import judging, known
from app.work.returns.judging import Proposal
from app.work.returns.known import Piece
from app.work.returns.ways import Disposition

PLACE = select(location.c.kind, location.c.zone, location.c.blocked).where(location.c.code == bindparam("code"))


class NotReceived(State):
    code, title = "not_received", "Not received"
    says = "{scanned} was not received, or is not here any more."
    todo = "Receive it first."


class NotGraded(State):
    code, title = "not_graded", "Grade first"
    says = "{scanned} was not inspected yet."
    todo = "Grade it first."


class OtherPlate(State):
    code, title = "other_plate", "Not this one"
    says = "{scanned} cannot take it: {reason}."
    todo = "Scan another, or tap the big key for a new label."


class OtherPlace(Wrong):
    code, title = "other_place", "Not there"
    says = "{expected}. {scanned} is {kind}."
    todo = "Scan a plate, or tap the big key for a new label."


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where it goes: on a plate (which begins with it), to a place, or nowhere any more."""

    location: str
    lpn: str = ""
    begins: str = ""  # pallet, tote


def onto_plate(tx: Tx, way: Disposition, code: str, of: str, at: str) -> Target:
    """May goods of this way go on a plate that stands at `at`? Raises OtherPlate."""
    if way.place == "scrap":
        raise OtherPlate(scanned=code, reason="what is scrapped leaves the books")
    if of not in ("pallet", "tote") or (of == "tote" and way.next_task == "putaway"):
        raise OtherPlate(scanned=code, reason=f"it is a {of}, and this goes on a plate")
    found = balances.carrier(tx, code)
    if found is None or (found.state == "void" and not balances.in_lpn(tx, code)):
        return Target(location=at, lpn=code, begins=of)
    if found.document not in ("", f"returns {way.code}") or (not found.document and balances.in_lpn(tx, code)):
        raise OtherPlate(scanned=code, reason=f"it holds {found.document or 'other goods'}")
    if found.state != "open" and not (found.state == "gone" and of == "tote"):
        raise OtherPlate(scanned=code, reason=f"it is {found.state}")
    if found.location != at and balances.in_lpn(tx, code):
        raise OtherPlate(scanned=code, reason=f"it stands at {found.location}")
    return Target(location=at, lpn=code, begins="" if balances.in_lpn(tx, code) else of)


def at_place(tx: Tx, way: Disposition, code: str) -> Target:
    """May it be set down here, loose? Raises OtherPlace."""
    row = tx.row(PLACE, code=code)
    if way.place == "scrap" or row is None:
        raise OtherPlace(expected=f"{way.words} takes no place", scanned=code, kind="a place")
    if row[2]:
        raise OtherPlace(expected=f"{way.words} cannot go there", scanned=code, kind=f"blocked: {row[2]}")
    if way.zone and row[1] != way.zone:
        raise OtherPlace(expected=f"{way.words} goes to zone {way.zone}", scanned=code, kind=f"in zone {row[1] or '–'}")
    if not way.zone and row[0] not in ARRIVAL_KINDS:
        raise OtherPlace(expected=f"{way.words} stays in staging", scanned=code, kind=f"a {row[0]}")
    return Target(location=code)


def is_here(tx: Tx, piece: Piece) -> Slot:
    """Where the piece is now. A plate that was carried on since took it along. Raises NotReceived."""
    at = piece.location
    if piece.lpn and (carrier := balances.carrier(tx, piece.lpn)) is not None:
        at = carrier.location
    slot = piece.slot.at(at)
    here = sum(
        held.quantity
        for held in balances.of_item(tx, piece.item)
        if held.slot == slot and held.quantity >= piece.quantity
    )
    if not piece.quantity or here < piece.quantity:
        raise NotReceived(scanned=piece.item)
    return slot


def refuse_without_photo(tx: Tx, piece: Piece, way: Disposition) -> None:
    """Raises PhotoWanted."""
    if judging.wants_photo(tx, piece.grade, way) and not photos.of(tx, piece.subject):
        raise photos.PhotoWanted()


def dispose(
    tx: Tx,
    piece: Piece,
    way: Disposition,
    target: Target,
    proposal: Proposal,
    *,
    because: str = "",
    approver: str = "",
) -> ReturnDisposed:
    """The event that makes it so; the caller posts it. `because` is the reason of an override.

    Raises NotReceived, NotGraded, PhotoWanted, LotRecalled, OpenedHygiene, HeldForDesk, SamePerson.
    """
    if not piece.grade:
        raise NotGraded(scanned=piece.item)
    source, answers = is_here(tx, piece), judging.answers_of(piece)
    as_decided = bool(proposal.rule) and way.code == proposal.way.code
    judging.refuse_way(tx, piece, answers, way, at_desk=as_decided)
    if as_decided:
        approver = piece.decided_by
    refuse_without_photo(tx, piece, way)
    if approver:
        duties.refuse_same(tx, "inspect_return", piece.inspected_by, "override_disposition", approver)
    said = proposal.rule or proposal.way.code
    there = Slot(location=target.location, lpn=target.lpn, lot=piece.lot, status=way.status)
    return ReturnDisposed(
        parcel=piece.parcel,
        rma=piece.rma,
        order=piece.order_code,
        piece=piece.piece,
        item=piece.item,
        quantity=piece.quantity,
        serial=piece.serial,
        source=source,
        target=Slot(location=SCRAP, lot=piece.lot) if way.place == "scrap" else there,
        disposition=way.code,
        grade=piece.grade,
        reason=because or proposal.words,
        message=way.message,
        wish=piece.wish,
        proposed=said if way.code != said else "",
        approver=approver,
        next_task=way.next_task,
        new_lpn=target.begins,
    )


def in_plate(tx: Tx, lpn: str) -> list[Piece]:
    """Pieces of returns on a plate that wait for their next step, or for their grade once more."""
    return [one for one in tx.all(known.IN_PLATE, Piece, which=lpn) if one.status != "available"]
