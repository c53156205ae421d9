import subprocess
import sys

import numpy as np
import pytest

from jaksim.trial.monitoring.bounds import boundaries_of, bounds_at
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.words import efficacy_of, futility_of, spending_of

TIMES = (0.2, 0.45, 0.5, 0.8, 1.0)


def plan_of(sides, spending, futility, binding, harm):
    times = np.array(TIMES)
    return MonitoringPlan(
        information=TIMES,
        efficacy=efficacy_of(spending, times, 0.025 * sides),
        alpha=0.025 * sides,
        sides=sides,
        futility=None if futility is None else futility_of(futility, times, 0.1),
        binding=binding,
        harm=None if harm is None else spending_of(harm, times, 0.025, "harm"),
    )


@pytest.mark.parametrize(
    ("sides", "spending", "futility", "binding", "harm"),
    [
        (1, "obrien-fleming", None, False, None),
        (2, "pocock", None, False, None),
        (1, "hsd:-4", "hsd:-2", True, None),
        (2, "power:3", "power:2", True, None),
        (2, "obrien-fleming", "hsd:1", False, None),
        (1, "haybittle-peto:3", "cp:0.2", False, None),
        (1, "wang-tsiatis:0.25", "z:0", True, None),
        (1, "obrien-fleming", None, True, "pocock"),
    ],
)
def test_one_trial_has_the_bounds_that_the_compiled_kernel_finds_for_many(sides, spending, futility, binding, harm):
    planned = boundaries_of(plan_of(sides, spending, futility, binding, harm))
    upper, lower = bounds_at(planned, np.array([TIMES, TIMES]))
    for row in range(2):
        assert planned.upper_z == pytest.approx(upper[row], abs=1e-9)
        assert planned.lower_z == pytest.approx(lower[row], abs=1e-9)


def test_boundaries_need_neither_a_compiler_nor_pandas_nor_scipy():
    code = (
        "import sys, jaksim; jaksim.boundaries(looks=3, spending='hsd:-4', futility='cp:0.2').report(); "
        "print([m for m in ('numba', 'pandas', 'scipy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"
