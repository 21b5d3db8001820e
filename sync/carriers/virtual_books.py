"""What the virtual carrier remembers: each label by its key, voids, manifests. In a file, so that it can die and come back.

It keeps a carrier's side of the contract: the same key gets the same label, whatever happened to the answer before, and a
key used for another parcel is refused.
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from app.work.carriers.parcel import Bought, Parcel, Quote
from sync.carriers.port import Declined

NOWHERE = ("NOWHERE", "00000")  # a city and a postcode no van goes to
HEAVIEST_G = 31_500
DOTS_WIDE, DOTS_HIGH = 800, 1180  # at 203 dpi, on 100 × 150 mm
LINE = 44


class Made(msgspec.Struct, kw_only=True):
    """A label of this carrier."""

    key: str
    tracking: str
    parcel: Parcel
    cents: int
    state: str = "made"  # made, void, on the truck
    manifest: str = ""
    manifest_key: str = ""
    asked: int = 1  # how often it was bought under its key


class VirtualBooks:
    """Thread-safe. `file` keeps them over a restart; without one they live as long as the process."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.made: dict[str, Made] = {}
        self._numbers: dict[str, str] = {}  # of manifests, by key
        if file is not None and file.exists():
            for line in file.read_bytes().splitlines():
                kept = msgspec.json.decode(line, type=Made)
                self.made[kept.key] = kept
            for kept in self.made.values():
                if kept.manifest:
                    self._numbers[kept.manifest_key] = kept.manifest

    def quote(self, parcel: Parcel) -> list[Quote]:
        if parcel.weight_g > HEAVIEST_G:
            return []
        return [
            Quote(service="Standard", cents=_price(parcel)),
            Quote(service="Express", cents=_price(parcel) + 500),
        ]

    def buy(self, key: str, parcel: Parcel, *, address_is_bad: bool = False) -> Bought:
        """Raises Declined."""
        with self._lock:
            known = self.made.get(key)
            if known is not None:
                if known.parcel != parcel:
                    raise Declined("This key was used for another parcel.", about="order")
                known.asked += 1
                self._keep(known)
                return _label(known)
            where = {parcel.to.city.upper(), parcel.to.postcode.upper()}
            if address_is_bad or where & set(NOWHERE) or not parcel.to.city:
                raise Declined(
                    f"No street of ours: {parcel.to.postcode} {parcel.to.city}".strip() + ".", about="address"
                )
            if parcel.weight_g > HEAVIEST_G:
                raise Declined(f"{parcel.weight_g} g are more than {HEAVIEST_G} g.")
            made = Made(key=key, tracking=f"VC{len(self.made) + 1:010d}", parcel=parcel, cents=_price(parcel))
            self.made[key] = made
            self._keep(made)
            return _label(made)

    def lookup(self, key: str) -> Bought | None:
        with self._lock:
            known = self.made.get(key)
            return None if known is None else _label(known)

    def void(self, tracking: str) -> None:
        """Harmless when it is void already. Raises Declined for one on the truck."""
        with self._lock:
            known = self._of(tracking)
            if known.state == "on the truck":
                raise Declined(f"{tracking} is on its way.", about="order")
            known.state = "void"
            self._keep(known)

    def manifest(self, key: str, tracking: list[str]) -> str:
        """The same number for the same key. Raises Declined where one of them is void."""
        with self._lock:
            number = self._numbers.setdefault(key, f"MF{len(self._numbers) + 1:06d}")
            parcels = [self._of(one) for one in tracking]
            for one in parcels:
                if one.state == "void":
                    raise Declined(f"{one.tracking} is void.", about="order")
            for one in parcels:
                one.state, one.manifest, one.manifest_key = "on the truck", number, key
                self._keep(one)
        return number

    def track(self, tracking: str) -> str:
        with self._lock:
            known = self._of(tracking)
            return f"{tracking} for {known.parcel.to.city}: {known.state}."

    def _of(self, tracking: str) -> Made:
        found = next((one for one in self.made.values() if one.tracking == tracking), None)
        if found is None:
            raise Declined(f"Nobody here knows {tracking}.", about="order")
        return found

    def _keep(self, one: Made) -> None:
        """The newest line of a key counts."""
        if self._file is not None:
            with self._file.open("ab") as out:
                out.write(msgspec.json.encode(one) + b"\n")


def _price(parcel: Parcel) -> int:
    return 390 + 20 * (parcel.weight_g // 1000)


def _label(made: Made) -> Bought:
    return Bought(tracking=made.tracking, form="zpl", label=_zpl(made), cents=made.cents)


def _zpl(made: Made) -> bytes:
    """A plain carrier label: to whom, the service, and its number as Code 128."""
    to = made.parcel.to
    lines = [to.name, *to.lines, f"{to.postcode} {to.city}".strip(), to.country, f"{made.parcel.weight_g} g"]
    lines += [made.parcel.order, f"(00) {made.parcel.carton}" if len(made.parcel.carton) == 18 else made.parcel.carton]
    words = "".join(
        f"^FO40,{150 + 50 * n}^A0N,36,36^FH_^FD{_escaped(line[:LINE])}^FS" for n, line in enumerate(filter(None, lines))
    )
    head = f"^FO40,40^A0N,60,60^FH_^FD{_escaped(f'Virtual carrier {made.parcel.service}'.strip()[:LINE])}^FS"
    frame = f"^FO20,20^GB{DOTS_WIDE - 40},{DOTS_HIGH - 180},3^FS"
    bars = f"^FO120,700^BY3^BCN,180,N,N,N,A^FD{made.tracking}^FS^FO120,890^A0N,40,40^FD{made.tracking}^FS"
    return f"^XA^CI28{frame}{head}{words}{bars}^XZ".encode()


def _escaped(text: str) -> str:
    return "".join(chr(one) if chr(one).isalnum() and one < 128 else f"_{one:02X}" for one in text.encode())
