"""Picking: where a walk stands, and what comes next. Shared by the screens of single-order and cluster picking.

Each scan begins with `line`: it extends the lease and looks whether the line is still wanted. `go_on` names the next
question of a walk: a tote that is missing, the next line, the drop of a full cart, or nothing.
"""

from app.errors import State, Wrong
from app.floor.floor import Floor
from app.floor.prompt import Goods, Key, Prompt
from app.floor.screens import Screen, build
from app.stock.slots import hand_of
from app.work import picking, shelf_life, tasks, waves
from app.work.picking import Pick, Tote
from app.work.tasks import Task
from app.workflows.picking_hand import InHand

SHORT = Key(name="short", label="Short")
SKIP = Key(name="skip", label="Skip")
FULL = Key(name="full", label="Tote full")
PAPER = Key(name="paper", label="On paper")


class WrongLocation(Wrong):
    code, title = "wrong_location", "Wrong location"
    todo = "Go to {expected}."


class WrongItem(Wrong):
    code, title = "wrong_item", "Wrong item"
    todo = "Put it back. Then take {expected} from {place}. Nothing was counted."


class WrongLpn(Wrong):
    code, title = "wrong_lpn", "Wrong LPN"
    todo = "Take it from {expected}."


class WrongTote(Wrong):
    code, title = "wrong_tote", "Wrong tote"
    todo = "Put it into {expected}."


class ToteElsewhere(State):
    code, title = "tote_elsewhere", "Tote not here"
    says = "{scanned} is not with you: the books have it at {where}."
    todo = "Scan another empty tote by Tote full."


class ItemFirst(State):
    code, title = "item_first", "Item first"
    says = "Scan the {item} before {scanned}."
    todo = "Nothing was counted."


def line(floor: Floor, task: str, key: str) -> Pick | None:
    """The line while it is still to be picked; None when it was cancelled or done meanwhile.

    Raises TakenOver or TaskOver.
    """
    tasks.keep(floor.tx, task, floor.worker, floor.device)
    found = picking.find(floor.tx, key)
    return found if found is not None and found.state == "open" else None


def moved_on(floor: Floor, task: str, key: str, hand: InHand | None = None) -> Screen:
    """The line is off: say so, and go to the next one."""
    found = picking.find(floor.tx, key)
    if found is not None and found.state == "cancelled":
        state = floor.tx.value(picking.STATE_OF_ORDER, code=found.order_code) or "changed"
        told = state if state in ("cancelled", "held") else "changed"
        back = f" Put {hand.taken} × {found.item} back to {found.location}." if hand and hand.taken else ""
        held = shelf_life.lot_of(floor.tx, found.item, found.lot) if found.lot else None
        if held is not None and held[1]:
            floor.warn(f"Lot {found.lot} of {found.item} is on hold ({held[1]}): this line is off.{back}")
        else:
            floor.warn(f"Order {found.order_code} was {told} meanwhile: this line is off.{back}")
    return go_on(floor, task)


def go_on(floor: Floor, task: str, at: str = "", lpn: str = "") -> Screen:
    """The next question of a walk; `at` and `lpn` are where the worker stands already."""
    wanted = picking.without_tote(floor.tx, task)
    if wanted is not None:
        return build("picking.tote", task=task)
    following = picking.next_pick(floor.tx, task)
    if following is not None:
        if at and (following.location, following.lpn) == (at, lpn):
            return build("picking.take", task=task, pick=following.id)
        return build("picking.go", task=task, pick=following.id)
    if any(tote.tote for tote in picking.totes(floor.tx, task)):
        return build("picking.unload", task=task)
    return end(floor, task)


def end(floor: Floor, task: str) -> Screen:
    """Nothing left of this walk."""
    found = tasks.find(floor.tx, task)
    tasks.finish(floor.tx, task)
    if found is not None:
        waves.settle(floor.tx, found.wave)
    if floor.verdict is None:
        floor.step("Nothing is left of this walk.")
    return build("picking")


def name(task: Task) -> str:
    """`cart CART-4`, `order 1001`, `cart W-0003-2` as long as it has no cart."""
    if task.document and (not task.cart or task.cart.startswith("@")):
        return task.document
    return f"cart {task.cart or task.id}"


def on_cart(tx_totes: list[Tote]) -> tuple[str, ...]:
    """The positions of the cart, for the little picture of it."""
    return tuple(dict.fromkeys(str(tote.position) for tote in tx_totes))


def gone_prompt(task: str) -> Prompt:
    """What a screen shows whose line or task went away since."""
    return Prompt(job="Pick", headline="Scan anything", hint="this line was cancelled meanwhile", subject=task)


def line_prompt(
    floor: Floor,
    task: str,
    key: str,
    headline: str,
    *,
    big: str,
    hand: InHand | None = None,
    arrived: bool = True,
    hint: str = "",
    keys: tuple[Key, ...] = (SHORT, SKIP, FULL),
    wants: tuple[str, ...] = (),
) -> Prompt:
    """One line of a walk as it is shown at each of its questions."""
    found, walk = picking.find(floor.tx, key), tasks.find(floor.tx, task)
    if found is None or walk is None:
        return gone_prompt(task)
    totes = picking.totes(floor.tx, task)
    tote = next((t for t in totes if t.order_code == found.order_code and not t.full), None)
    done, lines = picking.count(floor.tx, task)
    goods = picking.item_of(floor.tx, found.item)
    note = f"lot {found.lot}" if found.lot else "scan the serial" if goods.serial_tracked else ""
    taken = hand.taken if hand else 0
    ticks = [f"at {found.location}"] if arrived else []
    ticks += [f"{taken} × {goods.name or goods.code}"] if taken else []
    return Prompt(
        job=f"Pick {name(walk)}",
        headline=headline,
        hint=hint or (f"in LPN {found.lpn}" if found.lpn else ""),
        progress=(min(done + 1, lines), lines),
        progress_of="lines",
        under_way=done < lines,
        big=big,  # type: ignore[arg-type]
        place=found.location,
        item=Goods(code=goods.code, name=goods.name, note=note),
        quantity=found.left - taken if big == "quantity" and taken < found.left else found.left,
        of=found.left if taken and taken < found.left else None,
        unit=goods.unit,
        quantity_is="still to take" if big == "quantity" and 0 < taken < found.left else "",
        tote=str(tote.position) if tote else "",
        totes=on_cart(totes),
        done=tuple(ticks),
        keys=keys,
        wants=wants,
        speech=f"{headline}. {found.location}, {found.left} {goods.name}.",
    )


def cart_of(floor: Floor, task: str) -> str:
    found = tasks.find(floor.tx, task)
    return (found.cart if found else "") or hand_of(floor.worker)
