# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""Goods that come in by a purchase or a customer's return: line by line into one open shipment, closed by the floor.

Tryton keeps a draft move for what a purchase line still expects. What is received is taken out of it, so a short line
stays open for the rest and a line that is over shows as that when the shipment is received.
"""

from trytond.exceptions import UserError
from trytond.pool import Pool

from .moves import do, in_base_unit, lot_of, new_move, one, one_location, one_product


def receive(event, entry):
    for told in entry["moves"]:
        number = told["po"]
        purchase = one(
            "purchase.purchase", [("number", "=", number)], f"There is no purchase with the number {number}."
        )
        shipment = _open_receipt(purchase)
        lines = {str(line.id): line for line in purchase.lines}
        line = lines.get(told.get("line", ""))
        expected = [m for m in line.moves if m.state == "draft" and not m.shipment] if line else []
        supplier = purchase.party.supplier_location
        _take_in(event, told, shipment, supplier, expected, line)


def close_receipt(event, entry):
    """Nothing more comes. Tryton looks at each line now, and warns where one is over."""
    Shipment = Pool().get("stock.shipment.in")
    shipments = Shipment.search([("reference", "=", _name_of(entry["po"])), ("state", "=", "draft")])
    Shipment.receive(shipments)
    Shipment.do([one for one in shipments if one.state != "done"])


def receive_return(event, entry):
    shipment = one(
        "stock.shipment.out.return",
        [("number", "=", entry["rma"]), ("state", "=", "draft")],
        f"There is no open customer return with the number {entry['rma']}.",
    )
    for told in entry["moves"]:
        expected = [
            m for m in shipment.incoming_moves
            if m.state == "draft" and not m.pickface_event and str(m.id) == told.get("line")
        ]  # fmt: skip
        _take_in(event, told, shipment, shipment.customer_location, expected, None)


def close_return(event, entry):
    Shipment = Pool().get("stock.shipment.out.return")
    shipments = Shipment.search([("number", "=", entry["rma"]), ("state", "=", "draft")])
    Shipment.receive(shipments)
    Shipment.do([one for one in shipments if one.state != "done"])


def take_back(moves):
    """A receipt that the floor took back: its moves are cancelled, and the purchase expects the goods again."""
    pool = Pool()
    Move, Purchase, Line = map(pool.get, ["stock.move", "purchase.purchase", "purchase.line"])
    Move.cancel(moves)
    Move.write(moves, {"shipment": None})
    lines = {one.origin for one in moves if isinstance(one.origin, Line)}
    for line in lines:
        recreated = [one.id for one in moves if one.origin == line]
        Line.write([line], {"moves_recreated": [("add", recreated)]})
    Purchase.process(list({line.purchase for line in lines}))


def _name_of(purchase):
    return f"Pickface {purchase}"


def _open_receipt(purchase):
    Shipment = Pool().get("stock.shipment.in")
    name = _name_of(purchase.number)
    found = Shipment.search([("reference", "=", name), ("state", "=", "draft")], limit=1)
    if found:
        return found[0]
    shipment = Shipment(supplier=purchase.party, company=purchase.company, warehouse=purchase.warehouse, reference=name)
    shipment.warehouse_input = purchase.warehouse.input_location
    shipment.warehouse_storage = purchase.warehouse.storage_location
    shipment.contact_address = purchase.party.address_get()
    shipment.save()
    return shipment


def _take_in(event, told, shipment, source, expected, line):
    """One line of an arrival: out of what was expected first, what is more on a move of its own; then into storage."""
    Move = Pool().get("stock.move")
    product, target, gate = one_product(told["item"]), one_location(told["target"]), shipment.warehouse_input
    lot, left, incoming = lot_of(product, told.get("lot")), told["quantity"], []
    serials = told.get("serials", [])
    for draft in map(in_base_unit, expected):
        if left <= 0:
            break
        if draft.quantity <= 0:
            continue
        if draft.product != product:
            raise UserError(f"Line {told['line']} is {draft.product.code}, not {product.code}.")
        count = int(min(left, draft.quantity))
        if count < draft.quantity:
            Move.write([draft], {"quantity": draft.quantity - count})
            (draft,) = Move.copy([draft], {"quantity": count, "origin": str(draft.origin) if draft.origin else None})
        Move.write(
            [draft],
            {
                "shipment": str(shipment),
                "origin": str(draft.origin or event),
                "from_location": source.id,
                "to_location": gate.id,
                "lot": lot and lot.id,
                "pickface_event": event.id,
                "pickface_serials": "\n".join(serials[:count]) or None,
            },
        )
        incoming.append(Move(draft.id))
        left, serials = left - count, serials[count:]
    if left > 0:
        incoming.append(
            new_move(event, product, left, source, gate, lot, origin=line, shipment=shipment, serials=serials)
        )
    do(incoming)
    if gate != target:
        do([new_move(event, product, told["quantity"], gate, target, lot, origin=incoming[0], shipment=shipment)])
