import math

import numpy as np
import pytest

import jaksim
from jaksim.design.conduct.after_stopping import AfterStopping
from jaksim.trial.monitoring.inference import estimates_at, repeated_interval

DESIGNS = {
    "one-sided": {"looks": 3},
    "two-sided": {"looks": 3, "sides": 2, "alpha": 0.05, "spending": "pocock"},
    "binding": {"information": [0.3, 0.7, 1.0], "futility": "hsd:-2", "binding": True},
}


@pytest.fixture(scope="module", params=DESIGNS)
def after(request):
    return AfterStopping(jaksim.boundaries(**DESIGNS[request.param]))


def test_tables_hold_the_inference_of_one_trial(after):
    rng = np.random.default_rng(5)
    look = np.repeat(np.arange(3), 4)
    z = rng.uniform(-2.0, 4.5, len(look))
    stagewise, repeated = after.stagewise(look, z), after.repeated(look, z)
    for i, k in enumerate(look):
        exact = estimates_at(after.boundaries, int(k) + 1, float(z[i]))
        error = 0.01 / math.sqrt(after.boundaries.information[k])
        assert stagewise[i] == pytest.approx([exact.median_unbiased, *exact.interval], abs=error)
        assert repeated[i, 1:] == pytest.approx(repeated_interval(after.boundaries, int(k) + 1, float(z[i])))


@pytest.mark.parametrize("drift", [0.0, 1.5, 3.0])
def test_the_median_is_unbiased_and_intervals_hold(after, drift):
    """On Brownian motions drawn here, stopped by the boundaries that the inference counts on."""
    found, n = after.boundaries, 20_000
    times = found.information
    steps = np.random.default_rng(6).normal(size=(n, 3)) * np.sqrt(np.diff(times, prepend=0.0))
    z = (np.cumsum(steps, axis=1) + drift * times) / np.sqrt(times)
    stops = z > found.upper_z
    stops |= z < (-found.upper_z if found.plan.sides == 2 else found.lower_z)
    stops[:, -1] = True
    look = stops.argmax(axis=1)
    at = z[np.arange(n), look]
    median, low, high = after.stagewise(look, at).T
    assert abs((median > drift).mean() - 0.5) < 4.0 * 0.5 / math.sqrt(n)
    level = 2.0 * after.level
    assert abs(((low < drift) & (drift < high)).mean() - (1.0 - level)) < 4.0 * math.sqrt(level * (1.0 - level) / n)
    _, low, high = after.repeated(look, at).T
    assert ((low < drift) & (drift < high)).mean() > 1.0 - level - 4.0 * math.sqrt(level / n)


def test_estimates_on_the_scale_of_the_method():
    after = AfterStopping(jaksim.boundaries(looks=2))
    look, results = np.array([0, 1]), np.array([[-0.3, 0.1, -3.0], [-0.1, 0.1, -1.0]])
    drift = after.repeated(look, -results[:, 2])
    found = after.on_scale(drift, look, results, 0.0, -1)
    assert found[:, 0] == pytest.approx(results[:, 0])
    width = 0.1 * after.boundaries.upper_z
    assert found[:, 1:] == pytest.approx(np.stack([results[:, 0] - width, results[:, 0] + width], axis=1))
