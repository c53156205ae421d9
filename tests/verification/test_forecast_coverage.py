"""Bands of 1,000 forecasts of simulated running trials hold their share: the table of docs/verification/forecast.md."""

from __future__ import annotations

import math

import pytest

from tests.running_trials import DEATHS, LEVELS, BackCheck, coverage_z

MOST_Z = 4.0
TRIALS = 1_000
CHECKS = {
    "nine sites, blinded, daily scores": BackCheck(replicates=399),
    "the same without scores": BackCheck(replicates=399, scores=False, seed=733),
    "the same with arms": BackCheck(replicates=399, unblinded=True, seed=812),
    "rates and shares not sure": BackCheck(
        changes=(DEATHS, "operations.until=1500"), replicates=399, seed=55, rate_cv=0.4, screening_weight=25.0
    ),
}
HEADERS = ("Plan and log", "What", "Trials", "Mean position", "z", "In 50 %", "z", "In 80 %", "z", "In 95 %", "z")


LONG = ("the same without scores", "the same with arms")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.verify_long if name in LONG else pytest.mark.verify) for name in CHECKS],
)
def test_bands_of_a_thousand_trials_hold_their_share(name, measured):
    at, held = CHECKS[name].positions(TRIALS)
    wrong = []
    for what, positions in at.items():
        n = len(positions)
        z = (positions.mean() - 0.5) * math.sqrt(12 * n)
        shares = [coverage_z(positions, level) for level in LEVELS]
        cells = [text for share, far in shares for text in (f"{100 * share:.1f} %", f"{far:+.1f}")]
        measured("forecast", HEADERS, (name, what, n, f"{positions.mean():.3f}", f"{z:+.1f}", *cells))
        printed = [held[what][:, i].mean() - level for i, level in enumerate(LEVELS)]
        if max(abs(z), *(abs(far) for _, far in shares)) > MOST_Z or min(printed) < -0.04:
            wrong.append((what, z, shares, printed))
    assert wrong == []
