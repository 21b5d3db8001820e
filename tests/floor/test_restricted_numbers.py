"""A counter scale's label finds its item and its grams by the house's own patterns, or is refused in words."""

import json
from pathlib import Path

import pytest

from app import importing, reading
from app.db import Database
from app.errors import Malformed, NoItemNumber, NoRule, WrongKind
from app.floor import barcodes
from app.floor.readings import ItemReading, Reading
from app.schema.items import item_barcode
from app.schema.stock import journal
from app.stock.events import Received, decode
from devices.trade_numbers import check_digit
from tests.workflows.inbound import lay_out, order
from tests.world import World

PATTERNS = "pattern,decimals,active\n21IIIIIWWWWWC,,\n22IIIIVPPPPXC,,\n23IIIIVWWWWXC,2,\n"


def label(payload: str) -> str:
    return payload + check_digit(payload)


def told(world: World, folder: Path, rows: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "restricted_numbers.csv").write_text(rows)
    return importing.run(world.db, folder).in_words()


@pytest.fixture
def house(database: Database, tmp_path: Path) -> World:
    """Its scales print cheese as 12345 in grams, and as 1234 behind 22 with a price, behind 23 in tens of grams."""
    world = lay_out(World(database))
    world.item("CHEESE", catch_weight=1, min_weight_g=900, max_weight_g=1200)
    for code in ("12345", "221234", "1234"):
        world.add(item_barcode, code=code, item="CHEESE" if code != "1234" else "MUG")
    world.item("77777", name="Ham by the item's own number")
    assert "3 new" in told(world, tmp_path / "import", PATTERNS)
    return world


def read(world: World, raw: str, *takes: str) -> Reading:
    with world.db.reading() as tx:
        return barcodes.read(tx, raw, "", takes or ("item", "lot", "serial"))


def test_item_weight_and_price_are_read_from_the_label(house: World, tmp_path: Path) -> None:
    cheese = label("211234500987")
    found = ItemReading(label="CHEESE", item="CHEESE", weight_g=987)
    assert read(house, cheese) == read(house, "]E0" + cheese) == read(house, "]C1010" + cheese) == found
    assert read(house, label("217777701234")) == ItemReading(label="77777", item="77777", weight_g=1234)
    assert read(house, label("221234928750")) == ItemReading(label="CHEESE", item="CHEESE", price=2875)
    assert read(house, label("231234928750")) == ItemReading(label="MUG", item="MUG", weight_g=28_750)
    with pytest.raises(WrongKind):
        read(house, cheese, "location")
    look_up = reading.in_house(house.db)
    answer = reading.answer_line(json.dumps({"input": cheese}).encode(), look_up=look_up)
    assert answer.reading == reading.Reading(kind="item", restricted="0" + cheese)
    assert answer.here is not None
    assert (answer.here["item"], answer.here["weight_g"]) == ("CHEESE", 987)


def test_what_cannot_be_read_is_refused_in_words_and_is_no_lot(house: World) -> None:
    with pytest.raises(Malformed, match="the check digit of its weight or price is wrong"):
        read(house, label("221234828750"))
    with pytest.raises(NoItemNumber, match="item number 55555, which nobody knows"):
        read(house, label("215555500987"))
    for raw in (label("291234500987"), "]C1010" + label("291234500987")):
        with pytest.raises(NoRule, match="not a GTIN, and no rule here says where its item stands"):
            read(house, raw)
    house.add(item_barcode, code=label("290000000001"), item="TEE")
    assert read(house, label("290000000001")) == ItemReading(label="TEE", item="TEE")


def test_patterns_that_contradict_are_refused_with_their_row(house: World, tmp_path: Path) -> None:
    folder = tmp_path / "import"
    assert "3 the same" in told(house, folder, PATTERNS)
    answer = told(house, folder, "pattern\n2IIIIIIPPPPPC\n")
    assert "restricted_numbers.csv row 2: Pattern 2IIIIIIPPPPPC contradicts 21IIIIIWWWWWC" in answer
    assert "Nothing was imported." in answer
    assert "contradicts 24IIIIIPPPPPC" in told(house, folder, "pattern\n24IIIIIPPPPPC\n24XIIIIWWWWWC\n")
    assert "Q means nothing in a pattern" in told(house, folder, "pattern\n24IIIIIQQQQQC\n")
    assert "2 changes" in told(house, folder, "pattern,active\n21IIIIIWWWWWC,no\n21IIIIIPPPPPC,\n")
    assert read(house, label("211234500987")) == ItemReading(label="CHEESE", item="CHEESE", price=987)


def test_goods_paid_by_weight_are_received_by_the_labels_of_a_counter_scale(house: World) -> None:
    order(house, "PO-9", CHEESE=20)
    mara = house.worker("mara")
    mara.scan("STN/DOCK").tap("start:receiving")
    mara.scan("PO-9", label("211234501005")).scan(label("211234509999"))
    assert (mara.refusal, mara.says) == (
        "catch_weight_off", "9.999 kg for 1 × CHEESE: 900 g to 1.200 kg was expected."
    )  # fmt: skip
    mara.scan(label("211234501095")).scan("LPN-0001")
    assert mara.says == "2 each CHEESE on LPN LPN-0001"
    with house.db.reading() as tx:
        [body] = [row[0] for row in tx.rows(journal.select().with_only_columns(journal.c.body))]
    event = decode(bytes(body))
    assert isinstance(event, Received)
    assert (event.quantity, event.grams) == (2, 2100)
    house.check()
