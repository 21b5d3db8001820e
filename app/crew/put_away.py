"""Putaway: a plate from the dock into the bin the house proposes, if it is a bin this worker would accept too."""

from app.crew.work import Odd, Slip, Worker

MOST_BINS = 5  # tried with one plate
TAKEN = ("bin_blocked", "mix_rule", "bin_full")  # by somebody who was faster


def put_away(worker: Worker) -> bool:
    """One plate. False when none waits."""
    house = worker.house
    with house.working("put_away"):
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


def _into(worker: Worker, plate: str, place: str) -> bool:
    """False where the bin was taken by others meanwhile, and the house proposes another one."""
    house = worker.house
    pile, *_ = house.at(plate)
    if worker.prompt.item is None or worker.prompt.item.code != pile.item:
        raise Odd(f"On {plate} is {pile.item}, the screen says {worker.prompt.item}.")
    with house.hands_on(place):
        worker.scan(place, *_wrong_bins(worker, place, pile.item), may=TAKEN)
        if worker.handheld.answer.refusal:
            return False
        strangers = [other.item for other in house.at(place) if other.item != pile.item]
        house.shelve(place, plate)
    if strangers:
        raise Odd(f"{pile.item} went to {place}, where {strangers[0]} lies.")
    return True


def _wrong_bins(worker: Worker, place: str, item: str) -> list[Slip]:
    slips = [Slip("place", f"LOC/{cart}", ("not_allowed_here",)) for cart in worker.truth.places.carts[:1]]
    slips.append(Slip("item", worker.truth.items[item].barcode, ("wrong_kind",)))
    other = worker.house.another_bin(worker.dice, place, item)
    return [*slips, Slip("place", other, ("mix_rule", "bin_full", "other_bin"))] if other else slips
