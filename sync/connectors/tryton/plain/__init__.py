"""Tryton's books by what every Tryton has: documents, their buttons and their lines, and no module of ours."""

from sync.connectors.tryton.plain.books import PlainBooks

__all__ = ["PlainBooks"]
