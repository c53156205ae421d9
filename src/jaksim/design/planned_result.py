"""What is answered about one planned analysis: what is known without replicates, and what their sums tell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.design import Foreseen
from jaksim.design.prepared import Prepared
from jaksim.design.settings import CONTROL_VARIATES
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.precision import controlled_error, normal_interval, standard_error, wilson
from jaksim.design.sums.result import AnalysisResult, VarianceReduction
from jaksim.design.sums.summary import Tally
from jaksim.design.twin.arm_value import arm_value
from jaksim.design.twin.planned_power import KnownSize, PlannedPower
from jaksim.design.twin.very_large import by_site, estimate_of_sites
from jaksim.trial import AnalysisPlan

SIMULATED: Final = Foreseen(math.nan, "", lambda _: KnownSize(None))
TARGETS: Final = (0.8, 0.9)
# An analytic power so far from the simulated one, and outside its interval of this level, is marked and gives no sizes.
MISS: Final = 0.05
MISS_LEVEL: Final = 0.99


def planned_result(prepared: Prepared, test: Test) -> AnalysisResult:
    """What is known of one planned analysis without replicates."""
    plan, complete = test.plan, PlannedPower.of(prepared.cells, test)
    foreseen = prepared.foreseen(test, complete) if test.by_patient is None else SIMULATED
    iterated = None if by_site(test) else test.method.iterated
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
        estimand=estimand_in_words(test),
        scale=test.method.scale,
        ratio_name=test.method.ratio_name,
        reference_value=arm_value(complete.inputs, plan.reference, 0),
        active_value=arm_value(complete.inputs, plan.active, 1),
        n_patients=prepared.trial.population.patients,
        analytic_power=foreseen.power,
        analytic_caution=foreseen.caution,
        analytic_estimate=_analytic_estimate(prepared, test, complete),
        iterated_by=None if iterated is None else iterated.by,
        iterated_estimate=None if iterated is None else complete.iterated,
        n_for_power={f"{100 * target:.0f}": foreseen.size(target).patients for target in TARGETS},
        hypothesis=plan.hypothesis,
        margin=plan.margin,
        level_caution=prepared.design.level_caution(test),
        sites=plan.sites,
        adjusts="" if plan.adjustment is None else adjusts_for(plan),
    )


def estimand_in_words(test: Test) -> str:
    """The estimand of a planned analysis: where it adjusts, for what, and whether the effect is conditional on that or
    one of the population."""
    words, adjustment = test.method.estimand_of(len(test.strata)), test.plan.adjustment
    if adjustment is None or test.by_patient is None:
        return words
    words += f", adjusted for {adjusts_for(test.plan)}" + (", robust standard error" if adjustment.robust else "")
    return words + ("; marginal" if test.by_patient.model.marginal else "; conditional on them")


def adjusts_for(plan: AnalysisPlan) -> str:
    """What an analysis adjusts for, in words."""
    assert plan.adjustment is not None
    return ", ".join((*plan.adjustment.covariates, *(("stratum",) if plan.adjustment.strata else ())))


def _analytic_estimate(prepared: Prepared, test: Test, complete: PlannedPower) -> float:
    if test.by_patient is not None:
        return math.nan
    return estimate_of_sites(prepared.cells, test) if by_site(test) else complete.law[0].estimate


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
