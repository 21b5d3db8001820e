"""Odoo 19 and later, by the external API it documents; nothing is installed there."""

from sync.connectors.odoo.connector import OdooConnector

__all__ = ["OdooConnector"]
