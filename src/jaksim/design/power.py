"""Power and type I error of the planned analyses of a trial."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from jaksim.budget import Pace
from jaksim.design.analyses.evaluation import Test, evaluate_block, settle
from jaksim.design.analyses.multiple import multiple_tests
from jaksim.design.conduct.design import CalendarSums, Design, block_length, conduct_block, truth_of
from jaksim.design.conduct.designs import is_conducted, make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import Engine, make_engine
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.sums.characteristics import Sums
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.multiple_counts import MultiplicityResult
from jaksim.design.sums.precision import (
    check_replicates,
    check_seed,
    controlled_error,
    normal_interval,
    precise_enough,
    standard_error,
    wilson,
)
from jaksim.design.sums.result import AnalysisResult, PowerResult, VarianceReduction
from jaksim.design.sums.summary import Summary, Tally
from jaksim.design.twin.arm_value import arm_value
from jaksim.design.twin.control_variates import control_variates
from jaksim.design.twin.planned_power import PlannedPower
from jaksim.errors import InputError
from jaksim.trial import Trial
from jaksim.trial.interim import Decision

DEFAULT_REPLICATES: Final = 100_000
DEFAULT_SEED: Final = 20201201
BLOCK: Final = 512
LARGEST_BLOCK: Final = 2048
# A run to a precision is judged after each step of this many replicates, so that it always stops at the same one.
STEP: Final = 10_000
TARGETS: Final = (0.8, 0.9)
# An analytic power so far from the simulated one, and outside its interval of this level, is marked and gives no sizes.
MISS: Final = 0.05
MISS_LEVEL: Final = 0.99
CONTROL_VARIATES: Final = "control-variates"
VARIANCE_REDUCTIONS: Final = ("none", CONTROL_VARIATES)

Advance = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to compute: replicates (or `until_se` for them), seed and variance reduction decide the answer; the rest
    only the speed."""

    replicates: int = DEFAULT_REPLICATES
    seed: int = DEFAULT_SEED
    engine: str = "auto"
    until_se: float | None = None
    workers: int | None = None
    block: int = BLOCK
    variance_reduction: str = "none"

    def __post_init__(self) -> None:
        check_variance_reduction(self.variance_reduction)
        check_replicates(self.replicates)
        check_seed(self.seed)
        check_workers(self.workers)
        if self.until_se is not None and not 1e-5 <= self.until_se < 0.5:
            raise InputError(
                "the standard error to reach is out of range",
                where="until_se",
                allowed="0.00001 to 0.5",
                got=self.until_se,
            )
        if not 1 <= self.block <= LARGEST_BLOCK:
            raise InputError(
                "the block is out of range", where="block", allowed=f"1 to {LARGEST_BLOCK}", got=self.block
            )


def check_variance_reduction(chosen: str) -> None:
    """Refuse a variance reduction that there is not."""
    if chosen not in VARIANCE_REDUCTIONS:
        raise InputError(
            "unknown variance reduction", where="variance_reduction", allowed=VARIANCE_REDUCTIONS, got=chosen
        )


def check_controllable(trial: Trial, chosen: str) -> None:
    """Refuse control variates for a trial that has none."""
    if chosen != "none" and is_conducted(trial):
        raise InputError(
            "there are no control variates for a trial with interim analyses",
            where="variance_reduction",
            allowed="none, or a trial analysed once",
        )


