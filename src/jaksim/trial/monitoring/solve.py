"""Upper and lower bounds of a plan at any information, with the constants that the plan fixes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.trial.monitoring.boundary_families import HaybittlePeto, WangTsiatis
from jaksim.trial.monitoring.futility import ByFinalBound, FutilityBounds
from jaksim.trial.monitoring.lower_kinds import GIVEN_OR_SPENT, MIRRORED, NO_LOWER, WEDGE
from jaksim.trial.monitoring.one_trial import StageRule
from jaksim.trial.monitoring.plan import MonitoringPlan


class Constants(NamedTuple):
    """What the plan fixes: the constant of a boundary family, the drift at information 1, the last critical value."""

    family: float
    drift: float
    final: float


def bounds(
    plan: MonitoringPlan, times: Floats, final: NDArray[np.bool_], constants: Constants, *, many: bool = False
) -> Floats:
    """Upper and lower bounds (N, K, 2) at information `times` (N, K), NaN after the last analysis of a row.

    `final` (N,) tells where the last analysis of a row ends the trial; it then spends all the alpha that is left.
    `many` rows are left to a compiled kernel.
    """
    kind, spent_lower, given_lower, drift = _lower(plan, times, final, constants)
    given_upper, spent = _given_upper(plan, times, final, constants.family), _spent_alpha(plan, times, final)
    numbers = np.array(plan.tests)[np.minimum(np.arange(times.shape[1]), plan.looks - 1)]
    out = np.empty((*times.shape, 2))
    for number in np.unique(numbers):
        own = numbers == number
        # The futility bound meets the upper one at the last analysis of the trial, not at the last of another test.
        meets = final & (plan.futility is not None) & (_last(times) & own).any(axis=1)
        out[:, own] = _solved(
            np.ascontiguousarray(times[:, own]),
            np.ascontiguousarray(given_upper[:, own]),
            spent if plan.joint else spent_by(spent, np.isinf(given_upper), own),
            np.ascontiguousarray(given_lower[:, own]),
            np.ascontiguousarray(spent_lower[:, own]),
            kind,
            plan.binding,
            meets,
            drift if plan.joint else 0.0,
            many,
        )
    return out


def spent_by(spent: Floats, off: NDArray[np.bool_], own: NDArray[np.bool_]) -> Floats:
    """What the analyses `own` (K,) of one test spend by themselves, cumulated (N, own).

    Each analysis spends what the cumulative `spent` (N, K) has gained since the last one that is not `off` (N, K).
    """
    reached = np.maximum.accumulate(np.where(off, 0.0, spent), axis=1)
    gained = np.diff(reached, axis=1, prepend=0.0)
    return np.ascontiguousarray(np.cumsum(gained[:, own], axis=1))


def harm_bounds(
    plan: MonitoringPlan, times: Floats, final: NDArray[np.bool_], upper: Floats, *, many: bool = False
) -> Floats:
    """Lower bounds (N, K) that spend `harm_alpha` under the null, given the upper ones (N, K)."""
    spent = _spent_on_harm(plan, times, final)
    nothing = np.full(times.shape, np.nan)
    never = np.zeros(len(times), dtype=np.bool_)
    found = _solved(times, upper, np.zeros(times.shape), nothing, spent, GIVEN_OR_SPENT, True, never, 0.0, many)
    return found[..., 1]


def _solved(
    times: Floats,
    fixed_upper: Floats,
    alpha: Floats,
    fixed_lower: Floats,
    beta: Floats,
    kind: int,
    binds: bool,
    meets: NDArray[np.bool_],
    drift: float,
    many: bool,
) -> Floats:
    """Bounds (N, K, 2) by the rules of `solve_rows`: of many trials compiled, of single ones at once."""
    out = np.full((*times.shape, 2), np.nan)
    if many:
        from jaksim.trial.monitoring.stagewise import solve_rows

        solve_rows(times, fixed_upper, alpha, fixed_lower, beta, kind, binds, meets, drift, out)
        return out
    for row, looks in enumerate(np.isfinite(times).cumprod(axis=1).sum(axis=1).tolist()):
        given = (series[row, :looks] for series in (times, fixed_upper, alpha, fixed_lower, beta))
        information, upper, spent, lower, spent_lower = given
        rule = StageRule(
            information=information,
            fixed_upper=upper,
            alpha=spent,
            fixed_lower=lower,
            beta=spent_lower,
            kind=kind,
            binds=binds,
            meets=bool(meets[row]),
            drift=drift,
        )
        out[row, :looks] = rule.bounds()
    return out


def _spent_on_harm(plan: MonitoringPlan, times: Floats, final: NDArray[np.bool_]) -> Floats:
    assert plan.harm is not None
    spent = np.array(plan.harm.spent(times, plan.harm_alpha))
    spent[_last(times) & final[:, None]] = plan.harm_alpha
    return spent


def _spent_alpha(plan: MonitoringPlan, times: Floats, final: NDArray[np.bool_]) -> Floats:
    level = plan.alpha / plan.sides
    if isinstance(plan.efficacy, WangTsiatis | HaybittlePeto):
        return np.full(times.shape, level)
    spent = np.array(plan.efficacy.spent(times, level))
    spent[_last(times) & final[:, None]] = level
    return spent


def _given_upper(plan: MonitoringPlan, times: Floats, final: NDArray[np.bool_], constant: float) -> Floats:
    """Bounds of a family and infinity where efficacy is not tested, NaN where a bound is to be found."""
    given = np.full(times.shape, np.nan)
    if isinstance(plan.efficacy, WangTsiatis | HaybittlePeto):
        given = plan.efficacy.z(times, constant)
    for number in plan.efficacy_off:
        if number <= times.shape[1]:
            given[:, number - 1] = np.inf
    given[_last(times) & final[:, None]] = np.nan
    return given


def _lower(
    plan: MonitoringPlan, times: Floats, final: NDArray[np.bool_], constants: Constants
) -> tuple[int, Floats, Floats, float]:
    """Kind of the lower bound, its cumulative spending, its given values, and the drift under which it spends."""
    given = np.full(times.shape, np.nan)
    spent = np.zeros(times.shape)
    if plan.futility is None:
        if plan.harm is None:
            return (MIRRORED if plan.sides == 2 else NO_LOWER), spent, given, 0.0
        return GIVEN_OR_SPENT, _spent_on_harm(plan, times, final), given, 0.0
    if isinstance(plan.futility, FutilityBounds):
        planned = np.array([*plan.futility.bounds, -np.inf])
        given[:] = planned[np.minimum(np.arange(times.shape[1]), plan.looks - 1)]
    elif isinstance(plan.futility, ByFinalBound):
        given = plan.futility.z(times, 1.0, np.array(constants.final), constants.drift)
    else:
        spent = np.array(plan.futility.spent(times, plan.beta))
    for number in plan.futility_off:
        if number <= times.shape[1]:
            given[:, number - 1] = -np.inf
    return (WEDGE if plan.sides == 2 else GIVEN_OR_SPENT), spent, given, constants.drift


def _last(times: Floats) -> NDArray[np.bool_]:
    """Whether an analysis is the last one of its row."""
    known = np.isfinite(times)
    last = known.copy()
    last[:, :-1] &= ~known[:, 1:]
    return last
