"""The options of a verb as one frozen value: built from keywords in Python, from flags on the command line.

What an option means, what it is when left out, and what it may be stand in its field alone.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from jaksim.errors import InputError
from jaksim.verbs.options.types import check_value

O = TypeVar("O")  # noqa: E741
R = TypeVar("R")


@dataclasses.dataclass(frozen=True)
class Flag:
    """How an option is given on the command line.

    `holds` is the type of what is typed, where that is not the option's own; `read` turns it into the option's value.
    `low` is the least value, in Python too. A default that is not `shown` is told by the help itself. `also` is
    another spelling.
    """

    help: str
    name: str | None = None
    metavar: str | None = None
    holds: Any = None
    read: Callable[[Any], Any] | None = None
    low: float | None = None
    shown: bool = True
    also: str | None = None

    def spelled(self, option: str) -> str:
        """The flag of an option of this name."""
        return self.name or f"--{option.replace('_', '-')}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Base of the options of a verb; InputError where a value has another type than its field, or is too small."""

    def __post_init__(self) -> None:
        hints = hints_of(type(self))
        for field in dataclasses.fields(self):
            flag = field.metadata.get("flag")
            low = None if flag is None else flag.low
            check_value(getattr(self, field.name), hints[field.name], f"‹{field.name}›", low)


def option(default: Any, help: str, *, flag: str | None = None, **more: Any) -> Any:
    """A field of a dataclass of options: its default, what it means, and how its flag differs from its name."""
    return dataclasses.field(default=default, metadata={"flag": Flag(help, flag, **more)})


def keyword(default: Any = None, help: str = "see above.") -> Any:
    """A field that only Python has."""
    return dataclasses.field(default=default, metadata={"help": help})


def several(words: list[str] | None) -> tuple[str, ...]:
    """What a flag that may be given several times was given."""
    return tuple(words or ())


def hints_of(kind: type[Any]) -> dict[str, Any]:
    """The types of the options."""
    return get_type_hints(kind)


def flag_of(kind: type[Any], name: str) -> Flag:
    """The flag of an option that has one."""
    (flag,) = (field.metadata["flag"] for field in dataclasses.fields(kind) if field.name == name)
    found: Flag = flag
    return found


def flags_by_name(kind: type[Any]) -> dict[str, Flag]:
    """The options that have a flag."""
    return {field.name: field.metadata["flag"] for field in dataclasses.fields(kind) if "flag" in field.metadata}


def shared(options: Any, kind: type[Any]) -> dict[str, Any]:
    """What the options have in common with those of another verb."""
    return {
        field.name: getattr(options, field.name) for field in dataclasses.fields(kind) if hasattr(options, field.name)
    }


def from_keywords(kind: type[O], given: Mapping[str, Any], verb: str) -> O:
    """The options with these values; InputError with the nearest spelling for a name that is none of them."""
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for name in given:
        if name not in names:
            raise InputError("there is no such option", where=verb, allowed=names, got=name)
    return kind(**given)


@contextmanager
def mentioning(kind: type[Any]) -> Iterator[None]:
    """Let an InputError that is about options mention them, and know how their flags are spelled."""
    try:
        yield
    except InputError as error:
        names = {field.name for field in dataclasses.fields(kind)}
        first, *others = (error.where or "").split(", ")
        if first in names:
            places = [f"‹{place}›" if place in names else place for place in (first, *others)]
            error.where = ", ".join(places)
        error.flags = {**{name: flag.spelled(name) for name, flag in flags_by_name(kind).items()}, **error.flags}
        raise


def takes(kind: type[O]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Make a function of its subjects and `options` one whose keywords are the options, and whose help lists them."""

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        subjects = list(inspect.signature(function).parameters.values())[:-1]

        @wraps(function)
        def verb(*given: Any, **keywords: Any) -> R:
            with mentioning(kind):
                own, more = _subjects(function.__name__, subjects, given, keywords)
                options = {name: value for name, value in keywords.items() if name not in own}
                chosen = from_keywords(kind, options, function.__name__)
                return function(*own.values(), *more, options=chosen) if more else function(**own, options=chosen)

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


def _subjects(
    verb: str, subjects: list[inspect.Parameter], given: tuple[Any, ...], keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """What a verb is asked about, by name, and what more of the same where it takes any number; InputError where one is
    missing, is given twice, or is one too many."""
    several = any(subject.kind is subject.VAR_POSITIONAL for subject in subjects)
    subjects = [subject for subject in subjects if subject.kind is not subject.VAR_POSITIONAL]
    placed = [subject.name for subject in subjects if subject.kind is not subject.KEYWORD_ONLY]
    if len(given) > len(placed) and not several:
        raise InputError(
            "options are given by name",
            where=verb,
            allowed=f"{verb}({', '.join([*placed, 'NAME=VALUE'])})",
            got=given[len(placed)],
        )
    found = dict(zip(placed, given, strict=False))
    for subject in subjects:
        if subject.name in keywords and subject.name in found:
            raise InputError("is given twice", where=f"{verb}, {subject.name}", got=keywords[subject.name])
        if subject.name in keywords:
            found[subject.name] = keywords[subject.name]
        elif subject.name not in found and subject.default is subject.empty:
            raise InputError("is missing", where=f"{verb}, {subject.name}", allowed=_signature(verb, subjects))
    return found, given[len(placed) :]


def _signature(verb: str, subjects: list[inspect.Parameter]) -> str:
    words = [f"{one.name}=..." if one.kind is one.KEYWORD_ONLY else one.name for one in subjects]
    return f"{verb}({', '.join(words)})"


def _help(field: dataclasses.Field[Any]) -> str:
    flag = field.metadata.get("flag")
    return str(field.metadata["help"] if flag is None else flag.help)
