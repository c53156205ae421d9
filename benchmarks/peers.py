"""What people use otherwise, on the same disease and the same trial: one process, one thread.

A log-rank trial has 1,000 patients in 2 arms x 4 strata: drawn by NumPy from the exact law, then tested.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from benchmarks import disease
from benchmarks.engines import N_STRATA, SEED
from benchmarks.registry import Task, Unavailable, Value, register, register_value

PER_CELL = 125
R_PROGRAM = """
suppressMessages(library(survival)); set.seed(1); n <- 1000
arm <- rep(0:1, each = n / 2); stratum <- rep(1:4, n / 4)
one <- function() {
  time <- pmin(ceiling(rexp(n, c(.08, .1)[arm + 1])), 28)
  survdiff(Surv(time, time < 28) ~ arm + strata(stratum))$chisq
}
invisible(one()); used <- system.time(for (i in 1:200) one())
cat(1000 * used[["elapsed"]] / 200, 1000 * (used[["user.self"]] + used[["sys.self"]]) / 200)
"""


def imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        raise Unavailable(f"{name} is not installed") from None


class Patients:
    """Draws patients of the trial: arm, stratum, time and whether recovered."""

    def __init__(self) -> None:
        endpoint = disease.recovery()
        self.time, self.event = endpoint.time, endpoint.status == 1
        self.cumulative = np.cumsum(disease.laws(endpoint.automaton), axis=1)
        cell = np.repeat(np.arange(len(self.cumulative)), PER_CELL)
        self.arm, self.stratum = cell // N_STRATA, cell % N_STRATA

    def draw(self, random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        category = np.concatenate(
            [np.searchsorted(row, random.random(PER_CELL)).clip(max=len(row) - 1) for row in self.cumulative]
        )
        return self.time[category], self.event[category]


def log_rank_by_hand(
    time: NDArray[np.float64], event: NDArray[np.bool_], arm: NDArray[np.intp], stratum: NDArray[np.intp]
) -> float:
    """Stratified log-rank z from patients, with array operations only."""
    days = disease.HORIZON + 1
    place = (arm * N_STRATA + stratum) * days + time.astype(np.int64)
    shape = (2, N_STRATA, days)
    left = np.bincount(place, minlength=2 * N_STRATA * days).reshape(shape)
    events = np.bincount(place[event], minlength=2 * N_STRATA * days).reshape(shape)
    risk = left[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    d, n, active = events.sum(axis=0), risk.sum(axis=0), risk[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, active / n, 0.0)
        variance = np.where(n > 1, d * share * (1 - share) * (n - d) / (n - 1), 0.0)
    return float((events[1] - d * share).sum() / np.sqrt(variance.sum()))


@register("peer: log-rank trial, NumPy by hand", "trials", threaded=False)
def numpy_trials() -> Task:
    patients, random = Patients(), np.random.default_rng(SEED)

    def task(block: int) -> float:
        for _ in range(20):
            log_rank_by_hand(*patients.draw(random), patients.arm, patients.stratum)
        return 20

    return task


@register("peer: log-rank trial, lifelines (without strata)", "trials", threaded=False)
def lifelines_trials() -> Task:
    test = imported("lifelines.statistics").logrank_test
    patients, random = Patients(), np.random.default_rng(SEED)
    active = patients.arm == 1

    def task(block: int) -> float:
        time, event = patients.draw(random)
        test(time[~active], time[active], event[~active], event[active])
        return 1

    return task


@register("peer: stratified Cox trial, lifelines", "trials", threaded=False)
def lifelines_cox() -> Task:
    fitter, frames = imported("lifelines").CoxPHFitter, imported("pandas")
    patients, random = Patients(), np.random.default_rng(SEED)

    def task(block: int) -> float:
        time, event = patients.draw(random)
        columns = {"time": time, "event": event, "arm": patients.arm, "stratum": patients.stratum}
        fitter().fit(frames.DataFrame(columns), "time", "event", strata=["stratum"])
        return 1

    return task


def r_trials() -> Callable[[], Value]:
    """Milliseconds of R for a trial, by R's own clock, so without its start."""
    program = shutil.which("Rscript")
    if program is None:
        raise Unavailable("there is no Rscript")

    def task() -> Value:
        done = subprocess.run([program, "-e", R_PROGRAM], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable("R has no package survival")
        elapsed, processor = (float(word) for word in done.stdout.split())
        return Value(elapsed, processor)

    return task


register_value("peer: log-rank trial, R survival", "ms per trial", r_trials)


@register("peer: patients of 28 days, NumPy by hand", "patients", threaded=False)
def numpy_patients() -> Task:
    """All patients of a cell step from day to day together, each by a look-up of 16 random bits in the day's table."""
    size = 1 << 16
    middles = (np.arange(size) + 0.5) / size
    ends = [
        [[np.searchsorted(row, middles) for row in day] for day in daily.cumsum(axis=2)]
        for daily in disease.transitions()
    ]
    tables = np.array(ends, dtype=np.int8)
    starts, random = disease.cells()[1], np.random.default_rng(SEED)

    def task(block: int) -> float:
        for daily, start in zip(tables, starts, strict=True):
            state = np.full(5000, start, dtype=np.int8)
            recovered = np.zeros(5000, dtype=np.int8)
            words = random.integers(0, size, (disease.HORIZON, 5000), dtype=np.uint16)
            for day in range(disease.HORIZON):
                state = daily[day][state, words[day]]
                recovered[(state < 3) & (recovered == 0)] = day + 1
        return 5000 * len(starts)

    return task


@register("peer: patients of 28 days, SimPy", "patients", threaded=False)
def simpy_patients() -> Task:
    """A process for each patient that waits for its next move; intensities of the first period throughout."""
    simpy = imported("simpy")
    tables, starts = disease.cells()
    rates = [table.generators[0] * ~np.eye(disease.SCALE.n_states, dtype=bool) for table in tables]
    exits = [rate.sum(axis=1).tolist() for rate in rates]
    with np.errstate(invalid="ignore"):
        chances = [np.cumsum(rate / rate.sum(axis=1, keepdims=True), axis=1) for rate in rates]
    random = np.random.default_rng(SEED)

    def patient(environment, cell, state, recovered):
        while exits[cell][state] > 0.0:
            yield environment.timeout(random.exponential(1.0 / exits[cell][state]))
            state = int(np.searchsorted(chances[cell][state], random.random()))
            if state < 3:
                recovered.append(environment.now)

    def task(block: int) -> float:
        environment, recovered = simpy.Environment(), []
        for cell, start in enumerate(starts):
            for _ in range(100):
                environment.process(patient(environment, cell, start, recovered))
        environment.run(until=disease.HORIZON)
        return 100 * len(starts)

    return task
