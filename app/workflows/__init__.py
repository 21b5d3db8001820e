"""The jobs of the floor, one file each. Importing this package registers all of them."""

import importlib
import pkgutil


def load() -> None:
    """Import every workflow, so that its screens and its flow are known."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
