"""A day for the crew that was ordered in a Tryton: what the trucks bring and the customers want, as the crew's own papers.

Five purchases of two goods each come in, one of them a piece short; ten sales go out, and one thing is not in its bin when
it is picked. One of the goods has a lot, of another each piece has a number. In the afternoon customers send some of it
back, and two of the crew count the bin that was short; what they find differs, and their lead approves it.
"""

from sqlalchemy import select, update

from app import schema
from app.crew.count import count
from app.crew.desk import Desk
from app.crew.put_away import put_away
from app.crew.run import Crew
from app.crew.take_back import take_back
from app.crew.truth import (
    Badge,
    BinShort,
    CartonType,
    Delivery,
    Item,
    Order,
    OrderLine,
    Pallet,
    Places,
    Truth,
)
from app.crew.work import Worker
from app.desk.codes_waiting import label
from app.schema.documents import order_line, po_line
from app.schema.people import worker
from app.work import people
from tests.faults.clients import PIN
from tests.sync.tryton_books import Erp
from tests.sync.tryton_floor import Floor
from tests.tryton import company
from tests.world import World

LOTTED, NUMBERED = company.item(company.LOTTED * 2), company.item(company.NUMBERED)
GOODS = (*(company.item(number) for number in range(11, 19)), LOTTED, NUMBERED)
A_PURCHASE = 2  # goods of one purchase
SALES, WANTED = 10, ((0, 2), (3, 1), (7, 2))  # the n-th sale wants the n-th of the goods, the one three further on, …
ORDERED = 9  # of each: five are wanted, four are spare
SHORT_AT_THE_DOCK, SHORT_IN_THE_BIN = GOODS[1], BinShort(item=GOODS[0], missing=6)
HANDS, LEAD = ("mara", "piet", "olga"), "ruth"
ROLES = {**dict.fromkeys(HANDS, "worker packer loader"), LEAD: "worker supervisor"}  # hers alone is the decision
BINS = 30
CARRIER, PRINTER = "NORTH", "LABEL-1"
GRAMS, SIZE = 400, (90, 90, 90)
CARTON = CartonType(size_mm=(400, 400, 400), weight_g=300, max_weight_g=20_000)
PARCELS = 4  # that each of the two takes back


def ordered(floor: Floor, erp: Erp) -> Truth:
    """Ordered in Tryton, pulled, and laid out here."""
    for first in range(0, len(GOODS), A_PURCHASE):
        company.purchase(erp.books, "ACME", *[(item, ORDERED) for item in GOODS[first : first + A_PURCHASE]])
    for n in range(SALES):
        company.sale(erp.books, "NORD", *[(GOODS[(n + at) % len(GOODS)], pieces) for at, pieces in WANTED])
    floor.pull()
    floor.world.at_once(lambda: _lay_out(floor.world))
    orders: dict[str, list[OrderLine]] = {}
    for code, line, item, quantity in floor.world.rows(
        select(order_line.c.order_code, order_line.c.line, order_line.c.item, order_line.c.quantity)
    ):
        orders.setdefault(code, []).append(OrderLine(line=line, item=item, quantity=quantity))
    bought = select(po_line.c.po, po_line.c.line, po_line.c.item, po_line.c.quantity).order_by(po_line.c.po)
    return Truth(
        items={code: _item(code, floor.world.barcodes[code]) for code in GOODS},
        orders={code: Order(carrier=CARRIER, lines=tuple(lines)) for code, lines in orders.items()},
        places=Places(
            staging=("DOCK-1", "DOCK-2"),
            stations=("PACK-1", "PACK-2"),
            carts=tuple(f"CART-{n}" for n in range(len(HANDS))),
            lanes={CARRIER: "LANE-N"},
            trucks={CARRIER: "TRUCK-N"},
        ),
        workers=tuple(Badge(badge=f"B-{who}", pin=PIN, roles=tuple(ROLES[who].split())) for who in ROLES),
        deliveries=tuple(
            Delivery(po=po, line=line, item=item, ordered=n, pallets=(_pallet(floor.world, item, n),))
            for po, line, item, n in floor.world.rows(bought)
        ),
        bin_shorts=(SHORT_IN_THE_BIN,),
        cartons={"C3": CARTON},
    )


def _item(code: str, barcode: str) -> Item:
    by_lot, by_serial = code == LOTTED, code == NUMBERED
    return Item(
        name=code, barcode=barcode, weight_g=GRAMS, size_mm=SIZE, lot_tracked=by_lot, serial_tracked=by_serial
    )  # fmt: skip


def _pallet(world: World, item: str, quantity: int) -> Pallet:
    there = quantity - (item == SHORT_AT_THE_DOCK)
    lot = "L-20" if item == LOTTED else ""
    serials = tuple(f"S{number:05}" for number in range(there)) if item == NUMBERED else ()
    gs1 = label(world.barcodes[item], lot, "") if lot else ""
    return Pallet(quantity=there, lot=lot, serials=serials, gs1=gs1)


def _lay_out(world: World) -> None:
    for n in range(BINS):
        world.location(f"A-{n:02}", kind="bin", mix="one_item", sequence=n)
    for code, kind in (("DOCK-1", "staging"), ("DOCK-2", "staging"), ("PACK-1", "station"), ("PACK-2", "station")):
        world.location(code, kind=kind)
    for code, kind in (("LANE-N", "lane"), ("TRUCK-N", "truck"), *((f"CART-{n}", "cart") for n in range(len(HANDS)))):
        world.location(code, kind=kind, carrier="" if kind == "cart" else CARRIER)
    for code in ("PACK-1", "PACK-2"):
        world.add(schema.places.station, code=code, name=code, location=code, label_printer=PRINTER)
    length, width, height = CARTON.size_mm
    sizes = {"length_mm": length, "width_mm": width, "height_mm": height}
    heavy = {"weight_g": CARTON.weight_g, "max_weight_g": CARTON.max_weight_g}
    world.add(schema.work.carton_type, code="C3", name="C3", **sizes, **heavy)
    items, orders = schema.items.item, schema.documents.sales_order
    length, width, height = SIZE
    sizes = {"length_mm": length, "width_mm": width, "height_mm": height}
    for code in GOODS:
        world.change(items, items.c.code == code, weight_g=GRAMS, measured=1, **sizes)
    world.change(orders, orders.c.state == "pool", carrier=CARRIER, service="Express")


def sign_on(world: World) -> None:
    """Each with a role and a PIN."""
    for who, roles in ROLES.items():
        world.worker(who, roles)
    pin = people.hash_pin(PIN)
    world.db.do(lambda tx: tx.run(update(worker).values(pin_hash=pin)))


def afternoon(crew: Crew, url: str, seed: int, pause_s: float) -> None:
    """Parcels come back, and the bin that was short is counted by two; the lead approves what they found."""
    for who in crew.truth.workers[:2]:
        hand = Worker(url, who, crew.house, crew.log, None, seed=seed, wrong=0.0, pause_s=pause_s)
        hand.handheld.sign_in()
        enough = crew.house.taken_back + PARCELS
        while crew.house.taken_back < enough:
            assert crew.house.at_customers, "customers have nothing left to send back"
            take_back(hand)
        while put_away(hand):
            pass
        for place in {found.place for found in crew.house.found}:
            assert count(hand, place)
        hand.handheld.sign_out()
        hand.handheld.close()
    desk = Desk(url, crew.truth.workers[-1])
    desk.sign_in()
    assert desk.approve_variances() == 1
    desk.close()
