"""Finding the boundaries of a plan, and those at the information that the analyses really had."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.normal_law import quantile
from jaksim.root import root
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.boundary_families import WangTsiatis
from jaksim.trial.monitoring.futility import ByFinalBound
from jaksim.trial.monitoring.integration import check_information
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.solve import Constants, bounds, harm_bounds

MOST_ROUNDS = 100
LARGEST_DRIFT = 60.0
LARGEST_CONSTANT = 40.0
MOST_ACTUAL = 10.0
"""No trial has ten times the information that was planned; a larger number is one in percent or in patients."""
TOUCHING = 1e-6


def boundaries_of(plan: MonitoringPlan) -> Boundaries:
    """Boundaries of a plan at its planned information; InputError where they cannot be had."""
    constants = _constants(plan)
    found = _at(plan, plan.times, True, constants)
    _check(found)
    return found


def at_information(planned: Boundaries, information: ArrayLike, *, final: bool | None = None) -> Boundaries:
    """Boundaries at the information that the analyses really had, in parts of the planned maximum.

    The error is spent at the actual information, what has been spent is kept, and the last analysis spends the rest,
    whether it came early or late. Boundaries of a given shape keep their constant and their last bound is found anew.
    `final` tells whether the last of these analyses ends the trial; by default it does if it is the last planned or has
    the planned information.
    """
    times = check_information(information, "actual")
    if np.any(times[:-1] >= 1.0) or times[-1] > MOST_ACTUAL:
        raise InputError(
            "no trial has this information",
            where="actual",
            allowed=f"parts of the planned maximum: below 1 before the last analysis, the last at most {MOST_ACTUAL:g}",
            got=times.tolist(),
        )
    ends = (len(times) >= planned.plan.looks or times[-1] >= 1.0) if final is None else final
    return _at(planned.plan, times, ends, planned.constants)


def bounds_under(plan: MonitoringPlan, constants: Constants) -> Boundaries:
    """Boundaries of a plan at its planned information, with constants that need not be those of its power."""
    return _at(plan, plan.times, True, constants)


def bounds_at(
    planned: Boundaries, information: Floats, final: NDArray[np.bool_] | None = None
) -> tuple[Floats, Floats]:
    """Upper and lower bounds (N, K) of many trials with information (N, K) of their own.

    The same as `at_information` for each row; a row ends at its first NaN, and bounds after it are NaN. `final` (N,)
    tells which rows have ended; by default those with all planned analyses or the planned information.
    """
    times = np.ascontiguousarray(information, dtype=np.float64)
    if final is None:
        final = (np.isfinite(times).sum(axis=1) >= planned.plan.looks) | (np.nanmax(times, axis=1) >= 1.0)
    found = bounds(planned.plan, times, np.asarray(final, dtype=np.bool_), planned.constants, many=True)
    return found[..., 0], found[..., 1]


def _at(plan: MonitoringPlan, times: Floats, final: bool, constants: Constants) -> Boundaries:
    rows, ends = times[None, :], np.array([final])
    found = bounds(plan, rows, ends, constants)[0]
    harm = None
    if plan.harm is not None:
        harm = (
            found[:, 1]
            if plan.futility is None
            else harm_bounds(plan, rows, ends, np.ascontiguousarray(found[None, :, 0]))[0]
        )
    upper, lower = np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
    return Boundaries(
        plan=plan, information=times, upper_z=upper, lower_z=lower, harm_z=harm, final=final, constants=constants
    )


def _constants(plan: MonitoringPlan) -> Constants:
    """Constants at which the level and the power are right; no drift with more than one test."""
    if not plan.joint:
        return constants_under(plan, np.nan)

    # Only bounds that count on futility move with the drift that futility follows.
    settled = None if plan.binding else constants_under(plan, plan.fixed_drift)

    def constants_at(drift: float) -> Constants:
        return constants_under(plan, drift) if settled is None else settled._replace(drift=drift)

    def shortfall(drift: float) -> float:
        constants = constants_at(drift)
        found = _at(plan, plan.times, True, constants).crossing([drift])
        if plan.futility is None:
            return 1.0 - plan.beta - float(found.upper.sum())
        return float((found.inner if plan.sides == 2 else found.lower).sum()) - plan.beta

    low = high = plan.fixed_drift
    while shortfall(low) < 0.0:
        low *= 0.8
    while shortfall(high) > 0.0:
        high *= 1.2
        if high > LARGEST_DRIFT:
            raise InputError("no effect gives the power with this futility rule", where="futility")
    return constants_at(_root(shortfall, low, high))


def constants_under(plan: MonitoringPlan, drift: float) -> Constants:
    """Constants of a plan at which the level is right, whatever the power under this drift."""
    times, ends = plan.times[None, :], np.array([True])

    def last_bound(constants: Constants) -> float:
        return float(np.clip(bounds(plan, times, ends, constants)[0, -1, 0], -99.0, 99.0))

    def excess(constant: float) -> float:
        return last_bound(Constants(constant, drift, constant)) - constant

    start = _critical_value(plan)
    if isinstance(plan.efficacy, WangTsiatis):
        constant = _root(excess, start - 3.0 if plan.binding else start - 1e-9, LARGEST_CONSTANT)
        return Constants(constant, drift, constant)
    found = Constants(0.0, drift, start)
    for _ in range(MOST_ROUNDS if isinstance(plan.futility, ByFinalBound) else 1):
        final = last_bound(found)
        settled = abs(final - found.final) < 1e-12
        found = found._replace(final=final)
        if settled:
            break
    return found


def _critical_value(plan: MonitoringPlan) -> float:
    return -quantile(plan.alpha / plan.sides)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return low if low == high else root(function, low, high)


def _check(found: Boundaries) -> None:
    plan = found.plan
    if not np.isfinite(found.upper_z[-1]):
        raise InputError(
            "the interim analyses spend all of alpha",
            where="spending",
            allowed="interim bounds that leave something for the last analysis",
            got=[round(float(bound), 4) for bound in found.upper_z[:-1]],
        )
    if plan.futility is None:
        return
    harm = np.full(plan.looks, -np.inf) if found.harm_z is None else found.harm_z
    rows = zip(harm[:-1], found.lower_z[:-1], found.upper_z[:-1], strict=True)
    for number, (lowest, lower, upper) in enumerate(rows, 1):
        if lower >= upper - TOUCHING:
            _cross("the futility bound is above the efficacy bound", number, lower, upper)
        if lowest > lower > -np.inf:
            _cross("the bound for harm is above the futility bound", number, lowest, lower)


def _cross(what: str, number: int, got: float, limit: float) -> None:
    raise InputError(
        f"{what} at analysis {number}", where="futility", allowed=f"below z = {limit:.4g}", got=round(float(got), 4)
    )
