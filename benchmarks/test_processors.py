"""From one processor to several: threads of one process, which the kernels let run freely, and processes."""

from __future__ import annotations

import time

import pytest

from benchmarks.engines import (
    LOG_RANK,
    PROPORTIONAL_ODDS,
    arithmetic,
    individual_patients,
    law_trials,
    path_patients,
    scenario_trials,
)
from jaksim.design.engine.executor import default_workers

CASES = {
    "arithmetic in registers, for comparison": (arithmetic,),
    "law engine, log-rank, 1,000 patients": (law_trials, 1_000, *LOG_RANK),
    "law engine, log-rank, 100,000 patients": (law_trials, 100_000, *LOG_RANK),
    "law engine, proportional odds, 1,000 patients": (law_trials, 1_000, *PROPORTIONAL_ODDS),
    "law engine, proportional odds, 100,000 patients": (law_trials, 100_000, *PROPORTIONAL_ODDS),
    "path engine, 1 endpoint": (path_patients, 1_000, 1),
    "path engine, 5 endpoints": (path_patients, 1_000, 5),
    "path engine, 3 continuous characteristics": (individual_patients, 1_000, 1),
    "ACTT-4 with interim analyses": (scenario_trials, "actt4-interims"),
    "platform of several arms": (scenario_trials, "platform"),
}
WIDTHS = [width for width in (2, 4, 8, 16, 32, 64) if width <= default_workers()]


@pytest.mark.benchmark(timer=time.perf_counter)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_threads(on_processors, case, width):
    on_processors("threads", width, *CASES[case])


@pytest.mark.benchmark(timer=time.perf_counter)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", ["law engine, log-rank, 1,000 patients", "path engine, 1 endpoint"])
def test_processes(on_processors, case, width):
    on_processors("processes", width, *CASES[case])
