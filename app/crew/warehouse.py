"""The house as the crew sees it: its shelves, and what waits to be done.

The lists of what waits are what anybody sees who looks around: full docks, totes on a table, boxes in a lane.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from random import Random

from app.crew.goods import Aside, Box, Found, Picked, Pile, Sampled
from app.crew.shelves import Shelves
from app.crew.truth import Delivery, Truth

PICK_AGAIN_S = 1.0
RETURNS = 4  # at least come back on a mixed day, where anything left
ASIDE_S = 1.5  # at least, before somebody looks


class Warehouse(Shelves):
    """Shared by the workers; each step is one lock."""

    def __init__(self, truth: Truth, dice: Random, first_number: int) -> None:
        super().__init__(truth)
        self._number = first_number
        self.busy: dict[str, int] = {}
        trucks: dict[str, list[Delivery]] = {}
        for delivery in truth.deliveries:
            trucks.setdefault(delivery.po, []).append(delivery)
        self.trucks = deque(trucks.items())
        self.transfers = deque(truth.transfers)
        self.doors_in_use: dict[str, str] = {}  # door → the paper of the truck that may stand at it
        self.at_doors: set[str] = set()  # where one stands by the books, too; changed only by who holds the gate
        self.gate = threading.Lock()
        self.to_inspect: deque[Sampled] = deque()
        self.inspect_in_bin: dict[str, Sampled] = {}  # plate → once it is put away
        self.pallets: deque[str] = deque()
        self.aside: list[Aside] = []
        self._aside: set[tuple[str, str]] = set()  # item and lot: doubted by one at a time
        self.loose: deque[tuple[str, Pile]] = deque()  # dock, and what lies there without a plate
        self.put_away: deque[str] = deque(maxlen=50)  # the latest, to be mistaken for waiting ones
        self.in_use: dict[str, str] = {}  # cart or tote → whose, what for
        self.carts = deque(truth.places.carts)
        self.totes: deque[str] = deque()
        self.to_pack: deque[Picked] = deque()
        self.boxes: deque[Box] = deque()  # labelled, on a packing table
        self.lanes: dict[str, list[Box]] = {carrier: [] for carrier in truth.places.lanes}
        self.loading: set[str] = set()  # carriers whose truck somebody loads
        self.gone: list[Box] = []
        self.broken = 0
        self.scrapped: list[Pile] = []  # goods that came back beyond use
        self.at_customers: deque[tuple[str, Pile]] = deque()  # order, goods that left for it
        self.taken_back = 0
        self.found: list[Found] = []
        self.waves = 0
        self.still = False  # then nobody begins to move stock about: what is in a hand is offered to no order
        self.pick_again_at = 0.0
        self.waves_done = self.picks_done = False
        dice.shuffle(self.carts)

    def shelve(self, place: str, lpn: str) -> None:
        """A pallet's goods go into a bin."""
        with self._lock:
            self.unload(lpn, place)
            self.put_away.append(lpn)
            if sampled := self.inspect_in_bin.pop(lpn, None):
                self.to_inspect.append(replace(sampled, plate="", bin=place))

    def sent_back(self, dice: Random, most: int) -> tuple[str, Pile] | None:
        """(order, goods a customer of it sends back), or None."""
        with self._lock:
            if not self.at_customers:
                return None
            self.at_customers.rotate(dice.randrange(len(self.at_customers)))
            order, pile = self.at_customers.popleft()
            if not self.is_sound(pile.item):
                return None
            return order, pile.split(dice.randint(1, most))

    # ── names and carriers ───────────────────────────────────────────────────────────────────────────────────────
    def new_plate(self) -> str:
        with self._lock:
            self._number += 1
            return f"LPN-{self._number:08d}"

    def free_tote(self) -> str:
        """An empty tote from the stack; a new one when the stack is used up."""
        with self._lock:
            if len(self.totes) > len(self.truth.places.carts):
                return self.totes.popleft()
            self._number += 1
            return f"T-{self._number:08d}"

    def free_door(self, paper: str) -> str:
        """Where this truck may stand now; the empty text where every door has one."""
        with self._lock:
            door = next((door for door in self.truth.places.doors if door not in self.doors_in_use), "")
            if door:
                self.doors_in_use[door] = paper
            return door

    def truck_gone(self, paper: str) -> None:
        with self._lock:
            self.at_doors -= {door for door, other in self.doors_in_use.items() if other == paper}
            self.doors_in_use = {door: other for door, other in self.doors_in_use.items() if other != paper}

    # ── what waits ───────────────────────────────────────────────────────────────────────────────────────────────
    @contextmanager
    def working(self, job: str) -> Iterator[None]:
        with self._lock:
            self.busy[job] = self.busy.get(job, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self.busy[job] -= 1

    def is_idle(self, *jobs: str) -> bool:
        return not any(self.busy.get(job) for job in jobs)

    @property
    def all_put_away(self) -> bool:
        with self._lock:
            waiting = self.trucks or self.to_inspect or self.pallets
            return not waiting and self.is_idle("receive", "inspect", "put_away")

    @property
    def all_staged(self) -> bool:
        with self._lock:
            return self.picks_done and not (self.to_pack or self.boxes) and self.is_idle("pick", "pack", "load")

    @property
    def is_over(self) -> bool:
        """Nothing of the day is left to do."""
        with self._lock:
            gone = self.all_staged and not any(self.lanes.values()) and not self.loading
            return gone and self.all_put_away and not self.returns_wait and self.is_idle("returns")

    @property
    def returns_wait(self) -> bool:
        """Does a customer still send something back today?"""
        return self.truth.mixed and self.taken_back < RETURNS and bool(self.at_customers)

    def next_to_inspect(self, badge: str) -> Sampled | None:
        """One that this worker did not receive; None where there is none."""
        with self._lock:
            found = next((one for one in self.to_inspect if one.by != badge), None)
            if found is not None:
                self.to_inspect.remove(found)
            return found

    # ── what is set aside ────────────────────────────────────────────────────────────────────────────────────────
    @property
    def may_doubt(self) -> bool:
        """Nothing is offered to orders yet: what is set aside now can still be set free before."""
        return not (self.waves or self.waves_done or self.all_put_away)

    def begin_aside(self, one: Aside) -> bool:
        with self._lock:
            if (one.item, one.lot) in self._aside:
                return False
            self._aside.add((one.item, one.lot))
            return True

    def end_aside(self, one: Aside) -> None:
        with self._lock:
            self._aside.discard((one.item, one.lot))

    @property
    def nothing_aside(self) -> bool:
        return not self._aside

    def next_aside(self, badge: str) -> Aside | None:
        """One that another set aside, and a while ago."""
        with self._lock:
            late = time.monotonic() - ASIDE_S
            found = next((one for one in self.aside if one.by != badge and one.since < late), None)
            if found is not None:
                self.aside.remove(found)
            return found

    def nothing_to_pick(self, all_released: bool) -> None:
        """The house said so. It is the end of picking when all waves were out by then and no cart is on its way."""
        with self._lock:
            self.pick_again_at = time.monotonic() + PICK_AGAIN_S
            if all_released and not any(code in self.in_use for code in self.truth.places.carts):
                self.picks_done = True

    def next_truck(self, enough: int) -> tuple[str, list[Box]] | None:
        """(carrier, its boxes) of a lane worth loading: enough boxes, or the last ones of the day."""
        with self._lock:
            last = self.all_staged
            for carrier, boxes in self.lanes.items():
                if boxes and carrier not in self.loading and (last or len(boxes) >= enough):
                    self.loading.add(carrier)
                    self.lanes[carrier] = []
                    return carrier, boxes
        return None

    def truck_left(self, carrier: str, aboard: Sequence[Box], back: Sequence[Box]) -> None:
        with self._lock:
            self.loading.discard(carrier)
            self.lanes[carrier] += back
            for box in aboard:
                self.at_customers.extend((box.order, pile) for pile in self.empty(box.carton))
                self.gone.append(box)
