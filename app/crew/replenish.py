"""Replenishment: goods are carried from where they lie to the pick face of their item, before anybody finds it empty.

The next task is taken, or a face that looks low is scanned. From the reach into the source to the scan of the face the
goods are in the hand and nobody else reaches into either place. What the house says is empty afterwards the worker looks
into, and says what is there.
"""

from app.crew.goods import Pile
from app.crew.receive import case_label
from app.crew.work import Odd, Slip, Worker

TRIP = "Fill "  # and the face
MOST_TRIPS = 50  # of one task
MOST_CASES = 3  # scanned one by one
NOTHING = ("nothing_to_replenish", "face_is_full", "nothing_to_bring", "task_taken", "task_over")
GONE = ("source_moved", "task_over", "taken_over")  # promised to an order meanwhile
FULL = ("face_full", "too_many", "bin_blocked", "mix_rule", *GONE)


def replenish(worker: Worker) -> bool:
    """One task, to its end. False where no face can be filled."""
    faces = list(worker.truth.places.faces)
    if not faces:
        return False
    worker.menu("replenishing")
    if worker.prompt.job.startswith(TRIP):
        return _go_on(worker)
    if worker.offers("next") and worker.dice.random() < 0.7:
        worker.tap("next", may=NOTHING, confirm=("running_elsewhere",))
    else:
        a_bin = worker.house.another_bin(worker.dice, "")
        slips = [Slip("place", f"LOC/{a_bin}", ("not_a_pick_face",))] if a_bin and a_bin not in faces else []
        face = worker.dice.choice(faces)
        worker.scan(f"LOC/{face}", *slips, may=NOTHING, confirm=("running_elsewhere",))
    return _go_on(worker)


def _go_on(worker: Worker) -> bool:
    """The trips of the task that was begun. False where none was."""
    for trip in range(MOST_TRIPS):
        if not worker.prompt.job.startswith(TRIP):
            return trip > 0
        if not _trip(worker, worker.prompt.job.removeprefix(TRIP)):
            worker.tap("back")
            return trip > 0
    raise Odd(f"{worker.prompt.job} is never done.")


def _trip(worker: Worker, face: str) -> bool:
    """From one place to the face. False where the goods may not be taken, or do not fit: then they stay where they were."""
    house, prompt = worker.house, worker.prompt
    worker.expect("Scan location")
    if prompt.item is None or not prompt.quantity:
        raise Odd(f"A walk to {face} without an item or a quantity.")
    item = worker.truth.items[prompt.item.code]
    quantity = prompt.quantity * (item.case if prompt.unit == "case" else 1)
    source, lot = prompt.place, prompt.item.note.partition("lot ")[2]
    other = house.another_bin(worker.dice, source, prompt.item.code)
    with house.hands_on(source), house.hands_on(face):
        slips = [Slip("place", f"LOC/{other}", ("wrong_location",))] if other else []
        worker.scan(f"LOC/{source}", *slips, may=GONE)
        if worker.handheld.answer.refusal:
            return False
        pile = house.take(source, prompt.item.code, lot, quantity)
        if pile is None or pile.quantity < quantity:
            raise Odd(f"{source} should hold {quantity} × {prompt.item.code}, and has {pile}.")
        if not _carry(worker, source, face, pile):
            house.put(source, pile)
            return False
        house.put(face, pile)
        house.bins.append(face)
    return True


def _carry(worker: Worker, source: str, face: str, pile: Pile) -> bool:
    """Scan what is taken, say whether its place is empty now, and set it down."""
    house, item = worker.house, worker.truth.items[pile.item]
    strange = worker.dice.choice(list(worker.truth.items.values()))
    slips = [Slip("item", strange.barcode, ("wrong_item",))] if strange.barcode != item.barcode else []
    slips += [Slip("lot", f"{pile.label}X", ("wrong_lot",))] if pile.lot else []
    worker.scan(pile.label, *slips, may=GONE)
    if worker.handheld.answer.refusal:
        return False
    cases = pile.quantity // item.case if item.case else 0
    if 0 < cases <= MOST_CASES and cases * item.case == pile.quantity:
        for _ in range(cases):
            worker.scan(case_label(item, pile.label if pile.lot else ""), *slips, may=FULL)
            if worker.handheld.answer.refusal:
                return False
    if worker.asks.startswith("Is "):
        if house.at(source):
            worker.tap("left")
        else:
            worker.scan(f"LOC/{source}")
    other = house.another_bin(worker.dice, face)
    worker.scan(
        f"LOC/{face}",
        *([Slip("place", f"LOC/{other}", ("wrong_face",))] if other and other != source else []),
        may=FULL,
    )
    if worker.handheld.answer.refusal:
        return False
    worker.second_thoughts(f"LOC/{face}")
    return True
