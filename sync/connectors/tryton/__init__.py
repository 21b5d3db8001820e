"""Tryton: the floor's side of the connector. `module/` is the ERP's side, installed there, under its own licence."""

from sync.connectors.tryton.connector import TrytonConnector

__all__ = ["TrytonConnector"]
