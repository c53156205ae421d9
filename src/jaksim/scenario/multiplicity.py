"""The `[multiplicity]` table: several analyses at one familywise level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.errors import InputError
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.multiplicity.plan import Multiplicity, NullConfiguration
from jaksim.trial.plan import AnalysisPlan

if TYPE_CHECKING:
    from jaksim.trial.monitoring.spending import SpendingFunction


def read_multiplicity(table: Mapping[str, Any], analyses: Sequence[AnalysisPlan]) -> Multiplicity | None:
    """The `[multiplicity]` table, None without one."""
    if not table:
        return None
    where = "multiplicity"
    values = read_section(table, where, where)
    written = _tables(values, "hypothesis")
    nodes = [(place, read_section(entry, f"{where}.hypothesis", place)) for place, entry in written]
    families = tuple(
        tuple(read_section(entry, f"{where}.family", place)["analyses"]) for place, entry in _tables(values, "family")
    )
    procedure = values["procedure"]
    for key, given, needs in (("hypothesis", nodes, "graphical"), ("family", families, "gatekeeping")):
        if bool(given) != procedure.endswith(needs):
            raise InputError(
                f"procedure {procedure!r} {'needs' if not given else 'has'} {'no ' if given else ''}[[{where}.{key}]]",
                where=join(where, key),
            )
    names = _names(values["analyses"], [node["analysis"] for _, node in nodes], families, analyses)
    with located(where):
        return Multiplicity(
            procedure=procedure,
            analyses=names,
            alpha=values["alpha"] if values["alpha"] is not None else _common_alpha(names, analyses),
            weights=tuple(float(node["weight"]) for _, node in nodes),
            transitions=tuple(_edges(place, node["to"], names) for place, node in nodes),
            families=families,
            spending=_spending(values["spending"]),
            configurations=tuple(_configuration(place, entry) for place, entry in _tables(values, "configuration")),
        )


def _spending(word: str) -> SpendingFunction | None:
    """The spending function of a word; a table is of one level only, so there is none."""
    if not word:
        return None
    from jaksim.trial.monitoring.words import SPENDING, spending_of

    if word.startswith("user"):
        raise InputError(
            "a table has one level, not those recycled to others", where="spending", allowed=SPENDING[:-1], got=word
        )
    return spending_of(word, np.ones(1), 1.0, "spending")


def _tables(values: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    return list(elements(values[key], f"multiplicity.{key}"))


def _names(
    listed: Sequence[str],
    nodes: Sequence[str],
    families: Sequence[Sequence[str]],
    analyses: Sequence[AnalysisPlan],
) -> tuple[str, ...]:
    found = list(nodes) or [name for family in families for name in family]
    if listed and found and sorted(listed) != sorted(found):
        raise InputError("the analyses are named twice, differently", where="multiplicity.analyses", allowed=found)
    main = [plan.name for plan in analyses if plan.role in ("primary", "key secondary")]
    return tuple(found or listed or main)


def _common_alpha(names: Sequence[str], analyses: Sequence[AnalysisPlan]) -> float:
    levels = {plan.alpha for plan in analyses if plan.name in names}
    if len(levels) > 1:
        raise InputError(
            "the analyses have different levels", where="alpha", allowed="the familywise level", got=sorted(levels)
        )
    if not levels:
        raise InputError(
            "none of the analyses is planned",
            where="analyses",
            allowed=[plan.name for plan in analyses],
            got=next(iter(names), None),
        )
    return levels.pop()


def _edges(place: str, to: Mapping[str, Any], names: Sequence[str]) -> tuple[float, ...]:
    for name, share in to.items():
        if name not in names:
            raise InputError("unknown analysis", where=join(place, "to"), allowed=names, got=name)
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise InputError("wrong kind of value", where=join(place, f"to.{name}"), allowed="a number", got=share)
    return tuple(float(to.get(name, 0.0)) for name in names)


def _configuration(place: str, entry: Mapping[str, Any]) -> NullConfiguration:
    values = read_section(entry, "multiplicity.configuration", place)
    return NullConfiguration(values["name"], tuple(values["null_arms"]))
