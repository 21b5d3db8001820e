"""Putaway: a plate from the dock into the bin the house proposes, if it is a bin this worker would accept too."""

from app.crew.goods import Pile
from app.crew.work import Odd, Slip, Worker

MOST_BINS = 5  # tried with one plate
ELSEWHERE = ("running_elsewhere", "not_waiting")  # somebody else has it


def put_away(worker: Worker) -> bool:
    """One plate. False when none waits."""
    house = worker.house
    with house.working("put_away"):
        if house.loose and _put_away_loose(worker):
            return True
        try:
            plate = house.pallets.popleft()
        except IndexError:
            return False
        try:
            _bring(worker, plate)
        except Odd:
            house.pallets.append(plate)  # it still stands at the dock
            raise
    return True


def _bring(worker: Worker, plate: str) -> None:
    house = worker.house
    worker.menu("putaway")
    earlier = [Slip("double", house.put_away[-1], ("already_put_away", "empty_lpn"))] if house.put_away else []
    worker.scan(plate, Slip("lpn", "LPN-999999999", ("unknown_lpn",)), *earlier, confirm=("running_elsewhere",))
    for _ in range(MOST_BINS):
        worker.expect("Scan bin")
        if _into(worker, plate, worker.prompt.place):
            return
    house.pallets.append(plate)  # a little later there is room


def _put_away_loose(worker: Worker) -> bool:
    """What lies on a dock without a plate. False where somebody took it along meanwhile."""
    house = worker.house
    try:
        dock, like = house.loose.popleft()
    except IndexError:
        return False
    pile = next((pile for pile in house.at(dock) if pile.is_like(like)), None)
    if pile is None:
        return False
    worker.menu("putaway")
    worker.scan(pile.label, may=ELSEWHERE)
    if worker.asks == "Scan the place":
        worker.scan(f"LOC/{dock}", may=ELSEWHERE)
    for _ in range(MOST_BINS):
        if worker.handheld.answer.refusal in ELSEWHERE:
            break
        worker.expect("Scan bin")
        if _into(worker, dock, worker.prompt.place, pile):
            return True
    house.loose.append((dock, like))
    return True


def _into(worker: Worker, stands: str, place: str, loose: Pile | None = None) -> bool:
    """Off its plate, or from the dock. False where the bin was taken meanwhile, and the house proposes another one."""
    house = worker.house
    pile = loose or house.at(stands)[0]
    if worker.prompt.item is None or worker.prompt.item.code != pile.item:
        raise Odd(f"At {stands} is {pile.item}, the screen says {worker.prompt.item}.")
    with house.hands_on(place):
        worker.scan(place, *_wrong_bins(worker, place, pile.item))
        if not worker.handheld.answer.seq:
            return False
        worker.second_thoughts(place)
        strangers = [other.item for other in house.at(place) if other.item != pile.item]
        if loose is None:
            house.shelve(place, stands)
        elif (taken := house.take(stands, pile.item, pile.lot, pile.quantity)) is not None:
            house.put(place, taken)
            house.bins.append(place)
    if strangers:
        raise Odd(f"{pile.item} went to {place}, where {strangers[0]} lies.")
    return True


def _wrong_bins(worker: Worker, place: str, item: str) -> list[Slip]:
    slips = [Slip("place", f"LOC/{cart}", ("not_allowed_here",)) for cart in worker.truth.places.carts[:1]]
    slips.append(Slip("item", worker.truth.items[item].barcode, ("wrong_kind",)))
    other = worker.house.another_bin(worker.dice, place, item)
    return [*slips, Slip("place", other, ("mix_rule", "bin_full", "other_bin"))] if other else slips
