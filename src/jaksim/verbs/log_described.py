"""What a log has and what is believed after it, as values that a report and a table show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.forecast_power import PredictivePower
from jaksim.design.forecasting import Ahead, RunningTrial
from jaksim.design.sums.conducted import Reason
from jaksim.design.sums.precision import standard_error
from jaksim.operations.running.in_screening import ScreeningShares
from jaksim.operations.running.log import PENDING, UNKNOWN, RunningLog
from jaksim.operations.running.site_rates import SiteRates
from jaksim.trial import Trial
from jaksim.trial.operations.recruitment import Recruitment
from jaksim.trial.operations.screening import Screening
from jaksim.verbs.forecast_result import (
    Expected,
    FutureAnalysis,
    FutureEnd,
    GroupSoFar,
    ScreeningSoFar,
    SiteSoFar,
    SoFar,
)

_RARE = 0.01


def so_far(log: RunningLog, trial: Trial) -> SoFar:
    """The numbers of a log."""
    people, screened = log.randomised, log.screened
    dead = np.isin(people.score, trial.scale.indices(trial.scale.absorbing)).any(axis=1)
    return SoFar(
        sites_open=int(log.sites.open.sum()),
        sites=len(log.sites.opened),
        screened=len(screened.names),
        failed=int((screened.outcome >= 0).sum()),
        in_screening=int((screened.outcome == PENDING).sum()),
        randomised=people.n,
        died=int(dead.sum()),
        with_scores=int((people.score != UNKNOWN).any(axis=1).sum()),
        arms_known=people.n > 0 and people.arms_known,
        analyses=log.analyses,
    )


def _now(rates: SiteRates) -> Floats:
    """Posterior mean of the factor of each rate (J,), that which the sites of a group share included."""
    if rates.cv == 0.0:
        return rates.mean()
    levels = (np.arange(200) + 0.5) / 200
    found = np.empty(len(rates.shape))
    for g in range(int(rates.group.max()) + 1):
        mine = rates.group == g
        common = rates.common_law(g).at(levels)[:, None]
        with np.errstate(invalid="ignore"):
            each = common * (rates.shape + rates.screened)[mine] / (rates.shape[mine] + common * rates.exposure[mine])
        found[mine] = np.where(np.isfinite(rates.shape[mine]), each, common).mean(axis=0)
    return found


def groups_so_far(log: RunningLog, recruitment: Recruitment, rates: SiteRates) -> tuple[GroupSoFar, ...]:
    """Counts of each group of sites beside what the plan expects of them, and how surprising that is by the plan."""
    screened, randomised = log.by_site(recruitment)
    names = [f"{country.name}, {group.name}" if group.name not in ("", country.name) else country.name
             for country in recruitment.countries for group in country.groups]  # fmt: skip
    now = _now(rates)
    found = []
    for g, name in enumerate(names):
        mine = rates.group == g
        few, many = _tails(rates.shape[mine], rates.exposure[mine], int(screened[mine].sum()))
        found.append(
            GroupSoFar(
                name,
                int(mine.sum()),
                int((mine & log.sites.open).sum()),
                int(screened[mine].sum()),
                int(randomised[mine].sum()),
                float(rates.exposure[mine].sum()),
                many,
                few,
                float(now[mine].mean()),
            )
        )
    return tuple(found)


def _tails(shape: Floats, exposure: Floats, count: int) -> tuple[float, float]:
    """Chances by the plan that sites screen at most, and at least, so many patients in all: the counts of the sites are
    negative binomial, their sum taken as the one with its mean and variance."""
    from scipy import stats

    mean = float(exposure.sum())
    if not mean > 0.0:
        return math.nan, math.nan
    extra = float(np.where(np.isfinite(shape), exposure**2 / shape, 0.0).sum())
    if extra > 0.0:
        size = mean**2 / extra
        law = stats.nbinom(size, size / (size + mean))
    else:
        law = stats.poisson(mean)
    return float(law.cdf(count)), float(law.sf(count - 1))


def sites_so_far(log: RunningLog, recruitment: Recruitment, rates: SiteRates) -> tuple[SiteSoFar, ...]:
    """All sites of the plan."""
    screened, randomised = log.by_site(recruitment)
    now, opened = _now(rates), log.sites.opened
    return tuple(
        SiteSoFar(
            name,
            log.sites.names[j],
            int(opened[j]) if log.sites.open[j] else None,
            int(screened[j]),
            int(randomised[j]),
            float(rates.exposure[j]),
            float(now[j]),
        )
        for j, name in enumerate(recruitment.site_names)
    )


def screening_so_far(screening: Screening, shares: ScreeningShares) -> tuple[ScreeningSoFar, ...]:
    """Outcomes of the first screenings."""
    names = [*(reason.name for reason in screening.reasons), "passes"]
    values = (shares.planned.tolist(), shares.counted.tolist(), shares.mean.tolist())
    return tuple(ScreeningSoFar(name, *one) for name, *one in zip(names, *values, strict=True))


def future_analyses(
    tests: Sequence[Test], ahead: Ahead, predictive: Sequence[PredictivePower]
) -> tuple[FutureAnalysis, ...]:
    """Conditional power of every planned analysis, and the predictive one if there is any; nothing where arms are not
    known."""
    if ahead.favourable is None:
        return ()
    found = []
    for number, (test, good) in enumerate(zip(tests, ahead.favourable, strict=True)):
        plan = test.plan
        power, error = float(good.mean()), standard_error(int(good.sum()), len(good))
        averaged = predictive[number] if predictive else None
        found.append(FutureAnalysis(plan.name, plan.endpoint, plan.method, plan.role, power, error, averaged))
    return tuple(found)


def future_ends(looks: int, ahead: Ahead) -> tuple[FutureEnd, ...]:
    """Chance of ending at each analysis by reason, nothing where arms are not known."""
    if ahead.stopped is None or ahead.reason is None:
        return ()
    shares = [
        [float(((ahead.stopped == k) & (ahead.reason == reason)).mean()) for reason in Reason] for k in range(looks)
    ]
    return tuple(FutureEnd(k + 1, *one) for k, one in enumerate(shares))


def notes_of(running: RunningTrial, full: Expected) -> tuple[str, ...]:
    """What a reader has to know of a log beside the numbers."""
    return tuple(_notes(running, full))


def _notes(running: RunningTrial, full: Expected) -> Iterator[str]:
    recruiter, log = running.recruiter, running.log
    late = int(recruiter.overdue_sites.sum())
    if late:
        yield f"{late} site(s) would have opened by now by the plan; they are taken to open on the day after the log."
    overdue = int(recruiter.waiting.overdue.sum())
    if overdue:
        yield (
            f"{overdue} patient(s) have been in screening for longer than the plan allows; they are taken to be "
            "decided on the day after the log."
        )
    groups = groups_so_far(log, recruiter.recruitment, recruiter.rates)
    for one in groups:
        tail = min(one.as_few, one.as_many)
        if tail < _RARE and recruiter.rates.cv == 0.0:
            word = "few" if one.as_few < one.as_many else "many"
            yield (
                f"{one.name}: {one.screened} patients screened where the plan expects {one.expected:.0f}; so {word} "
                f"have a chance of {tail:.2g} by the plan. --rate-cv (rate_cv) says how unsure the planned rates are."
            )
    people = log.randomised
    if people.n and not people.arms_known:
        yield (
            "The log says of nobody in which arm she is: the figures are blinded, and each patient's arm is drawn from "
            "what the planned effects make of her course."
        )
    scored = (people.score != UNKNOWN).any(axis=1)
    if people.n and not scored.all():
        yield f"{int((~scored).sum())} patient(s) have no score in the log; their course is drawn from the model."
    if full.n == 0:
        yield "The trial is never full: too few patients come by the last day of the plan."
