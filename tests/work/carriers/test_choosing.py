"""Which service takes a parcel, what it costs and when it is there: each package rule, and the sentence that explains."""

from datetime import date, datetime

import pytest

from app.work.carriers import choosing, services
from app.work.carriers.parcel import Address, Parcel, read_address
from app.work.carriers.services import BadService, Band, Service

TUESDAY = datetime(2026, 11, 24, 14, 0)
THURSDAY = date(2026, 11, 26)


def service(carrier: str, name: str = "Parcel", cents: int = 490, up_to_g: int = 30_000, **facts: object) -> Service:
    return Service(carrier=carrier, service=name, bands=(Band(up_to_g=up_to_g, cents=cents),), **facts)  # type: ignore[arg-type]


def parcel(grams: int = 4_000, **facts: object) -> Parcel:
    to = Address(name="Jane Doe", lines=("1 High Street",), postcode="20457", city="Hamburg", country="DE")
    return Parcel(carton="C-1", order="482", to=to, weight_g=grams, **facts)  # type: ignore[arg-type]


DPD = service("DPD", "Classic", days=2)
GLS = service("GLS", cents=420, days=3)


def test_the_cheapest_in_time_goes_and_the_sentence_says_why_the_cheaper_one_does_not() -> None:
    found = choosing.choose(parcel(), [GLS, DPD], TUESDAY, THURSDAY)
    assert found.best is not None
    assert found.best.service == DPD
    assert found.why == "DPD Classic 4.90, Thursday, in time; GLS Parcel 4.20 would come a day late."
    assert choosing.choose(parcel(), [GLS, DPD], TUESDAY).why == (
        "GLS Parcel 4.20, Friday, the cheapest; DPD Classic 4.90."
    )
    monday = date(2026, 11, 23)
    assert choosing.choose(parcel(), [GLS, DPD], TUESDAY, monday).why.startswith(
        "DPD Classic 4.90, Thursday, 3 days late: none is earlier"
    )


@pytest.mark.parametrize(
    ("facts", "one", "why"),
    [
        ({"countries": "AT CH"}, parcel(), "it does not deliver to DE"),
        ({"countries": "home"}, parcel(), "it does not deliver to DE"),
        ({"prefixes": "10 11"}, parcel(), "it does not deliver to postcode 20457"),
        ({"most_g": 3_999}, parcel(), "it takes at most 3.999 kg, this weighs 4.000 kg"),
        ({"longest_mm": 600}, parcel(length_mm=601), "it takes at most 600 mm, this is 601 mm long"),
        (
            {"girth_mm": 1_000},
            parcel(length_mm=400, width_mm=200, height_mm=101),
            "it takes a girth of at most 1000 mm, this has 1002 mm",
        ),
        ({"hazards": "9"}, parcel(hazards=("3", "9")), "it does not carry hazard class 3"),
        ({"up_to_g": 3_999}, parcel(), "it has no price for 4.000 kg"),
    ],
)
def test_each_package_rule_refuses_in_words(facts: dict[str, object], one: Parcel, why: str) -> None:
    found = choosing.choose(one, [service("DPD", **facts)], TUESDAY)  # type: ignore[arg-type]
    assert [(lost.service.carrier, lost.why) for lost in found.lost] == [("DPD", why)]
    assert (found.best, found.why) == (None, "")


def test_a_limit_is_allowed_to_the_gram_and_a_service_switched_off_is_not_weighed() -> None:
    exact = service("DPD", most_g=4_000, up_to_g=4_000, countries="home DE", prefixes="20", hazards="3 9")
    off = service("OFF", active=0, cents=1)
    found = choosing.choose(parcel(hazards=("3",)), [exact, off], TUESDAY)
    assert [offer.service.carrier for offer in found.offers] == ["DPD"]
    assert found.lost == ()


def test_what_is_late_for_the_driver_leaves_the_next_working_day_and_nothing_comes_on_a_weekend() -> None:
    early = service("DPD", days=1, cutoff_min=14 * 60)
    assert choosing.arrival(early, TUESDAY) == date(2026, 11, 25)
    assert choosing.arrival(early, TUESDAY.replace(minute=1)) == THURSDAY
    friday = datetime(2026, 11, 27, 15, 0)
    assert choosing.arrival(early, friday) == date(2026, 12, 1), "leaves on Monday, there on Tuesday"
    assert choosing.arrival(service("DPD", days=0), datetime(2026, 11, 28, 9, 0)) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "name", "read"),
    [
        ("Jane Doe, 1 High Street, LS1 4AB Leeds, UK", "Jane Doe", (("1 High Street",), "LS1 4AB", "Leeds", "GB")),
        ("Jo\nQuay Street 17\n20457 Hamburg", "Jo", (("Quay Street 17",), "20457", "Hamburg", "")),
        ("12345 Long Road, Suite 5, Portland, USA", "", (("12345 Long Road", "Suite 5"), "", "Portland", "US")),
        ("Hof 3, 1010 AB Amsterdam, Netherlands", "", (("Hof 3",), "1010 AB", "Amsterdam", "NL")),
        ("", "", ((), "", "", "")),
    ],
)
def test_an_address_is_read_from_its_last_line(text: str, name: str, read: tuple[object, ...]) -> None:
    found = read_address(text, name)
    assert (found.lines, found.postcode, found.city, found.country) == read


def test_prices_are_typed_as_weights_and_money() -> None:
    bands = services.read_bands("5000: 4.90, 2000 g = 3")
    assert bands == (Band(up_to_g=2000, cents=300), Band(up_to_g=5000, cents=490))
    assert services.in_bands(bands) == "2000: 3.00, 5000: 4.90"
    with pytest.raises(BadService, match="grams: money"):
        services.read_bands("5000 4.90")
