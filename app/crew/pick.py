"""Picking: a walk with a cart, bin by bin, each order's goods into its own tote.

Where to go and how many the house must say; what really lies there the worker sees. A bin that holds less than the
house thinks is reported short, with what was found. The worker knows which tote it set down for which order, so a screen
that names another one is noticed.
"""

import re

from app.crew.client import Prompt
from app.crew.goods import Cart, Found, Picked, Pile
from app.crew.receive import case_label
from app.crew.truth import Item
from app.crew.work import Odd, Slip, Worker

FOR_ORDER = re.compile(r"for order (\S+), place (\d+)")
MOST_SCANS = 3  # equal pieces one after the other; more are typed
MOST_STEPS = 5000  # of one walk
FULL_ONCE_IN = 60  # lines


def pick(worker: Worker) -> bool:
    """One walk, to the packing table. False when the house has none."""
    house = worker.house
    with house.working("pick"):
        if worker.cart is None:
            try:
                worker.cart = Cart(house.carts.popleft())
            except IndexError:
                return False
        cart = worker.cart
        all_released = house.waves_done
        house.in_use[cart.code] = worker.handheld.who.badge
        worker.menu("picking")
        if _is_over(worker.prompt):
            worker.tap("next", may=("nothing_to_pick",))
        something = not worker.handheld.answer.refusal
        for _ in range(MOST_STEPS):
            if _is_over(worker.prompt) or not _step(worker, cart):
                break
        # Only now: a worker whose walk went wrong comes back to it with the cart in its hands.
        house.in_use.pop(cart.code, None)
        house.carts.append(cart.code)
        worker.cart = None
        if not something:
            house.nothing_to_pick(all_released)
    return something


def _is_over(prompt: Prompt) -> bool:
    return prompt.headline in ("Scan cart or order", "Nothing to pick")


def _step(worker: Worker, cart: Cart) -> bool:
    """Do what the screen asks. False after the totes are set down."""
    asked = worker.asks
    if asked == "Scan cart":
        a_bin = worker.house.another_bin(worker.dice, "")
        slips = [Slip("place", a_bin, ("not_a_cart",))] if a_bin else []
        worker.scan(f"LOC/{cart.code}", *slips)
    elif asked == "Scan empty tote":
        _set_tote(worker, cart)
    elif asked in ("Scan location", "Scan item"):
        _line(worker, cart)
    elif asked == "Scan drop location":
        _set_down(worker, cart)
        return False
    else:
        raise Odd(f"A walk asks “{asked}”.")
    return True


def _set_tote(worker: Worker, cart: Cart) -> None:
    found = FOR_ORDER.match(worker.prompt.hint)
    if found is None:
        raise Odd(f"Which order is the tote for? “{worker.prompt.hint}”")
    order, position = found.groups()
    if order not in worker.truth.orders:
        raise Odd(f"A tote is wanted for order {order}, which nobody ordered.")
    taken = [tote for totes in cart.totes.values() for tote in totes]
    slips = [Slip("tote", tote, ("tote_in_use", "tote_not_empty")) for tote in taken[:1]]
    slips += [Slip("tote", plate, ("not_a_tote",)) for plate in list(worker.house.put_away)[:1]]
    tote = worker.house.free_tote()
    worker.scan(tote, *slips)
    cart.orders[position], cart.totes[position] = order, [tote]
    worker.house.in_use[tote] = order


def _line(worker: Worker, cart: Cart) -> None:
    """One line: to the bin, the pieces, the tote."""
    prompt, house = worker.prompt, worker.house
    if prompt.item is None or not prompt.quantity:
        raise Odd(f"“{prompt.headline}” without an item or a quantity.")
    code, lot, position = prompt.item.code, _lot_of(prompt), prompt.tote
    item, order = worker.truth.items.get(code), worker.truth.orders.get(cart.orders.get(position, ""))
    if item is None or order is None or code not in {line.item for line in order.lines}:
        raise Odd(f"{code} was not ordered on order {cart.orders.get(position)} in tote {position}.")
    with house.hands_on(prompt.place):
        pile = house.take(prompt.place, code, lot, prompt.quantity)
        try:
            if pile is None or pile.quantity < prompt.quantity:
                _short(worker, prompt, pile.quantity if pile else 0)
            if pile is None:
                return
            if worker.asks == "Scan location":
                other = house.another_bin(worker.dice, prompt.place)
                slips = [Slip("place", f"LOC/{other}", ("wrong_location",))] if other else []
                worker.scan(f"LOC/{prompt.place}", *slips, Slip("item", item.barcode, ("wrong_kind",)))
            worker.expect("Scan item")
            _take(worker, item, pile)
            if worker.dice.randrange(FULL_ONCE_IN) == 0:
                _another_tote(worker, cart, position)
            _into_tote(worker, cart, position, pile)
        except Odd:
            if pile is not None:
                house.put(prompt.place, pile)
            raise
        house.put(cart.tote(position), pile)


