# Copyright (C) 2026 the Pickface authors. GPL-3.0-or-later: see the LICENSE file beside this folder.
"""What Tryton's own moves and shipments know of the floor: which event made a move, which order a rest belongs to."""

from trytond.model import fields
from trytond.pool import PoolMeta


class Move(metaclass=PoolMeta):
    __name__ = "stock.move"

    pickface_event = fields.Many2One(
        "pickface.inbox",
        "Pickface Event",
        readonly=True,
        ondelete="RESTRICT",
        help="What the floor told when these goods moved.",
    )
    pickface_serials = fields.Text("Serials", readonly=True, help="The serial numbers of these goods, one a line.")

    @classmethod
    def _get_origin(cls):
        return [*super()._get_origin(), "pickface.inbox"]

    @classmethod
    def copy(cls, moves, default=None):
        default = dict(default or {})
        default.setdefault("pickface_event", None)
        default.setdefault("pickface_serials", None)
        return super().copy(moves, default=default)


class Inventory(metaclass=PoolMeta):
    __name__ = "stock.inventory"

    pickface_event = fields.Many2One(
        "pickface.inbox", "Pickface Event", readonly=True, ondelete="RESTRICT", help="What the floor counted."
    )
    pickface_reason = fields.Function(fields.Char("Reason"), "on_change_with_pickface_reason")
    pickface_approver = fields.Function(fields.Char("Approver"), "on_change_with_pickface_approver")

    @fields.depends("pickface_event")
    def on_change_with_pickface_reason(self, name=None):
        return self.pickface_event.reason if self.pickface_event else None

    @fields.depends("pickface_event")
    def on_change_with_pickface_approver(self, name=None):
        return self.pickface_event.approver if self.pickface_event else None

    @classmethod
    def copy(cls, inventories, default=None):
        return super().copy(inventories, default={"pickface_event": None, **(default or {})})


class _Received:
    """A delivery whose goods came in event by event: those have been put into storage already."""

    __slots__ = ()

    def _get_inventory_move(self, incoming_move):
        if incoming_move.pickface_event:
            return None
        return super()._get_inventory_move(incoming_move)


class ShipmentIn(_Received, metaclass=PoolMeta):
    __name__ = "stock.shipment.in"

    @classmethod
    def copy(cls, shipments, default=None):
        return super().copy(shipments, default={"reference": None, **(default or {})})


class ShipmentOutReturn(_Received, metaclass=PoolMeta):
    __name__ = "stock.shipment.out.return"


class ShipmentOut(metaclass=PoolMeta):
    __name__ = "stock.shipment.out"

    pickface_order = fields.Char(
        "Pickface Order",
        readonly=True,
        help="The floor ships this with an order it has already: it is not sent to the floor as a new one.",
    )

    @classmethod
    def copy(cls, shipments, default=None):
        return super().copy(shipments, default={"pickface_order": None, **(default or {})})
