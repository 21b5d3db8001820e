"""Packing, the exceptions before a carton is closed: another carton than proposed, and goods that are not in the tote."""

from msgspec.structs import replace

from app.errors import Unknown
from app.floor.floor import Floor
from app.floor.prompt import Key, Prompt
from app.floor.screens import Screen, build
from app.stock import balances
from app.work import carton_proposals, missing, packing, parcels
from app.workflows.packing_items import Items
from app.workflows.packing_view import page, place, rows_to_scan
from app.workflows.packing_weigh import weigh_or_ask


class UnknownType(Unknown):
    code, title = "unknown_carton_type", "Unknown carton"
    says = "There is no carton type {scanned}."
    todo = "Choose one of the list."


class OtherCarton(Screen, frozen=True, kw_only=True, tag="packing.other"):
    """Which carton instead? The choice is remembered with the proposal it overrules."""

    items: Items

    def prompt(self, floor: Floor) -> Prompt:
        now = self.items.carton(floor)
        stands = now.type if now else self.items.type
        asked = page(floor, self.items.order, "Which carton?")
        choices = tuple(
            Key(
                name="carton",
                value=one.carton,
                label=one.carton,
                note=f"{one.length_mm} × {one.width_mm} × {one.height_mm}",
                pressed=one.carton == stands,
            )
            for one in sorted(carton_proposals.carton_types(floor.tx), key=lambda one: one.volume())
        )
        return replace(asked, ask="choice", choices=choices)

    def tap_carton(self, floor: Floor, type: str) -> Screen:
        return self.items.tap_carton(floor, type)

    def tap_back(self, floor: Floor) -> Screen:
        return self.items

    def named(self, floor: Floor, type: str) -> str:
        """The type as it is written; a command barcode says it in small letters. Raises UnknownType."""
        for one in carton_proposals.carton_types(floor.tx):
            if _plain(one.carton) == _plain(type):
                return one.carton
        raise UnknownType(scanned=type[:20])


class Short(Screen, frozen=True, kw_only=True, tag="packing.short"):
    """What is left is not in the tote: a supervisor hears of it, what is in the carton goes on."""

    order: str

    def prompt(self, floor: Floor) -> Prompt:
        rows = tuple(row for row in rows_to_scan(floor, self.order) if row.state != "seen")
        asked = page(floor, self.order, "Not in the tote?", rows=rows)
        return replace(
            asked,
            ask="press",
            progress=None,
            main=Key(name="confirm", label="It is not there", note="a supervisor hears of it"),
            keys=(Key(name="back", label="Look again"),),
        )

    def tap_confirm(self, floor: Floor) -> Screen:
        packing.workable(floor.tx, self.order)
        for row in packing.loose(floor.tx, self.order):
            missing.report(floor.tx, self.order, row, floor.worker)
        floor.step("Reported. The order stays open for the rest.")
        carton = parcels.open_at(floor.tx, self.order, place(floor))
        if carton is not None and balances.in_lpn(floor.tx, carton.lpn):
            return weigh_or_ask(floor, self.order, carton)
        return build("packing.start")

    def tap_back(self, floor: Floor) -> Screen:
        return build(
            "packing.items",
            order=self.order,
            proposal=carton_proposals.propose(floor.tx, packing.loose(floor.tx, self.order)),
        )


def _plain(code: str) -> str:
    return code.lower().replace("-", "_")
