"""What is asked of subgroups: each level by itself and shrunken, and each finding against chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import reduce
from operator import add
from os import PathLike
from typing import Any

from jaksim.checks import named, whole
from jaksim.errors import InputError
from jaksim.evidence.subgroups import simulated
from jaksim.evidence.subgroups.chance import Family, Homogeneous, within_trials
from jaksim.evidence.subgroups.credibility import Criterion, criteria, rating
from jaksim.evidence.subgroups.levels import Characteristic
from jaksim.evidence.subgroups.question import Finding, Question
from jaksim.evidence.subgroups.question_file import load_question, question_ids
from jaksim.evidence.subgroups.shrinkage import Density, Shrunken, log_likelihood, log_normal_likelihood, shrink
from jaksim.evidence.synthesis.inference import Contrast, wald
from jaksim.evidence.synthesis.priors import HalfNormal
from jaksim.result import Result, plain
from jaksim.version import __version__

REPLICATES, SEED = 20_000, 1


@dataclass(frozen=True)
class Divided:
    """A characteristic: its exact law without a difference, and its levels shrunken, from counts and as published.

    `published` holds the ratio of each level, that of a rest being what the others leave of everybody's; `as_published`
    is None where a level has no ratio.
    """

    characteristic: Characteristic
    exact: Homogeneous
    counted: Shrunken
    published: tuple[Contrast | None, ...]
    as_published: Shrunken | None

    @property
    def p_value(self) -> float:
        """Chance of a level that differs from the others as significantly as the one that does most."""
        return self.exact.any_p_below(min(self.exact.p_value(k) for k in range(len(self.characteristic.levels))))


@dataclass(frozen=True)
class Judged:
    """A finding against chance.

    `interaction` is the ratio of the published odds ratio to that of the other levels. `noise` is the chance that a
    subgroup of each characteristic is beyond the others by a ratio as large, in the same direction, while the treatment
    does the same in all of them; `simulated` that of all together, on the same patients.
    """

    finding: Finding
    place: int
    log_ratio: float
    p_value: float
    p_one_sided: float
    p_within_trials: float | None
    interaction: Contrast | None
    noise: Family
    noise_own: float
    simulated: simulated.Share
    credibility: tuple[Criterion, ...]


@dataclass(frozen=True, repr=False)
class Subgroups(Result):
    """Subgroups of a question with what is left of them, and its findings against chance."""

    question: Question
    divided: tuple[Divided, ...]
    judged: tuple[Judged, ...]
    prior_scale: float
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"version": __version__})

    def headline(self) -> str:
        """How many subgroups of how many characteristics."""
        many = len(self.divided)
        return f"{self.question.title}: {self.question.reported} subgroups of {many} characteristics"

    def rows(self) -> list[dict[str, Any]]:
        """One row per level."""
        return [plain(row) for one in self.divided for row in _levels(one)]

    def short_rows(self) -> list[dict[str, Any]]:
        """The findings."""
        return [
            {
                "finding": judged.finding.level,
                "p_value": round(judged.p_value, 3),
                "noise": round(judged.noise.independent, 3),
            }
            for judged in self.judged
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        question = self.question
        return {
            "question": question.id,
            "title": question.title,
            "event": question.event,
            "lower_is_better": question.lower_is_better,
            "note": question.note,
            "prior": {"family": "half_normal", "scale": self.prior_scale, "reason": question.prior_reason},
            "overall": {
                "treated": list(question.overall.treated),
                "control": list(question.overall.control),
                "odds_ratio": question.overall.odds_ratio,
                "published": _ratio(question.published),
            },
            "characteristics": [
                {
                    "name": one.characteristic.name,
                    "predicted": one.characteristic.predicted,
                    "p_value": one.p_value,
                    "bayes_factor_common": one.counted.bayes_factor_common,
                    "tau": {"median": one.counted.tau.quantile(0.5), "interval": one.counted.tau.interval()},
                    "levels": list(_levels(one)),
                }
                for one in self.divided
            ],
            "subgroups_reported": question.reported,
            "findings": [_judged(judged) for judged in self.judged],
            "citations": {name: asdict(citation) for name, citation in question.citations.items()},
            "provenance": dict(self.provenance),
        }


@dataclass(frozen=True, repr=False)
class SubgroupQuestions(Result):
    """The questions about subgroups that ship with jaksim."""

    questions: tuple[Question, ...]
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"version": __version__})

    def headline(self) -> str:
        """How many."""
        return f"{len(self.questions)} questions about subgroups"

    def rows(self) -> list[dict[str, Any]]:
        """One row per question."""
        return [
            {
                "question": one.id,
                "title": one.title,
                "characteristics": len(one.characteristics),
                "subgroups": one.reported,
                "findings": len(one.findings),
            }
            for one in self.questions
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return {"questions": self.rows(), "provenance": dict(self.provenance)}


def subgroup_questions() -> SubgroupQuestions:
    """The questions that `subgroups` knows by name."""
    return SubgroupQuestions(tuple(load_question(name) for name in question_ids()))


def subgroups(
    question: str | PathLike[str] = "jak-inhibitors",
    *,
    scale: float | None = None,
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> Subgroups:
    """Shrink the subgroups of a question, and hold its findings against chance.

    `question` is one that `subgroup_questions` lists, or a file. `scale` replaces that of the half-normal prior of the
    standard deviation between the levels of a characteristic. `replicates` trials are simulated for each finding.
    """
    asked = load_question(named(question, "question"))
    if whole(replicates, "‹replicates›") < 1:
        raise InputError("at least one trial is simulated", where="‹replicates›", got=replicates)
    prior = asked.prior if scale is None else HalfNormal(scale)
    assert isinstance(prior, HalfNormal)
    divided = tuple(_divided(one, asked, prior) for one in asked.characteristics)
    trials = simulated.extremes(asked.characteristics, asked.overall, replicates=replicates, seed=seed)
    judged = tuple(_judge(finding, asked, divided, trials) for finding in asked.findings)
    provenance = {"version": __version__, "question": asked.id, "replicates": replicates, "seed": seed}
    return Subgroups(asked, divided, judged, prior.scale, provenance)


def _divided(one: Characteristic, question: Question, prior: HalfNormal) -> Divided:
    published = _published(one, question.published)
    known = [contrast for contrast in published if contrast is not None]
    return Divided(
        characteristic=one,
        exact=Homogeneous.of(one.table),
        counted=shrink([log_likelihood(level.arms) for level in one.levels], prior),
        published=published,
        as_published=shrink([log_normal_likelihood(contrast) for contrast in known], prior)
        if len(known) == len(published)
        else None,
    )


def _published(one: Characteristic, overall: Contrast | None) -> tuple[Contrast | None, ...]:
    """The published ratio of each level; a rest has what the precision of the others leaves of everybody's."""
    told = [level.published for level in one.levels if not level.rest]
    found = []
    for level in one.levels:
        left = level.published
        if level.rest and left is None and overall is not None and None not in told:
            weight = overall.standard_error**-2 - sum(c.standard_error**-2 for c in told if c)
            if weight > 0.0:
                total = overall.estimate * overall.standard_error**-2
                total -= sum(c.estimate * c.standard_error**-2 for c in told if c)
                left = wald(total / weight, weight**-0.5)
        found.append(left)
    return tuple(found)


