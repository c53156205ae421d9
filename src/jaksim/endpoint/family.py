"""What a family of endpoints is: one record that says how its endpoints are asked for, built and offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scale import OrdinalScale

Offered = Iterable[tuple[int, Mapping[str, Any]]]
"""Tables that ask for endpoints of a family, without their kind, each with the number by which they are ordered."""


@dataclass(frozen=True, eq=False)
class Family:
    """One family of endpoints, known in a scenario by its `name`, the `kind` of an `[[endpoint]]` table.

    `build(scale, horizon, name=..., **options)` makes an endpoint of the kind `kind` (a key of
    `jaksim.endpoint.kinds.KINDS`, which says by what methods it is analysed, summed up, drawn and written); it refuses
    by InputError what makes no sense. `options` are its keys; one with a default is always given to `build`. A key
    "follow_up", the last day observed, lets the endpoint be read at interim analyses. A family with a key "scores" may
    be given the key "set" too, and gets both as `scores`; one with a key "components" gets them built.

    `standard(scale, horizon, day of randomisation)` yields the tables by which a shoot-out asks for endpoints of the
    family, with names in study days and each with a number by which the endpoints of all families are ordered.
    """

    name: str
    kind: str
    build: Callable[..., Endpoint]
    description: str
    options: tuple[Key, ...] = ()
    standard: Callable[[OrdinalScale, int, int], Offered] | None = None

    @cached_property
    def keys(self) -> Mapping[str, Key]:
        """The options by name."""
        return {key.name: key for key in self.options}

    @property
    def takes_scores(self) -> bool:
        return "scores" in self.keys

    @property
    def takes_components(self) -> bool:
        return "components" in self.keys

    def settings(self, given: Mapping[str, object], also: Iterable[str] = ()) -> dict[str, Any]:
        """The options that are given, and the defaults of the others that have one.

        InputError for a value that a key cannot hold, for a key that is required and not given, and for an unknown
        one; `also` are keys that stand beside them.
        """
        options: dict[str, Any] = {}
        for name, value in given.items():
            if name not in self.keys:
                allowed = (*self.keys, *also)
                raise InputError(f"unknown key for kind '{self.name}'", allowed=allowed, got=name)
            if value is None:
                continue
            options[name] = _plain(value)
            self.keys[name].check(options[name], name)
        for key in self.options:
            if key.required and key.name not in options:
                raise InputError(f"the key is needed for kind '{self.name}'", where=key.name, allowed=f"a {key.kind}")
            if not key.required and key.default is not None:
                options.setdefault(key.name, key.default)
        return options


def _plain(value: object) -> Any:
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    return list(value) if isinstance(value, tuple) else value
