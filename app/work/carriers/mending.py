"""An order whose address or carrier cannot be: a supervisor mends it, and what was refused is bought again.

The address stands on the order then, for the label, the slip and whoever looks. Cartons that have a label keep it: its
number is on the goods, so it is voided first, knowingly.
"""

from sqlalchemy import bindparam, or_, update

from app.db import Tx
from app.errors import Malformed, State
from app.schema.documents import sales_order
from app.schema.work import carton
from app.work import packing, parcels
from app.work.carriers import purchases
from app.work.parcels import Carton

LONGEST_ADDRESS = 400
AT_THE_TABLE = ("open", *parcels.UNLABELLED)

MEND = (
    update(sales_order)
    .where(sales_order.c.code == bindparam("of_order"))
    .values(address=bindparam("new_address"), carrier=bindparam("new_carrier"), service=bindparam("new_service"))
)
MEND_CARTONS = (
    update(carton)
    .where(carton.c.order_code == bindparam("of_order"), or_(*(carton.c.state == state for state in AT_THE_TABLE)))
    .values(carrier=bindparam("new_carrier"), service=bindparam("new_service"))
)


class HasLabel(State):
    code, title = "carton_has_label", "It has a label"
    says = "Carton {carton} of order {order} has a label of {carrier}: {state}."
    todo = "Void it first, or let it go as it is."


class NoAddress(Malformed):
    code, title = "no_address", "Which address?"
    says = "An address has 1 to {limit} characters."
    todo = "Write it line by line, or with commas."


def mend(tx: Tx, order: str, *, address: str, carrier: str, service: str) -> list[Carton]:
    """Make it so; the cartons whose labels may be bought again. What is left empty stays as it is.

    Raises UnknownOrder, OrderOff, NotPicked, NoAddress; HasLabel where another carrier would leave a paid label behind.
    """
    head = packing.order(tx, order)
    address = address.strip() or head.address
    if not 0 < len(address) <= LONGEST_ADDRESS:
        raise NoAddress(limit=LONGEST_ADDRESS, scanned=address[:20])
    carrier, service = (carrier.strip(), service.strip()) if carrier.strip() else (head.carrier, head.service)
    cartons = parcels.of_order(tx, order)
    for one in cartons:
        label = purchases.live(tx, one.lpn)
        gone = one.state not in AT_THE_TABLE and (carrier, service) != (one.carrier, one.service)
        if label is not None or gone:
            state = label.state if label else one.state
            raise HasLabel(carton=one.lpn, order=order, carrier=one.carrier, state=state)
    if cartons:
        packing.workable(tx, order)
    tx.run(MEND, of_order=order, new_address=address, new_carrier=carrier, new_service=service)
    tx.run(MEND_CARTONS, of_order=order, new_carrier=carrier, new_service=service)
    for one in cartons:
        purchases.settle(tx, one.lpn)
    tx.tell("orders")
    return [one for one in parcels.of_order(tx, order) if one.state in parcels.UNLABELLED]
