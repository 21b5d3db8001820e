# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""Products, locations and lots by the names the floor knows them by, and a new move between two of them."""

from decimal import Decimal

from trytond.exceptions import UserError
from trytond.modules.product import round_price
from trytond.pool import Pool
from trytond.transaction import Transaction


def one(model, domain, sentence):
    """The only record there is. Raises UserError with the sentence."""
    found = Pool().get(model).search(domain, limit=2)
    if len(found) != 1:
        raise UserError(sentence + (" There are several." if found else ""))
    return found[0]


def one_product(code):
    return one("product.product", [("code", "=", code)], f"There is no product with the code {code}.")


def one_location(code):
    return one("stock.location", [("code", "=", code)], f"There is no location with the code {code}.")


def lot_of(product, number):
    """The lot of that number; one that is new here begins with it."""
    Lot = Pool().get("stock.lot")
    if not number:
        return None
    found = Lot.search([("product", "=", product.id), ("number", "=", number)], limit=1)
    if found:
        return found[0]
    lot = Lot(product=product, number=number)
    lot.save()
    return lot


def in_base_unit(draft):
    """A draft move that counts in dozens, counting in the product's own unit from now on, as the floor does."""
    Move, Uom = Pool().get("stock.move"), Pool().get("product.uom")
    unit = draft.product.default_uom
    if draft.unit == unit:
        return draft
    values = {"unit": unit.id, "quantity": draft.internal_quantity}
    if draft.unit_price is not None:
        values["unit_price"] = round_price(Uom.compute_price(draft.unit, draft.unit_price, unit))
    Move.write([draft], values)
    return Move(draft.id)


def new_move(event, product, quantity, source, target, lot, origin=None, shipment=None, serials=()):
    """A draft move of the event, saved. Where no document names a price it is the product's cost."""
    pool = Pool()
    Company, Move = pool.get("company.company"), pool.get("stock.move")
    company = Company(Transaction().context["company"])
    move = Move(
        product=product,
        unit=product.default_uom,
        quantity=quantity,
        from_location=source,
        to_location=target,
        lot=lot,
        company=company,
        shipment=shipment,
        origin=origin or event,
        pickface_event=event,
        pickface_serials="\n".join(serials) or None,
    )
    if move.on_change_with_unit_price_required():
        priced = getattr(origin, "unit_price", None)
        if priced is not None:
            priced = round_price(pool.get("product.uom").compute_price(origin.unit, priced, product.default_uom))
        move.unit_price = product.cost_price or Decimal(0) if priced is None else priced
        move.currency = company.currency
    else:
        move.unit_price = move.currency = None
    move.save()
    return move


def do(moves):
    """Done, whatever Tryton believes to lie there: the floor has moved the goods already."""
    Move = Pool().get("stock.move")
    Move.do(Move.browse([one.id for one in moves]))
