"""An order that was called off and is wanted after all, under its old number.

A shop takes a cancellation back; in the ERP somebody sets the document to draft and confirms it once more. Nothing of it
has left the house, so it begins from the start: its head and lines as they are told now, nothing done on them, in the
pool, without the lane and the carrier of its former life. What is still in totes and cartons goes back to the shelf first,
and then the order is opened by itself. Where a part had left, a second delivery under one number would be a riddle to
whoever gets the first: that is refused, and what is still wanted is an order of its own.
"""

from app.db import Tx
from app.work import master_take_back
from app.work.master_order_lines import (
    KnownLine,
    KnownOrder,
    OrderRelease,
    lines_of,
    refuse_lines,
    rewrite_lines,
    write_head,
)
from app.work.master_terms import Outcome, applied, called_off, dead


def open_again(tx: Tx, message: OrderRelease, known: KnownOrder) -> Outcome:
    """A cancelled order comes back to the pool, where the message is newer than what called it off."""
    name = f"Order {message.code}"
    late = called_off(message, name, known.version)
    if late is not None:
        return late
    lines = lines_of(tx, message.code)
    gone = ", ".join(f"line {line.line}: {line.shipped} × {line.item}" for line in lines if line.shipped)
    if gone:
        return dead(
            f"{name} is cancelled and part of it has left ({gone}). Send what is still wanted as an order of its own."
        )
    refused = refuse_lines(tx, message, name)
    if refused is not None:
        return refused
    picked = [line for line in lines if line.picked]
    if picked or master_take_back.is_being_put_back(tx, message.code):
        return to_put_back(message.code, "cancelled", picked)
    write_head(tx, message, None, "pool")
    rewrite_lines(tx, message)
    tx.tell("orders")
    return applied(f"{name} was cancelled and is released again.")


def to_put_back(code: str, state: str, picked: list[KnownLine]) -> Outcome:
    """Not yet: what is in totes goes back to the shelf first."""
    goods = in_words(picked) or "its goods"
    sentence = f"Order {code} is {state} and {goods} must be put back first; then this is done by itself."
    return dead(sentence, missing=f"put_back {code}")


def in_words(lines: list[KnownLine]) -> str:
    return ", ".join(f"line {line.line}: {line.picked - line.shipped} × {line.item}" for line in lines)
