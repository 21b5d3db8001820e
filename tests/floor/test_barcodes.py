"""Whatever a scanner sends, it is understood or refused, never anything else."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import schema
from app.db import Database
from app.errors import Ambiguous, BadAmount, Malformed, NothingRead, Refusal, TooLong, Unknown, WrongKind
from app.floor import barcodes, scans
from app.floor.barcodes import SetUpCode
from app.floor.readings import ItemReading, LocationReading, LpnReading, Reading, StationReading
from app.floor.screens import KINDS
from app.stock.quantity import LONGEST, parse_quantity
from devices.calibration import ELEMENTS
from devices.keyboards import typed
from tests import engines
from tests.world import World

Build = Callable[[str], World]
GS = "\x1d"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def floor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A warehouse where codes mean things, and some mean two."""
    folder: Path = tmp_path_factory.mktemp("labels")
    database = Database(engines.fresh(request.param, folder))
    world = World(database, "A-01-01 TEE-M 10\nA-02-01 HONEY 4 lot=L1 expiry=2099-05-01\nDOCK MUG 3 lpn=LPN-0001")
    world.item("CAP", case=12)
    world.add(schema.documents.purchase_order, code="4500187", supplier="ACME")
    world.item("TWIN")
    world.add(schema.places.location, code="TWIN", site="MAIN")
    world.worker("mara")
    yield world
    database.close()


def read(world: World, raw: str, takes: Any = tuple(KINDS), symbology: str = "") -> Reading:
    with world.db.reading() as tx:
        return barcodes.read(tx, raw, symbology, takes)


# ── what is understood ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_label_has_its_one_meaning(floor: World) -> None:
    assert read(floor, "A-01-01") == LocationReading(label="A-01-01", location="A-01-01")
    assert read(floor, "LOC/A-01-01") == read(floor, "A-01-01")
    assert read(floor, "LPN-0001") == LpnReading(label="LPN-0001", lpn="LPN-0001")
    assert read(floor, "T-0009") == LpnReading(label="T-0009", lpn="T-0009", of="tote", new=True)
    assert read(floor, floor.barcodes["TEE-M"]) == ItemReading(label="TEE-M", item="TEE-M")
    case = read(floor, floor.barcodes["CAP/case"])
    assert case == ItemReading(label="CAP", item="CAP", quantity=12, unit="case")


def test_one_gs1_label_says_all_at_once(floor: World) -> None:
    gtin = floor.barcodes["HONEY"].zfill(14)
    found = read(floor, f"]C101{gtin}17400501" + f"10L1{GS}" + "306")
    assert isinstance(found, ItemReading)
    assert (found.item, found.lot, found.quantity) == ("HONEY", "L1", 6)
    assert found.expiry == "2040-05-01"


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        ("TWIN", Ambiguous),
        ("no such thing", Unknown),
        ("LOC/nowhere", Unknown),
        ("]C10104000000000017", Malformed),  # a bad check digit
        ("A\0B", Malformed),
        ("x" * 513, TooLong),
        ("x" * 5_000, TooLong),
        ("", NothingRead),
        ("   ", NothingRead),
        ("00340123450000000078", Malformed),  # an SSCC without its AIM, with a bad check digit: never a serial
        ("LOC/", Unknown),
        ("BDG/ ", Unknown),
        ("LPN/", Unknown),
    ],
)
def test_unknown_ambiguous_and_malformed_are_told_apart(floor: World, raw: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as caught:
        read(floor, raw, ("item", "location"))
    assert caught.value.sentence
    assert len(caught.value.sentence) < 300


@pytest.mark.parametrize("raw", ["LOC/nowhere", "ITM/nothing", "BDG/nobody", "DOC/none"])
def test_what_our_own_prefix_begins_is_never_a_lot_or_a_serial(floor: World, raw: str) -> None:
    for kind in ("lot", "serial"):
        assert read(floor, "B-2031/7", (kind,)).label == "B-2031/7"
        with pytest.raises(Unknown):
            read(floor, raw, (kind,))


def test_a_sound_label_of_another_kind_says_what_was_wanted(floor: World) -> None:
    with pytest.raises(WrongKind) as caught:
        read(floor, "A-01-01", ("item",))
    assert caught.value.sentence.startswith("Scan an item")


# ── whatever comes ───────────────────────────────────────────────────────────────────────────────────────────────────
_PIECES = st.sampled_from(
    ["]C1", "]d2", "]E0", "]Q3", "01", "00", "10", "17", "21", "37", "310", "(01)", GS, "\0", "\r\n", "CMD/", "LOC/", "LPN/",
     "ITM/", "DOC/", "BDG/", "STN/", "https://id.gs1.org/01/", "04000000000017", "4006381333931", "A-01-01", "LPN-0001",
     "TWIN", "990231", "%", "'; DROP TABLE scan --", "﷽", "🧨", "‮", "9" * 30]
)  # fmt: skip
_LABELS = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=8).map("".join),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    st.integers(0, 10**20).map(str),
    st.text(alphabet="0123456789", min_size=8, max_size=60),
)
_SYMBOLOGY = st.sampled_from(["", "]C1", "]d2", "]E0", "]Q3", "ean13", "nonsense", "]"])
_KINDS = st.lists(st.sampled_from(sorted(KINDS)), max_size=4, unique=True)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=_LABELS, symbology=_SYMBOLOGY, takes=_KINDS, gs=st.sampled_from([GS, "~", "^"]))
def test_any_text_is_a_reading_or_a_refusal(floor: World, raw: str, symbology: str, takes: list[str], gs: str) -> None:
    found = _read_or_refusal(floor, raw, symbology, takes, gs)
    if isinstance(found, Refusal):
        assert found.code
        assert found.title
        assert found.sentence.isprintable()
        assert len(found.sentence) < 1_000
        return
    assert found.kind in takes or found.kind == "command"
    assert found.label
    assert not isinstance(found, ItemReading) or found.quantity >= 1


