"""A small floor with orders, released to it as a wave: the stage of the picking stories."""

from typing import Any

from sqlalchemy import select

from app.schema.documents import order_line, sales_order
from app.schema.stock import lpn as lpns
from app.schema.work import pick, task
from app.stock.ledger import By
from app.work import releasing, waves
from app.work.walks import Method
from tests.world import Hand, World, at_once

DESK = By(worker="lead")


class Picking:
    """The world, its orders, and a wave of them."""

    def __init__(self, world: World, *, max_orders: int = 6) -> None:
        self.world = world
        self.method = Method(max_orders=max_orders, budget_s=0)
        world.at_once(self._places)

    def _places(self) -> None:
        for code, kind in (("CART-4", "cart"), ("CART-5", "cart"), ("PACK-1", "station"), ("LANE-1", "lane")):
            self.world.location(code, kind=kind)

    def order(self, code: str, *lines: tuple[str, int], **facts: Any) -> None:
        order(self.world, code, *lines, **facts)

    def release(self) -> str:
        code = self.world.db.do(lambda tx: waves.create(tx))
        releasing.release(self.world.db, code, DESK, self.method)
        return code

    def tote(self, *codes: str) -> None:
        for code in codes:
            self.world.add(lpns, code=code, kind="tote", location="PACK-1")

    def state(self, order: str) -> str:
        return str(self.world.rows(select(sales_order.c.state).where(sales_order.c.code == order))[0][0])

    def line(self, key: str) -> dict[str, int]:
        names = ("allocated", "picked", "short", "cancelled")
        rows = self.world.rows(select(*(order_line.c[name] for name in names)).where(order_line.c.id == key))
        return {name: value for name, value in zip(names, rows[0], strict=True) if value}

    def picks(self) -> list[str]:
        rows = self.world.rows(
            select(pick.c.location, pick.c.item, pick.c.quantity, pick.c.state, pick.c.order_code).order_by(
                pick.c.task, pick.c.sequence
            )
        )
        return [f"{row[0]} {row[1]} {row[2]} for {row[4]}: {row[3]}" for row in rows]

    def tasks(self, kind: str = "pick") -> list[str]:
        return [row[0] for row in self.world.rows(select(task.c.state).where(task.c.kind == kind).order_by(task.c.id))]


@at_once
def order(world: World, code: str, *lines: tuple[str, int], **facts: Any) -> None:
    world.add(sales_order, code=code, **facts)
    for n, (item, quantity) in enumerate(lines, 1):
        world.add(order_line, id=f"{code}/{n}", order_code=code, line=str(n), item=item, quantity=quantity)


def start(picking: Picking, *totes: str, worker: str = "mara", cart: str = "") -> Hand:
    """A worker who took the next walk and has a tote for each order."""
    hand = picking.world.worker(worker, device=f"HH-{worker}")
    hand.tap("start:picking").tap("next")
    if cart:
        hand.scan(cart)
    return hand.scan(*totes)
