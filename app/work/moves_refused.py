"""Why goods are not moved: each refusal of the job "Move" with its sentence."""

from app.errors import Ambiguous, State, Wrong


class LpnOver(State):
    code, title = "lpn_over", "LPN is used up"
    says = "LPN {scanned} carries nothing any more."
    todo = "Take its label off."


class NotMoved(Wrong):
    code, title = "not_moved_here", "Not moved here"
    says = "{scanned} is not moved by hand: {reason}."
    todo = "Use the job it belongs to."


class ScanOne(Ambiguous):
    code, title = "scan_one", "Scan one LPN"
    says = "{scanned} holds {what}."
    todo = "Scan one LPN, or an item that lies loose."


class Promised(State):
    code, title = "promised", "Promised to an order"
    says = "{quantity} × {item} at {place} are promised to {order}."
    todo = "Leave them there. Free ones: scan the item."


class MoreThanFree(State):
    code, title, scanned_is = "more_than_free", "More than free", "That would be"
    says = "Only {expected} × {item} at {place} are free; that would be {scanned}."
    todo = "Take {expected} at most."


class HeldByTask(State):
    code, title = "held_by_task", "Somebody has it"
    says = "{worker} is putting {scanned} away."
    todo = "Leave it to them, or ask them."


class NothingThere(State):
    code, title = "nothing_there", "Nothing there"
    says = "The books have nothing at {scanned}."
    todo = "Count it if something lies there."


class AlreadyCarried(State):
    code, title = "already_carried", "In a hand already"
    says = "{scanned} is carried by {worker}."
    todo = "Scan where it goes."


class SameLpn(Wrong):
    code, title = "same_lpn", "The same LPN"
    says = "{scanned} is the LPN itself."
    todo = "Scan the other LPN."
