# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""What was found, lost or counted otherwise: an inventory of the place, with the event that says why and who approved it.

The floor tells the difference, an inventory the number there is now: what Tryton expects in the place, and the
difference. Where Tryton has fewer than are to be taken there is no such number, and the goods are simply moved.
"""

from collections import defaultdict

from trytond.pool import Pool
from trytond.transaction import Transaction


def taken_stock_of(event, moves):
    """Draft moves in, those that are left to be done out: what goes between a place and its lost and found is counted."""
    places, left = defaultdict(list), []
    for move in moves:
        for place, other, sign in (
            (move.from_location, move.to_location, -1),
            (move.to_location, move.from_location, 1),
        ):
            if place.type == "storage" and place.lost_found_used == other:
                places[place].append((move, sign))
                break
        else:
            left.append(move)
    for place, counted in places.items():
        if not _count(event, place, counted):
            left += [move for move, _ in counted]
    return left


def _count(event, place, counted):
    """Is it a number? Then the moves are the inventory's own, and those told are not needed."""
    pool = Pool()
    Inventory, Line, Move = map(pool.get, ["stock.inventory", "stock.inventory.line", "stock.move"])
    things = defaultdict(float)
    for move, sign in counted:
        things[move.product, move.lot] += sign * move.quantity
    inventory = Inventory(
        location=place, company=Transaction().context["company"], empty_quantity="keep", pickface_event=event,
        lines=[Line(product=product, lot=lot) for product, lot in things],
    )  # fmt: skip
    inventory.save()
    lines = list(Inventory(inventory.id).lines)
    for line in lines:
        line.quantity = line.expected_quantity + things[line.product, line.lot]
    if any(line.quantity < 0 for line in lines):
        Inventory.delete([inventory])
        return False
    Line.save(lines)
    Inventory.confirm([Inventory(inventory.id)])
    serials = "\n".join(filter(None, (move.pickface_serials for move, _ in counted)))
    Move.delete([move for move, _ in counted])
    made = [move for line in Inventory(inventory.id).lines for move in line.moves]
    Move.write(made, {"pickface_event": event.id, "pickface_serials": serials or None})
    return True
