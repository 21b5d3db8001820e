"""Is the end of a web address a compressed Digital Link?

Some makers squeeze `01/09520123456788` into one step, `ARFRJydaKA`, to make the QR code smaller. GS1
withdrew that form, and opening it takes tables that change with every new identifier, so we only recognise it, to tell
the worker what it is. It is base64 for web addresses: one byte, the first identifier in decimal digits or a number for
a usual set that begins with the GTIN, then the value in as many bits as its digits need. If the check digit fits, it is one.
Source: GS1 Digital Link Standard: Compression 1.0, sections 4 and 5.
"""

import re
from base64 import urlsafe_b64decode

from devices.trade_numbers import check_digit_fits

_STEP = re.compile(r"(?=.*[A-Z])(?=.*[a-z0-9_-])[A-Za-z0-9_-]{10,400}", re.ASCII)
_DIGITS = {0x00: 18, 0x01: 14}  # An SSCC, a GTIN.
_SETS_THAT_BEGIN_WITH_A_GTIN = frozenset(byte for byte in range(0x60) if byte & 0x0F >= 0x0A)


def is_compressed(step: str, *, on_gs1: bool) -> bool:
    """`on_gs1`: the address is id.gs1.org itself, where a step of this shape can be nothing else."""
    if not _STEP.fullmatch(step) or len(step) % 4 == 1:
        return False
    packed = urlsafe_b64decode(step + "=" * (-len(step) % 4))
    digits = 14 if packed[0] in _SETS_THAT_BEGIN_WITH_A_GTIN else _DIGITS.get(packed[0], 0)
    if digits:
        bits = (10**digits - 1).bit_length()
        value = int.from_bytes(packed[1:9].ljust(8, b"\0")) >> (64 - bits)
        if value < 10**digits and check_digit_fits(f"{value:0{digits}}"):
            return True
    return on_gs1
