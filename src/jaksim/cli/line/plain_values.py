"""Words, whole numbers and decimals of a command line, read without the machinery for all kinds of values.

Typer reads each value by a schema, and loading what makes schemas takes longer than the rest of a small command. What
is plainly a value of its option is read here with the same meaning; everything else, and so every message, is left
to Typer.
"""

from __future__ import annotations

import re
from typing import Any, Final

from jaksim.cli.line.groups import for_each_command

_WHOLE: Final = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(?:[0-9]{1,17}\.?[0-9]{0,17}|\.[0-9]{1,17})(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)
_HALF: Final = re.compile("[\ud800-\udfff]")
LEFT_TO_TYPER: Final = object()


def plainly_read(command: Any) -> Any:
    """The command, with plain values read here; a group, with the same of its commands."""
    for_each_command(command, plainly_read)
    with_help = command.get_params

    def get_params(ctx: Any) -> list[Any]:
        parameters: list[Any] = with_help(ctx)
        for parameter in parameters:
            if "process_value" not in vars(parameter):
                parameter.process_value = _reader(parameter)
        return parameters

    command.get_params = get_params
    return command


def _reader(parameter: Any) -> Any:
    """What turns the words of the parameter into its value."""
    by_typer = parameter.process_value
    described = getattr(parameter, "type_descriptor", None)
    several = getattr(parameter, "multiple", False) or parameter.nargs != 1

    def process_value(ctx: Any, value: Any) -> Any:
        if described is None or (parameter.required and value is None):
            return by_typer(ctx, value)
        read = plain_values if several else plain_value
        found = read(value, described.annotation, described.parameter_info)
        if found is LEFT_TO_TYPER:
            return by_typer(ctx, value)
        return found if parameter.callback is None else parameter.callback(ctx, parameter, found)

    return process_value


def plain_values(value: Any, kind: Any, limits: Any) -> Any:
    """The value of an option that is given several times, or a mark that it is Typer's to read or to refuse."""
    if value is None:
        return ()
    if kind != list[str] or limits.parser is not None or not isinstance(value, list | tuple) or not value:
        return LEFT_TO_TYPER
    return list(value) if all(_is_text(one) for one in value) else LEFT_TO_TYPER


def plain_value(value: Any, kind: Any, limits: Any) -> Any:
    """The value of an option that holds `kind`, or a mark that it is Typer's to read or to refuse."""
    if value is None:
        return None
    if limits.parser is not None or getattr(limits, "clamp", False):
        return LEFT_TO_TYPER
    if kind is str:
        return value if _is_text(value) else LEFT_TO_TYPER
    read: Any = LEFT_TO_TYPER
    if type(value) is kind and kind in (int, float):
        read = value
    elif type(value) is str and kind is int and _WHOLE.fullmatch(value):
        read = int(value)
    elif type(value) is str and kind is float and _DECIMAL.fullmatch(value):
        read = float(value)
    if read is LEFT_TO_TYPER or _outside(read, limits):
        return LEFT_TO_TYPER
    return read


def _is_text(value: Any) -> bool:
    """Whether it is text; bytes of a command line that are none have become halves of characters."""
    return type(value) is str and not _HALF.search(value)


def _outside(read: float, limits: Any) -> bool:
    low, high = limits.min, limits.max
    return (low is not None and not read >= low) or (high is not None and not read <= high)
