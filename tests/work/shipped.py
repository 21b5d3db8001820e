"""An order that went all the way: promised, picked, packed, loaded and gone, by real events."""

from app.schema.documents import order_line, sales_order
from app.schema.stock import lpn
from app.stock import ledger
from app.stock.events import Allocated, CartonOpened, Loaded, Packed, Picked, Shipped
from app.stock.ledger import By
from app.stock.slots import CUSTOMER, Claim, Movement, Slot
from app.work import progress
from tests.world import World, at_once

BY = By(worker="mara")


@at_once
def ship(world: World, code: str, item: str, lot: str, quantity: int, *, name: str = "", source: str = "A-01") -> None:
    line, carton, tote = f"{code}/1", f"C-{code}", f"T-{code}"
    world.add(sales_order, code=code, customer=f"CU-{code}", name=name, state="picking", carrier="NORTH")
    world.add(order_line, id=line, order_code=code, line="1", item=item, quantity=quantity)
    world.add(lpn, code=tote, kind="tote", location="PACK-1")
    slots = [
        Slot(location=place, lpn=plate, lot=lot)
        for place, plate in ((source, ""), ("PACK-1", tote), ("PACK-1", carton), ("TRUCK-1", carton), (CUSTOMER, ""))
    ]

    def move(at: int) -> Movement:
        return Movement(item=item, quantity=quantity, source=slots[at], target=slots[at + 1], line=line)

    events = (
        Allocated(order=code, claimed=(Claim(line=line, item=item, quantity=quantity, slot=slots[0]),)),
        Picked(line=line, pick="", item=item, quantity=quantity, source=slots[0], target=slots[1]),
        CartonOpened(order=code, carton=carton, location="PACK-1", type="C1"),
        Packed(line=line, item=item, quantity=quantity, source=slots[1], target=slots[2]),
        Loaded(order=code, carton=carton, target="TRUCK-1", contents=(move(2),), load="LOAD-1"),
        Shipped(order=code, load="LOAD-1", cartons=(carton,), contents=(move(3),), carrier="NORTH"),
    )

    def work(tx: object) -> None:
        for event in events:
            ledger.post(tx, event, BY)  # type: ignore[arg-type]
            progress.apply(tx, event)  # type: ignore[arg-type]

    world.write(work)
