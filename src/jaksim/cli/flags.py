"""The flags of a command, made from the options of its verb."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from jaksim.errors import InputError
from jaksim.verbs.options import Flag

F = TypeVar("F", bound=Callable[..., None])


def flags_of(kind: type[Any], namespace: dict[str, Any] | None = None) -> Callable[[F], Callable[..., None]]:
    """Give a command the flags of the options `kind`; the function gets them as the value of its last parameter."""

    def decorate(function: F) -> Callable[..., None]:
        hints = get_type_hints(kind, localns=namespace)
        flags = {field.name: field.metadata["flag"] for field in dataclasses.fields(kind) if "flag" in field.metadata}
        defaults = {field.name: field.default for field in dataclasses.fields(kind)}
        own = [one for one in inspect.signature(function, eval_str=True).parameters.values() if one.name != "options"]
        first = [one for one in own if one.kind is not one.KEYWORD_ONLY]
        made = [_parameter(name, flag, hints[name], defaults[name]) for name, flag in flags.items()]

        def command(**given: Any) -> None:
            values = {name: given.pop(name) for name in flags}
            function(**given, options=kind(**{name: _read(name, flag, values[name]) for name, flag in flags.items()}))

        parameters = [*first, *made, *(one for one in own if one not in first)]
        command.__doc__ = function.__doc__
        command.__name__ = function.__name__
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        return command

    return decorate


def _read(name: str, flag: Flag, value: Any) -> Any:
    if flag.read is None:
        return value
    try:
        return flag.read(value)
    except InputError as error:
        raise error.at(_spelled(name, flag)) from None


def _spelled(name: str, flag: Flag) -> str:
    return flag.name or f"--{name.replace('_', '-')}"


def _parameter(name: str, flag: Flag, hint: Any, default: Any) -> inspect.Parameter:
    shown = typer.Option(_spelled(name, flag), metavar=flag.metavar, help=flag.help, min=flag.low)
    typed = hint if flag.holds is None else flag.holds
    left_out = default if flag.read is None else None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=left_out, annotation=Annotated[typed, shown])
