"""Quantities are whole base units. A pack is a number of them; nothing is ever rounded."""

from app.errors import BadAmount

LONGEST = 7  # digits; eight is the shortest barcode (GTIN-8), and a barcode is no quantity


def parse_quantity(text: str, *, most: int | None = None) -> int:
    """A typed quantity as base units, ≥ 1. Raises BadAmount for zero, signs, fractions, and anything barcode-long."""
    written = text.strip()
    if len(written) > LONGEST:
        raise BadAmount(amount=written[:40], reason="it is as long as a barcode", scanned=written[:40])
    if not (written.isascii() and written.isdigit()):
        raise BadAmount(amount=written or "nothing", reason="only whole units count", scanned=written)
    number = int(written)
    if number < 1:
        raise BadAmount(amount=written, reason="it must be at least 1", scanned=written)
    if most is not None and number > most:
        raise BadAmount(amount=written, reason=f"there are at most {most}", expected=str(most), scanned=written)
    return number


def in_packs(quantity: int, pack: int) -> tuple[int, int]:
    """Whole packs and the units left over."""
    return divmod(quantity, pack)
