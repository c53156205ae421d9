"""The scenario file of a trial whose outcome is one of a few categories on one day.

Patients enter in a state of their own and leave it on the first day, so fast that none stays, for the categories with
the probabilities of their arm: the distribution is exact, and the path to it is nobody's course of disease.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jaksim.arrays import Floats
from jaksim.plan.allocation import Allocation
from jaksim.plan.question import NoScenario
from jaksim.plan.rule import EQUIVALENCE, SUPERIORITY, Rule
from jaksim.plan.statistic import Scale

FAST: Final = 50.0
"""Moves a day out of the state of entry: exp(-50) of the patients stay."""
DAY: Final = 28


@dataclass(frozen=True)
class Categories:
    """The categories of an outcome, the best first, and their probabilities (S strata, K) in both arms."""

    labels: Sequence[str]
    reference: Floats
    active: Floats
    shares: Floats
    sets: Mapping[str, Sequence[int]] = field(default_factory=dict)


def scenario_text(
    title: str,
    description: str,
    outcome: Categories,
    endpoint: Mapping[str, Any],
    analysis: Mapping[str, Any],
    patients: int,
    allocation: Allocation,
) -> str:
    """A scenario file, commented; NoScenario for a category that is empty in one arm alone."""
    blocks = [
        _pairs({"title": title, "description": description}),
        *_scale(outcome),
        *_natural_history(outcome),
        *_effects(outcome),
        *_population(outcome, patients),
        "[follow_up]\n" + _pairs({"days": DAY, "day_of_randomisation": 0}),
        "[[arm]]\n"
        + _pairs({"name": "reference", "regimen": [], "reference": True, "allocation": allocation.reference}),
        "[[arm]]\n" + _pairs({"name": "active", "regimen": ["treatment"], "allocation": allocation.active}),
        "[[endpoint]]\n" + _pairs({"name": "outcome", **endpoint, "day": DAY}),
        "[[analysis]]\n" + _pairs({"endpoint": "outcome", "role": "primary", **analysis}),
    ]
    return "\n\n".join(blocks) + "\n"


def rule_keys(rule: Rule, scale: Scale) -> dict[str, Any]:
    """The keys of an analysis that state a rule; a margin on the natural scale of the estimate."""
    level = {"alpha": rule.alpha, "sides": rule.sides}
    if rule.hypothesis == SUPERIORITY and rule.margin is None:
        return level
    nulls = rule.nulls(scale)
    level["sides"] = 1 if rule.hypothesis == EQUIVALENCE else rule.sides
    return {**level, "hypothesis": rule.hypothesis, "margin": nulls[0]}


def _scale(outcome: Categories) -> Iterator[str]:
    k = len(outcome.labels)
    entries = [f"entry, stratum {s + 1}" if len(outcome.shares) > 1 else "entry" for s in range(len(outcome.shares))]
    statuses = [
        ({"score": score, "label": label}, "") for score, label in enumerate([*outcome.labels, *entries], start=1)
    ]
    yield (
        f"# Categories 1 (best) to {k}. Patients enter above them, each stratum in a state of its own, and nobody is\n"
        "# left there on the day of the outcome.\n"
        "[disease.scale]\n" + _pairs({"name": "plan", "higher_is_worse": True}) + "\n" + _list("status", statuses)
    )
    if outcome.sets:
        yield "[disease.scale.sets]\n" + _pairs({name: list(scores) for name, scores in outcome.sets.items()})


def _natural_history(outcome: Categories) -> Iterator[str]:
    moves = [
        ({"move": f"{len(outcome.labels) + s + 1}>{k + 1}", "values": [FAST * float(share)]}, f"{share:.6g}")
        for s, distribution in enumerate(outcome.reference)
        for k, share in enumerate(distribution)
        if share > 0.0
    ]
    yield (
        f"# Moves a day out of entry: {FAST:g} times the probability in the reference arm, which stands behind.\n"
        "[disease.natural_history]\n"
        + _pairs({"assumption": "the distribution that the plan was made for"})
        + "\n"
        + _list("move", moves)
    )


def _effects(outcome: Categories) -> Iterator[str]:
    effects = []
    for s, (active, reference) in enumerate(zip(outcome.active, outcome.reference, strict=True)):
        for k, (one, other) in enumerate(zip(active, reference, strict=True)):
            if (one > 0.0) != (other > 0.0):
                raise NoScenario(f"category {k + 1} is empty in one arm alone, which no ratio of intensities says")
            if one > 0.0:
                move = f"{len(outcome.labels) + s + 1}>{k + 1}"
                effects.append(({"moves": move, "hazard_ratio": float(one / other)}, f"{one:.6g}"))
    yield (
        "# Each ratio is the probability in the active arm, which stands behind, over that in the reference arm.\n"
        "[disease.treatments.treatment]\n"
        + _pairs({"source": "the effect that the plan was made for"})
        + "\n"
        + _list("effect", effects)
    )


def _population(outcome: Categories, patients: int) -> Iterator[str]:
    yield "[population]\n" + _pairs({"patients": patients, "stratum_sizes": "fixed"})
    for s, share in enumerate(outcome.shares):
        name = f"stratum {s + 1}" if len(outcome.shares) > 1 else "all"
        stratum = {"name": name, "baseline_score": len(outcome.labels) + s + 1, "weight": float(share)}
        yield "[[population.stratum]]\n" + _pairs(stratum)


def _pairs(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {_value(value)}" for name, value in values.items())


def _list(name: str, tables: Sequence[tuple[Mapping[str, Any], str]]) -> str:
    """A list of tables, one a line, each with a remark."""
    lines = [f"    {_value(table)},{f' # {remark}' if remark else ''}" for table, remark in tables]
    return "\n".join([f"{name} = [", *lines, "]"])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return "[" + ", ".join(map(_value, value)) + "]" if isinstance(value, list | tuple) else repr(value)