def _judge(finding: Finding, question: Question, divided: tuple[Divided, ...], extremes: simulated.Extremes) -> Judged:
    own = next(one for one in divided if one.characteristic.name == finding.characteristic)
    k = own.characteristic.level(finding.level)
    inside = own.characteristic.levels[k].arms
    others = reduce(add, (level.arms for i, level in enumerate(own.characteristic.levels) if i != k))
    log_ratio = _log(inside.odds_ratio) - _log(others.odds_ratio)
    if math.isnan(log_ratio):
        where = f"{question.id}, finding {finding.level}"
        raise InputError("the level and the others have no odds ratios to compare", where=where)
    trials = own.characteristic.trials if own.characteristic.within == finding.level else ()
    p_within = within_trials(trials) if trials else None
    interaction = _against_others(own.published, k)
    p_value = own.exact.p_value(k)
    return Judged(
        finding=finding,
        place=k,
        log_ratio=log_ratio,
        p_value=p_value,
        p_one_sided=own.exact.greater(k) if log_ratio >= 0 else own.exact.fewer(k),
        p_within_trials=p_within,
        interaction=interaction,
        noise=Family(tuple(one.exact.any_ratio_beyond(log_ratio, one.characteristic.reported) for one in divided)),
        noise_own=own.exact.any_ratio_beyond(log_ratio, own.characteristic.reported),
        simulated=extremes.beyond(log_ratio),
        credibility=criteria(
            p_value=p_value if p_within is None else p_within,
            predicted=own.characteristic.predicted,
            characteristics=len(divided),
            continuous=own.characteristic.continuous,
            adjusted=interaction is not None,
            trials=len(trials),
        ),
    )


