"""The numbers GS1 gives to things: GTIN on goods, SSCC on licence plates, and the ones that only look like it.

Every one ends in a check digit, and a number whose check digit fails is not that number. Restricted circulation numbers
(in-store labels with a price or weight in them, prefixes 02, 04 and 20 to 29) mean something else in every shop: they
are told apart here so that nobody books them as a supplier's GTIN. Source: GS1 General Specifications, 1.4, 2.1 and
7.9.
"""

SSCC_LENGTH = 18
GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def is_digits(text: str) -> bool:
    """True for one or more of 0 to 9; digits of other scripts are none to a barcode."""
    return text.isascii() and text.isdigit()


def check_digit_fits(number: str) -> bool:
    """The last digit is the modulo-10 sum, weights 3 and 1 from the right. `number` is digits only."""
    digits = number.encode()
    threes, ones = digits[-2::-2], digits[-3::-2]
    total = 3 * (sum(threes) - 48 * len(threes)) + sum(ones) - 48 * len(ones)
    return (total + digits[-1] - 48) % 10 == 0


def check_digit(payload: str) -> str:
    """The digit that makes `payload` whole."""
    return next(digit for digit in "0123456789" if check_digit_fits(payload + digit))


def is_gtin(text: str) -> bool:
    return len(text) in GTIN_LENGTHS and is_digits(text) and check_digit_fits(text)


def is_sscc(text: str) -> bool:
    return len(text) == SSCC_LENGTH and is_digits(text) and check_digit_fits(text)


def is_restricted(gtin14: str) -> bool:
    """A number for use inside a shop, company or region, padded to 14 digits; never a supplier's GTIN.

    The eight-digit ones start with 0 or 2. Unlike a UPC with leading zeros they stand behind six zeros; a padded UPC
    that short does not exist, for its company prefix would be zero.
    """
    if gtin14[:6] == "000000":
        return gtin14[6] in "02"
    return gtin14[:3] in _RESTRICTED


_RESTRICTED = frozenset({"002", "004", *(f"0{prefix}" for prefix in range(20, 30))})


def retail_number(number: str, aim: str | None) -> str | None:
    """The number in an EAN or UPC symbol as its AIM identifier has it: 8 digits behind `]E4`, else 13.

    Many scanners leave the zero of a UPC-A out, send a UPC-E as it is printed, or call an EAN-8 an EAN: these come back
    with the digits a symbol of thirteen would have had. None when it is no such number.
    """
    if len(number) == (8 if aim == "]E4" else 13):
        return number if is_gtin(number) else None
    if aim == "]E4" or len(number) not in (8, 12):
        return None
    whole = number if is_gtin(number) else expand_upc_e(number)
    return None if whole is None else whole.zfill(13)


def expand_upc_e(text: str) -> str | None:
    """The twelve digits behind an eight-digit UPC-E (number system 0 or 1), or None when it is none."""
    if len(text) != 8 or not is_digits(text) or text[0] not in "01":
        return None
    system, body, check = text[0], text[1:7], text[7]
    last = body[5]
    if last in "012":
        payload = system + body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        payload = system + body[:3] + "00000" + body[3:5]
    elif last == "4":
        payload = system + body[:4] + "00000" + body[4]
    else:
        payload = system + body[:5] + "0000" + last
    return payload + check if check_digit_fits(payload + check) else None
