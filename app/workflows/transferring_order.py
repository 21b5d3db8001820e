"""Transfer, ordered on the floor: a supervisor walks along the shelves and scans what the other site is to get.

1. Choose the site. 2. Scan each item (a case counts whole), or type how many of the last one. 3. Order: it has a number
and waits like one of the ERP's.
"""

from typing import ClassVar

from msgspec.structs import replace

from app.errors import BadAmount, Forbidden, Unknown
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt, Row
from app.floor.readings import ItemReading
from app.floor.screens import Screen, build
from app.work import arrived, transfers, transfers_serving

SUPERVISORS = ("supervisor", "admin")
SHOWN = 5
CHOICES = 8


class NewTransfer(Screen, frozen=True, kw_only=True, tag="transferring.order"):
    """Where to, and what?"""

    repeats: ClassVar[bool] = True
    target: str = ""
    asked: tuple[tuple[str, int], ...] = ()  # the last scanned stands last

    def prompt(self, floor: Floor) -> Prompt:
        if not self.target:
            return Prompt(
                job="New transfer",
                headline="To which site?",
                ask="choice",
                choices=tuple(Key(name="site", value=code, label=code) for code in self._sites(floor)),
                speech="To which site?",
            )
        last = self.asked[-1] if self.asked else None
        size = arrived.size_of(floor.tx, last[0]) if last is not None else None
        return Prompt(
            job="New transfer",
            subject=f"to {self.target}",
            headline="Scan item, or type how many" if last else "Scan item",
            ask="quantity" if last else "scan",
            hint=f"{last[1]} × {last[0]}" if last else f"what {self.target} is to get",
            big="item" if last else "",
            item=Goods(code=last[0], name=size.name) if last is not None and size is not None else None,
            quantity=last[1] if last else None,
            rows=() if last else tuple(Row(left=str(n), name=code) for code, n in self.asked[-SHOWN:]),
            keys=(Key(name="order", label=f"Order {len(self.asked)} lines"),) if self.asked else (),
            speech="Scan the item.",
        )

    def on_item(self, floor: Floor, read: ItemReading) -> Screen:
        if not self.target:
            raise Unknown(scanned=read.label)
        known = dict(self.asked)
        count = known.pop(read.item, 0) + read.quantity
        return self._with((*known.items(), (read.item, count)))

    def on_quantity(self, floor: Floor, quantity: int) -> Screen:
        """All of the item scanned last."""
        if not self.asked:
            raise BadAmount(amount=quantity, reason="scan the item first", scanned=str(quantity))
        return self._with((*self.asked[:-1], (self.asked[-1][0], quantity)))

    def tap_site(self, floor: Floor, code: str) -> Screen:
        if code not in self._sites(floor):
            raise Unknown(scanned=code[:40])
        return replace(self, target=code)

    def tap_order(self, floor: Floor) -> Screen:
        """Raises BadTransfer."""
        if not floor.seat.is_a(*SUPERVISORS):
            raise Forbidden(worker=floor.worker)
        one = transfers.order(floor.tx, transfers.here(floor.tx), self.target, self.asked, worker=floor.worker)
        transfers_serving.serve(floor.tx, one, floor.by)
        floor.step(f"Transfer {one.code} to {one.target} is ordered.")
        return build("transferring.send", transfer=one.code)

    def tap_back(self, floor: Floor) -> Screen:
        if self.asked:
            return self._with(self.asked[:-1])
        return build("transferring") if not self.target else NewTransfer()

    def _sites(self, floor: Floor) -> list[str]:
        home = transfers.here(floor.tx)
        return [code for code in transfers.known_sites(floor.tx) if code != home][:CHOICES]

    def _with(self, asked: tuple[tuple[str, int], ...]) -> Screen:
        if len(asked) > transfers.MOST_LINES:
            raise BadAmount(amount=len(asked), reason=f"{transfers.MOST_LINES} lines at most", scanned=str(len(asked)))
        return replace(self, asked=asked)
