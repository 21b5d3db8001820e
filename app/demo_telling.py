"""How the demo tells the house something: by the very messages the ERP or an import would send, one after the other.

What all parts of the demo agree on stands here too: who it is done by, the number range of the barcodes, and the PIN of
everybody. One message that is not taken is a mistake of the demo's and stops it.
"""

from datetime import timedelta
from typing import Any

import msgspec

from app.db import Tx
from app.stock.ledger import By
from app.work import master, master_opening, master_setup, numbers
from app.work.master_terms import Message

BY = By(worker="demo", cause="demo")
PREFIX = "4012345"
PIN = "1234"
LASTS = timedelta(days=300)  # goods that come today


def tell(tx: Tx, kind: type[Message], /, **facts: Any) -> None:
    message: Any = msgspec.convert({**facts, "type": kind.__struct_config__.tag}, kind)
    if isinstance(message, master_opening.OpeningRow):
        outcome = master_opening.open_stock(tx, message, BY)
    elif isinstance(message, master_setup.AnySetup):
        outcome = master_setup.set_up(tx, message, BY)
    else:
        outcome = master.apply(tx, message, BY)
    if outcome.state != "applied":
        raise RuntimeError(f"the demo is wrong: {outcome.sentence}")


def gtin13(number: int) -> str:
    body = f"{PREFIX}{number:05d}"
    return body + numbers.check_digit(body)


def case_gtin(number: int) -> str:
    """GTIN-14 of the case: packaging level 1 over the piece's own number."""
    body = f"1{PREFIX}{number:05d}"
    return body + numbers.check_digit(body)
