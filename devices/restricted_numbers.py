"""Numbers for use inside one house (GS1 prefixes 02, 04 and 20 to 29): what a label printed at a counter scale says.

GS1 gives these numbers to nobody, so each house says by a pattern where in its labels the item stands, and the weight or
the price: `21IIIIIWWWWWC`, `22IIIIIVPPPPC`. A pattern is as long as the number printed (8, 12 or 13 digits), and stands
padded to 14 like the numbers it is held against, so that one of a UPC and one of the same number read as an EAN are seen
to be the same. V is the verifier of the value, by the weights 2−, 3, 5+ and 5− of GS1 General Specifications 7.9.2 to
7.9.4; biip computes it.
"""

import msgspec
from biip.checksums import gs1_price_weight_check_digit

from devices.trade_numbers import is_restricted

LENGTHS = (8, 12, 13)
LETTERS = {
    "I": "the item's number",
    "W": "the weight",
    "P": "the price",
    "V": "the check digit of weight or price",
    "X": "a digit nobody looks at",
    "C": "the check digit of the whole",
}
USUAL_DECIMALS = {"W": 3, "P": 2, "": 0}  # of a kilogram: grams; of the currency: cents
MOST_DECIMALS = {"W": 3, "P": 2, "": 0}
VERIFIED = (4, 5)  # digits of a value GS1 has a verifier for


class BadPattern(ValueError):
    """A pattern that cannot be; the text is a sentence."""


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """One sound pattern. `decimals`: how many of the value's digits stand behind the point, of kilograms or currency."""

    text: str
    decimals: int

    @property
    def whole(self) -> str:
        return self.text.zfill(14)

    @property
    def value(self) -> str:
        """W, P, or nothing where its numbers say an item alone."""
        return _value_of(self.text)

    def fits(self, number: str) -> bool:
        """`number` is padded to 14 digits."""
        return all(a == b or not a.isdigit() for a, b in zip(self.whole, number, strict=True))

    def contradicts(self, other: "Pattern") -> bool:
        """Is there a number that fits both?"""
        return all(a == b or not (a.isdigit() and b.isdigit()) for a, b in zip(self.whole, other.whole, strict=True))

    def read(self, number: str) -> "Said":
        """What a number that fits says. The check digit of the whole is the reader's own affair."""
        item, value = _under(self.whole, "I", number), _under(self.whole, self.value or "-", number)
        verifier = _under(self.whole, "V", number)
        before = number[14 - len(self.text) : self.whole.index("I")]
        return Said(
            item=item,
            item_from_start=before + item,
            weight_g=int(value) * 10 ** (3 - self.decimals) if self.value == "W" else 0,
            price=int(value) * 10 ** (2 - self.decimals) if self.value == "P" else 0,
            sound=not verifier or int(verifier) == gs1_price_weight_check_digit(value),
        )


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """`price` in minor units. `sound` is false where the inner check digit speaks against weight or price."""

    item: str
    item_from_start: str  # with all that stands before it, for houses whose scales share their item numbers
    weight_g: int
    price: int
    sound: bool


def parse(text: str, decimals: int | None = None) -> Pattern:
    """A pattern as somebody wrote it. Raises BadPattern."""
    text = text.strip().upper()
    odd = next((letter for letter in text if letter not in LETTERS and letter not in "0123456789"), "")
    if odd:
        raise BadPattern(f"{odd} means nothing in a pattern; {', '.join(f'{k} is {v}' for k, v in LETTERS.items())}.")
    if len(text) not in LENGTHS:
        raise BadPattern(f"A pattern has 8, 12 or 13 places, as the number printed; this has {len(text)}.")
    if not all(is_restricted(_filled(text, digit)) for digit in "09"):
        raise BadPattern(
            "It must begin with 02, 04 or 20 to 29 (12 places: 2 or 4; 8 places: 0 or 2): others are GTINs."
        )
    if text.count("C") != 1 or text[-1] != "C":
        raise BadPattern("Its last place, and only that, is C, the check digit of the whole.")
    for letter in "IWPV":
        if letter * text.count(letter) not in text:
            raise BadPattern(f"The places of {letter} must stand side by side.")
    if "I" not in text:
        raise BadPattern("Without I, the item's number, no item is found by it.")
    value = _value_of(text)
    if "W" in text and "P" in text:
        raise BadPattern("It says weight or price, not both.")
    if text.count("V") > 1 or ("V" in text and text.count(value or "-") not in VERIFIED):
        raise BadPattern("V is one place, and checks a weight or price of 4 or 5 digits.")
    if decimals is None:
        decimals = USUAL_DECIMALS[value]
    if not 0 <= decimals <= MOST_DECIMALS[value]:
        raise BadPattern(f"{decimals} decimals cannot be: a weight has 0 to 3 (of a kilogram), a price 0 to 2.")
    return Pattern(text=text, decimals=decimals)


def _value_of(text: str) -> str:
    return "W" if "W" in text else "P" if "P" in text else ""


def _filled(text: str, digit: str) -> str:
    return "".join(place if place.isdigit() else digit for place in text.zfill(14))


def _under(whole: str, letter: str, number: str) -> str:
    return "".join(digit for place, digit in zip(whole, number, strict=True) if place == letter)
