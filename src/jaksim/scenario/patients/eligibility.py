"""Who is let into the trial of a scenario, by what patients bring along."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.scenario.patients.words import line
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.assumption import Assumption
from jaksim.trial.characteristics import Characteristics
from jaksim.trial.characteristics.criterion import Criterion
from jaksim.trial.characteristics.eligibility import allowed_by
from jaksim.trial.characteristics.sample import share_let_in

_BOUNDS: Final = {"at_least": -math.inf, "above": -math.inf, "at_most": math.inf, "below": math.inf}
FEWEST: Final = 1e-3
"""The smallest share of patients of a stratum that criteria may let in."""


def with_eligibility(
    law: Characteristics, tables: Sequence[Mapping[str, Any]], strata: Sequence[str], measured: Sequence[str]
) -> tuple[Characteristics, list[Assumption]]:
    """The law with the criteria in the `[[eligibility]]` tables, of characteristics that are `measured`."""
    criteria: list[Criterion] = []
    lines: list[Assumption] = []
    for place, entry in elements(tables, "eligibility"):
        values = read_section(entry, "eligibility", place)
        known(values["characteristic"], measured, "characteristic", join(place, "characteristic"))
        bounds = {key: none if values[key] is None else values[key] for key, none in _BOUNDS.items()}
        with located(place):
            criterion = Criterion(
                values["name"],
                values["characteristic"],
                **bounds,
                values=tuple(values["values"]),
                fact=values["fact"],
                source=values["source"],
                assumption=values["assumption"],
            )
        if not criterion.name:
            criterion = replace(criterion, name=criterion.words)
        if criterion.name in [one.name for one in criteria]:
            raise InputError("two criteria have one name", where=place, got=criterion.name)
        criteria.append(criterion)
        source = values["source"] or (f"fact {values['fact']}" if values["fact"] else "")
        lines.append(line(f"eligible, {criterion.name}", criterion.words, source, values["assumption"]))
    if not criteria:
        return law, lines
    with located("eligibility"):
        allowed = [allowed_by(criteria, law.items, law.n_latents, number) for number in range(len(strata))]
    found = replace(law, allowed=tuple(allowed), criteria=tuple(criteria))
    for number, name in enumerate(strata):
        if share_let_in(found, number) < FEWEST:
            raise InputError(
                f"hardly anybody in stratum {name!r} is eligible",
                where="eligibility",
                allowed=f"criteria that let in {FEWEST:g} of the patients or more",
            )
    return found, lines
