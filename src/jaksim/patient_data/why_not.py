"""What a reader of an analysis should know about its data: why there is no estimate, which strata say nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from jaksim.analysis.method import Method
from jaksim.analysis.registry import get_method
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.survival.iterated import near
from jaksim.endpoint.kinds import kind_of
from jaksim.patient_data.from_data import TrialData
from jaksim.ratio import ratio_of

MOST_NAMES = 5
FEWEST_CLUSTERS = 40
FEWEST_PATIENTS = 40


def reason(data: TrialData, result: AnalysisResult) -> str:
    """Why an analysis of these data has no finite estimate."""
    method = get_method(result.method)
    counts, endpoint = data.counts.by_arm, data.endpoint
    if not (data.counts.sizes > 0).all(axis=0).any():
        return "no stratum has patients of both arms"
    kind = kind_of(endpoint)
    if kind.has_event:
        events = counts[:, endpoint.status == 1].sum(axis=1)
        if not events.any():
            return "there is no event in either arm"
        if not events.all():
            name = data.arms.active if events[1] else data.arms.reference
            return f"every event is in arm '{name}': {_limit(method, result.estimate)}"
        full = events == counts.sum(axis=1)
        if not kind.timed and full.all():
            return "every patient has the event"
        if not kind.timed and full.any():
            name = data.arms.active if full[1] else data.arms.reference
            return f"every patient of arm '{name}' has the event: {_limit(method, result.estimate)}"
    ranks = [endpoint.rank[(arm > 0) & (endpoint.rank >= 0)] for arm in counts]
    if not kind.timed and all(len(rank) for rank in ranks):
        if max(map(max, ranks)) == min(map(min, ranks)):
            return "all patients have the same value"
        if ranks[0].max() <= ranks[1].min() or ranks[1].max() <= ranks[0].min():
            limit = _limit(method, result.estimate)
            return f"no patient of one arm does better than any of the other (separation): {limit}"
    if method.free_cuts:
        return (
            "an odds ratio at a cut-point is 0 or infinite: an arm has no patient on one side of it, or strata and "
            "arms go together there"
        )
    return "the data do not determine it: too few patients or events, separation, or no variance"


def _limit(method: Method, estimate: float) -> str:
    """What the estimate is, by the direction in which it has no bound on its scale."""
    if math.isnan(estimate):
        return "the estimate is without bound"
    if method.scale != "log_ratio":
        return f"the estimate is {'minus ' if estimate < 0.0 else ''}infinite"
    return "the estimate is 0" if estimate < 0.0 else "the estimate is infinite"


def remarks(data: TrialData) -> Iterator[str]:
    """What is unusual about the data although it can be analysed."""
    if data.dropped:
        yield f"{data.dropped} patient(s) with a missing value were left out."
    yield from data.doubts
    if data.weight is not None:
        yield f"Estimates are weighted by '{data.weight}'; numbers of patients, medians and curves are without weights."
    if words := data.changed.words():
        yield f"{data.endpoint.name[:1].upper()}{data.endpoint.name[1:]}: {words}"
    alone = [name for name, size in zip(data.strata, data.counts.sizes.T, strict=True) if not (size > 0).all()]
    if alone and len(data.strata) > 1:
        listed = ", ".join(alone[:MOST_NAMES]) + (" ..." if len(alone) > MOST_NAMES else "")
        yield f"Strata with patients of one arm only say nothing in stratified analyses: {listed}."
    if kind_of(data.endpoint).timed:
        found = set(np.unique(data.endpoint.status[data.counts.by_arm.sum(axis=0) > 0]).tolist())
        if found == {1, 2}:
            yield (
                "No patient is censored and status 2 occurs: 1 is read as the event and 2 as a competing event. "
                "Where 1 means censored and 2 the event, recode them to 0 and 1."
            )


def remark_on_strata(data: TrialData, method: Method, options: Mapping[str, Any], *, modelled: bool) -> str | None:
    """A remark on a method that analyses strata together, which nobody should take for a stratified one."""
    unseen = method.without_strata(options)
    if len(data.strata) < 2 or modelled or not unseen:
        return None
    return f"{method.name} is not stratified: it analyses the {len(data.strata)} strata together."


def remarks_on_one_step(result: AnalysisResult, iterated: float | None) -> Iterator[str]:
    """A warning where an estimate of one step is far from where its iteration ends."""
    one_step = get_method(result.method).iterated
    if one_step is None or iterated is None or not math.isfinite(result.estimate) or near(result.estimate, iterated):
        return
    end = f"{ratio_of(iterated):.4g}" if math.isfinite(iterated) else "infinite"
    yield (
        f"The one-step hazard ratio of {result.method}, {ratio_of(result.estimate):.4g}, is outside its range: "
        f"ratios near 1, arms of like size. Further steps ({one_step.by}) end at {end}. The test does not depend on it."
    )


def remark_on_size(data: TrialData, method: Method, options: Mapping[str, Any], *, unmodelled: bool) -> str | None:
    """A warning where a z rests on a variance estimated from few patients and has no t distribution to allow for it.

    `unmodelled` tells that it is adjusted for covariates without a model.
    """
    by_scale = options.get("scale") == "plain"
    if not (unmodelled or method.variance_as_known(options)):
        return None
    smaller = int(np.bincount(data.arm, minlength=2).min())
    if smaller >= FEWEST_PATIENTS:
        return None
    better = "; the option scale=log_log is nearer to its level" if by_scale else ""
    return (
        f"The z of {method.name} takes an estimated variance for a known one: with {smaller} patients in an arm, fewer "
        f"than {FEWEST_PATIENTS}, its p value tends to be too low{better}."
    )


def remarks_on_variance(data: TrialData, cluster: str | None) -> Iterator[str]:
    """A warning where a robust standard error rests on too few clusters, or patients, and so is too small."""
    n = len(data) if cluster is None else len(np.unique(data.columns.words(cluster)))
    what = "patients" if cluster is None else f"clusters ('{cluster}')"
    if n < FEWEST_CLUSTERS:
        yield (
            f"The robust standard error rests on {n} {what}: with fewer than about {FEWEST_CLUSTERS} it tends to be "
            "too small and its p values too low."
        )
