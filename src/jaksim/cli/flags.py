"""The flags of a command, made from the options of its verb."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from typing import Annotated, Any, Final, TypeVar

import typer

from jaksim.cli.output import note
from jaksim.errors import InputError
from jaksim.verbs.options.base import Flag, flag_of, flags_by_name, hints_of, mentioning

F = TypeVar("F", bound=Callable[..., None])
LAST = "json"
# Two whole numbers with a comma may be meant as one, with a decimal comma or as thousands.
_PAIR: Final = re.compile(r"([0-9]+),([0-9]+)", re.ASCII)
_THOUSANDS: Final = 3


def flags_of(
    kind: type[Any],
    *,
    before: str | None = None,
    helps: Mapping[str, str] | None = None,
    first: Collection[str] = (),
) -> Callable[[F], Callable[..., None]]:
    """Give a command the flags of the options `kind`; the function gets them as the value of its last parameter.

    The command's own flags stand in front of that of the option `before`, or after all. `helps` are for a command that
    answers more than the verb does, so that an option means more than it says. The options `first` are listed first.
    """

    def decorate(function: F) -> Callable[..., None]:
        hints, known = hints_of(kind), flags_by_name(kind)
        flags = dict(sorted(known.items(), key=lambda item: item[0] not in first))
        defaults = {field.name: field.default for field in fields(kind)}
        made = [
            _parameter(name, flag, hints[name], defaults[name], (helps or {}).get(name, flag.help))
            for name, flag in flags.items()
        ]

        def command(**given: Any) -> None:
            values = {name: given.pop(name) for name in flags}
            with mentioning(kind):
                function(
                    **given, options=kind(**{name: _read(name, flag, values[name]) for name, flag in flags.items()})
                )

        parameters = _in_order(function, made, before)
        command.__doc__ = function.__doc__
        command.__name__ = function.__name__
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return command

    return decorate


def flag(kind: type[Any], name: str, lead: str = "") -> Any:
    """The flag of one option, for a command that takes it from the options of another verb, and says when."""
    found = flag_of(kind, name)
    return _shown(name, found, f"{lead}{found.help}")


def _in_order(function: F, made: list[inspect.Parameter], before: str | None) -> list[inspect.Parameter]:
    own = [
        parameter
        for parameter in inspect.signature(function, eval_str=True).parameters.values()
        if parameter.name != "options"
    ]
    first = [parameter for parameter in own if parameter.kind is not parameter.KEYWORD_ONLY]
    others = [parameter for parameter in own if parameter not in first and parameter.name != LAST]
    last = [parameter for parameter in own if parameter.name == LAST]
    place = next((i for i, one in enumerate(made) if one.name == before), len(made))
    return [*first, *made[:place], *others, *made[place:], *last]


def _read(name: str, flag: Flag, value: Any) -> Any:
    if flag.read is None:
        return value
    try:
        found = flag.read(value)
    except InputError as error:
        raise error.at(f"‹{name}›") from None
    pair = _PAIR.fullmatch(value) if isinstance(value, str) and isinstance(found, tuple) else None
    if pair is not None and (pair[1] in ("0", "1") or pair[2][0] == "0" or float(pair[2]) >= 10.0 * float(pair[1])):
        one = f"{pair[1]}.{pair[2]}"
        if len(pair[2]) == _THOUSANDS and pair[1] != "0":
            one += f" or {pair[1]}{pair[2]}"
        note(f"{flag.spelled(name)} {value} is read as two values, {pair[1]} and {pair[2]}; one value is {one}.")
    return found


def _parameter(name: str, flag: Flag, hint: Any, default: Any, help: str) -> inspect.Parameter:
    typed = hint if flag.holds is None else flag.holds
    left_out = default if flag.read is None else None
    shown = _shown(name, flag, help)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=left_out, annotation=Annotated[typed, shown])


def _shown(name: str, flag: Flag, help: str) -> Any:
    # The least of a number with decimals is left to the options: nan is not below it, but refused in other words here.
    low = None if isinstance(flag.low, float) else flag.low
    spelled = [flag.spelled(name), *([] if flag.also is None else [flag.also])]
    return typer.Option(*spelled, metavar=flag.metavar, help=help, min=low, show_default=flag.shown)
