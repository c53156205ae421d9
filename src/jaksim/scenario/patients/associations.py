"""Categories that go together: their joint law, from what is published of each and odds ratios of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.scenario.patients.words import line
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.assumption import Assumption
from jaksim.trial.characteristics import Characteristic, Steps
from jaksim.trial.characteristics.cells import fitted, of_one_latent, shares_of

Pair = tuple[int, int]


def associated(
    tables: Sequence[Mapping[str, Any]], items: Sequence[Characteristic]
) -> tuple[list[Characteristic], list[Assumption]]:
    """The characteristics with those that are associated as functions of one latent, and what is assumed.

    Each group of characteristics that associations connect gets the joint law that has their shares and the odds ratios
    given, in each stratum.
    """
    names = [item.name for item in items]
    factors: dict[Pair, tuple[str, Floats]] = {}
    lines = []
    for place, entry in elements(tables, "population.association"):
        values = read_section(entry, "population.association", place)
        pair = _pair(values["pair"], names, place)
        if pair in factors:
            raise InputError("the pair is given twice", where=join(place, "pair"), got=values["pair"])
        for position in pair:
            _check(items[position], place)
        factors[pair] = place, _factor(values, [len(_values(items[position], place)) for position in pair], place)
        size = "" if values["odds_ratio"] is None else f"odds ratio {values['odds_ratio']:g}"
        words = f"{size or 'a table'} of {names[pair[0]]} and {names[pair[1]]}"
        lines.append(line("association", words, values["source"], values["assumption"]))
    found = list(items)
    for group in _groups(factors):
        latent = min(items[position].latent for position in group)
        for position, item in zip(group, _joint(group, items, factors), strict=True):
            found[position] = replace(item, latent=latent)
    return found, lines


def _pair(given: Sequence[str], names: Sequence[str], place: str) -> Pair:
    if len(given) != 2 or given[0] == given[1]:
        raise InputError("two characteristics are associated", where=join(place, "pair"), got=given)
    for name in given:
        known(name, names, "characteristic", join(place, "pair"))
    first, second = (names.index(name) for name in given)
    if first > second:
        raise InputError(
            "the pair is the other way round than the characteristics",
            where=join(place, "pair"),
            allowed=f"[{given[1]!r}, {given[0]!r}]".replace("'", '"'),
            got=given,
        )
    return first, second


def _check(item: Characteristic, place: str) -> None:
    if not all(isinstance(marginal, Steps) for marginal in item.marginals):
        raise InputError(
            f"{item.name} is continuous", where=join(place, "pair"), allowed="categories; a correlation for others"
        )


def _values(item: Characteristic, place: str) -> tuple[float, ...]:
    """The categories of a characteristic, in order; those of all strata are among them."""
    steps = [marginal for marginal in item.marginals if isinstance(marginal, Steps)]
    longest = max((one.values for one in steps), key=len)
    for one in steps:
        if not set(one.values) <= set(longest):
            raise InputError(f"strata have other categories of {item.name}", where=join(place, "pair"))
    return longest


def _factor(values: Mapping[str, Any], sizes: Sequence[int], place: str) -> Floats:
    """What each cell of a pair is multiplied by: published numbers, or powers of the odds ratio of one category to the
    next (Goodman 1979, Journal of the American Statistical Association 74:537)."""
    if (values["odds_ratio"] is None) == (values["table"] is None):
        raise InputError("the association is not given once", where=place, allowed="odds_ratio or table")
    if values["odds_ratio"] is not None:
        steps = np.outer(np.arange(sizes[0]), np.arange(sizes[1]))
        factor: Floats = np.exp(np.log(values["odds_ratio"]) * (steps - steps.mean()))
        return factor
    rows = values["table"]
    plain = all(len(row) == sizes[1] and all(isinstance(one, int | float) for one in row) for row in rows)
    if len(rows) != sizes[0] or not plain:
        raise InputError(
            "the table does not fit the categories",
            where=join(place, "table"),
            allowed=f"{sizes[0]} rows of {sizes[1]} numbers",
        )
    found: Floats = np.array(rows, dtype=np.float64)
    if not np.isfinite(found).all() or np.any(found < 0.0) or not found.any():
        raise InputError("numbers of patients, none negative", where=join(place, "table"))
    return found


def _groups(pairs: Mapping[Pair, object]) -> list[list[int]]:
    """The characteristics that pairs connect, in order."""
    groups: list[set[int]] = []
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched] + [set(pair).union(*touched)]
    return sorted(sorted(group) for group in groups)


def _joint(
    group: Sequence[int], items: Sequence[Characteristic], factors: Mapping[Pair, tuple[str, Floats]]
) -> list[Characteristic]:
    members = [items[position] for position in group]
    place = next(where for pair, (where, _) in factors.items() if pair[0] in group)
    values = [_values(item, place) for item in members]
    if np.prod([len(one) for one in values]) > 20_000:
        raise InputError("more than 20,000 combinations of categories", where=place)
    seed = np.ones([len(one) for one in values])
    for (first, second), (_, factor) in factors.items():
        if first in group:
            shape = [
                len(one) if position in (first, second) else 1 for position, one in zip(group, values, strict=True)
            ]
            seed = seed * factor.reshape(shape)
    cells = np.array(np.meshgrid(*values, indexing="ij")).reshape(len(members), -1).T
    n_strata = max(len(item.marginals) for item in members)
    by_stratum = []
    for stratum in range(n_strata):
        margins = []
        for item, all_of_them in zip(members, values, strict=True):
            steps = item.marginal(stratum)
            assert isinstance(steps, Steps)
            shares = dict(zip(steps.values, shares_of(steps).tolist(), strict=True))
            margins.append(np.array([shares.get(value, 0.0) for value in all_of_them]))
        with located(place):
            by_stratum.append(of_one_latent(cells, fitted(seed, margins).ravel()))
    return [
        replace(item, marginals=tuple(columns[number] for columns in by_stratum)) for number, item in enumerate(members)
    ]
