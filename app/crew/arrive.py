"""Arrivals: a truck comes to a door before anything of it is received, and somebody writes down who brought it.

What the house asks of each delivery is answered as it is; now and then something is wrong, and a supervisor is told. The
door is free again when the delivery is closed.
"""

from app.crew.work import Slip, Worker

MOST_QUESTIONS = 20
IN_DOUBT = 0.1  # of the answers


def arrive(worker: Worker, paper: str, door: str) -> None:
    """To the screen where unloading begins: the truck stands at this door."""
    places = worker.truth.places
    worker.menu("arrivals")
    worker.scan(paper, Slip("document", next(iter(worker.truth.orders)), ("wrong_kind",)))
    if worker.asks == "Scan the door":
        with worker.house.gate:  # nobody drives up or off between a wrong door and its answer
            taken = worker.house.at_doors
            slips = [Slip("place", f"LOC/{places.staging[0]}", ("no_door",))]
            slips += [Slip("place", f"LOC/{other}", ("door_taken",)) for other in sorted(taken)]
            worker.scan(f"LOC/{door}", *slips)
        worker.expect("Type the carrier")
        worker.type(worker.dice.choice(sorted(places.lanes)))
        worker.expect("Scan or type the seal")
        worker.tap("none")
        for _ in range(MOST_QUESTIONS):
            if not worker.offers("yes"):
                break
            worker.tap("no" if worker.dice.random() < IN_DOUBT else "yes")
        with worker.house.gate:
            taken.add(door)  # it is in the books with the last answer, and not before
    worker.expect("Unload it")
    worker.tap("unload")
