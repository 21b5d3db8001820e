"""What the crew has in its hands: piles of equal goods, and what carries them from the shelf to the truck."""

from dataclasses import dataclass, field, replace

AVAILABLE = "available"


@dataclass(slots=True)
class Pile:
    """Equal goods in one place."""

    item: str
    lot: str
    label: str  # what is printed on each piece
    quantity: int
    serials: list[str] = field(default_factory=list)
    status: str = AVAILABLE

    def is_like(self, other: "Pile") -> bool:
        return (self.item, self.lot, self.status) == (other.item, other.lot, other.status)

    def split(self, quantity: int) -> "Pile":
        """Take so many off, as many as there are at most."""
        taken = min(quantity, self.quantity)
        serials, self.serials = self.serials[:taken], self.serials[taken:]
        self.quantity -= taken
        return replace(self, quantity=taken, serials=serials)


@dataclass(slots=True)
class Cart:
    """What one worker pushes: position → its order and totes, the one that takes goods last."""

    code: str
    orders: dict[str, str] = field(default_factory=dict)
    totes: dict[str, list[str]] = field(default_factory=dict)

    def tote(self, position: str) -> str:
        return self.totes[position][-1] if position in self.totes else ""


@dataclass(frozen=True, slots=True)
class Picked:
    """An order's totes on a packing table."""

    order: str
    totes: tuple[str, ...]
    station: str


@dataclass(slots=True)
class Bench:
    """What a packer has before them: the order, and the carton they fill."""

    picked: Picked
    inside: list[Pile] = field(default_factory=list)
    type: str = ""
    code: str = ""

    def begin(self) -> None:
        self.inside, self.type, self.code = [], "", ""


@dataclass(frozen=True, slots=True)
class Box:
    carton: str
    order: str
    carrier: str


@dataclass(frozen=True, slots=True)
class Found:
    """A bin that held less than the house said."""

    item: str
    place: str
    missing: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """Goods of which somebody else than their receiver must look at a sample: on their pallet, or in a bin already."""

    item: str
    lot: str
    by: str
    dock: str
    plate: str = ""
    bin: str = ""

    @property
    def place(self) -> str:
        return self.plate or self.bin


@dataclass(frozen=True, slots=True)
class Aside:
    """What nobody may sell until somebody else than `by` has looked: a lot, or some pieces in a place."""

    item: str
    lot: str
    by: str
    since: float
    label: str
    place: str = ""
    quantity: int = 0
