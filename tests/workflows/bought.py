"""A packing table whose carrier NORTH is somewhere else: its labels are bought over HTTP from the virtual carrier."""

from sqlalchemy import select

from app.buying_book import PurchaseBook
from app.floor.floor import Ports
from app.schema.carriers import label_purchase
from app.schema.documents import sales_order
from app.schema.printing import print_job
from app.schema.work import carton, exception
from app.work.carriers import purchases
from app.work.carriers.purchases import Purchase
from sync.carriers.buyer import Buyer
from sync.carriers.http import HttpCarrier
from sync.carriers.virtual import VirtualCarrier
from tests.workflows.picked import SLIPS, ZEBRA, item, order, packer, pick, stock, tote, warehouse
from tests.world import Hand, World

SECRET = "between us and the carrier"
ADDRESS = "Jane Doe, 1 High Street, LS1 4AB Leeds, UK"


class Table:
    """Jonas at the packing table, the carrier's program, and the buyer between them, one step at a time."""

    def __init__(self, world: World, carrier: VirtualCarrier, *, answer_within_s: float = 5.0) -> None:
        self.world, self.carrier = world, carrier
        world.location("A-01")
        item(world, "MUG", case=2)
        stock(world, "A-01 MUG 20")
        order(world, "482", "NORTH", MUG=2)
        self.address(ADDRESS)
        tote(world, "T-001")
        pick(world, "482/1", "MUG", 2, "A-01", "T-001")
        self.scale = warehouse(world)
        printers = {one.name: one for one in (ZEBRA, SLIPS)}
        world.ports = Ports(weigh=self.scale.weigh, printers=printers, carriers=("NORTH",))
        self.book = PurchaseBook(world.db, printers)
        self.door = HttpCarrier("NORTH", carrier.address, secret=SECRET, answer_within_s=answer_within_s)
        self.buyer = Buyer([self.door], self.book)
        self.jonas: Hand = packer(world)

    def address(self, text: str) -> None:
        self.world.change(sales_order, sales_order.c.code == "482", address=text)

    def pack(self) -> str:
        """Two mugs, weighed and closed; the carton's number."""
        self.jonas.scan("T-001", "#MUG/case")
        self.scale.grams = 950
        self.jonas.tap("weigh")
        return self.number

    @property
    def number(self) -> str:
        return str(self.world.rows(select(carton.c.lpn))[0][0])

    def buys(self, times: int = 1) -> list[str]:
        """The buyer does what is due, that often; after each step the state of the newest purchase. No waiting."""
        states = []
        for _ in range(times):
            self.world.change(label_purchase, label_purchase.c.next_at > 0, next_at=0)
            self.buyer.workers["NORTH"].one_job()
            states.append(self.purchase().state)
        return states

    def purchase(self) -> Purchase:
        code = self.number
        with self.world.db.reading() as tx:
            found = purchases.last(tx, code)
        assert found is not None
        return found

    def purchases(self) -> list[str]:
        table = label_purchase.c
        return [row[0] for row in self.world.rows(select(table.state).order_by(table.created, table.id))]

    def made(self) -> list[tuple[str, str, int]]:
        """(number, state, how often asked for) of every label the carrier made."""
        return [(one.tracking, one.state, one.asked) for one in self.carrier.books.made.values()]

    def jobs(self) -> list[tuple[str, str]]:
        table = print_job.c
        return [(row[0], row[1]) for row in self.world.rows(select(table.kind, table.state).order_by(table.created))]

    def cases(self) -> list[str]:
        return [row[0] for row in self.world.rows(select(exception.c.code))]
