"""The accrual that operations are expected to bring about."""

from __future__ import annotations

import numpy as np

from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.accrual import Accrual
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import expected_by_group, expected_patients

_NEXT_TO_NOTHING = 1e-9


def expected_accrual(operations: Operations) -> Accrual:
    """Patients randomised on each day, as expected over all that is random about the sites, caps left aside.

    Data are as late as on average. What is known of a trial without simulation rests on it.
    """
    by_day = expected_patients(operations.recruitment, 1.0, operations.screening.days_to_randomisation)
    rates = np.diff(by_day, prepend=0.0)
    lag = round(operations.data_flow.mean_delay)
    days = tuple(float(day) for day in range(1, len(rates) + 1))
    return Accrual(PiecewiseConstant(days, (*(float(rate) for rate in rates), _NEXT_TO_NOTHING)), "random", lag)


def expected_shares(operations: Operations, shares: tuple[float, ...], patients: int) -> tuple[float, ...]:
    """Shares of the strata among the first so many patients, as expected, where groups of sites have shares of their
    own; `shares` are those of the others. Caps are left aside."""
    groups = operations.recruitment.groups
    if not any(group.strata for group in groups):
        return shares
    by_day = expected_by_group(operations.recruitment, 1.0, operations.screening.days_to_randomisation)
    full = min(int(np.searchsorted(by_day.sum(axis=0), patients)), by_day.shape[1] - 1)
    of_groups = np.array([group.strata or shares for group in groups])
    found = by_day[:, full] @ of_groups / by_day[:, full].sum()
    return tuple(float(share) for share in found / found.sum())
