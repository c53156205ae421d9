"""Patients needed for a power: a noisy root search on common random numbers, with the analytic answer beside it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from statistics import NormalDist
from typing import Any, Final

from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.power import prepare
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Advance, Settings
from jaksim.design.sums.precision import standard_error
from jaksim.design.twin.planned_power import KnownSize, PlannedPower
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.trial import Trial
from jaksim.trial.assumption import Assumption
from jaksim.trial.trigger import endpoints_of

PILOT: Final = 5_000
MOST_PATIENTS: Final = 10_000_000
MOST_SIMULATED: Final = 500_000_000
MOST_STEPS: Final = 12
MOST_FULL_STEPS: Final = 8
# An analytic size this part of the simulated one away from it, and beyond chance, is not given.
MISS: Final = 0.25
# The search ends when the next step is this small a part of its own standard error.
CLOSE: Final = 0.5
# The sites bring too few patients where the power with all of them is so many standard errors below the one wanted.
TOO_FEW: Final = 2.0
_NORMAL: Final = NormalDist()
_NORMAL_975: Final = 1.959963984540054


@dataclass(frozen=True)
class Evaluation:
    """One step of the search: a number of patients, replicates, and the power they gave."""

    n_patients: int
    replicates: int
    power: float


@dataclass(frozen=True, repr=False)
class SampleSize(Result):
    """Patients needed for a power of one analysis.

    `n_patients` is in whole multiples of `multiple`, the sum of the allocation; `interval` holds the true answer with
    95 % confidence, as far as the simulation can tell. `power` with `mc_se` is that of `n_patients` patients,
    simulated; rejections against the active arm do not count. `analytic_n_patients` is the answer without simulation,
    None where there is none; `analytic_law` is "large-sample" or, where every table that can happen was looked at,
    "enumeration", and `analytic_caution` says why it is not to be relied on.
    """

    scenario: str
    title: str
    analysis: str
    target: float
    n_patients: int
    interval: tuple[int, int]
    power: float
    mc_se: float
    analytic_n_patients: int | None
    analytic_law: str
    analytic_caution: str
    multiple: int
    n_in_scenario: int
    replicates: int
    seed: int
    engine: str
    elapsed_seconds: float
    steps: tuple[Evaluation, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()

    def headline(self) -> str:
        """The answer: patients for the power."""
        low, high = self.interval
        return (
            f"size of {self.title!r}: {self.n_patients} patients ({low} to {high}), {100 * self.target:g} % power of "
            f"{self.analysis!r}"
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row per step of the search."""
        return [asdict(step) for step in self.steps]


def trial_size(
    trial: Trial, target: float, settings: Settings, *, analysis: str | None = None, advance: Advance | None = None
) -> SampleSize:
    """Fewest patients, in whole multiples of the allocation, with which an analysis has the power `target`.

    The analysis is the primary one when none is named. Every step of the search uses the same replicates. Raises
    InputError when the effect is absent or in the wrong direction, so that no number of patients gives the power.
    """
    started = time.perf_counter()
    if not 0.0 < target < 1.0:
        raise InputError("the power is not a probability", where="‹power›", allowed="above 0, below 1", got=target)
    lead = sized_analysis(trial, analysis)
    prepared = prepare(_reduced(trial, lead), settings)
    test = next(candidate for candidate in prepared.tests if candidate.plan.name == lead)
    if target <= test.plan.alpha:
        raise InputError("the power is below the level of the test", where="‹power›", got=target)
    multiple = sum(arm.allocation for arm in trial.arms)
    complete = PlannedPower.of(prepared.cells, test)
    if trial.monitoring is None and trial.adaptation is None and complete.out_of_reach(target):
        raise InputError(
            f"more than {MOST_PATIENTS:,} patients would be needed: the effect is absent, too small or in the wrong "
            "direction",
            where=f"analysis {lead!r}",
        )
    analytic = prepared.foreseen(test, complete).size(target)
    search = _Search(prepared, test, target, settings, advance)
    found = search.run(analytic.patients or trial.population.patients)
    error = min(_size_error(found, test), float(search.most))
    analytic = _not_missed(analytic, found, error)
    return SampleSize(
        scenario="",
        title=trial.title,
        analysis=lead,
        target=target,
        n_patients=found.n_patients,
        interval=(
            _whole(max(found.n_patients - _NORMAL_975 * error, multiple), multiple, math.floor),
            _whole(found.n_patients + _NORMAL_975 * error, multiple, math.ceil),
        ),
        power=found.power,
        mc_se=standard_error(round(found.power * found.replicates), found.replicates),
        analytic_n_patients=analytic.patients,
        analytic_law="enumeration" if analytic.exact else "large-sample",
        analytic_caution=analytic.doubt,
        multiple=multiple,
        n_in_scenario=trial.population.patients,
        replicates=found.replicates,
        seed=settings.seed,
        engine=search.engine,
        elapsed_seconds=time.perf_counter() - started,
        steps=tuple(search.steps),
    )