def trial_power(trial: Trial, settings: Settings, *, null: bool = False, advance: Advance | None = None) -> PowerResult:
    """Share of replicates in which each planned analysis rejects, with its analytic twin.

    With `null` every arm gets the regimen of the reference arm, so the shares are type I errors. `advance` is told
    how many replicates have been finished since the last call. The answer depends on trial, replicates, seed and
    engine alone.
    """
    started = time.perf_counter()
    if null:
        trial = trial.under_null()
    cells = Cells(trial)
    tests = settle(cells)
    if is_conducted(trial):
        return _conducted_power(cells, tests, settings, started, null=null, advance=advance)
    engine, summary = _analysed(cells, tests, settings, advance)
    analyses = tuple(
        analysis_result(cells, test, sums, summary.replicates)
        for test, sums in zip(tests, summary.tallies, strict=True)
    )
    if summary.controlled:
        analyses = tuple(with_control(one, control) for one, control in zip(analyses, summary.controlled, strict=True))
    return PowerResult(
        scenario="",
        title=trial.title,
        n_patients=trial.population.patients,
        replicates=summary.replicates,
        seed=settings.seed,
        engine=engine.name,
        null=null,
        elapsed_seconds=time.perf_counter() - started,
        analyses=analyses,
        joint=tuple(tuple(count / summary.replicates for count in row) for row in summary.joint.tolist()),
        any_rejection=summary.any_rejection / summary.replicates,
        multiplicity=_multiplicity(cells, tests, summary, settings),
    )


def _analysed(
    cells: Cells, tests: tuple[Test, ...], settings: Settings, advance: Advance | None = None
) -> tuple[Engine, Summary]:
    """The engine and the sums of a trial analysed once, at its end."""
    engine = make_engine(cells, settings.seed, settings.engine)
    work = partial(evaluate_block, engine, tests, multiple_tests(cells, tests))
    if settings.variance_reduction == CONTROL_VARIATES:
        work = partial(work, controls=control_variates(cells, tests, engine))
    return engine, _simulate(work, len(tests), settings, engine.block(settings.block), advance)


def _multiplicity(
    cells: Cells, tests: tuple[Test, ...], summary: Summary, settings: Settings
) -> MultiplicityResult | None:
    """What the procedure for several hypotheses rejects, with its familywise error in each configuration."""
    multiple = multiple_tests(cells, tests)
    if multiple is None or summary.multiple is None:
        return None
    settings = replace(settings, replicates=summary.replicates, until_se=None, variance_reduction="none")
    errors = {"as simulated": summary.multiple} if multiple.true.any() else {}
    for one in multiple.plan.configurations if not multiple.true.all() else ():
        world = Cells(cells.trial.under_null(one.arms or None))
        settled = settle(world)
        run = _conducted(world, settled, settings)[1].summary if is_conducted(world.trial) else None
        found = (run or _analysed(world, settled, settings)[1]).multiple
        if found is not None:
            errors[one.name] = found
    return multiple.result(summary.multiple, summary.replicates, errors)


def _conducted_power(
    cells: Cells, tests: tuple[Test, ...], settings: Settings, started: float, *, null: bool, advance: Advance | None
) -> PowerResult:
    """The answer for a trial in calendar time, whose design decides about some of the analyses as it goes."""
    if settings.until_se is not None:
        raise InputError("a trial with interim analyses has a number of replicates", where="until_se")
    check_controllable(cells.trial, settings.variance_reduction)
    trial = cells.trial
    design, total = _conducted(cells, tests, settings, advance)
    summary = total.summary
    decided = {one.plan.name: position for position, one in enumerate(design.decides)}
    analyses = tuple(
        conducted_result(cells, design, test, sums, summary.replicates, decided.get(test.plan.name))
        for test, sums in zip(tests, summary.tallies, strict=True)
    )
    return PowerResult(
        scenario="",
        title=trial.title,
        n_patients=trial.population.patients,
        replicates=summary.replicates,
        seed=settings.seed,
        engine=design.engine.name,
        null=null,
        elapsed_seconds=time.perf_counter() - started,
        analyses=analyses,
        joint=tuple(tuple(count / summary.replicates for count in row) for row in summary.joint.tolist()),
        any_rejection=summary.any_rejection / summary.replicates,
        characteristics=total.design.characteristics(design.analytic(), _decisions(cells.trial)),
        multiplicity=_multiplicity(cells, tests, summary, settings),
    )


