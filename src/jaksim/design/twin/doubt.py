"""Where the large-sample law of a test is outside its range, by what is expected of the trial."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.twin.analytic import AnalysisInput, LargeSample, large_sample
from jaksim.endpoint.kinds import kind_of

LARGE: Final = 100_000.0
"""Patients of a trial whose law is scaled down to trials where the one of their own is not to be relied on."""
FEWEST_PATIENTS: Final = 10
"""Patients of an arm."""
FEWEST_IN_STRATUM: Final = 4
FEWEST_OUTCOMES: Final = 5
"""Patients with, and without, what the test counts."""
FEWEST_IN_ARM: Final = 2
"""Patients of an arm whose outcome is not the commonest one."""
LARGEST_BIAS: Final = 0.3
"""Second-order part of the mean of z, in standard deviations."""
MOST_FOUND: Final = 1_000
"""Numbers of patients whose laws an analysis remembers."""
SPREADS: Final = (0.8, 1.25)
"""Spread that the slopes at the expected table give, in parts of that of the limit."""


def doubted_law(inputs: AnalysisInput, patients: float) -> tuple[LargeSample, str]:
    """The large-sample law of a trial with so many patients, and why it is not to be relied on, nothing where it is.

    There the law of a large trial stands in, scaled down to its first order: it grows with the patients, where an
    expansion about a fraction of a patient can give anything.
    """
    known: tuple[LargeSample, str] | None = inputs.found.get(patients)
    if known is None:
        known = _doubted_law(inputs, patients)
        if len(inputs.found) >= MOST_FOUND:
            inputs.found.clear()
        inputs.found[patients] = known
    return known


def _doubted_law(inputs: AnalysisInput, patients: float) -> tuple[LargeSample, str]:
    twin = large_sample(inputs, patients)
    reason = doubt(inputs, patients, twin)
    if reason and patients < LARGE:
        scaled = large_sample(inputs, LARGE).of_first_order().scaled(patients / LARGE)
        if math.isfinite(scaled.mean_z) and scaled.sd_z > 0.0:
            return scaled, reason
    return twin, reason


def doubt(inputs: AnalysisInput, patients: float, twin: LargeSample) -> str:
    """Why a twin is not to be relied on in a trial with so many patients, nothing where it is.

    Judged by the expected counts, and by how much of the expansion is of second order. Held against simulation over
    methods, risks, sizes, allocations and strata, a twin that passes misses the power by less than 10 percentage points
    (tests/statistical/test_twins_in_small_trials.py).
    """
    if not math.isfinite(twin.mean_z):
        return ""
    sizes = inputs.cell_sizes(patients)
    if float(sizes.sum(axis=1).min()) < FEWEST_PATIENTS:
        return f"fewer than {FEWEST_PATIENTS} patients are expected in an arm"
    if float(sizes.sum(axis=0).min()) < FEWEST_IN_STRATUM:
        return f"fewer than {FEWEST_IN_STRATUM} patients are expected in a stratum"
    if inputs.endpoint.transitions is None:
        expected = sizes[:, :, None] * inputs.laws
        scarce = _scarce(inputs, expected.sum(axis=1))
        if scarce:
            return scarce
        if inputs.method.events_in_each(inputs.options):
            fewest = float(expected[..., inputs.endpoint.status == 1].sum(axis=-1).min())
            if fewest < FEWEST_OUTCOMES:
                return f"fewer than {FEWEST_OUTCOMES} events are expected in an arm of a stratum"
    if not _of_first_order(twin) or (twin.upper is not None and not _of_first_order(twin.upper)):
        return "the counts are too small for an expansion"
    return ""


def _of_first_order(twin: LargeSample) -> bool:
    return abs(twin.bias) <= LARGEST_BIAS * twin.sd_z and SPREADS[0] <= twin.spread <= SPREADS[1]


def _scarce(inputs: AnalysisInput, counts: Floats) -> str:
    """What there is too little of among the expected counts (2, K) of the categories in the arms."""
    endpoint, method = inputs.endpoint, inputs.method
    if kind_of(endpoint).has_event:
        events, others = (counts[:, endpoint.status == kind].sum(axis=1) for kind in (1, 0))
        if "binary" not in method.kinds:
            few = float(events.sum()) < FEWEST_OUTCOMES or float(events.min()) < FEWEST_IN_ARM
            return f"fewer than {FEWEST_OUTCOMES} events are expected, or {FEWEST_IN_ARM} in an arm" if few else ""
        if min(float(events.min()), float(others.min())) < FEWEST_OUTCOMES:
            return f"fewer than {FEWEST_OUTCOMES} patients with, or without, the event are expected in an arm"
        return ""
    known = (endpoint.rank >= 0) & (counts.sum(axis=0) > 0.0)
    if method.free_cuts:
        order = np.argsort(endpoint.rank[known], kind="stable")
        below = counts[:, known][:, order].cumsum(axis=1)[:, :-1]
        beside = np.minimum(below, counts[:, known].sum(axis=1, keepdims=True) - below)
        return (
            f"fewer than {FEWEST_OUTCOMES} patients are expected on one side of a cut point in an arm"
            if beside.size and float(beside.min()) < FEWEST_OUTCOMES
            else ""
        )
    ranked = np.stack([np.bincount(endpoint.rank[known], weights=arm[known]) for arm in counts])
    commonest = int(ranked.sum(axis=0).argmax())
    rarer = ranked.sum(axis=1) - ranked[:, commonest]
    few = float(rarer.sum()) < FEWEST_OUTCOMES or float(rarer.min()) < FEWEST_IN_ARM
    return "nearly all patients are expected to have the same outcome" if few else ""
