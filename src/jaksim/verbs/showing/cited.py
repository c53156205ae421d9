"""Facts of the catalogue of evidence that a scenario cites, held against what it says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.evidence.facts import Fact, load_topic, topic_ids
from jaksim.scenario.scenario import Scenario


def check_facts(scenario: Scenario) -> None:
    """InputError for a fact that the scenario cites and that is not there, or that says something else."""
    for where, cited, numbers, unit in _citations(scenario):
        fact = fact_of(cited, where)
        stated = set(_numbers(fact.values))
        for number in numbers:
            if number not in stated:
                raise InputError(
                    f"the fact {cited} says something else", where=where, allowed=fact.statement, got=number
                )
        of_fact = fact.values.get("unit", unit)
        if unit and of_fact != unit:
            raise InputError(f"the fact {cited} is in another unit", where=where, allowed=of_fact, got=unit)


def statement_of(scenario: Scenario, cited: str) -> str:
    """What a fact says; nothing for none."""
    return fact_of(cited, scenario.path).statement if cited else ""


def fact_of(cited: str, where: str) -> Fact:
    """The fact at topic/id; InputError where there is none."""
    topic, slash, name = cited.partition("/")
    if not slash:
        raise InputError(
            "a fact is cited by topic and id", where=where, allowed="such as dosing/baricitinib_renal", got=cited
        )
    known(topic, topic_ids(), "topic of facts", where)
    facts = load_topic(topic).facts
    if name not in facts:
        raise InputError("no such fact", where=where, allowed=tuple(f"{topic}/{one}" for one in facts), got=cited)
    return facts[name]


def _citations(scenario: Scenario) -> Iterator[tuple[str, str, Sequence[float], str]]:
    file, law = scenario.path, scenario.trial.population.characteristics
    for criterion in () if law is None else law.criteria:
        if criterion.fact and law is not None:
            bounds = (criterion.at_least, criterion.above, criterion.at_most, criterion.below, *criterion.values)
            unit = law.items[law.names.index(criterion.characteristic)].unit
            yield (
                f"{file}, eligibility.{criterion.name}.fact",
                criterion.fact,
                [one for one in bounds if math.isfinite(one)],
                unit,
            )
    for dose in scenario.doses:
        if dose.fact:
            yield f"{file}, dose.{dose.treatment}.fact", dose.fact, dose.cuts, dose.unit


def _numbers(values: Mapping[str, Any]) -> Iterator[float]:
    for value in values.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, int | float) and not isinstance(one, bool):
                yield float(one)
