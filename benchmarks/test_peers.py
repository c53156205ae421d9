"""jaksim beside what people use otherwise, round by round in one run: one process, one thread, processor time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks import disease, peers
from benchmarks.conftest import R, skip_in_tests
from benchmarks.engines import LOG_RANK, N_CELLS, PROPORTIONAL_ODDS, law_trials, path_patients, scenario_trials
from benchmarks.work import Work
from jaksim import boundaries
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import stacked_transition_matrices

PROGRAMS = Path(__file__).with_name("r")


def designs() -> Work:
    return Work(lambda block: boundaries(looks=5, futility="hsd:-2"), 1, "designs")


def matrices() -> Work:
    tables, _ = disease.cells()
    return Work(lambda block: stacked_transition_matrices(tables, disease.HORIZON), N_CELLS, "cells")


def occupations() -> Work:
    tables, starts = disease.cells()

    def cells(block: int) -> None:
        daily = stacked_transition_matrices(tables, disease.HORIZON)
        for P, start in zip(daily, starts, strict=True):
            state_occupation(P, start)

    return Work(cells, N_CELLS, "cells")


OWN = {
    "stratified log-rank": lambda: law_trials(1_000, *LOG_RANK),
    "stratified Cox": lambda: law_trials(1_000, "cox", 0),
    "proportional odds": lambda: law_trials(1_000, *PROPORTIONAL_ODDS),
    "trials in calendar time": lambda: scenario_trials("delayed-effect"),
    "group-sequential designs": designs,
    "patients of 28 days": lambda: path_patients(1_000),
    "daily matrices": matrices,
    "state occupation": occupations,
}
PYTHON = (
    ("stratified log-rank", "NumPy", peers.numpy_log_rank),
    ("stratified log-rank", "statsmodels", peers.statsmodels_log_rank),
    ("stratified log-rank", "lifelines", peers.lifelines_log_rank),
    ("stratified Cox", "statsmodels", peers.statsmodels_cox),
    ("stratified Cox", "lifelines", peers.lifelines_cox),
    ("proportional odds", "statsmodels", peers.statsmodels_proportional_odds),
    ("patients of 28 days", "NumPy", peers.numpy_patients),
    ("patients of 28 days", "SimPy", peers.simpy_patients),
    ("daily matrices", "SciPy", peers.scipy_matrices),
)
IN_R = (
    ("stratified log-rank", "R survival", "log_rank.R", 200, "trials"),
    ("stratified Cox", "R survival", "cox.R", 100, "trials"),
    ("proportional odds", "R MASS", "proportional_odds.R", 20, "trials"),
    ("trials in calendar time", "R rpact", "calendar.R", 2000, "trials"),
    ("group-sequential designs", "R rpact", "boundaries.R", 3, "designs"),
    ("patients of 28 days", "R Hmisc", "patients.R", 1000, "patients"),
    ("state occupation", "R Hmisc", "occupation.R", 500, "cells"),
)


class Reported:
    """A clock that shows the seconds that other programs have reported of themselves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


reported = Reported()


def in_r(file: str, units: int, unit: str) -> Work:
    """A program that is told how many units to do, and whose last word is the seconds that they took."""
    if R is None:
        pytest.skip("there is no Rscript")

    def run(block: int) -> None:
        done = subprocess.run([R, PROGRAMS / file, str(units)], capture_output=True, text=True, check=False)
        if "there is no package" in done.stderr:
            pytest.skip(done.stderr.strip().splitlines()[-2])
        if done.returncode:
            raise RuntimeError(done.stderr)
        reported.seconds += float(done.stdout.split()[-1])

    return Work(run, units, unit)


@pytest.mark.parametrize(("work", "peer", "build"), PYTHON, ids=[f"{work}, {peer}" for work, peer, _ in PYTHON])
def test_python(beside, work, peer, build):
    beside(build(), OWN[work]())


@pytest.mark.benchmark(timer=reported)
@pytest.mark.parametrize(
    ("work", "peer", "file", "units", "unit"), IN_R, ids=[f"{work}, {peer}" for work, peer, *_ in IN_R]
)
def test_r(beside, benchmark, work, peer, file, units, unit):
    skip_in_tests(benchmark)
    beside(in_r(file, units, unit), OWN[work](), rounds=3)
