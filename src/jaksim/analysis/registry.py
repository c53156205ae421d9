"""All analysis methods by name, those of other packages included; a module is imported when its method is asked for."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from jaksim.analysis.method import Method
from jaksim.errors import InputError

ENTRY_POINTS: Final = "jaksim.methods"
"""Group of entry points by which an installed package makes its methods known, name = module:METHOD."""
_OWN: Final[dict[str, Method]] = {}


@cache
def modules() -> Mapping[str, str]:
    """By name, the module of each method of jaksim: those in a folder `methods` of a family; none is imported."""
    found = {}
    for folder in sorted(Path(__file__).parent.glob("*/methods")):
        for path in sorted(folder.glob("[a-z]*.py")):
            found[path.stem] = f"{__package__}.{folder.parent.name}.methods.{path.stem}"
    return found


@cache
def _entry_points() -> Mapping[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}


def register(method: Method) -> Method:
    """Make a method known under its name, as those of jaksim are; returns it.

    It is then found by scenarios, `jaksim.analyze`, shoot-outs and `jaksim.methods` of this process. For the command
    line and for workers on other machines a package names it among its entry points of the group `jaksim.methods`.
    InputError for a name that another method has.
    """
    if not method.name.isidentifier():
        raise InputError("a method needs a name without blanks", where="method", got=method.name)
    if method.name in modules() or _OWN.get(method.name, method) is not method:
        raise InputError("there is a method of this name", where="method", got=method.name)
    _OWN[method.name] = method
    return method


def get_method(name: str) -> Method:
    """The method called `name`; InputError with the nearest spelling for any other word."""
    if name in modules():
        method: Method = import_module(modules()[name]).METHOD
        return method
    if name not in _OWN and name in _entry_points():
        module, _, attribute = _entry_points()[name].partition(":")
        register(getattr(import_module(module), attribute))
    if name not in _OWN:
        raise InputError("unknown analysis method", allowed=METHODS, got=name)
    return _OWN[name]


class _Methods(Mapping[str, Method]):
    def __getitem__(self, name: str) -> Method:
        if name not in self:
            raise KeyError(name)
        return get_method(name)

    def __contains__(self, name: object) -> bool:
        return name in modules() or name in _OWN or name in _entry_points()

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*modules(), *_OWN, *_entry_points()))

    def __len__(self) -> int:
        return len(list(iter(self)))


METHODS: Final[Mapping[str, Method]] = _Methods()
METHOD_NAMES: Final[KeysView[str]] = METHODS.keys()
"""Names of all methods; those registered later too."""
