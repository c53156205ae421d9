"""One key of a file or one option of a method: what it holds, what it means, and whether a value fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from jaksim.errors import InputError

REQUIRED: Final = object()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _list_of(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def _is_several(value: object) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | dict)


KINDS: Final[dict[str, Callable[[object], bool]]] = {
    "text": _is_text,
    "number": _is_number,
    "whole number": _is_integer,
    "true or false": lambda value: isinstance(value, bool),
    "table": _is_table,
    "list of texts": _list_of(_is_text),
    "list of numbers": _list_of(_is_number),
    "list of whole numbers": _list_of(_is_integer),
    "list of tables": _list_of(_is_table),
    "table or list of tables": lambda value: _is_table(value) or _list_of(_is_table)(value),
    "list of pairs": _is_several,
    "days": lambda value: _is_integer(value) or _is_table(value),
    "text or whole number": lambda value: _is_text(value) or _is_integer(value),
    "text or table": lambda value: _is_text(value) or _is_table(value),
    "number, text or table": lambda value: _is_number(value) or _is_text(value) or _is_table(value),
    "text or list of texts": lambda value: _is_text(value) or _list_of(_is_text)(value),
    "number or text": lambda value: _is_number(value) or _is_text(value),
    "number or list of numbers": lambda value: _is_number(value) or _list_of(_is_number)(value),
    "list of lists": _list_of(lambda value: isinstance(value, list)),
    "any value": lambda value: True,
    "text, whole number or list": lambda value: _is_text(value) or _is_integer(value) or _is_several(value),
}
"""What a key may hold: by its name in words, whether a value is of this kind."""

_FINITE: Final = {"number": "a finite number", "list of numbers": "a list of finite numbers"}


def _finite(value: object) -> object:
    """The value with 0 in place of infinite numbers and NaN."""
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return 0.0 if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a scale, study, evidence or scenario file, or one option of a method.

    `kind` names what it holds (see `KINDS`), `default` is `REQUIRED` when there is none, `allowed` lists the only words
    accepted, and `low` and `high` bound numbers, both included.
    """

    name: str
    kind: str
    description: str
    default: Any = None
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def required(self) -> bool:
        """True when the key has to be given."""
        return self.default is REQUIRED

    def spelled(self, value: object) -> object:
        """The value, or the allowed word that it is but for hyphens written as underscores or the other way round."""
        if not isinstance(value, str) or value in self.allowed:
            return value
        same = [word for word in self.allowed if word.replace("_", "-") == value.replace("_", "-")]
        return same[0] if same else value

    def check(self, value: object, where: str) -> None:
        """InputError, with the place `where`, for a value of the wrong kind, an unknown word or one out of bounds."""
        if not KINDS[self.kind](value):
            if self.kind in _FINITE and KINDS[self.kind](_finite(value)):
                raise InputError("must be finite", where=where, allowed=_FINITE[self.kind], got=value)
            raise InputError("wrong kind of value", where=where, allowed=f"a {self.kind}", got=value)
        if self.allowed and value not in self.allowed:
            raise InputError("unknown word", where=where, allowed=self.allowed, got=value)
        if self.required and self.kind in ("text", "list of tables", "text or table") and not value:
            raise InputError("the value is empty", where=where, allowed=f"a {self.kind}")
        if isinstance(value, int | float) and not self._inside(value):
            raise InputError("the value is out of range", where=where, allowed=self._range(), got=value)

    def _inside(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def _range(self) -> str:
        if self.high is None:
            return f"{self.low:g} or more"
        if self.low is None:
            return f"at most {self.high:g}"
        return f"{self.low:g} to {self.high:g}"


ASSUMPTION = Key(
    "assumption",
    "text",
    "Why a value is assumed where none is published; printed beside the value, which is marked.",
    "",
)
LARGEST_INTENSITY: Final = 1000.0
"""The largest intensity per day that a scenario may state: a mean of less than two minutes."""
SOURCE = Key("source", "text", "Where the values come from; without it they are printed as assumptions.", "")


@dataclass(frozen=True, slots=True)
class DescribedKey:
    """A key with its dotted path, the kind of value it holds, what it means, and its default."""

    path: str
    holds: str
    description: str
    required: bool
    default: Any

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def described(keys: Iterable[Key], place: str) -> Iterator[DescribedKey]:
    """The keys of the table at a dotted path, described for a reader."""
    for key in keys:
        yield DescribedKey(
            path=f"{place}.{key.name}" if place else key.name,
            holds=_holds(key),
            description=key.description,
            required=key.required,
            default=None if key.required else _plain(key.default),
        )


def _holds(key: Key) -> str:
    if key.required:
        return f"{key.kind}, required"
    shown = _plain(key.default)
    return (
        f"{key.kind}, default {str(shown).lower() if isinstance(shown, bool) else shown}"
        if shown not in (None, "", [], {})
        else key.kind
    )


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default
