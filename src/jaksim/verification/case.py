"""Worked results by other people, read from the files that ship with the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from jaksim.datafile import check_keys, parse_toml
from jaksim.errors import InputError, nearest

REQUIRED = ("id", "kind", "source", "tolerance", "inputs", "expected")
OPTIONAL = ("place", "note", "disputed")


@dataclass(frozen=True)
class Tolerance:
    """How far a number may lie from the printed one: `absolute` plus `relative` times its size.

    `of` gives single entries of the expected values, or single numbers of an entry, an absolute tolerance of their own.
    """

    absolute: float = 0.0
    relative: float = 0.0
    of: Mapping[str, float] | None = None

    def allows(self, key: str, expected: float, got: float) -> bool:
        """Whether `got` is as good as `expected`; `key` is the entry, with a dot before keys inside it."""
        own = next(
            (value for name, value in (self.of or {}).items() if key == name or key.startswith(f"{name}[")), None
        )
        allowed = own if own is not None else self.absolute + self.relative * abs(expected)
        # The printed number itself is a decimal that the machine rounds.
        return abs(got - expected) <= allowed + 4e-15 * abs(expected)


@dataclass(frozen=True)
class Case:
    """One worked result: what was put in, what came out, where it stands, and how exactly it holds.

    `disputed` gives, by its key, why a printed number is thought wrong: it is shown but decides nothing.
    """

    id: str
    kind: str
    source: str
    tolerance: Tolerance
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    place: str = ""
    note: str = ""
    disputed: Mapping[str, str] = field(default_factory=dict)

    @property
    def citation(self) -> str:
        """Source file and the place in it."""
        return f"{self.source}, {self.place}" if self.place else self.source


def load_cases() -> tuple[Case, ...]:
    """All cases that ship with the package, by file and then in the order of the file."""
    folder = resources.files("jaksim.verification") / "cases"
    cases: list[Case] = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            document = parse_toml(file.read_text("utf-8"), where=file.name)
            cases.extend(
                _case(entry, f"{file.name}, case {number}") for number, entry in enumerate(document["case"], 1)
            )
    return tuple(cases)


def choose(cases: Sequence[Case], names: Sequence[str]) -> tuple[Case, ...]:
    """The cases with these ids or of these kinds, all when there are no names; InputError for any other word."""
    allowed = [*(case.id for case in cases), *dict.fromkeys(case.kind for case in cases)]
    for name in names:
        if name not in allowed:
            close = nearest(name, allowed)
            hint = f"; did you mean '{close}'?" if close else ""
            kinds = ", ".join(dict.fromkeys(case.kind for case in cases))
            raise InputError(
                "unknown case or kind of case",
                allowed=f"an id that `jaksim verify` lists, or a kind: {kinds}{hint}",
                got=name,
            )
    return tuple(case for case in cases if not names or case.id in names or case.kind in names)


def _case(entry: Mapping[str, Any], where: str) -> Case:
    check_keys(entry, where=where, required=REQUIRED, optional=OPTIONAL)
    return Case(**{**entry, "tolerance": Tolerance(**entry["tolerance"])})
