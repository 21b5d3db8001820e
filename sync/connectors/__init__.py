"""The ways to an ERP, one file or folder each. A new one is one beside these and a line in `BUILD`."""

from collections.abc import Callable

from app.config import ConnectorSettings
from sync.connectors.base import Connector
from sync.connectors.file import FileConnector
from sync.connectors.http import HttpConnector
from sync.connectors.tryton import TrytonConnector

BUILD: dict[str, Callable[[ConnectorSettings], Connector]] = {
    "http": HttpConnector.of,
    "file": FileConnector.of,
    "tryton": TrytonConnector.of,
}


def connect(settings: ConnectorSettings) -> Connector:
    """The connector these settings describe. Raises CannotStart when they cannot be right."""
    return BUILD[settings.kind](settings)
