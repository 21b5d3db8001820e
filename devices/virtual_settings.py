"""What a floor needs in its settings to use a piece of virtual hardware: a block of TOML, ready to copy.

Each `pickface virtual …` prints its own for exactly the address it has, so that nobody looks up how an address is written.
"""

import json
import sys

STATION = "PACK-1"


def block(table: str, **facts: str | int | bool) -> str:
    """One table of an array, its values as TOML has them: its strings are JSON's, but for nothing we write."""
    return f"[[{table}]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in facts.items())


def device(kind: str, name: str, address: str, station: str = STATION, protocol: str = "generic") -> str:
    """A scanner, scale or dimensioner."""
    spoken = {} if protocol == "generic" else {"protocol": protocol}
    return block("devices", name=name, kind=kind, station=station, address=address, **spoken)


def printer(name: str, address: str, kind: str = "zpl", *, serial: bool = False) -> str:
    """A printer on this machine; for one at a port `printer_loopback` stands above the tables of the file, see `first`."""
    more: dict[str, str | int | bool] = {"transport": "serial"} if serial else {}
    if kind == "escpos":
        more |= {"kind": "escpos", "width_mm": 80}
    return block("printers", name=name, address=address, **more)


def first() -> str:
    """What stands at the top of the file: without it a floor opens no printer on its own machine."""
    return "printer_loopback = true  # above the first table of the file\n"


def tell(settings: str) -> None:
    """On standard output, while all else a program says goes beside it: `pickface virtual wall > pickface.toml`."""
    sys.stdout.write(f"{settings}\n")
    sys.stdout.flush()
