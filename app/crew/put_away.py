"""Putaway: a plate from the dock into the bin the house proposes, if it is a bin this worker would accept too."""

from app.crew.work import Odd, Slip, Worker


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
    worker.scan(plate, Slip("lpn", "LPN-999999999", ("unknown_lpn",)), *earlier)
    worker.expect("Scan bin")
    place, (pile, *_) = worker.prompt.place, house.at(plate)
    strangers = [other.item for other in house.at(place) if other.item != pile.item]
    if strangers:
        raise Odd(f"{pile.item} shall go to {place}, where {strangers[0]} lies.")
    if worker.prompt.item is None or worker.prompt.item.code != pile.item:
        raise Odd(f"On {plate} is {pile.item}, the screen says {worker.prompt.item}.")
    with house.hands_on(place):
        worker.scan(place, *_wrong_bins(worker, place, pile.item), may=("bin_blocked",))
        if worker.handheld.answer.refusal:  # somebody began to count it meanwhile: another bin, a little later
            house.pallets.append(plate)
        else:
            house.shelve(place, plate)


def _wrong_bins(worker: Worker, place: str, item: str) -> list[Slip]:
    slips = [Slip("place", f"LOC/{cart}", ("not_allowed_here",)) for cart in worker.truth.places.carts[:1]]
    slips.append(Slip("item", worker.truth.items[item].barcode, ("wrong_kind",)))
    other = worker.house.another_bin(worker.dice, place, item)
    return [*slips, Slip("place", other, ("mix_rule", "bin_full", "other_bin"))] if other else slips
