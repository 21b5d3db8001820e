""" "Nothing else here": every tally becomes a line, what nobody saw becomes an explicit zero, and each difference its fate.

A line says what was counted, what the books had at the tally's position, and the difference. Right: done. Within the
counter's own limits of per cent, quantity *and* value: adjusted at once, approved by the rule. Else somebody else counts
it again, as many rounds as the house wants, and then a supervisor decides. What came while the place was counted and was
not tallied is not counted yet: nothing is said of it. An older difference of the same place that waits is superseded.
"""

import msgspec
from sqlalchemy import bindparam, insert, or_, select, update

from app import clock
from app.db import Tx
from app.schema.counting import count_line
from app.stock.events import Counted
from app.stock.events.counts import Seen
from app.stock.slots import Slot
from app.work import exceptions, limits, tasks
from app.work.counting import adjusting, book, counts, in_hand, plans, rules, serials, tallies
from app.work.counting.adjusting import Post, Wanted
from app.work.counting.book import Key, Part
from app.work.counting.counts import Count
from app.work.counting.tallies import Tally

RECOUNT_WITHIN = 4 * clock.HOUR
RECOUNT_BECAUSE = "counted again by somebody else"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a count, as it was judged."""

    id: str
    count: str
    place: str
    item: str
    lpn: str
    lot: str
    status: str
    round: int
    counted: int
    book: int
    difference: int
    position: int
    value: int
    state: str
    counter: str
    earlier: str
    decided_by: str
    reason: str
    note: str
    decided: int
    event: int
    created: int
    cause: str = ""
    first: int = 0

    @property
    def key(self) -> Key:
        return Key(item=self.item, lpn=self.lpn, lot=self.lot)

    @property
    def differs(self) -> bool:
        """Also when one serial is missing and another found."""
        return bool(self.difference or self.note)

    @property
    def percent(self) -> int:
        """Of what the books had, rounded up; of nothing, everything is 100 %."""
        return -(-abs(self.difference) * 100 // self.book) if self.book > 0 else 100


_NEW = tuple(field for field in Line.__struct_fields__ if field != "decided")
ADD = insert(count_line).values(**{name: bindparam(name) for name in _NEW})
ONE = select(count_line).where(count_line.c.id == bindparam("which"))
WAITING_AT = select(count_line).where(
    count_line.c.place == bindparam("place"),
    or_(count_line.c.item == bindparam("item"), bindparam("item") == ""),
    or_(count_line.c.state == "recount", count_line.c.state == "review"),
)
SET_STATE = (
    update(count_line)
    .where(count_line.c.id == bindparam("which"), or_(count_line.c.state == "recount", count_line.c.state == "review"))
    .values(
        state=bindparam("new_state"), decided_by=bindparam("who"), reason=bindparam("why"),
        decided=bindparam("now"), event=bindparam("seq"), cause=bindparam("because"), first=bindparam("since"),
    )
)  # fmt: skip


def unsettled(tx: Tx, count: Count) -> list[Key]:
    """What cannot be closed as it stands: it came or went while the place was counted, so it is to be counted anew."""
    said = tallies.by_key(tallies.standing(tx, count.id))
    for key, rows in list(said.items()):
        if _taken_since(tx, count, key, rows[-1]):
            tallies.begin_anew(tx, count, key)
            del said[key]
    return sorted(_not_counted(tx, count, said))


def finish(tx: Tx, count: Count, post: Post) -> str:
    """Close the count; of what is unsettled nothing is said. Returns the outcome: right, posted, recount or review.

    Raises GoodsInHand.
    """
    in_hand.refuse(tx, count.place, count.worker)
    unsaid = set(unsettled(tx, count))
    said = tallies.by_key(tallies.standing(tx, count.id))
    lines = []
    asked = {*said, *_booked(tx, count)}
    if count.item and not any(key.item == count.item for key in asked):
        asked.add(Key(item=count.item))  # one item was asked for and neither the books nor the counter have any: none
    for key in sorted(asked):
        if key.item and key not in unsaid:
            line = measure(tx, count, key, said.get(key, []))
            post(_counted(count, line, said.get(key, [])))
            lines.append(line)
    _supersede(tx, count)
    states = [_judge(tx, count, line, said.get(line.key, []), post) for line in lines]
    _unknown(tx, count, said)
    outcome = next((state for state in ("review", "recount", "posted") if state in states), "right")
    counts.close(tx, count, outcome)
    plans.counted(tx, count.plan, count.place)
    tasks.finish(tx, count.task)
    return outcome


def again(tx: Tx, count: Count, key: Key, seen: list[Tally], post: Post) -> None:
    """A key of a closed count that is known better now: a new line, which somebody decides on or counts anew."""
    line = measure(tx, count, key, seen)
    post(_counted(count, line, seen))
    for old in tx.all(WAITING_AT, Line, place=count.place, item=key.item):
        if old.key == key:
            _set_aside(tx, old)
    between = book.steps(tx, count.place, key, min(row.since for row in seen))
    unsure = any(step.seq <= line.position for step in between)
    state = "right" if not line.differs else "recount" if unsure else "review"
    _write(tx, msgspec.structs.replace(line, state=state))
    if state == "recount":
        ask_recount(tx, count, line)


def measure(tx: Tx, count: Count, key: Key, seen: list[Tally]) -> Line:
    """What was counted of a key against the books at that point of the journal."""
    position = max((row.seq for row in seen), default=book.position(tx))
    counted = sum(row.quantity for row in seen)
    note = ""
    if tallies.item_of(tx, key.item).serial_tracked:
        told = serials.compare(tx, count, key, seen)
        difference, note = told.difference, told.in_words
        had = counted - difference
    else:
        had = book.then(tx, count.place, key, position)
        difference = counted - had
    value = limits.value_of(tx, key.item, difference)
    return Line(
        id=clock.new_id(),
        count=count.id,
        place=count.place,
        item=key.item,
        lpn=key.lpn,
        lot=key.lot,
        status=_status(book.parts(tx, count.place, key)),
        round=count.round,
        counted=counted,
        book=had,
        difference=difference,
        position=position,
        value=-1 if value is None else value,
        state="right",
        counter=count.worker,
        earlier=count.earlier,
        decided_by="",
        reason="",
        note=note,
        decided=0,
        event=0,
        created=clock.now(),
    )


def change_now(tx: Tx, line: Line) -> int:
    """What must be posted today for an older line of pieces without serials: 0 when somebody corrected it since."""
    moved = book.moved(tx, line.place, line.key, line.position)
    return line.counted + moved - book.now(tx, line.place, line.key)


def within(tx: Tx, worker: str, line: Line) -> bool:
    """May `worker` be wrong by this much alone? Per cent, quantity and value, each of them."""
    measures = (("count_percent", line.percent), ("count_quantity", abs(line.difference)), ("count_value", line.value))
    for kind, amount in measures:
        limit = limits.of(tx, worker, kind)
        if limit is not None and (amount < 0 or amount > limit):
            return False
    return True


def adjust(
    tx: Tx, line: Line, count: Count, approver: str, reason: str, post: Post, worker: str, *, cause: str = ""
) -> int:
    """Bring the books to what this line counted. Returns the event's seq, 0 where nothing is left to correct."""
    wanted = Wanted(
        place=line.place,
        key=line.key,
        status=line.status,
        change=0,
        reason=reason,
        approver=approver,
        count=line.count,
        task=count.task,
        cause=cause,
    )
    seen = tallies.by_key(tallies.standing(tx, line.count)).get(line.key, [])
    if tallies.item_of(tx, line.item).serial_tracked:
        return adjusting.correct_serials(tx, wanted, serials.compare(tx, count, line.key, seen), post, worker)
    change = change_now(tx, line)
    if not change:
        return 0
    expiry = next((row.expiry for row in seen if row.expiry), "")
    return adjusting.correct(tx, msgspec.structs.replace(wanted, change=change), post, worker, expiry=expiry)


