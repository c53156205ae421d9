"""All analysis methods by name, those of other packages included; a module is imported when its method is asked for."""

from __future__ import annotations

from collections.abc import KeysView
from typing import Final

from jaksim.analysis.method import Method
from jaksim.errors import InputError
from jaksim.registry import Registry

METHODS: Final = Registry(Method, "method", "jaksim.analysis", "*/methods", "METHOD", "jaksim.methods")
"""All methods by name; `METHODS.register` adds one's own, as do entry points of packages."""
METHOD_NAMES: Final[KeysView[str]] = METHODS.keys()
"""Names of all methods; those registered later too."""


def get_method(name: str) -> Method:
    """The method called `name`; InputError with the nearest spelling for any other word."""
    return METHODS.find(name, lambda: InputError("unknown analysis method", allowed=METHODS, got=name))