def _lot_of(prompt: Prompt) -> str:
    note = prompt.item.note if prompt.item else ""
    return note.removeprefix("lot ") if note.startswith("lot ") else ""


def _short(worker: Worker, prompt: Prompt, there: int) -> None:
    """Say how many are there, and that the bin is empty otherwise."""
    worker.tap("short")
    if there:
        worker.type(str(there))
    worker.tap("reason", "bin_empty")
    worker.tap("confirm")
    assert prompt.item is not None
    worker.house.found.append(Found(prompt.item.code, prompt.place, prompt.quantity - there))


def _take(worker: Worker, item: Item, pile: Pile) -> None:
    """Scan what is taken, piece by piece, case by case, or one and a number."""
    slips = _wrong_goods(worker, item, pile)
    if item.serial_tracked:
        for number, serial in enumerate(pile.serials):
            twice = [Slip("double", pile.serials[number - 1], ("serial_twice",))] if number else slips
            worker.scan(serial, *twice)
        return
    label, left = pile.label, pile.quantity
    while item.case and left >= item.case and pile.quantity // item.case <= MOST_SCANS:
        worker.scan(case_label(item, label if pile.lot else ""), *slips)
        left -= item.case
    taken = pile.quantity - left
    while left:
        if taken and left > MOST_SCANS:
            worker.type(str(pile.quantity), Slip("quantity", f"{pile.quantity + 1000}", ("too_many",), "type"))
            return
        worker.scan(label, *slips)
        taken, left = taken + 1, left - 1


def _wrong_goods(worker: Worker, item: Item, pile: Pile) -> list[Slip]:
    other = worker.dice.choice(list(worker.truth.items.values()))
    slips = [Slip("item", other.barcode, ("wrong_item",))] if other.barcode != item.barcode else []
    if pile.lot:
        slips.append(Slip("lot", f"{pile.label}X", ("wrong_lot",)))
    return slips


def _another_tote(worker: Worker, cart: Cart, position: str) -> None:
    """The tote is full: another one for the same order."""
    worker.tap("full")
    worker.expect("Scan empty tote")
    tote = worker.house.free_tote()
    worker.scan(tote, Slip("tote", cart.tote(position), ("tote_in_use", "tote_not_empty")))
    cart.totes[position].append(tote)
    worker.house.in_use[tote] = cart.orders[position]


def _into_tote(worker: Worker, cart: Cart, position: str, pile: Pile) -> None:
    worker.expect(f"Scan tote {position}")
    if worker.prompt.hint != cart.tote(position):
        raise Odd(f"Tote {position} is {cart.tote(position)}; the screen says {worker.prompt.hint}.")
    neighbours = [cart.tote(other) for other in cart.totes if other != position]
    slips = [Slip("tote", tote, ("wrong_tote",)) for tote in neighbours]
    if not pile.serials:
        slips.append(Slip("double", pile.label, ("too_many",)))
    worker.scan(cart.tote(position), *slips)


def _set_down(worker: Worker, cart: Cart) -> None:
    house = worker.house
    station = worker.dice.choice(worker.truth.places.stations)
    a_bin = house.another_bin(worker.dice, "")
    worker.scan(f"LOC/{station}", *([Slip("place", f"LOC/{a_bin}", ("no_drop",))] if a_bin else []))
    for position, totes in cart.totes.items():
        full = [tote for tote in totes if house.at(tote)]
        for tote in totes:
            house.in_use.pop(tote, None)
            if tote not in full:
                house.totes.append(tote)
        if full:
            house.to_pack.append(Picked(cart.orders[position], tuple(full), station))
