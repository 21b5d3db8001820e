# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""Goods that left on a truck: the customer shipment is done with the quantities and lots that are really in the cartons.

What is missing from it becomes a new shipment of the same sale: the backorder, sent to the floor as a new order. While
the floor still has cartons of this order here, that new shipment is the rest of the same order instead.
"""

from collections import defaultdict

from trytond.exceptions import UserError
from trytond.pool import Pool

from .moves import lot_of, new_move, one_location, one_product


def ship(event, entry):
    Move, Sale, Shipment = map(Pool().get, ["stock.move", "sale.sale", "stock.shipment.out"])
    shipment = _shipment_of(entry["order"])
    sales = {one.sale for one in shipment.outgoing_moves if getattr(one, "sale", None)}
    before = {one.id for sale in sales for one in sale.shipments}
    if shipment.state in {"draft", "assigned", "picked", "packed"}:
        Shipment.wait([shipment])
    _write_down(event, Shipment(shipment.id), entry)
    for step in (Shipment.assign_force, Shipment.pick, Shipment.pack, Shipment.do):
        step([Shipment(shipment.id)])
    done = Shipment(shipment.id)
    Move.write([one for one in done.moves if one.state == "done"], {"pickface_event": event.id})
    Shipment.write([done], {"reference": entry.get("tracking") or done.reference})
    Sale.process(list(sales))
    if not entry["complete"]:
        rest = [one for sale in sales for one in Sale(sale.id).shipments if one.id not in before]
        Shipment.write(rest, {"pickface_order": entry["order"]})


def _shipment_of(order):
    """The shipment of that number, or what is left of it; raises UserError where all has left already."""
    Shipment = Pool().get("stock.shipment.out")
    open_ = ("state", "not in", ["done", "shipped", "cancelled"])
    found = Shipment.search([("number", "=", order), open_], limit=1)
    found = found or Shipment.search([("pickface_order", "=", order), open_], limit=1, order=[("id", "ASC")])
    if not found:
        raise UserError(f"There is no open customer shipment with the number {order}.")
    return found[0]


def _write_down(event, shipment, entry):
    """Make the inventory moves those of the cartons: one per line, lot and location of origin."""
    Move = Pool().get("stock.move")
    if shipment.warehouse_storage == shipment.warehouse_output:
        raise UserError("The warehouse ships straight from its storage: give it an output location of its own.")
    outgoing = list(shipment.outgoing_moves)
    Move.delete([one for one in shipment.inventory_moves if one.state in {"staging", "draft", "cancelled"}])
    taken = defaultdict(float)
    for told in entry["moves"]:
        product = one_product(told["item"])
        origin = _line_of(outgoing, told, product, taken)
        if origin is None:  # a substitute, or more than the sale wants: a line of its own
            origin = new_move(
                event, product, told["quantity"], shipment.warehouse_output, shipment.customer_location, None,
                shipment=shipment,
            )  # fmt: skip
            outgoing.append(origin)
        taken[origin.id] += told["quantity"]
        source = one_location(told["source"])
        lot = lot_of(product, told.get("lot"))
        gate, serials = shipment.warehouse_output, told.get("serials", ())
        new_move(event, product, told["quantity"], source, gate, lot, origin=origin, shipment=shipment, serials=serials)


def _line_of(outgoing, told, product, taken):
    """The outgoing move a carton's content is for: by its own number, else the first of the product that has room."""
    same = [one for one in outgoing if one.product == product]
    named = [one for one in same if str(one.id) == told.get("line")]
    room = [one for one in same if taken[one.id] < one.internal_quantity]
    return next(iter(named or room or same), None)