def ask_recount(tx: Tx, count: Count, line: Line) -> str:
    """Somebody else counts this item there again. Returns the task."""
    return exceptions_count(tx, line.place, line.item) or tasks.add(
        tx,
        counts.KIND,
        document=f"plan {count.plan}" if count.plan else "recount",
        place=line.place,
        item=line.item,
        priority=rules.URGENT,
        due=clock.now() + RECOUNT_WITHIN,
        reason=RECOUNT_BECAUSE,
    )


def exceptions_count(tx: Tx, place: str, item: str) -> str:
    """A count of just this that waits already."""
    return str(tx.value(exceptions.OPEN_COUNT, of_place=place, of_item=item) or "")


def _judge(tx: Tx, count: Count, line: Line, seen: list[Tally], post: Post) -> str:
    state, by, reason, seq = "right", "", "", 0
    if line.differs:
        state = "recount" if count.round <= rules.setting(tx, "recounts") else "review"
        alone = bool(line.difference) and within(tx, count.worker, line) and not _touches_others(tx, count, line, seen)
        if alone and (seq := _try(tx, line, count, post)) > 0:
            state, by, reason = "posted", rules.RULE, rules.REASON
    _write(tx, msgspec.structs.replace(line, state=state, decided_by=by, reason=reason, event=seq))
    if state == "recount":
        tasks.finish(tx, count.task)  # so that it is not taken for the recount
        ask_recount(tx, count, line)
    return state


