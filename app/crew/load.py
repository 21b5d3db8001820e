"""Loading: boxes from the packing tables into their lanes, and from the lanes onto the trucks.

The paper on the box names its carrier, so the worker knows the lane and the truck before the screen says so. Boxes that
reach the lane while a truck is being closed go with the next one.
"""

from app.crew.goods import Box
from app.crew.work import Odd, Slip, Worker

GONE_ON = ("already_staged", "already_loaded", "already_shipped")
ENOUGH = 40  # boxes in a lane are worth a truck
FEW = 5  # where some of it shall come back the same day


def stage(worker: Worker) -> bool:
    """One box to its lane. False when none waits."""
    house = worker.house
    with house.working("load"):
        try:
            box = house.boxes.popleft()
        except IndexError:
            return False
        try:
            _stage(worker, box)
        except Odd:
            house.boxes.append(box)
            raise
        house.lanes[box.carrier].append(box)
    return True


def _stage(worker: Worker, box: Box) -> None:
    lanes, house = worker.truth.places.lanes, worker.house
    staged = [other.carton for boxes in house.lanes.values() for other in boxes[-1:]]
    worker.menu("loading")
    worker.scan(box.carton, *(Slip("double", code, GONE_ON) for code in staged[:1]))
    lane = worker.prompt.place
    if lane != lanes[box.carrier]:
        raise Odd(f"Carton {box.carton} goes with {box.carrier}; the screen sends it to {lane}.")
    others = [other for other in lanes.values() if other != lane]
    worker.scan(f"LOC/{lane}", *(Slip("place", f"LOC/{other}", ("wrong_lane",)) for other in others))


def load_truck(worker: Worker) -> bool:
    """One truck, until it leaves. False when no lane is worth one."""
    house = worker.house
    found = house.next_truck(FEW if worker.truth.mixed else ENOUGH)
    if found is None:
        return False
    carrier, boxes = found
    aboard: list[Box] = []
    try:
        worker.menu("loading")
        worker.scan(f"LOC/{worker.truth.places.trucks[carrier]}")
        for box in boxes:
            foreign = [other for name, lane in house.lanes.items() if name != carrier for other in lane[-1:]]
            slips = [Slip("truck", other.carton, ("wrong_truck", *GONE_ON)) for other in foreign[:1]]
            slips += [Slip("double", other.carton, ("already_loaded",)) for other in aboard[-1:]]
            worker.scan(box.carton, *slips, may=("already_loaded",))
            aboard.append(box)
        worker.tap("close")
        _say_why_some_stay(worker)
        worker.expect("Scan or type the seal")
        worker.type(f"SEAL-{carrier}-{worker.dice.randrange(10**6):06d}")
        _say_why_some_stay(worker)  # staged meanwhile
        worker.expect("Scan carton or truck")
    except Odd:
        house.truck_left(carrier, (), boxes)
        raise
    house.truck_left(carrier, aboard, ())
    return True


def _say_why_some_stay(worker: Worker) -> None:
    if worker.asks == "Why do they stay?":
        worker.tap("reason", "next_truck")
