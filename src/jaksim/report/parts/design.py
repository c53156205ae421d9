"""A trial in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import NO_BREAK, definitions, heading
from jaksim.report.parts.monitoring import conduct_rows, conduct_tables, randomisation_words
from jaksim.report.parts.numbers import percent, whole
from jaksim.report.parts.words import hypothesis_words, method_words
from jaksim.trial import AnalysisPlan, Trial
from jaksim.trial.site_strata import WORDS as SITE_WORDS

# Adaptations under which the allocation does not tell how many patients an arm gets.
_COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def design_part(
    trial: Trial, description: str = "", registry: str = "", sources: Sequence[str] = ()
) -> Iterator[Block]:
    """The design: patients, arms, strata, endpoints, analyses."""
    yield heading("Design")
    rows = []
    if description:
        rows.append(("Question", " ".join(description.split())))
    if registry:
        rows.append(("Registry", registry))
    rows += _named("Sources", [" ".join(source.split()) for source in sources])
    rows += [
        ("Patients", _patients(trial)),
        *_named("Arms", [_arm(trial, position) for position in range(len(trial.arms))]),
        ("Strata", _strata(trial)),
        ("Follow-up", _follow_up(trial)),
        *_named("Endpoints", [f"{endpoint.name}: {_lower(endpoint.definition)}" for endpoint in trial.endpoints]),
        *_named("Analyses", _analyses(trial)),
        *_named("Multiplicity", [*trial.multiplicity.describe()] if trial.multiplicity is not None else []),
        *conduct_rows(trial),
    ]
    yield definitions(rows)
    yield from conduct_tables(trial)


def analysis_words(plan: AnalysisPlan, *, with_arms: bool = True) -> str:
    """One analysis in a sentence fragment."""
    strata = f" in {' and '.join(plan.strata)} only" if plan.strata else ""
    strata += f" {SITE_WORDS[plan.sites]}" if SITE_WORDS[plan.sites] else ""
    options = "".join(f", {key.replace('_', ' ')} {value}" for key, value in plan.options.items())
    pairs = " and ".join(f"{active} against {reference}" for active, reference in plan.pairs)
    arms = f", {pairs}" if with_arms else ""
    sides = "two" if plan.sides == 2 else "one"
    hypothesis = hypothesis_words(plan.hypothesis, plan.margin)
    return (
        f"{plan.role}: {plan.endpoint}{strata}, {method_words(plan.method)}{options}{hypothesis}{arms}, "
        f"{sides}-sided {100.0 * plan.alpha:g}{NO_BREAK}%"
    )


def _analyses(trial: Trial) -> list[str]:
    with_arms = len(trial.arms) > 2
    return [
        f"[{number}] {analysis_words(plan, with_arms=with_arms)}" for number, plan in enumerate(trial.analyses, start=1)
    ]


def _patients(trial: Trial) -> str:
    ratio = ":".join(str(arm.allocation) for arm in trial.arms)
    n_arms = _COUNTS.get(len(trial.arms), str(len(trial.arms)))
    return (
        f"{whole(trial.population.patients)} randomised {ratio} to {n_arms} arms, "
        f"{randomisation_words(trial.randomisation)}"
    )


def _arm(trial: Trial, position: int) -> str:
    arm = trial.arms[position]
    share = arm.allocation / sum(other.allocation for other in trial.arms)
    reference = " (reference)" if arm.reference else ""
    text = f"{arm.name}{reference}: {arm.regimen}"
    if trial.adaptation is not None and trial.adaptation.allocates_anew:
        return text
    return f"{text}, {whole(round(share * trial.population.patients))} patients"


def _strata(trial: Trial) -> str:
    shares = ", ".join(f"{stratum.name} ({percent(stratum.weight)})" for stratum in trial.population.strata)
    how = "sizes vary at random" if trial.population.stratum_sizes == "drawn" else "sizes fixed"
    return f"{shares}; {how}"


def _follow_up(trial: Trial) -> str:
    first, last = trial.day_of_randomisation, trial.horizon + trial.day_of_randomisation
    text = f"{trial.horizon} days; days below count from randomisation"
    return text if first == 0 else f"{text} (day 0 is study day {first}, day {trial.horizon} study day {last})"


def _named(term: str, texts: list[str]) -> list[tuple[str, str]]:
    return [(term if position == 0 else "", text) for position, text in enumerate(texts)]


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
