# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""The inbox of a Pickface floor in Tryton: every event once, and each move with the event that made it."""

from trytond.pool import Pool

from . import inbox, stock


def register():
    Pool.register(
        inbox.Inbox,
        stock.Inventory,
        stock.Move,
        stock.ShipmentIn,
        stock.ShipmentOut,
        stock.ShipmentOutReturn,
        module="pickface",
        type_="model",
    )
