"""Each analysis alone, on drawn tables of 1,000-patient trials: 2 arms x 4 strata."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import disease
from benchmarks.engines import REPLICATES, law_draw
from benchmarks.registry import Task, register
from jaksim.analysis import METHODS

ENDPOINT_OF_KIND = {"time_to_event": 0, "ordinal": 1, "binary": 2, "day_count": 4}


def analysis_task(method: str) -> Task:
    analyse = METHODS[method]
    endpoint = disease.endpoints()[ENDPOINT_OF_KIND[analyse.kinds[0]]]
    tables = law_draw(1000, endpoint)(0)
    options = analyse.settings()

    def task(block: int) -> float:
        analyse.evaluate(tables, endpoint, options, np.empty((REPLICATES, 3)))
        return REPLICATES

    return task


for name in METHODS:
    register(f"analysis alone: {name}", "tables")(partial(analysis_task, name))
