"""What a label can turn out to be: one struct for each kind of thing that carries one."""

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A label understood. `label` is how it is shown to a worker; `warning`, a code, is what speaks against it."""

    label: str
    warning: str = ""

    @property
    def kind(self) -> str:
        raise TypeError("a bare reading has no kind")


class CommandReading(Reading, frozen=True, kw_only=True):
    kind = "command"
    name: str


class LocationReading(Reading, frozen=True, kw_only=True):
    kind = "location"
    location: str
    of: str = "bin"  # the location's own kind


class LpnReading(Reading, frozen=True, kw_only=True):
    kind = "lpn"
    lpn: str
    of: str = "pallet"  # pallet, tote, carton
    new: bool = False  # never seen before


class ItemReading(Reading, frozen=True, kw_only=True):
    """An item with all its label said: a case barcode stands for `quantity` base units."""

    kind = "item"
    item: str
    quantity: int = 1
    unit: str = "each"
    lot: str = ""
    expiry: str = ""
    serial: str = ""
    count: int = 0
    weight_g: int = 0
    price: int = 0  # minor units, as a counter scale printed it: a fact, never booked


class DocumentReading(Reading, frozen=True, kw_only=True):
    kind = "document"
    document: str
    of: str  # po, asn, order, load, rma, transfer


class LotReading(Reading, frozen=True, kw_only=True):
    kind = "lot"
    lot: str
    expiry: str = ""


class SerialReading(Reading, frozen=True, kw_only=True):
    kind = "serial"
    serial: str
    item: str = ""


class WorkerReading(Reading, frozen=True, kw_only=True):
    kind = "worker"
    badge: str


class StationReading(Reading, frozen=True, kw_only=True):
    kind = "station"
    station: str
    at: str = ""  # the location it stands at