def analytic_curve(
    trial: Trial, analysis: str, sizes: Sequence[int], settings: Settings | None = None
) -> list[tuple[int, float]]:
    """The power of an analysis without simulation in trials of these sizes, NaN where none is to be relied on."""
    chosen = settings or Settings()
    prepared = prepare(_reduced(trial, analysis), chosen)
    found = []
    for n in sizes:
        scaled = prepare(prepared.trial.scaled_to(n), chosen, like=prepared)
        test = next(one for one in scaled.tests if one.plan.name == analysis)
        foreseen = scaled.foreseen(test, PlannedPower.of(scaled.cells, test))
        found.append((n, math.nan if foreseen.caution else foreseen.power))
    return found


def sized_analysis(trial: Trial, name: str | None) -> str:
    """The analysis whose power counts: the one named, or else the primary one, or the only one."""
    names = [plan.name for plan in trial.analyses]
    if name is not None:
        if name not in names:
            raise InputError("unknown analysis", where="‹analysis›", allowed=names, got=name)
        return name
    primary = [plan.name for plan in trial.analyses if plan.role == "primary"] or names
    if len(primary) > 1:
        raise InputError("the analysis that the size is for is missing", where="‹analysis›", allowed=primary)
    return primary[0]


def _reduced(trial: Trial, name: str) -> Trial:
    """The trial with nothing but what the analysis needs."""
    plan = next(plan for plan in trial.analyses if plan.name == name)
    if trial.adaptation is not None:
        return trial
    plans = [plan]
    if trial.monitoring is not None:
        if trial.monitoring.analysis != name:
            raise InputError(
                "the interim analyses decide when the trial ends, so its size is for their analysis",
                where="‹analysis›",
                allowed=repr(trial.monitoring.analysis),
                got=name,
            )
        plans += [analysis for analysis in trial.analyses if analysis.name in trial.monitoring.others]
    needed = {analysis.endpoint for analysis in plans}
    if trial.monitoring is not None:
        needed |= endpoints_of(trial.monitoring.triggers)
    endpoints = tuple(endpoint for endpoint in trial.endpoints if endpoint.name in needed)
    return trial.with_analyses(plans, endpoints)


def _not_missed(analytic: KnownSize, found: Evaluation, error: float) -> KnownSize:
    """The analytic size, unless it is further from the simulated one than chance and a good law allow."""
    if analytic.patients is None:
        return analytic
    apart = abs(analytic.patients - found.n_patients)
    if apart <= max(MISS * found.n_patients, 3.0 * error):
        return analytic
    return KnownSize(None, f"{analytic.patients:,} by the large-sample law, which misses the simulated size")


