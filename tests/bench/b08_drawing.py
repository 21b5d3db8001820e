"""B8: shipping labels from struct to the printer's bytes, each with its own carton, order, customer and weight."""

import time

from printers import zpl
from printers.labels import ShippingLabel, gs1_check_digit
from tests.bench.figures import Asked, Figure, alone

GOAL = 2_000


def measure(asked: Asked) -> list[Figure]:
    labels = [_label(n) for n in range(asked.labels)]
    return [alone("B8", "shipping labels drawn", [_rate(labels) for _ in range(asked.rounds)], unit="/s", least=GOAL)]


def _label(n: int) -> ShippingLabel:
    body = f"34012345{n:09}"
    return ShippingLabel(
        carton=body + gs1_check_digit(body),
        order=f"SO-{100_000 + n}",
        customer=f"Harrison & Sons No {n}",
        address=("Goods-in, Gate 3", f"{n} Canal Street", f"Manchester M{n % 30} 3HE", "United Kingdom"),
        sender="Pickface Demo, 1 Dock Road, Leeds",
        carrier="HOUSE EXPRESS",
        service="NEXT DAY",
        tracking=f"HX{n:09}GB",
        weight_g=400 + n,
        lane=f"L-{n % 12:02}",
        route=f"R{n % 40}",
        carton_number=1 + n % 3,
        cartons=3,
    )


def _rate(labels: list[ShippingLabel]) -> float:
    begun = time.perf_counter()
    for label in labels:
        zpl.render(label)
    return len(labels) / (time.perf_counter() - begun)
