"""The options of a verb as one frozen value: built from keywords in Python, from flags on the command line."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from jaksim.errors import InputError

O = TypeVar("O")  # noqa: E741
R = TypeVar("R")


@dataclasses.dataclass(frozen=True)
class Flag:
    """How an option is given on the command line.

    `holds` is the type of what is typed, where that is not the option's own; `read` turns it into the option's value.
    """

    help: str
    name: str | None = None
    metavar: str | None = None
    holds: Any = None
    read: Callable[[Any], Any] | None = None
    low: float | None = None


def option(default: Any, help: str, *, flag: str | None = None, **more: Any) -> Any:
    """A field of a dataclass of options: its default, what it means, and how its flag differs from its name."""
    return dataclasses.field(default=default, metadata={"flag": Flag(help, flag, **more)})


def keyword(default: Any = None) -> Any:
    """A field that only Python has."""
    return dataclasses.field(default=default)


def from_keywords(kind: type[O], given: Mapping[str, Any], verb: str) -> O:
    """The options with these values; InputError with the nearest spelling for a name that is none of them."""
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for name in given:
        if name not in names:
            raise InputError("there is no such option", where=verb, allowed=names, got=name)
    return kind(**given)


def takes(kind: type[O]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Make a function of its subjects and `options` one whose keywords are the options, and whose help lists them."""

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        subjects = list(inspect.signature(function).parameters.values())[:-1]

        @wraps(function)
        def verb(*given: Any, **keywords: Any) -> R:
            own = {name: keywords.pop(name) for name in [one.name for one in subjects] if name in keywords}
            return function(*given, **own, options=from_keywords(kind, keywords, function.__name__))

        listed = [
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type)
            for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        ]
        shown = inspect.signature(function).replace(parameters=[*subjects, *listed])
        verb.__signature__ = shown  # type: ignore[attr-defined]
        described = (f"{field.name}: {_help(field)}" for field in dataclasses.fields(kind))  # type: ignore[arg-type]
        verb.__doc__ = "\n    ".join([inspect.cleandoc(function.__doc__ or ""), "", "Options:", *described])
        return verb

    return decorate


def _help(field: dataclasses.Field[Any]) -> str:
    flag = field.metadata.get("flag")
    return "see above." if flag is None else str(flag.help)