def _decisions(trial: Trial) -> tuple[Mapping[str, Decision], ...]:
    return () if trial.monitoring is None else trial.monitoring.decisions


def _conducted(
    cells: Cells, tests: tuple[Test, ...], settings: Settings, advance: Advance | None = None
) -> tuple[Design, CalendarSums]:
    """The design and the sums of a trial in calendar time."""
    design = make_design(cells, tests, settings.seed, settings.engine)
    multiple = multiple_tests(cells, tests)
    if multiple is not None:
        multiple.check_decided([one.plan.name for one in design.decides])
    truth = truth_of(cells, design.decides)
    total = CalendarSums(Summary.empty(len(tests)), Sums(truth, design.looks))
    work = partial(conduct_block, design, truth, tests, multiple=multiple)
    length = min(settings.block, block_length(cells.trial.population.patients))
    for part in run_blocks(work, 0, settings.replicates, length, check_workers(settings.workers), advance):
        total.add(part)
    return design, total


def conducted_result(
    cells: Cells, design: Design, test: Test, sums: Tally, replicates: int, decided: int | None
) -> AnalysisResult:
    """The operating characteristics of one analysis of a trial in calendar time."""
    return with_sums(planned_in_conduct(cells, design, test, decided), sums, replicates)


def planned_in_conduct(cells: Cells, design: Design, test: Test, decided: int | None) -> AnalysisResult:
    """What is known without replicates of one analysis of a trial in calendar time, `decided` by the design or not.

    The large-sample twin of a monitored analysis is its crossing probability as planned; others have none, since the
    number of patients that they see is random.
    """
    known = PlannedPower.of(cells, test)
    described = _described(cells, test, known)
    if decided is None:
        return described
    analytic = design.analytic_power(decided)
    return replace(
        described,
        analytic_power=analytic,
        analytic_caution=_caution(analytic, design.doubt or known.law[1]),
        n_for_power={_percent(target): design.patients_for_power(target).patients for target in TARGETS},
    )


def _caution(analytic: float, doubt: str) -> str:
    return doubt if math.isfinite(analytic) else ""


def _simulate(
    work: Callable[[int, int], Summary], n_tests: int, settings: Settings, block: int, advance: Advance | None
) -> Summary:
    total, workers = Summary.empty(n_tests), check_workers(settings.workers)
    if settings.until_se is None:
        for part in run_blocks(work, 0, settings.replicates, block, workers, advance):
            total.add(part)
        return total
    pace = Pace(
        STEP, "the replicates up to this precision", warm_up=STEP, where="until_se", instead="a larger standard error"
    )
    while not _precise(total, settings.until_se):
        last = total.replicates + STEP
        check_replicates(last)
        for part in run_blocks(work, total.replicates, last, block, workers, advance):
            total.add(part)
        pace.advance(STEP, total=_replicates_needed(total, settings.until_se))
    return total


def _precise(summary: Summary, target: float) -> bool:
    n = summary.replicates
    if summary.controlled:
        return all(controlled_error(one) <= target for one in summary.controlled)
    return n > 0 and all(precise_enough(sums.rejections, n, target) for sums in summary.tallies)


def _replicates_needed(summary: Summary, target: float) -> int:
    """How many replicates a precision takes, from the errors found so far."""
    if summary.controlled:
        largest = max(controlled_error(one) for one in summary.controlled)
    else:
        largest = max(standard_error(sums.rejections, summary.replicates) for sums in summary.tallies)
    return math.ceil(summary.replicates * max(largest / target, 1.0) ** 2)


def analysis_result(cells: Cells, test: Test, sums: Tally, replicates: int) -> AnalysisResult:
    """The operating characteristics of one test from its sums over the replicates."""
    return with_sums(planned_result(cells, test), sums, replicates)


