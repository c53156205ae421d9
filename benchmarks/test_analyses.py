"""Each analysis alone: on drawn tables of 1,000-patient trials, 2 arms x 4 strata, and on patients of one trial."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import disease
from benchmarks.engines import N_CELLS, N_STRATA, SEED, law_draw
from benchmarks.work import Work
from jaksim import analyze
from jaksim.analysis import METHODS
from jaksim.endpoint import Endpoint, build_endpoint
from jaksim.simulate import compile_chains, draw_transitions

TABLES = 100
ENDPOINT_OF_KIND = {"time_to_event": 0, "ordinal": 1, "binary": 2, "day_count": 4}


@cache
def drawn(kind: str) -> tuple[Endpoint, NDArray[np.float64]]:
    """An endpoint of the kind and tables (TABLES, 2, N_STRATA, K) of it."""
    if kind != "longitudinal":
        endpoint = disease.endpoints()[ENDPOINT_OF_KIND[kind]]
        return endpoint, law_draw(1000, endpoint)(0)[:TABLES]
    scores = build_endpoint({"name": "scores", "kind": "longitudinal"}, disease.SCALE, disease.HORIZON)
    plan = compile_chains(
        np.array(disease.transitions()),
        disease.cells()[1],
        range(N_CELLS),
        [1.0] * N_CELLS,
        np.arange(disease.SCALE.n_states),
    )
    counts = draw_transitions(plan, np.full((TABLES, N_CELLS), 1000 // N_CELLS), SEED, 0)
    return scores, counts.reshape(TABLES, 2, N_STRATA, -1)


@pytest.mark.parametrize("method", METHODS)
def test_analysis(alone, method):
    analyse = METHODS[method]
    endpoint, tables = drawn(analyse.kinds[0])
    options = analyse.settings()
    alone(
        Work(lambda block: analyse.evaluate(tables, endpoint, options, np.empty((TABLES, 3))), TABLES, "tables"),
    )


@cache
def patients() -> dict[str, NDArray[np.float64]]:
    """Data of 1,000 patients with two covariates."""
    random = np.random.default_rng(SEED)
    arm = np.arange(1000) % 2
    time = np.minimum(np.ceil(random.exponential(1.0 / np.where(arm == 1, 0.1, 0.08))), 28.0)
    return {
        "arm": arm,
        "time": time,
        "status": (time < 28).astype(np.int64),
        "score": np.searchsorted([0.1, 0.3, 0.5, 0.6, 0.8, 0.9], random.random(1000) + 0.05 * arm) + 1,
        "stratum": random.integers(0, 4, 1000),
        "age": random.normal(60.0, 12.0, 1000).round(),
        "duration": random.integers(1, 15, 1000),
    }


@pytest.mark.parametrize(
    ("method", "covariates"),
    [("log_rank", 0), ("cox", 0), ("cox", 2), ("proportional_odds", 0), ("proportional_odds", 2), ("van_elteren", 0)],
)
def test_trial_data(alone, method, covariates):
    """The analysis of one data set, from columns of patients to a result with its interval."""
    given = {"method": method, "stratum": "stratum", "covariates": ["age", "duration"][:covariates]}
    alone(Work(lambda block: analyze(patients(), **given), 1, "data sets"))
