"""The house's own numbers: a pattern reads item, weight and price, or says why it cannot be."""

import pytest

from devices.restricted_numbers import BadPattern, parse
from devices.trade_numbers import check_digit


def whole(payload: str) -> str:
    return (payload + check_digit(payload)).zfill(14)


def test_item_and_grams_stand_where_the_pattern_says() -> None:
    pattern = parse("21iiiiiwwwwwc")
    said = pattern.read(whole("211234500987"))
    assert (said.item, said.item_from_start, said.weight_g, said.price, said.sound) == (
        "12345",
        "2112345",
        987,
        0,
        True,
    )
    assert parse("21IIIIIWWWWWC", 2).read(whole("211234500987")).weight_g == 9_870
    assert (pattern.fits(whole("211234500987")), pattern.fits(whole("221234500987"))) == (True, False)


@pytest.mark.parametrize(
    ("pattern", "payload", "price", "sound"),
    [
        ("22IIIIVPPPPXC", "22123492875", 2_875, True),  # 28.75 → 9, the published example of four digits
        ("22IIIIVPPPPXC", "22123482875", 2_875, False),
        ("02IIIIPPPPPVC", "02123414685", 14_685, True),  # 146.85 → 6, of five
        ("02IIIIPPPPPVC", "02123414685", 14_685, False),
    ],
)
def test_the_verifier_speaks_for_or_against_the_price(pattern: str, payload: str, price: int, sound: bool) -> None:
    last = "0" if "X" in pattern else "6" if sound else "5"
    said = parse(pattern).read(whole(payload + last))
    assert (said.item, said.price, said.sound) == ("1234", price, sound)


def test_a_upc_is_the_same_number_as_the_ean_it_is_read_as() -> None:
    upc = parse("2IIIIIVPPPPC")
    assert upc.contradicts(parse("02IIIIIIIIIIC"))
    assert not upc.contradicts(parse("22IIIIIIIIIIC"))
    said = upc.read(whole("21234592875"))
    assert (said.item, said.item_from_start, said.price, said.sound) == ("12345", "212345", 2_875, True)


def test_patterns_contradict_where_one_number_fits_both() -> None:
    assert parse("21IIIIIWWWWWC").contradicts(parse("2IIIIIPPPPPXC"))
    assert parse("21123IIWWWWWC").contradicts(parse("21IIIIIPPPPPC"))
    assert not parse("210IIIIWWWWWC").contradicts(parse("211IIIIPPPPPC"))


@pytest.mark.parametrize(
    ("pattern", "decimals", "sentence"),
    [
        ("21IIIIIQQQQQC", None, "Q means nothing"),
        ("21IIIIIWWWC", None, "this has 11"),
        ("40IIIIIWWWWWC", None, "others are GTINs"),
        ("IIIIIIIWWWWWC", None, "others are GTINs"),
        ("21IIIIIWWWWWW", None, "is C"),
        ("21CIIIIWWWWWC", None, "is C"),
        ("21IIWWIIIWWWC", None, "side by side"),
        ("21XXXXXWWWWWC", None, "Without I"),
        ("21IIIWWWPPPPC", None, "not both"),
        ("21IIIIVWWWWWC", 4, "4 decimals cannot be"),
        ("22IIIIVPPPPXC", 3, "3 decimals cannot be"),
        ("22IIIIIIVPPPC", None, "4 or 5 digits"),
        ("22IIIIIIIIIVC", None, "4 or 5 digits"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_with_the_reason(pattern: str, decimals: int | None, sentence: str) -> None:
    with pytest.raises(BadPattern, match=sentence) as refused:
        parse(pattern, decimals)
    assert str(refused.value).endswith(".")
