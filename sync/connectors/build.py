"""The ways to an ERP, one file or folder each. A new one is one beside these and a line in `BUILD`."""

from collections.abc import Callable

from app.config import ConnectorSettings
from sync.connectors.base import Connector
from sync.connectors.erpnext import ErpNextConnector
from sync.connectors.file import FileConnector
from sync.connectors.http import HttpConnector
from sync.connectors.nats import NatsConnector
from sync.connectors.odoo import OdooConnector
from sync.connectors.tryton import TrytonConnector

BUILD: dict[str, Callable[[ConnectorSettings, str], Connector]] = {
    "http": lambda settings, site: HttpConnector.of(settings),
    "file": lambda settings, site: FileConnector.of(settings),
    "tryton": lambda settings, site: TrytonConnector.of(settings),
    "erpnext": lambda settings, site: ErpNextConnector.of(settings),
    "odoo": lambda settings, site: OdooConnector.of(settings),
    "nats": NatsConnector.of,
}


def connect(settings: ConnectorSettings, site: str = "") -> Connector:
    """The connector these settings describe, for this site. Raises CannotStart when they cannot be right."""
    return BUILD[settings.kind](settings, site)
