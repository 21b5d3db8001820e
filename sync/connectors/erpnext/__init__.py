"""ERPNext 15 and 16, by Frappe's REST API alone: nothing is installed there but three custom fields (docs/erpnext.md)."""

from sync.connectors.erpnext.connector import ErpNextConnector

__all__ = ["ErpNextConnector"]
