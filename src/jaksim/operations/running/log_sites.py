"""Which site of the plan each site of a log is, when it opened and when it closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from jaksim.arrays import Integers
from jaksim.errors import InputError, nearest
from jaksim.operations.running.log import NEVER, SitesSoFar
from jaksim.operations.running.log_rows import Row, fault, listed
from jaksim.trial.operations.recruitment import Recruitment

_SHOWN: Final = 8
"""How many of the sites of the plan a message names."""


def as_planned(rows: Sequence[Row], recruitment: Recruitment) -> list[Row]:
    """The rows with one spelling for each site, that of the plan, else the first: letter case tells no sites apart."""
    planned = recruitment.site_names
    spelled = {name.casefold(): name for name in planned}
    alike = {folded for folded, times in Counter(map(str.casefold, planned)).items() if times > 1}
    found = []
    for row in rows:
        folded = row.site.casefold()
        if folded in alike:
            found.append(row)
            continue
        site = spelled.setdefault(folded, row.site)
        found.append(row if site == row.site else replace(row, site=site))
    return found


def places_of(rows: Sequence[Row], recruitment: Recruitment, where: str) -> dict[str, int]:
    """The number of the site that each name of a log stands for.

    A name is one of the plan, or any other in rows that say the country: such sites take the places of the country's
    sites in the order in which they appear. Raises `InputError` for sites that the plan does not have.
    """
    of_group = _by_country(recruitment)
    planned = {name: j for j, name in enumerate(recruitment.site_names)}
    said = _countries(rows, of_group, where)
    names = list(dict.fromkeys(row.site for row in rows if row.site))
    unknown = [name for name in names if name not in planned and name not in said]
    if unknown:
        first = [next(row for row in rows if row.site == name) for name in unknown]
        raise InputError(
            "sites that the plan does not have, in rows without a country",
            where=where, allowed=_some(recruitment.site_names, unknown[0]), got=unknown[0],
            details=[*listed(first), f"the plan has {recruitment.n_sites} sites"],
        )  # fmt: skip
    found = {name: planned[name] for name in names if name in planned}
    for name in names:
        if name in found:
            continue
        free = [j for j in of_group[said[name]] if j not in found.values()]
        if not free:
            n = len(of_group[said[name]])
            beyond = [one for one in names if said.get(one) == said[name] and one not in found]
            raise InputError(
                f"more sites of {said[name]} than the {n} of the plan",
                where=where, allowed=f"{n} sites; operations.country.sites raises their number", got=beyond[0],
                details=listed(f"site {one}" for one in beyond),
            )  # fmt: skip
        found[name] = free[0]
    wrong = [f"site {name}: {said[name]}" for name in found if name in said and found[name] not in of_group[said[name]]]
    fault("sites of the plan under another country", wrong, where, "the country that the plan gives")
    return found


def _some(names: Sequence[str], got: str) -> tuple[str, ...]:
    """The nearest of the names and the first of the others, as many as are read."""
    near = nearest(got, names)
    return tuple(sorted(names, key=lambda name: name != near)[:_SHOWN])


def _by_country(recruitment: Recruitment) -> dict[str, list[int]]:
    """The sites by what a log may say of their country: its name, with that of the group where it has several."""
    found: dict[str, list[int]] = {}
    at = 0
    for country in recruitment.countries:
        for group in country.groups:
            alone = len(country.groups) == 1
            label = country.name if alone or group.name in ("", country.name) else f"{country.name}, {group.name}"
            found.setdefault(label, []).extend(range(at, at + group.count))
            at += group.count
    return found


def _countries(rows: Sequence[Row], of_group: dict[str, list[int]], where: str) -> dict[str, str]:
    """The country that the log gives of each site."""
    found: dict[str, str] = {}
    for row in rows:
        if not row.country:
            continue
        if row.country not in of_group:
            raise InputError(
                f"row {row.number} has a country that the plan does not have",
                where=where, allowed=tuple(of_group), got=row.country,
            )  # fmt: skip
        if row.site and found.setdefault(row.site, row.country) != row.country:
            raise InputError(
                f"site {row.site} is in two countries", where=f"{where}, row {row.number}",
                allowed=found[row.site], got=row.country,
            )  # fmt: skip
    return found


def sites_so_far(rows: Sequence[Row], places: dict[str, int], recruitment: Recruitment, where: str) -> SitesSoFar:
    """Opening and closing of all sites; `InputError` for sites that open or close twice, or close before they open."""
    n = recruitment.n_sites
    opened, last = _once(rows, "activated", places, n, where), _once(rows, "closed", places, n, where)
    early = [r for r in rows if r.event == "closed" and r.day < opened[places[r.site]]]
    fault("sites closed before they were activated", early, where, "an earlier row 'activated' of the site")
    names = [""] * n
    for name, j in places.items():
        names[j] = name
    return SitesSoFar(tuple(names), opened, last)


def _once(rows: Sequence[Row], event: str, places: dict[str, int], n: int, where: str) -> Integers:
    found = np.full(n, NEVER, dtype=np.int64)
    twice = []
    for row in rows:
        if row.event == event:
            twice += [row] if found[places[row.site]] != NEVER else []
            found[places[row.site]] = row.day
    fault(f"sites {event} twice", twice, where, f"one row '{event}' for each site")
    return found