class _Search:
    """Newton steps on the probit of the power, which is nearly a line in the square root of the patients."""

    def __init__(
        self, prepared: Prepared, test: Test, target: float, settings: Settings, advance: Advance | None
    ) -> None:
        self.prepared, self.test, self.target = prepared, test, target
        self.multiple = sum(arm.allocation for arm in prepared.trial.arms)
        self.settings, self.advance = settings, advance
        self.steps: list[Evaluation] = []
        self.engine = ""
        self.most = _most_patients(prepared.trial, self.multiple)

    def run(self, start: int) -> Evaluation:
        """The evaluation at the answer.

        A step that leaves the bracket of the sizes tried, the largest with too little power and the smallest beyond it
        with enough, halves the bracket instead, so that a power that is no line, or jumps, cannot lead astray.
        """
        n = min(self._limited(start), self.most)
        pilot, bracket = min(PILOT, self.settings.replicates), _Bracket(self.target, self.multiple)
        for _ in range(MOST_STEPS):
            found = self._evaluate(n, pilot)
            following = bracket.within(found, self._following(found))
            if abs(following - n) <= 0.05 * n or n == self.most < following:
                break
            n = min(following, self.most)
        tried: list[tuple[float, Evaluation]] = []
        bracket = _Bracket(self.target, self.multiple)
        for _ in range(MOST_FULL_STEPS):
            found = self._evaluate(n, self.settings.replicates)
            following = bracket.within(found, self._following(found))
            tried.append((abs(found.power - self.target), found))
            error = _size_error(found, self.test)
            if math.isfinite(error) and abs(following - n) <= CLOSE * error:
                return found
            if bracket.closed:
                break
            if n == self.most < following:
                if self._may_suffice(found):
                    return found
                power = f"{100 * found.power:.1f} %"
                raise InputError(
                    f"the sites bring no more than {n:,} patients, with whom the power is {power}",
                    where=f"operations, analysis {self.test.plan.name!r}",
                    allowed="a lower power, or more sites, higher rates, wider caps or a later last day",
                )
            n = min(following, self.most)
        enough = [found for _, found in tried if found.power >= self.target]
        if bracket.closed and enough:
            return min(enough, key=lambda one: one.n_patients)
        return min(tried, key=lambda one: one[0])[1]

    def _may_suffice(self, found: Evaluation) -> bool:
        """Whether a power is as good as the one wanted, as far as the replicates tell."""
        low = 0.5 / found.replicates
        power = min(max(found.power, low), 1.0 - low)
        return power + TOO_FEW * math.sqrt(power * (1.0 - power) / found.replicates) >= self.target

    def _evaluate(self, n: int, replicates: int) -> Evaluation:
        trial = self.prepared.trial
        if n * replicates > MOST_SIMULATED and trial.in_calendar_time:
            replicates = max(PILOT, MOST_SIMULATED // n)
        for step in self.steps:
            if (step.n_patients, step.replicates) == (n, replicates):
                return step
        found = prepare(trial.scaled_to(n), self.settings, like=self.prepared)
        self.engine = found.design.engine_name
        work = partial(_rejections, found, [test.plan.name for test in found.tests].index(self.test.plan.name))
        length, workers = found.length(self.settings.length), check_workers(self.settings.workers)
        with found.spread(work, workers, replicates) as spread:
            total = sum(run_blocks(spread, 0, replicates, length, workers, self.advance))
        self.steps.append(Evaluation(n, replicates, total / replicates))
        return self.steps[-1]

    def _following(self, found: Evaluation) -> int:
        """The size at which the power should be right, after what was found at one size."""
        critical = self.test.critical
        low = 0.5 / found.replicates
        effect = _NORMAL.inv_cdf(min(max(found.power, low), 1.0 - low)) + critical
        if effect <= 3.0 * math.sqrt(found.power * (1.0 - found.power) / found.replicates):
            if found.n_patients >= MOST_PATIENTS // 4:
                raise InputError(
                    "no number of patients gives this power: the effect is absent or in the wrong direction",
                    where=f"analysis {self.test.plan.name!r}",
                )
            return self._limited(8 * found.n_patients)
        root = math.sqrt(found.n_patients) * (_NORMAL.inv_cdf(self.target) + critical) / effect
        return self._limited(min(max(root**2, found.n_patients / 8.0), found.n_patients * 8.0))

    def _limited(self, n: float) -> int:
        if n > MOST_PATIENTS:
            raise InputError(
                f"more than {MOST_PATIENTS:,} patients would be needed: the effect is absent or too small",
                where=f"analysis {self.test.plan.name!r}",
            )
        return max(self.multiple, _whole(n, self.multiple, math.ceil))


class _Bracket:
    """The largest size tried with too little power, and the smallest larger one with enough."""

    def __init__(self, target: float, multiple: int) -> None:
        self.target, self.multiple = target, multiple
        self.low, self.high = 0, math.inf

    @property
    def closed(self) -> bool:
        """Whether no size lies between the two."""
        return self.high - self.low <= self.multiple

    def within(self, found: Evaluation, following: int) -> int:
        """The next size to try after an evaluation: `following`, or the middle of the bracket where it lies outside."""
        n = found.n_patients
        if found.power < self.target:
            self.low = max(self.low, n)
            self.high = math.inf if self.high <= self.low else self.high
        elif n > self.low:
            self.high = min(self.high, n)
        if self.low < following <= self.high or self.closed:
            return following if not self.closed else int(self.high)
        if math.isinf(self.high):
            return max(following, self.low + self.multiple)
        return _whole(math.sqrt(max(self.low, self.multiple) * self.high), self.multiple, math.floor)


def _most_patients(trial: Trial, multiple: int) -> int:
    """The most patients that a trial can be tried with, in whole multiples: those its sites are expected to bring."""
    if trial.operations is None:
        return _whole(MOST_PATIENTS, multiple, math.ceil)
    return max(_whole(trial.operations.most_patients, multiple, math.floor), multiple)


def _rejections(prepared: Prepared, position: int, first: int, n: int) -> int:
    return int(prepared.block(first, n).favourable[position].sum())


def _size_error(found: Evaluation, test: Test) -> float:
    """Standard error of the size: that of the power over the slope of the power in the patients."""
    power = min(max(found.power, 0.5 / found.replicates), 1.0 - 0.5 / found.replicates)
    probit = _NORMAL.inv_cdf(power)
    error = math.sqrt(power * (1.0 - power) / found.replicates) / _NORMAL.pdf(probit)
    effect = probit + test.critical
    return 2.0 * found.n_patients * error / effect if effect > 0.0 else math.inf


def _whole(n: float, multiple: int, rounding: Callable[[float], int]) -> int:
    return int(rounding(round(n / multiple, 9))) * multiple