def planned_result(cells: Cells, test: Test) -> AnalysisResult:
    """What is known of one test without replicates."""
    known = PlannedPower.of(cells, test)
    return replace(
        _described(cells, test, known),
        analytic_power=known.planned.power,
        analytic_caution=known.planned.doubt,
        n_for_power={_percent(target): known.size(target).patients for target in TARGETS},
    )


def _described(cells: Cells, test: Test, known: PlannedPower) -> AnalysisResult:
    """The question of one test and the values expected in its arms, without a power."""
    plan = test.plan
    return AnalysisResult(
        name=plan.name,
        endpoint=plan.endpoint,
        method=plan.method,
        role=plan.role,
        active=plan.active,
        reference=plan.reference,
        strata=plan.strata,
        alpha=plan.alpha,
        sides=plan.sides,
        estimand=test.method.estimand,
        scale=test.method.scale,
        ratio_name=test.method.ratio_name,
        reference_value=arm_value(known.given, plan.reference, 0),
        active_value=arm_value(known.given, plan.active, 1),
        n_patients=cells.trial.population.patients,
        analytic_power=math.nan,
        analytic_estimate=known.law[0].estimate,
        iterated_by=None if test.method.iterated is None else test.method.iterated.by,
        iterated_estimate=known.iterated,
        n_for_power={_percent(target): None for target in TARGETS},
        hypothesis=plan.hypothesis,
        margin=plan.margin,
    )


def with_sums(planned: AnalysisResult, sums: Tally, replicates: int) -> AnalysisResult:
    """The same analysis with the operating characteristics that the sums over so many replicates give."""
    power, error = sums.rejections / replicates, standard_error(sums.rejections, replicates)
    planned = without_missed(planned, power, wilson(sums.rejections, replicates, MISS_LEVEL))
    return replace(
        planned,
        power=power,
        mc_se=error,
        ci=wilson(sums.rejections, replicates),
        favourable=sums.favourable / replicates,
        mean_estimate=sums.mean_estimate(),
        mean_estimate_mc_se=sums.sd_estimate() / math.sqrt(sums.estimable) if sums.estimable else math.nan,
        sd_estimate=sums.sd_estimate(),
        mean_standard_error=sums.mean_standard_error(),
        not_estimable=replicates - sums.estimable,
        not_tested=replicates - sums.tested,
        z=(power - planned.analytic_power) / error if error > 0.0 else math.nan,
    )


def without_missed(planned: AnalysisResult, power: float, interval: tuple[float, float]) -> AnalysisResult:
    """The same analysis, its analytic power marked and no sizes from it where the replicates show that it misses."""
    miss, (low, high) = abs(planned.analytic_power - power), interval
    if not miss > MISS or low <= planned.analytic_power <= high:
        return planned
    missed = f"it misses the simulated one by {100.0 * miss:.0f} percentage points"
    caution = "; ".join(part for part in (planned.analytic_caution, missed) if part)
    return replace(planned, analytic_caution=caution, n_for_power=dict.fromkeys(planned.n_for_power))


def _percent(target: float) -> str:
    return f"{100 * target:.0f}"


def with_control(plain: AnalysisResult, controlled: Moments) -> AnalysisResult:
    """The same analysis with the power that the rejections less their control variates give."""
    power, error, interval = controlled.mean, controlled_error(controlled), None
    if controlled.total == controlled.squared:  # nothing but 0 and 1: the analysis has no control
        power, error, interval = plain.power, plain.mc_se, plain.ci
    factor = (plain.mc_se / error) ** 2 if error > 0.0 and plain.mc_se > 0.0 else math.nan
    return replace(
        plain,
        power=power,
        mc_se=error,
        ci=interval or normal_interval(power, error),
        z=(power - plain.analytic_power) / error if error > 0.0 else math.nan,
        variance_reduction=VarianceReduction(
            CONTROL_VARIATES,
            factor,
            plain.power,
            plain.mc_se,
            round(factor * controlled.n) if math.isfinite(factor) else None,
        ),
    )