def _against_others(published: tuple[Contrast | None, ...], k: int) -> Contrast | None:
    """The published log ratio of one level minus that of the others, weighted by their precision."""
    own, others = published[k], [contrast for i, contrast in enumerate(published) if i != k]
    if own is None or None in others:
        return None
    weights = [contrast.standard_error**-2 for contrast in others if contrast]
    mean = sum(w * c.estimate for w, c in zip(weights, (c for c in others if c), strict=True)) / sum(weights)
    return wald(own.estimate - mean, math.hypot(own.standard_error, sum(weights) ** -0.5))


def _log(odds_ratio: float) -> float:
    return math.nan if math.isnan(odds_ratio) else math.log(odds_ratio) if odds_ratio > 0.0 else -math.inf


def _levels(one: Divided) -> list[dict[str, Any]]:
    return [
        {
            "characteristic": one.characteristic.name,
            "level": level.name,
            "reported": not level.rest,
            "treated": list(level.arms.treated),
            "control": list(level.arms.control),
            "odds_ratio": level.arms.odds_ratio,
            "p_value": one.exact.p_value(k),
            "shrunken": _posterior(one.counted.levels[k]),
            "published": _ratio(one.published[k]),
            "published_shrunken": None if one.as_published is None else _posterior(one.as_published.levels[k]),
            "records": list(level.records),
        }
        for k, level in enumerate(one.characteristic.levels)
    ]


def _posterior(density: Density) -> dict[str, Any]:
    low, high = density.interval()
    return {
        "odds_ratio": math.exp(density.quantile(0.5)),
        "interval": [math.exp(low), math.exp(high)],
        "probability_above_1": density.above(0.0),
    }


def _ratio(contrast: Contrast | None) -> dict[str, Any] | None:
    if contrast is None:
        return None
    return {"odds_ratio": contrast.ratio, "interval": list(contrast.ratio_interval), "p_value": contrast.p_value}


def _judged(judged: Judged) -> dict[str, Any]:
    noise = judged.noise
    return {
        **asdict(judged.finding),
        "ratio_to_others": math.exp(judged.log_ratio) if judged.log_ratio < 700 else math.inf,
        "p_value": judged.p_value,
        "p_one_sided": judged.p_one_sided,
        "p_within_trials": judged.p_within_trials,
        "published_interaction": _ratio(judged.interaction),
        "noise": {
            "in_this_characteristic": judged.noise_own,
            "in_any": noise.independent,
            "bounds": list(noise.bounds),
            "simulated": judged.simulated.value,
            "simulated_mc_se": judged.simulated.mc_se,
        },
        "credibility": rating(judged.credibility),
        "criteria": [{**asdict(one), "answer": one.answer} for one in judged.credibility],
    }
