"""What becomes of a piece: the grade its checklist allows, the disposition the rows propose, and why.

Some things no row decides. What does not fit its papers is held until the desk has looked; what the desk decided is what
the floor is told. A lot on hold or recalled goes to quarantine and nowhere else. What the hygiene rule names is never
sold again once it was opened, whoever asks.
"""

from collections.abc import Mapping, Sequence

import msgspec

from app.db import Tx
from app.errors import State
from app.work import limits, people
from app.work.returns import known, ways
from app.work.returns.known import Piece
from app.work.returns.ways import Check, Disposition

QUARANTINE = "quarantine"
HELD_FLAGS = ("serial_mismatch", "not_on_rma", "not_on_order", "more_than_announced", "unknown")
IN_WORDS = {
    "serial_mismatch": "another serial than shipped",
    "not_on_rma": "not announced on the RMA",
    "not_on_order": "not shipped on the order",
    "more_than_announced": "more than announced",
    "unknown": "nobody knows whose it is",
    "recalled": "its lot is on hold",
}


class GradeTooGood(State):
    code, title = "grade_too_good", "Not so good"
    says = "{what}: at best {expected}, not {scanned}."
    todo = "Choose {expected} or below, or answer again."


class AnswerFirst(State):
    code, title = "answer_first", "Answer first"
    says = "{what}: yes or no?"
    todo = "Answer what is asked; A alone says yes to all."


class MeasureFirst(State):
    code, title = "measure_first", "Measure first"
    says = "{what}: how much? Good is {expected}."
    todo = "Press it, and type the number."


class OpenedBefore(State):
    code, title = "opened_before", "Opened before"
    says = "{scanned} was opened when it was looked at first, and stays so."
    todo = "Was that a mistake? Whoever said so takes it back by Undo; else the desk decides."


class LotRecalled(State):
    code, title = "recalled_lot", "Lot on hold"
    says = "Lot {lot} is on hold ({reason}): it goes to quarantine and nowhere else."
    todo = "Put it to quarantine."


class OpenedHygiene(State):
    code, title = "opened_hygiene", "Opened"
    says = "{scanned} was opened and is {category}: it is never sold again."
    todo = "Choose another way."


class HeldForDesk(State):
    code, title = "held_for_desk", "Desk decides"
    says = "{scanned} is held: {reason}."
    todo = "Put it to quarantine; the desk decides."


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    way: Disposition
    why: tuple[str, ...]
    words: str  # the reason that is kept
    forced: bool = False  # nothing else is allowed
    rule: str = ""  # the way the rows name, where the desk decided otherwise


def answers_of(piece: Piece) -> dict[str, str]:
    """`{"sealed": "no"}`"""
    return dict(answer.split("=", 1) for answer in piece.answers.split())


def known_before(tx: Tx, piece: Piece) -> dict[str, str]:
    """What an earlier look found that no later one can mend: goods of a hygiene category that were opened."""
    category = known.item_of(tx, piece.item).category
    if not piece.grade or not ways.category(tx, category).opened_goes:
        return {}
    answers = answers_of(piece)
    return {
        check.code: answers[check.code]
        for check in ways.checks_of(tx, category)
        if check.opened and check.is_no(answers.get(check.code))
    }


def best_grade(checks: Sequence[Check], answers: Mapping[str, str]) -> tuple[str, str]:
    """(the best grade these answers allow, the question that says so). Pure."""
    no = [check for check in checks if check.is_no(answers.get(check.code))]
    worst = max(no, key=lambda check: check.worst, default=None)
    if worst is None:
        return "A", ""
    if worst.kind == "measure":
        return worst.worst, f"{worst.words} {answers[worst.code]} {worst.unit}".strip()
    return worst.worst, f"Not: {worst.words.lower()}"


def check_grade(checks: Sequence[Check], answers: Mapping[str, str], grade: str) -> dict[str, str]:
    """The answers as they then stand: A says yes to what was not answered. Raises GradeTooGood, AnswerFirst."""
    best, why = best_grade(checks, answers)
    if grade < best:
        raise GradeTooGood(what=why, expected=best, scanned=grade)
    open_ = [check for check in checks if check.code not in answers]
    if (numbers := [check for check in open_ if check.kind == "measure"]) and (
        grade == "A" or len(numbers) == len(open_)
    ):
        raise MeasureFirst(what=numbers[0].words, expected=numbers[0].limits)
    if open_ and grade != "A":
        raise AnswerFirst(what=open_[0].words)
    return {**{check.code: "yes" for check in open_}, **answers}


