"""Whatever two workers with trolleys do to places and plates, the books prove and no goods, no LPN is lost.

Any mix hypothesis can think of: LPNs taken and set down, places emptied, pieces moved, plates built, broken up, merged,
nested, taken off, and each step undone. After each mix: balances are the sum of the movements, all units are still in the
house, and every LPN that holds something stands in one place, the place of the LPN it stands on.
"""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from app.db import Database
from app.schema.places import location
from app.schema.stock import lpn
from app.stock import balances
from tests import engines
from tests.world import Hand, World

PLACES = ("A-01", "A-02", "R-01", "R-02", "S-01")
PLATES = ("LPN-0001", "LPN-0002", "LPN-0003", "LPN-0004")
LABELS = (*PLACES, *PLATES, "#MUG", "#TEE", "#HONEY", "L1")
DO = some.one_of(
    some.tuples(some.just("scan"), some.sampled_from(LABELS)),
    some.tuples(some.just("scan"), some.sampled_from(LABELS)),
    some.tuples(some.just("move"), some.sampled_from([(a, b) for a in (*PLACES, *PLATES) for b in PLACES])),
    some.tuples(some.just("plate"), some.tuples(
        some.sampled_from(PLATES), some.sampled_from(("merge", "nest")), some.sampled_from(PLATES)
    )),
    some.tuples(some.just("tap"), some.sampled_from(
        ("undo", "more", "lines", "postpone", "missing", "all", "break_up", "off", "back", "start:moving", "start:lpn")
    )),
    some.tuples(some.just("type"), some.sampled_from(("1", "2", "9"))),
)  # fmt: skip
STOCK = """
R-01 HONEY 5 lpn=LPN-0001 lot=L1
R-01 MUG   4 lpn=LPN-0002
R-02 MUG   3 lpn=LPN-0003
A-01 MUG   6
A-02 TEE   2
A-02 HONEY 2 lot=L1
"""


def act(hand: Hand, kind: str, what: object) -> None:
    if kind == "move":
        assert isinstance(what, tuple)
        hand.tap("menu", "start:moving").scan(*what)
    elif kind == "plate":
        assert isinstance(what, tuple)
        hand.tap("menu", "start:lpn").scan(what[0]).tap(what[1]).scan(what[2])
    elif kind == "tap" and str(what).startswith("start"):
        hand.tap("menu", str(what))
    else:
        getattr(hand, kind)(str(what))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.lists(some.tuples(some.booleans(), DO), min_size=4, max_size=25))
def test_any_mix_of_moves_keeps_the_books_and_every_lpn(steps: list[tuple[bool, tuple[str, object]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(engines.fresh("sqlite", Path(folder)))
        try:
            world = World(database, STOCK)
            world.change(location, location.c.code.like("R-%"), kind="reserve")
            world.location("S-01", kind="staging")
            hands = (world.worker("mara", device="HH-01"), world.worker("ben", device="HH-02"))
            for who, (kind, what) in steps:
                act(hands[who], kind, what)
            world.check()
            nothing_lost(world)
        finally:
            database.close()


def nothing_lost(world: World) -> None:
    with world.db.reading() as tx:
        rows = tx.all(balances.ALL, balances.Balance)
        plates = {p.code: p for p in tx.all(select(lpn), balances.Carrier)}
    total: dict[str, int] = {}
    for row in rows:
        total[row.item] = total.get(row.item, 0) + row.quantity
        assert not row.lpn or plates[row.lpn].location == row.location, "goods and their plate stand together"
        assert not row.lpn or plates[row.lpn].state == "open"
    assert total == {"HONEY": 7, "MUG": 13, "TEE": 2}
    for plate in plates.values():
        above = plates.get(plate.parent)
        assert above is None or (above.location == plate.location and above.state == "open")