def _read_or_refusal(floor: World, raw: str, symbology: str, takes: list[str], gs: str) -> Reading | Refusal:
    try:
        with floor.db.reading() as tx:
            return barcodes.read(tx, raw, symbology, takes, gs=gs)
    except Refusal as refusal:
        return refusal


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=_LABELS, symbology=_SYMBOLOGY, kind=st.sampled_from(["scan", "tap", "type"]))
def test_any_text_is_answered_logged_and_moves_nothing(floor: World, raw: str, symbology: str, kind: str) -> None:
    """Through the whole engine: a turn, its answer, its row in the scan log. Stock stays where it is."""
    before = floor.holds()
    mara = floor.worker("mara")
    mara.turn(raw, kind, symbology=symbology)
    assert mara.answer.prompt.headline or mara.answer.verdict
    assert floor.db.writer.failed is None
    assert floor.holds() == before


# ── typed quantities ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("typed", "quantity"), [("1", 1), (" 12 ", 12), ("007", 7), ("9" * LONGEST, 9_999_999)])
def test_whole_units_are_a_quantity(typed: str, quantity: int) -> None:
    assert parse_quantity(typed) == quantity


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "0 is not a quantity: it must be at least 1"),
        ("000", "000 is not a quantity: it must be at least 1"),
        ("-1", "-1 is not a quantity: only whole units count"),
        ("+1", "+1 is not a quantity: only whole units count"),
        ("1.5", "1.5 is not a quantity: only whole units count"),
        ("1,5", "1,5 is not a quantity: only whole units count"),
        ("1e3", "1e3 is not a quantity: only whole units count"),
        ("½", "½ is not a quantity: only whole units count"),
        ("٣", "٣ is not a quantity: only whole units count"),
        ("", "nothing is not a quantity: only whole units count"),
        ("   ", "nothing is not a quantity: only whole units count"),
        ("twelve", "twelve is not a quantity: only whole units count"),
        ("40000017", "40000017 is not a quantity: it is as long as a barcode"),
        ("4006381333931", "4006381333931 is not a quantity: it is as long as a barcode"),
        ("9" * 5_000, "9" * 40 + " is not a quantity: it is as long as a barcode"),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_reason(typed: str, sentence: str) -> None:
    with pytest.raises(BadAmount) as caught:
        parse_quantity(typed)
    assert caught.value.sentence.rstrip(".") == sentence


def test_more_than_there_can_be_is_refused() -> None:
    assert parse_quantity("5", most=5) == 5
    with pytest.raises(BadAmount, match="there are at most 5"):
        parse_quantity("6", most=5)


@given(st.text(max_size=20))
def test_any_typed_text_is_a_quantity_or_a_bad_amount(typed: str) -> None:
    with contextlib.suppress(BadAmount):
        assert 1 <= parse_quantity(typed) <= 10**LONGEST


def test_a_station_and_its_place_may_share_one_sign(floor: World) -> None:
    floor.location("PACK-9", kind="station")
    floor.add(schema.places.station, code="PACK-9", location="PACK-9")
    found = read(floor, "PACK-9", ("location", "station"))
    assert isinstance(found, StationReading)
    assert found.at == "PACK-9"
    assert isinstance(read(floor, "PACK-9", ("location",)), LocationReading)


# ── set-up codes, and our own behind an AIM identifier ───────────────────────────────────────────────────────────────
def test_our_own_labels_are_read_behind_an_aim_identifier(floor: World) -> None:
    assert read(floor, "]C0LOC/A-01-01") == read(floor, "A-01-01")


def test_a_set_up_code_tells_of_a_wrong_keyboard_and_is_kept_nowhere(floor: World) -> None:
    garbled = typed(ELEMENTS.replace(GS, ""), ("AZERTY", False))
    with pytest.raises(SetUpCode, match="The keyboard of this computer is AZERTY") as refused:
        read(floor, garbled)
    assert refused.value.scanned == "the set-up code"
    assert scans.loggable(garbled) == "(set-up code)"
    with pytest.raises(SetUpCode, match="arrive as they should"):
        read(floor, "]C1" + ELEMENTS)
