"""Labels for goods that come without a readable barcode: which barcode stands on them, and how many there are already.

A label carries the item's own GTIN with lot and expiry in one DataMatrix, so that everything after receiving asks for
nothing; an item without a GTIN gets its number as Code 128. Labels that lie about are stuck on the wrong goods, so the
house counts how many it printed for a delivery and warns before there are more labels than pieces.
"""

from sqlalchemy import bindparam, func, select

from app.db import Tx
from app.errors import BadAmount, ScanAgain
from app.schema.items import item_barcode
from app.schema.printing import print_job

MOST_AT_ONCE = 40

BARCODES = (
    select(item_barcode.c.code)
    .where(item_barcode.c.item == bindparam("of_item"), item_barcode.c.quantity == 1)
    .order_by(item_barcode.c.code)
    .limit(20)
)
PRINTED = select(func.count()).where(
    print_job.c.kind == "item",
    print_job.c.subject == bindparam("of_subject"),
    print_job.c.document == bindparam("of_document"),
    print_job.c.state != "cancelled",
)
EVER = select(func.count()).where(print_job.c.kind == "item", print_job.c.subject == bindparam("of_subject"))


class LabelsPrinted(ScanAgain):
    code, title = "labels_printed", "Printed already"
    says = "{printed} labels of {subject} were printed for this delivery; {total} would be more than the {pieces} pieces counted."
    todo = "Sure? Do the same again."


def check(tx: Tx, subject: str, document: str, number: int, pieces: int) -> LabelsPrinted | None:
    """The warning due before `number` more are printed for `pieces` counted, None where they are few enough.

    Raises BadAmount.
    """
    if not 0 < number <= MOST_AT_ONCE:
        raise BadAmount(amount=number, reason=f"1 to {MOST_AT_ONCE} labels at once.", scanned=str(number))
    printed = int(tx.value(PRINTED, of_subject=subject, of_document=document) or 0)
    if printed + number <= max(pieces, number if not printed else 0):
        return None
    return LabelsPrinted(printed=printed, subject=subject, total=printed + number, pieces=pieces)


def numbered(tx: Tx, subject: str) -> int:
    """How many were ever printed: the next one has the number after it, so that no job is taken for another."""
    return int(tx.value(EVER, of_subject=subject) or 0)


def subject_of(item: str, lot: str) -> str:
    return f"{item} lot {lot}" if lot else item


def barcodes_of(tx: Tx, item: str) -> list[str]:
    """What stands for one piece of an item, its own number last."""
    return [*(str(row[0]) for row in tx.rows(BARCODES, of_item=item)), item]
