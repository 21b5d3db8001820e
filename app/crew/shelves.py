"""What lies where, by the crew's own hands: goods on docks, on pallets, in bins, totes, cartons and lanes.

All workers of a crew share one floor, so they share this: whoever takes pieces out of a bin leaves fewer for the next.
What is planted as missing vanishes here and nowhere else; the house only learns of it when somebody finds the bin empty.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

from app.crew.goods import AVAILABLE, Pile
from app.crew.truth import Pallet, Truth

LOOKED_AT, MANY = 8, 60


class Shelves:
    """Shared by the workers; each step is one lock."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self._lock = threading.RLock()
        self._places: dict[str, list[Pile]] = {}
        self._hands: dict[str, threading.RLock] = {}
        self._vanishing = {short.item: short.missing for short in truth.bin_shorts}
        self._spare = _spare(truth)
        self.bins: list[str] = []  # where anything was ever put
        for lying in truth.stock:
            self.bins.append(lying.location)
            pallet = Pallet(quantity=lying.quantity, lot=lying.lot, serials=lying.serials, gs1=lying.gs1)
            self.put(lying.location, self.pile_of(lying.item, pallet))

    def pile_of(self, item: str, pallet: Pallet) -> Pile:
        label = pallet.gs1 or self.truth.items[item].barcode
        return Pile(item, pallet.lot, label, pallet.quantity, list(pallet.serials))

    def put(self, place: str, pile: Pile) -> None:
        with self._lock:
            for there in self._places.setdefault(place, []):
                if there.is_like(pile):
                    there.quantity += pile.quantity
                    there.serials += pile.serials
                    return
            if pile.quantity:
                self._places[place].append(replace(pile, serials=list(pile.serials)))

    def take(self, place: str, item: str, lot: str, quantity: int, status: str = AVAILABLE) -> Pile | None:
        """Out of a place, as many as there are at most; None where there is none."""
        with self._lock:
            for there in self._places.get(place, []):
                if (there.item, there.status) == (item, status) and lot in ("", there.lot) and there.quantity:
                    taken = there.split(quantity)
                    self._places[place] = [pile for pile in self._places[place] if pile.quantity]
                    return taken
        return None

    def at(self, place: str) -> list[Pile]:
        with self._lock:
            return [replace(pile, serials=list(pile.serials)) for pile in self._places.get(place, [])]

    def empty(self, place: str) -> list[Pile]:
        with self._lock:
            return self._places.pop(place, [])

    def unload(self, lpn: str, place: str) -> None:
        """All that stands on a pallet into a bin. The first time, what was planted as missing is gone."""
        with self._lock:
            for pile in self.empty(lpn):
                pile.split(self._vanishing.pop(pile.item, 0))
                self.put(place, pile)
            self.bins.append(place)

    @contextmanager
    def hands_on(self, place: str) -> Iterator[None]:
        """One pair of hands in a bin at a time, from the reach into it to the scan that tells of it.

        Nobody holds two at once, so nobody waits in a circle.
        """
        with self._lock:
            hands = self._hands.setdefault(place, threading.RLock())
        with hands:
            yield

    def give_up_spare(self, item: str, quantity: int) -> bool:
        """May so many be lost to the orders? Then they are."""
        with self._lock:
            if self._spare.get(item, 0) < quantity:
                return False
            self._spare[item] -= quantity
        return True

    def bins_with(self, item: str, quantity: int) -> list[str]:
        """Bins that hold so many free pieces of it, in no order."""
        with self._lock:
            return [
                place
                for place in dict.fromkeys(self.bins)
                for pile in self._places.get(place, [])
                if (pile.item, pile.status) == (item, AVAILABLE) and pile.quantity >= quantity
            ]

    def another_bin(self, dice: Random, place: str, item: str = "") -> str:
        """A bin that is not this one, with goods in it and none of the item; the empty text where there is none."""
        with self._lock:
            for other in dice.choices(self.bins, k=LOOKED_AT) if self.bins else ():
                held = self._places.get(other, [])
                if other != place and held and all(pile.item != item for pile in held):
                    return other
        return ""

    def empty_bin(self, dice: Random) -> str:
        """One that takes any goods; the empty text where there is none."""
        with self._lock:
            empty = [one for one in self.bins if not self._places.get(one)]
        return dice.choice(empty) if empty else ""

    def worth_moving(self, dice: Random) -> tuple[str, str, Pile] | None:
        """(from, to, goods): a bin's pile, and a bin of the same item or an empty one. Nothing with serials or shorts."""
        with self._lock:
            looked = dice.choices(self.bins, k=LOOKED_AT) if self.bins else []
            for source in looked:
                for pile in self.at(source):
                    if pile.serials or pile.status != AVAILABLE or not self.is_sound(pile.item):
                        continue
                    others = [place for place in dice.choices(self.bins, k=MANY) if place != source]
                    fit = (place for place in others if all(one.item == pile.item for one in self.at(place)))
                    return source, next(fit, source), pile
        return None

    def is_sound(self, item: str) -> bool:
        """Nothing of it is planted as missing: what the books say is there."""
        return all(short.item != item for short in self.truth.bin_shorts)

    def holding(self) -> dict[str, list[Pile]]:
        """Everything, place by place."""
        with self._lock:
            return {place: self.at(place) for place in self._places}

    def restate(self, place: str, pile: Pile, status: str) -> None:
        """All of a pile there has this status from now on."""
        with self._lock:
            taken = self.take(place, pile.item, pile.lot, pile.quantity, pile.status)
            assert taken is not None, "what is looked at lies there"
            self.put(place, replace(taken, status=status))

    def a_lot(self, dice: Random) -> Pile | None:
        """A pile that has a lot, if one is seen."""
        with self._lock:
            looked = dice.choices(self.bins, k=LOOKED_AT) if self.bins else []
            return next((pile for place in looked for pile in self.at(place) if pile.lot), None)


def _spare(truth: Truth) -> dict[str, int]:
    """item → pieces nobody ordered, less what is planted as missing."""
    spare: dict[str, int] = {}
    for delivery in truth.deliveries:
        spare[delivery.item] = spare.get(delivery.item, 0) + sum(pallet.quantity for pallet in delivery.pallets)
    for lying in truth.stock:
        spare[lying.item] = spare.get(lying.item, 0) + lying.quantity
    for order in truth.orders.values():
        for line in order.lines:
            spare[line.item] = spare.get(line.item, 0) - line.quantity
    for transfer in truth.transfers:
        for asked in transfer.lines:
            spare[asked.item] = spare.get(asked.item, 0) - (0 if transfer.arrives else asked.pallet.quantity)
    for short in truth.bin_shorts:
        spare[short.item] = 0
    return spare
