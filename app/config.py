"""The settings of one site, read from a TOML file and the environment. An unknown key is an error, never ignored.

`PICKFACE_DATABASE=…` in the environment overrides `database = …` in the file, and so on for each plain value.
"""

import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from app.errors import CannotStart


class StationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    name: str = ""
    location: str = ""
    zone: str = ""
    label_printer: str = ""
    slip_printer: str = ""
    scale: str = ""
    scanner: str = ""


class PrinterSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    kind: Literal["zpl", "escpos"] = "zpl"
    transport: Literal["tcp", "serial", "queue", "file"] = "tcp"
    address: str = ""  # host:port, queue name or device path
    dpi: Literal[203, 300, 600] = 203
    width_mm: int = 0  # of the paper; 0: 100 for labels, 80 for slips
    height_mm: int = 150
    two_way: bool = True
    baud: Annotated[int, msgspec.Meta(ge=50, le=4_000_000)] = 9600  # of a serial line
    bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    flow: Literal["none", "rts-cts", "xon-xoff"] = "none"  # how the printer says "wait"

    @property
    def paper_mm(self) -> int:
        return self.width_mm or (80 if self.kind == "escpos" else 100)


class DeviceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fixed scanner, scale or dimensioner: `address` is a by-id path, `rfc2217://…`, `tcp://…` or `listen://host:port`."""

    name: str
    kind: Literal["scanner", "scale", "dimensioner"]
    address: str
    station: str
    framing: str = "line"
    protocol: str = "generic"
    gs: str = "\x1d"
    prefix: str = ""  # what the scanner puts around each code
    suffix: str = ""
    capacity_g: int | None = None
    baud: int = 9600
    bits: Literal[7, 8] | None = None  # as the protocol has it
    parity: Literal["N", "E", "O"] | None = None


class ConnectorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    kind: Literal["http", "file", "tryton", "erpnext", "odoo", "nats"] = "http"
    address: str  # URL or folder; of Tryton `http://user@host:8000/database`; `nats://host:4222`
    secret: str = (
        ""  # signs each batch; Tryton: the user's password, ERPNext: `key:secret`, Odoo: an API key, NATS: a token
    )
    batch: int = 100
    moves: bool = False  # told of goods that only change their bin, too; the desk may decide otherwise
    owner: str = ""  # tells only of this owner's goods; empty: of all
    options: dict[str, str] = {}  # the ERP's own places: `quarantine = "QUA"`


class CarrierSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A carrier whose labels are bought: `name` as orders call it. One that is not named here has our own labels."""

    name: str
    kind: Literal["http", "karrio", "house"] = "http"
    address: str = ""  # URL; of karrio its name of the carrier, `dhl_express`
    secret: str = ""  # signs each request; or
    token: str = ""  # the carrier's bearer token
    options: dict[str, str] = {}  # karrio: the account's own settings


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    site: str = "MAIN"
    site_name: str = "Warehouse"
    timezone: str = "UTC"
    database: str = "sqlite:///var/pickface.db"
    host: str = "127.0.0.1"
    port: int = 8080
    tls_certificate: str = ""
    tls_key: str = ""
    trusted_origins: tuple[str, ...] = ()
    gs1_company_prefix: str = ""
    sscc_from: int = 0  # where several sites share the prefix: the serials this one gives out; 0 and 0: all
    sscc_to: int = 0
    inbox_secret: str = ""  # signs what the ERP pushes to us; empty closes the push door
    availability_key: str = ""  # a shop's bearer key for /api/availability; empty closes those doors and rests the feed
    photo_folder: str = ""  # empty: beside the database file
    inbox_folder: str = ""  # where the ERP drops files for us; empty: nowhere
    printer_networks: tuple[str, ...] = ()  # CIDR blocks label printers may live in
    printer_loopback: bool = False
    queue_limit: int = 256  # turns waiting for the writer before we answer 503
    demo: bool = False
    stations: tuple[StationSettings, ...] = ()
    printers: tuple[PrinterSettings, ...] = ()
    devices: tuple[DeviceSettings, ...] = ()
    connectors: tuple[ConnectorSettings, ...] = ()
    carriers: tuple[CarrierSettings, ...] = ()


def load(path: Path | None = None) -> Settings:
    """Settings from `path`, TOML or JSON (or ./pickface.toml where it exists) and the environment.

    Raises CannotStart with the offending key for anything unknown or of the wrong type.
    """
    values: dict[str, object] = {}
    path = path or (Path("pickface.toml") if Path("pickface.toml").exists() else None)
    if path is not None:
        try:
            text = path.read_text(encoding="utf-8")
            values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except OSError as problem:
            raise CannotStart(f"The settings file {path} cannot be read: {problem.strerror}.") from None
        except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError) as problem:
            raise CannotStart(f"The settings file {path} cannot be understood: {problem}.") from None
    for field in msgspec.structs.fields(Settings):
        given = os.environ.get(f"PICKFACE_{field.name.upper()}")
        if given is not None and field.type in (str, int, bool):
            try:
                values[field.name] = msgspec.convert(given, field.type, strict=False)
            except msgspec.ValidationError:
                kind = {int: "a whole number", bool: "true or false"}.get(field.type, "text")
                raise CannotStart(f"PICKFACE_{field.name.upper()} must be {kind}, not {given!r}.") from None
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as problem:
        raise CannotStart(f"The settings are wrong: {problem}.") from None
