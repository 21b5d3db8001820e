"""What was bought and what was ordered: six purchase orders due in the next hours, forty customer orders with cut-offs."""

from datetime import timedelta
from random import Random

from app import clock
from app.db import Tx
from app.demo_goods import Goods
from app.demo_house import ORDER_CARRIERS
from app.demo_telling import tell
from app.work import master

ORDERS = 40
CUSTOMERS = (
    "Ada Byrne",
    "Cem Aydin",
    "Greta Lind",
    "Hugo Marchetti",
    "Ivy Chen",
    "Jo Bloggs",
    "Kofi Mensah",
    "Lea Roux",
)


def write_orders(tx: Tx, things: list[Goods], random: Random) -> None:
    hour = clock.as_datetime(clock.now() // clock.HOUR * clock.HOUR)
    for code, name in (
        ("TEATRADE", "Tea Trade Ltd."),
        ("POTTERY", "Pottery by the Sea"),
        ("HOUSEWARE", "Houseware AG"),
    ):
        tell(tx, master.PartyUpsert, code=code, version=1, kind="supplier", name=name)
    for carrier in ORDER_CARRIERS:
        tell(tx, master.PartyUpsert, code=carrier, version=1, kind="carrier", name=carrier)
    for number in range(6):
        chosen = things[number * 6 : number * 6 + 4]
        tell(
            tx,
            master.PurchaseOrderUpsert,
            code=f"{4500187 + number}",
            version=1,
            supplier=("TEATRADE", "POTTERY", "HOUSEWARE")[number % 3],
            due=(hour + timedelta(hours=number)).isoformat(),
            lines=[
                {"line": str(n * 10), "item": t.code, "quantity": 4 if "S" in t.tracking else t.case * (1 + n % 2)}
                for n, t in enumerate(chosen, 1)
            ],
        )
    weights = [{"A": 6, "B": 3, "C": 1}[thing.velocity] for thing in things]
    for number in range(ORDERS):
        wanted = list(
            dict.fromkeys(t.code for t in random.choices(things, weights, k=random.choice((1, 1, 2, 3, 4, 6))))
        )
        customer = CUSTOMERS[number % len(CUSTOMERS)]
        tell(
            tx,
            master.OrderRelease,
            code=f"{100_201 + number}",
            version=1,
            customer=f"C{1000 + number % len(CUSTOMERS)}",
            name=customer,
            address=f"{customer}\nQuay Street {number + 1}\n20457 Hamburg",
            carrier=ORDER_CARRIERS[number % 3],
            service="express" if number % 10 == 0 else "standard",
            cutoff=(hour + timedelta(hours=2 + 2 * (number % 3))).isoformat(),
            priority=2 if number % 10 == 0 else 5,
            lines=[
                {"line": str(n), "item": code, "quantity": random.choice((1, 1, 1, 2, 3))}
                for n, code in enumerate(wanted, 1)
            ],
        )
