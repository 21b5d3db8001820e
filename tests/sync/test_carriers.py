"""Each way to a carrier keeps the port's word: what is a no, what is no answer, and that asking again makes no second label."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.config import CarrierSettings
from app.db import Database
from app.errors import CannotStart
from app.work.carriers import services
from app.work.carriers.parcel import Address, Bought, Parcel
from app.work.carriers.services import Service, read_bands
from sync.carriers import connect
from sync.carriers.http import HttpCarrier
from sync.carriers.karrio import KarrioCarrier
from sync.carriers.port import Carrier, Declined, NoAnswer
from sync.carriers.virtual import VirtualCarrier
from tests import engines
from tests.world import World

TOKEN = "a token"
TO = Address(name="Jane Doe", lines=("1 High Street",), postcode="LS1 4AB", city="Leeds")


def parcel(grams: int = 950, to: Address = TO) -> Parcel:
    return Parcel(carton="C-1", order="482", service="Van", to=to, weight_g=grams)


@pytest.fixture
def virtual() -> Iterator[VirtualCarrier]:
    with VirtualCarrier(token=TOKEN) as carrier:
        yield carrier


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(engines.fresh("sqlite", tmp_path))
    yield database
    database.close()


@pytest.fixture(params=["http", "house"])
def carrier(request: pytest.FixtureRequest, virtual: VirtualCarrier, database: Database) -> Iterator[Carrier]:
    World(database)
    row = Service(carrier="X", service="Van", most_g=31_500, bands=read_bands("31500: 3.90"))
    database.do(lambda tx: services.save(tx, row))
    far = request.param == "http"
    settings = CarrierSettings(name="X", kind=request.param, address=virtual.address, token=TOKEN if far else "")
    carrier = connect(settings, database)
    yield carrier
    carrier.close()


def test_a_carrier_quotes_sells_one_label_a_key_tracks_voids_and_closes_its_manifest(carrier: Carrier) -> None:
    assert carrier.quote(parcel())[0].cents == 390
    made = carrier.buy("key-1", parcel())
    assert carrier.buy("key-1", parcel()) == made, "the same key gets the same label"
    assert carrier.lookup("key-2") is None
    assert carrier.lookup("key-1") in (made, None), "the house made nothing outside that could be made twice"
    assert made.tracking in carrier.track(made.tracking)
    other = carrier.buy("key-2", parcel())
    carrier.void("key-2", other.tracking)
    carrier.void("key-2", other.tracking)
    again = carrier.buy("key-3", parcel())
    number = carrier.manifest("load-1", [again.tracking])
    assert number
    assert carrier.manifest("load-1", [again.tracking]) == number
    with pytest.raises(Declined):
        carrier.buy("key-4", parcel(31_501))


def test_a_no_says_what_it_is_about_and_everything_else_may_have_been_done(virtual: VirtualCarrier) -> None:
    door = HttpCarrier("X", virtual.address, token=TOKEN)
    with pytest.raises(Declined, match="No street of ours") as no:
        door.buy("key-1", parcel(to=Address(name="Jo", city="Nowhere")))
    assert no.value.about == "address"
    with pytest.raises(Declined, match="used for another parcel"):
        door.buy("key-2", parcel()) and door.buy("key-2", parcel(100))
    virtual.faults.busy = True
    with pytest.raises(NoAnswer, match="answers 503: it is down or busy") as away:
        door.buy("key-3", parcel())
    assert away.value.unknown
    door.close()
    stranger = HttpCarrier("X", virtual.address, secret="another")
    with pytest.raises(NoAnswer, match="does not let us in") as out:
        stranger.buy("key-4", parcel())
    assert not out.value.unknown, "nothing was bought: it may be tried again"
    stranger.close()
    virtual.stop()
    with pytest.raises(NoAnswer, match="Nobody answers") as nobody:
        HttpCarrier("X", virtual.address, token=TOKEN).buy("key-5", parcel())
    assert not nobody.value.unknown


def test_a_label_without_a_number_or_content_is_no_answer() -> None:
    door = HttpCarrier("X", "http://127.0.0.1:9", token=TOKEN)
    for made in (Bought(tracking=""), Bought(tracking="x" * 61), Bought(tracking="T1", form="zpl")):
        with pytest.raises(NoAnswer, match="talks nonsense"):
            door._sound(made)
    door.close()


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"address": "ftp://x", "token": "t"}, "not an http address"),
        ({"address": "http://x"}, "needs a secret that signs our requests, or a token"),
        ({"address": "http://x", "token": "t", "secret": "s"}, "one of them"),
        ({"kind": "karrio", "address": "dhl_express"}, "install it with `uv sync --extra karrio`"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(database: Database, facts: dict[str, str], says: str) -> None:
    with pytest.raises(CannotStart, match=says):
        connect(CarrierSettings(name="X", **facts), database)  # type: ignore[arg-type]


def test_what_karrio_did_not_expect_is_no_answer_and_only_the_carriers_own_word_is_a_no() -> None:
    """As karrio 2026.1 answers without a network: no exception, but a message."""
    door = KarrioCarrier("DHL", "dhl_parcel_de", None, None, {})

    def says(code: str, words: str) -> tuple[None, list[SimpleNamespace]]:
        return None, [SimpleNamespace(code=code, message=words)]

    with pytest.raises(NoAnswer) as broke:
        door._call(lambda: says("SHIPPING_SDK_INTERNAL_ERROR", "Name or service not known"), buying=True)
    assert broke.value.unknown, "it may have been bought"
    with pytest.raises(Declined) as no:
        door._call(lambda: says("400", "The address is not known"), buying=True)
    assert no.value.about == "address"
    with pytest.raises(NoAnswer, match="say at the desk"):
        door.lookup("key-1")


def test_the_virtual_carrier_knows_its_labels_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    with VirtualCarrier(token=TOKEN, file=file) as before:
        made = before.books.buy("key-1", parcel())
        number = before.books.manifest("load-1", [made.tracking])
    with VirtualCarrier(token=TOKEN, file=file) as after:
        assert after.books.lookup("key-1") == made
        assert after.books.manifest("load-1", [made.tracking]) == number
        with pytest.raises(Declined, match="is on its way"):
            after.books.void(made.tracking)
