"""`[adaptation] kind = "enrichment"`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.one_analysis import ANALYSIS, INTERIM, SPENDING, two_stage_boundaries
from jaksim.scenario.adaptive.parts import Parts
from jaksim.scenario.arms_and_analyses import named_or_primary
from jaksim.trial.adaptive.closed_testing import INTERSECTION_TESTS
from jaksim.trial.adaptive.enrichment import Enrichment

KEYS: Final = (
    ANALYSIS,
    Key("subgroup", "text", "Name of the same analysis in the strata of the subgroup.", REQUIRED),
    INTERIM,
    SPENDING,
    Key("full_limit", "number", "Least interim z with which the full population goes on.", 0.0),
    Key("subgroup_limit", "number", "Least interim z with which the subgroup goes on.", 0.0),
    Key(
        "complement_limit",
        "number",
        "Least interim z of the patients outside the subgroup with which the full population goes on; any by default.",
    ),
    Key("test", "text", "Test of both hypotheses together.", "dunnett", allowed=tuple(INTERSECTION_TESTS)),
)


def read(values: Mapping[str, Any], parts: Parts) -> Enrichment:
    """The design that the table describes."""
    plan = named_or_primary(values["analysis"], parts.analyses, "analysis")
    outside = values["complement_limit"]
    return Enrichment(
        full=plan.name,
        subgroup=values["subgroup"],
        boundaries=two_stage_boundaries(values["interim"], values["spending"], plan.alpha),
        planned=parts.population.patients,
        full_limit=values["full_limit"],
        subgroup_limit=values["subgroup_limit"],
        complement_limit=-math.inf if outside is None else outside,
        intersection=values["test"],
    )