def _try(tx: Tx, line: Line, count: Count, post: Post) -> int:
    """A small difference whose goods moved on is looked at by somebody instead of being refused."""
    if line.difference < 0 and book.now(tx, line.place, line.key) + line.difference < 0:
        return 0
    return adjust(tx, line, count, rules.RULE, rules.REASON, post, count.worker)


def _touches_others(tx: Tx, count: Count, line: Line, seen: list[Tally]) -> bool:
    """A serial that the books have at another place is never the counter's own decision."""
    if not tallies.item_of(tx, line.item).serial_tracked:
        return False
    return bool(serials.compare(tx, count, line.key, seen).elsewhere)


def _booked(tx: Tx, count: Count) -> set[Key]:
    """What the books say is there now: seen or not, it is said to be so many, or none."""
    here = book.at_place(tx, count.place)
    return {part.key for part in here if part.quantity > 0 and count.item in ("", part.item)}


def _not_counted(tx: Tx, count: Count, said: dict[Key, list[Tally]]) -> set[Key]:
    """Keys of which something came since the count began, or that were to be counted anew, and nobody tallied."""
    begun_anew = {row.key for row in tallies.everything(tx, count.id) if row.void == "moved" and row.key not in said}
    came = set()
    for key in _booked(tx, count) - said.keys():
        if any(step.quantity > 0 for step in book.steps(tx, count.place, key, count.begun_seq)) or (
            key.lpn and book.lpn_came(tx, count.place, key, count.begun_seq)
        ):
            came.add(key)
    return begun_anew | came


def _taken_since(tx: Tx, count: Count, key: Key, last: Tally) -> bool:
    """Was something taken after the last scan, which did not say that it was all?"""
    if not key.item or last.typed or last.serial:
        return False
    return any(step.quantity < 0 for step in book.steps(tx, count.place, key, last.seq))


def _supersede(tx: Tx, count: Count) -> None:
    """What waited here was looked at again."""
    for old in tx.all(WAITING_AT, Line, place=count.place, item=count.item):
        _set_aside(tx, old)


def _set_aside(tx: Tx, old: Line) -> None:
    tx.run(SET_STATE, which=old.id, new_state="superseded", who="", why="", now=clock.now(), seq=0, because="", since=0)


def _write(tx: Tx, line: Line) -> None:
    facts = msgspec.structs.asdict(line)
    tx.run(ADD, **{name: facts[name] for name in _NEW})


def _counted(count: Count, line: Line, seen: list[Tally]) -> Counted:
    return Counted(
        task=count.task,
        item=line.item,
        slot=Slot(location=line.place, lpn=line.lpn, lot=line.lot, status=line.status),  # type: ignore[arg-type]
        quantity=line.counted,
        count=count.id,
        round=count.round,
        position=line.position,
        tallies=tuple(Seen(label=row.label, quantity=row.quantity, seq=row.seq, serial=row.serial) for row in seen),
    )


def _unknown(tx: Tx, count: Count, said: dict[Key, list[Tally]]) -> None:
    """Codes nobody knows are told to a supervisor, who links them to their item on the variance page."""
    labels: dict[str, int] = {}
    for row in (row for key, rows in said.items() if not key.item for row in rows):
        labels[row.label] = labels.get(row.label, 0) + row.quantity
    for label, quantity in labels.items():
        exceptions.add(
            tx,
            "unknown_counted",
            f"{quantity} × {label} counted at {count.place}: nobody knows this code.",
            document=f"count {count.id}",
            location=count.place,
            quantity=quantity,
            worker=count.worker,
        )


def _status(held: list[Part]) -> str:
    """The status found goods get: the only one there, else available."""
    there = {part.status for part in held if part.quantity > 0}
    return there.pop() if len(there) == 1 else "available"
