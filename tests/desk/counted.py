"""A house in which people have counted: differences that wait, one that was within tolerance, a code nobody knows."""

from sqlalchemy import update

from app.schema.items import item
from tests.world import Hand, World

COSTS = {"TEE-M-WHT": 890, "MUG-BLU": 450, "KET-1L": 4550, "CAN-12": 295, "HON-500": 790, "SOAP": 350}


def price(world: World) -> None:
    for code, cents in COSTS.items():
        world.db.do(lambda tx, code=code, cents=cents: tx.run(  # type: ignore[misc]
            update(item).where(item.c.code == code).values(standard_cost=cents)
        ))  # fmt: skip


def count(world: World, who: str, place: str, *seen: tuple[str, int]) -> Hand:
    """One blind count of a place on a handheld, by scans and typed numbers."""
    hand = world.worker(who, device=f"HH-{who}").tap("menu", "start:counting").scan(place)
    for code, quantity in seen:
        hand.scan(f"#{code}")
        if quantity > 1:
            hand.tap("many").type(str(quantity))
    hand.tap("nothing")
    return hand.tap("skip") if hand.asks == "Scan location" else hand  # the next count is somebody else's


def variances(world: World) -> None:
    """MUG-BLU twice short by 7, CAN-12 twice over by 12, KET-1L over by what no supervisor may decide, a strange code."""
    price(world)
    for who in ("mara", "piet"):
        count(world, who, "A-01-02", ("MUG-BLU", 18))
        count(world, who, "B-01-01", ("CAN-12", 102))
    mara = world.worker("mara", device="HH-mara").tap("menu", "start:counting").scan("DOCK-1", "9780201379624")
    mara.scan("9780201379624", "LPN-0001", "#SOAP").tap("many").type("12").tap("nothing", "menu")
    count(world, "lena", "A-02-02", ("KET-1L", 50))
    count(world, "piet", "A-02-02", ("KET-1L", 50))