def propose(tx: Tx, piece: Piece, grade: str, answers: Mapping[str, str]) -> Proposal:
    """Which way the rows propose, and why. Raises NoSuchDisposition where the rows name none that is in use."""
    if reason := _why_recalled(tx, piece):
        return Proposal(way=ways.way(tx, QUARANTINE), why=(reason,), words=reason, forced=True)
    if piece.decided:
        return _decided(tx, piece, grade, answers)
    if reason := why_held(piece):
        return Proposal(way=ways.way(tx, QUARANTINE), why=(reason,), words=reason, forced=True)
    return by_rows(tx, piece, grade, answers)


def by_rows(tx: Tx, piece: Piece, grade: str, answers: Mapping[str, str]) -> Proposal:
    """What the rows say of goods that fit their papers. What was done once is not proposed again."""
    item = known.item_of(tx, piece.item)
    of, value = ways.category(tx, item.category), limits.value_of(tx, piece.item, 1) or 0
    rule = ways.best(ways.rules(tx), piece.reason, item.category, grade, value)
    named = ways.way(tx, rule.disposition if rule else QUARANTINE)
    again = bool(rule and piece.disposition == named.code and named.otherwise)
    if again:
        named = ways.way(tx, named.otherwise)
    if of.opened_goes and was_opened(tx, item.category, answers) and is_sold_again(named):
        words = f"opened, and {of.name.lower() or of.code} is never sold again"
        return Proposal(way=ways.way(tx, of.opened_goes), why=(words,), words=words)
    if rule is None:
        return Proposal(way=named, why=("no rule fits: somebody decides",), words="no rule fits")
    words = f"{rule.says}: {rule.words}" if rule.words else rule.says
    if again:
        words = f"still {rule.says} after it was worked on"
    return Proposal(way=named, why=(words,), words=words)


def _decided(tx: Tx, piece: Piece, grade: str, answers: Mapping[str, str]) -> Proposal:
    who = people.by_code(tx, piece.decided_by)
    by = who.short_name if who else piece.decided_by
    rule = QUARANTINE if why_held(piece) else by_rows(tx, piece, grade, answers).way.code
    why = (f"{by} decided: {piece.decided_because}",)
    return Proposal(way=ways.way(tx, piece.decided), why=why, words=piece.decided_because, forced=True, rule=rule)


def allowed(tx: Tx, piece: Piece, answers: Mapping[str, str], *, at_desk: bool = False) -> list[Disposition]:
    """The ways somebody may choose instead."""
    found = []
    for way in ways.ways(tx):
        try:
            refuse_way(tx, piece, answers, way, at_desk=at_desk)
        except State:
            continue
        found.append(way)
    return found


def refuse_way(tx: Tx, piece: Piece, answers: Mapping[str, str], way: Disposition, *, at_desk: bool = False) -> None:
    """What no reason and no supervisor changes. Raises HeldForDesk (not at the desk), LotRecalled, OpenedHygiene."""
    if way.code == QUARANTINE:
        return
    if not at_desk and (held := why_held(piece)):
        raise HeldForDesk(scanned=piece.item, reason=held)
    if reason := known.held_lot(tx, piece.item, piece.lot):
        raise LotRecalled(lot=piece.lot, reason=reason, scanned=way.words)
    category = known.item_of(tx, piece.item).category
    of = ways.category(tx, category)
    if of.opened_goes and is_sold_again(way) and was_opened(tx, category, answers):
        raise OpenedHygiene(scanned=piece.item, category=of.name.lower() or of.code)


def why_held(piece: Piece) -> str:
    """Why the desk must decide; empty where it need not."""
    return ", ".join(IN_WORDS[flag] for flag in piece.flags.split() if flag in HELD_FLAGS)


def is_sold_again(way: Disposition) -> bool:
    """Does anybody get it to use again? Scrapping, holding, claiming and sending back are no sale."""
    return way.place != "scrap" and way.code not in (QUARANTINE, "vendor_claim", "return_to_customer")


def was_opened(tx: Tx, category: str, answers: Mapping[str, str]) -> bool:
    return any(check.opened and check.is_no(answers.get(check.code)) for check in ways.checks_of(tx, category))


def wants_photo(tx: Tx, grade: str, way: Disposition) -> bool:
    first = ways.policy(tx).photo_from
    return bool(way.photo or (first and grade >= first))


def _why_recalled(tx: Tx, piece: Piece) -> str:
    reason = known.held_lot(tx, piece.item, piece.lot)
    return f"lot {piece.lot} is on hold: {reason}" if reason else ""
