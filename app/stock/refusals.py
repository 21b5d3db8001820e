"""What protects the stock: refused by the ledger, whatever a screen or a rule has promised before.

Others raise the same where they know earlier, so that a worker hears one sentence for one trouble.
"""

from app.errors import State


class NotEnough(State):
    code, title = "not_enough", "Not enough there"
    says = "{place} has no {quantity} × {item} free{detail}."
    todo = "Count what is there, or take it from elsewhere."


class OnHold(State):
    code, title = "on_hold", "On hold"
    says = "{item}{detail} is on hold ({status}) and may not leave."
    todo = "Leave it where it is and tell a supervisor."


class SerialElsewhere(State):
    code, title = "serial_elsewhere", "Serial not here"
    says = "Serial {serial} of {item} is {where}."
    todo = "Check the serial on the goods."


class DuplicateSerial(State):
    code, title = "duplicate_serial", "Serial in stock"
    says = "Serial {serial} of {item} is already in stock at {where}."
    todo = "Check the serial on the goods."


class CyclicNest(State):
    code, title = "cyclic_nest", "Cannot nest"
    says = "{lpn} cannot stand inside {parent}: that would close a circle."


class LpnEnded(State):
    code, title = "lpn_ended", "Not in use any more"
    says = "{scanned} is {state}: nothing goes into it again."
    todo = "Take another, with a label of its own."
