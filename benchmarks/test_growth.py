"""How cost grows with states, days, cells, interim analyses and replicates."""

from __future__ import annotations

import pytest

from benchmarks.conftest import skip_in_tests
from benchmarks.ladder import ladder_law, law_ladder, path_ladder
from benchmarks.work import Work
from jaksim import boundaries, load_scenario
from jaksim.design.defaults import DEFAULT_SEED
from jaksim.design.power import trial_power
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.trial import Trial

ENGINES = {"law": law_ladder, "path": path_ladder}
STATES, DAYS, CELLS, LOOKS = (4, 8, 16, 32), (14, 28, 60, 90, 180), (2, 8, 32, 128), (1, 2, 4, 8)


@pytest.mark.parametrize("states", STATES)
@pytest.mark.parametrize("engine", ENGINES)
def test_states(alone, engine, states):
    alone(ENGINES[engine](n_states=states))


@pytest.mark.parametrize("days", DAYS)
@pytest.mark.parametrize("engine", ENGINES)
def test_days(alone, engine, days):
    alone(ENGINES[engine](horizon=days))


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("engine", ENGINES)
def test_cells(alone, engine, cells):
    alone(ENGINES[engine](n_cells=cells))


@pytest.mark.parametrize("states", STATES)
def test_states_of_the_exact_door(alone, states):
    alone(ladder_law(n_states=states))


@pytest.mark.parametrize("days", DAYS)
def test_days_of_the_exact_door(alone, days):
    alone(ladder_law(horizon=days))


def with_interims(looks: int) -> Trial:
    """ACTT-4 in calendar time with this many interim analyses, evenly over the outcomes."""
    times = ", ".join(f'{{ when = "complete >= {100 * k / (looks + 1):g} %" }}' for k in range(1, looks + 1))
    return load_scenario("scenarios/actt4-interims.toml", changes=[f"monitoring.interim=[{times}]"]).trial


@pytest.mark.parametrize("looks", LOOKS)
def test_setting_up_interim_analyses(alone, looks):
    """Bounds, laws of all data cuts and the tables of stage-wise p values, which the process then keeps."""
    trial = with_interims(looks)
    alone(Work(lambda block: Prepared(trial, DEFAULT_SEED).block(0, 2), 1, "designs"), slow=True)


@pytest.mark.parametrize("looks", LOOKS)
def test_interim_analyses(alone, benchmark, looks):
    if looks > 2:
        skip_in_tests(benchmark)
    found = Prepared(with_interims(looks), DEFAULT_SEED)
    n = found.length()
    alone(Work(lambda block: found.block(block * n, n), n, "trials"))


@pytest.mark.parametrize("looks", [2, 3, 5, 10, 20, 50])
def test_boundaries(alone, looks):
    """O'Brien-Fleming spending with futility that does not bind."""
    alone(Work(lambda block: boundaries(looks=looks, futility="hsd:-2"), 1, "designs"))


@pytest.mark.parametrize("replicates", [1_000, 10_000, 100_000])
def test_replicates(alone, benchmark, replicates):
    """Power of ACTT-4 with its five endpoints, from the trial to the results; one thread, kernels loaded."""
    trial = load_scenario("scenarios/actt4.toml").trial
    n = replicates if benchmark.enabled else 100

    def power(block: int) -> None:
        trial_power(trial, Settings(replicates=n, seed=block, workers=1))

    alone(Work(power, replicates, "trials"))
