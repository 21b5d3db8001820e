# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""What an event does to Tryton's stock: one function per effect, each inside the transaction that stores the key.

`move` is the plain one: goods change between locations of the warehouse, or leave it. Goods of a purchase, of a customer
shipment and of a customer return go through those documents, so that what is open of them is right afterwards; what is
counted is an inventory.
"""

from trytond.pool import Pool

from . import arriving, leaving
from .counting import taken_stock_of
from .moves import do, lot_of, new_move, one_location, one_product


def note(event, entry):
    """Nothing moves; the row itself is the news."""


def move(event, entry):
    moves = []
    for one in entry["moves"]:
        product = one_product(one["item"])
        source, target = one_location(one["source"]), one_location(one["target"])
        lot = lot_of(product, one.get("lot"))
        moves.append(new_move(event, product, one["quantity"], source, target, lot, serials=one.get("serials", ())))
    do(taken_stock_of(event, moves))


def undo(event, entry):
    """The floor took an event back: what a purchase received is open again, all else goes the other way."""
    Inbox, PurchaseLine = Pool().get("pickface.inbox"), Pool().get("purchase.line")
    undone = Inbox.search([("key", "=", entry["undoes"])], limit=1)
    moves = [one for one in undone[0].moves if one.state == "done"] if undone else []
    if any(isinstance(one.origin, PurchaseLine) for one in moves):
        arriving.take_back(moves)
    else:
        move(event, entry)


EFFECTS = {
    "note": note,
    "move": move,
    "undo": undo,
    "receive": arriving.receive,
    "receipt_closed": arriving.close_receipt,
    "take_back": arriving.receive_return,
    "return_closed": arriving.close_return,
    "ship": leaving.ship,
}
