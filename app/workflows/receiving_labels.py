"""Receiving, labels: goods without a readable barcode get labels before they are set down.

1. Tap Labels while they are counted: the screen proposes nothing, say how many.
2. They come out of the station's printer, each a job of its own whose fate the desk sees.
3. More labels than pieces are warned of once. Then go on counting, or scan the LPN.
"""

from datetime import date

from app.floor.floor import Floor
from app.floor.prompt import Goods as Shown
from app.floor.prompt import Key, Prompt
from app.floor.screens import Screen
from app.printing.queueing import queue_label
from app.work import receipts, receiving_labels
from app.workflows.receiving_goods import Goods, facts, job, next_question
from devices.trade_numbers import is_gtin
from printers.labels import ItemLabel


class Labels(Screen, frozen=True, kw_only=True, tag="receiving.labels"):
    """How many labels?"""

    goods: Goods

    def prompt(self, floor: Floor) -> Prompt:
        goods, of = self.goods, receipts.item_of(floor.tx, self.goods.item)
        return Prompt(
            job=job(goods),
            headline="How many labels?",
            subject="item labels",
            ask="quantity",
            hint=f"{goods.count} counted",
            item=Shown(code=of.code, name=of.name, note=f"lot {goods.lot}" if goods.lot else ""),
            big="item",
            unit="labels",
            facts=facts(goods),
            keys=(Key(name="back", label="None"),),
            speech="How many labels?",
        )

    def on_quantity(self, floor: Floor, number: int) -> Screen:
        """Raises BadAmount, NoPrinter, LabelNotPossible, and LabelsPrinted until it is confirmed."""
        goods, tx = self.goods, floor.tx
        subject = receiving_labels.subject_of(goods.item, goods.lot)
        if (warning := receiving_labels.check(tx, subject, goods.document, number, goods.count)) is not None:
            floor.confirm(warning)
        label, first = _label(floor, goods), receiving_labels.numbered(tx, subject)
        for count in range(first + 1, first + number + 1):
            queue_label(floor, label, subject=subject, document=goods.document, once=f"item {subject} {count}")
        floor.ok(f"{number} label{'' if number == 1 else 's'} of {goods.item} in the printer.")
        return next_question(floor, goods)

    def tap_back(self, floor: Floor) -> Screen:
        return next_question(floor, self.goods)


def _label(floor: Floor, goods: Goods) -> ItemLabel:
    """With a GTIN all of it in one symbol; else the item's number as Code 128."""
    of, known = receipts.item_of(floor.tx, goods.item), receiving_labels.barcodes_of(floor.tx, goods.item)
    gtin = next((code for code in known if is_gtin(code)), "")
    return ItemLabel(
        item=of.code,
        name=of.name,
        barcode=gtin.zfill(14) if gtin else known[0],
        unit=of.unit,
        lot=goods.lot,
        expiry=date.fromisoformat(goods.expiry) if goods.expiry else None,
        symbol="gs1_datamatrix" if gtin else "code128",
    )
