"""Complete trials, from the sizes of the cells to z: law engine and analysis; 2 arms x 4 strata, 28 days."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import disease
from benchmarks.engines import REPLICATES, law_draw, path_task
from benchmarks.registry import Task, register
from jaksim.analysis import get_method

PAIRS = (("log_rank", 0), ("proportional_odds", 1))


def trial_task(n_patients: int, method: str, endpoint: int) -> Task:
    """Blocks of replicates of the trial, each analysed."""
    meaning = disease.endpoints()[endpoint]
    draw, analyse = law_draw(n_patients, meaning), get_method(method)
    options = analyse.settings()

    def task(block: int) -> float:
        results = np.empty((REPLICATES, 3))
        analyse.evaluate(draw(block), meaning, options, results)
        return REPLICATES

    return task


def path_prepare(n_endpoints: int) -> Task:
    return path_task(1000, disease.endpoints()[:n_endpoints])


for size in (1_000, 100_000):
    for name, number in PAIRS:
        register(f"law engine and {name}, {size:,} patients", "trials")(partial(trial_task, size, name, number))
for count in (1, 3, 5):
    register(f"path engine, {count} endpoint{'s' if count > 1 else ''}", "patients")(partial(path_prepare, count))
