"""What people use otherwise, from Python, on the same disease and the same trial: one process, one thread.

A trial has 1,000 patients in 2 arms x 4 strata: drawn by NumPy from the exact law, then analysed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import disease
from benchmarks.engines import N_CELLS, N_STRATA, SEED
from benchmarks.work import Work
from jaksim.endpoint import Endpoint

PER_CELL = 125


class Patients:
    """Draws the patients of a trial: arm, stratum and category of an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.cumulative = np.cumsum(disease.laws(endpoint.automaton), axis=1)
        cell = np.repeat(np.arange(N_CELLS), PER_CELL)
        self.arm, self.stratum = cell // N_STRATA, cell % N_STRATA
        self.random = np.random.default_rng(SEED)

    def draw(self) -> NDArray[np.intp]:
        """The category of each patient."""
        uniform = self.random.random((N_CELLS, PER_CELL))
        pairs = zip(self.cumulative, uniform, strict=True)
        return np.concatenate([np.searchsorted(row, u).clip(max=len(row) - 1) for row, u in pairs])

    def times(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The time of each patient, and whether it is that of an event."""
        category = self.draw()
        return self.endpoint.time[category], self.endpoint.status[category] == 1


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


def numpy_log_rank() -> Work:
    patients = Patients(disease.recovery())

    def trials(block: int) -> None:
        for _ in range(50):
            log_rank_by_hand(*patients.times(), patients.arm, patients.stratum)

    return Work(trials, 50, "trials")


def statsmodels_log_rank() -> Work:
    test = pytest.importorskip("statsmodels.duration.survfunc").survdiff
    patients = Patients(disease.recovery())

    def trial(block: int) -> None:
        time, event = patients.times()
        test(time, event, patients.arm, strata=patients.stratum)

    return Work(trial, 1, "trials")


def lifelines_log_rank() -> Work:
    test = pytest.importorskip("lifelines.statistics").logrank_test
    patients = Patients(disease.recovery())
    active = patients.arm == 1

    def trial(block: int) -> None:
        time, event = patients.times()
        test(time[~active], time[active], event[~active], event[active])

    return Work(trial, 1, "trials")


def lifelines_cox() -> Work:
    fitter, frames = pytest.importorskip("lifelines").CoxPHFitter, pytest.importorskip("pandas")
    patients = Patients(disease.recovery())

    def trial(block: int) -> None:
        time, event = patients.times()
        columns = {"time": time, "event": event, "arm": patients.arm, "stratum": patients.stratum}
        fitter().fit(frames.DataFrame(columns), "time", "event", strata=["stratum"])

    return Work(trial, 1, "trials")


def statsmodels_cox() -> Work:
    model = pytest.importorskip("statsmodels.duration.hazard_regression").PHReg
    patients = Patients(disease.recovery())

    def trial(block: int) -> None:
        time, event = patients.times()
        model(time, patients.arm[:, None], event.astype(int), strata=patients.stratum, ties="efron").fit()

    return Work(trial, 1, "trials")


def statsmodels_proportional_odds() -> Work:
    model = pytest.importorskip("statsmodels.miscmodels.ordinal_model").OrderedModel
    patients = Patients(disease.endpoints()[1])
    strata = np.eye(N_STRATA)[patients.stratum][:, 1:]
    columns = np.column_stack([patients.arm, strata])

    def trial(block: int) -> None:
        rank = patients.endpoint.rank[patients.draw()]
        model(rank, columns, distr="logit").fit(method="bfgs", disp=False)

    return Work(trial, 1, "trials")


def numpy_patients() -> Work:
    """All patients of a cell step from day to day together, each by a look-up of 16 random bits in the day's table."""
    size, n = 1 << 16, 5000
    middles = (np.arange(size) + 0.5) / size
    ends = [
        [[np.searchsorted(row, middles) for row in day] for day in daily.cumsum(axis=2)]
        for daily in disease.transitions()
    ]
    tables = np.array(ends, dtype=np.int8)
    starts, random = disease.cells()[1], np.random.default_rng(SEED)

    def patients(block: int) -> None:
        for daily, start in zip(tables, starts, strict=True):
            state = np.full(n, start, dtype=np.int8)
            recovered = np.zeros(n, dtype=np.int8)
            words = random.integers(0, size, (disease.HORIZON, n), dtype=np.uint16)
            for day in range(disease.HORIZON):
                state = daily[day][state, words[day]]
                recovered[(state < 3) & (recovered == 0)] = day + 1

    return Work(patients, n * N_CELLS, "patients")


def simpy_patients() -> Work:
    """A process for each patient that waits for its next move; intensities of the first period throughout."""
    simpy = pytest.importorskip("simpy")
    tables, starts = disease.cells()
    rates = [table.generators[0] * ~np.eye(disease.SCALE.n_states, dtype=bool) for table in tables]
    exits = [rate.sum(axis=1).tolist() for rate in rates]
    with np.errstate(invalid="ignore"):
        chances = [np.cumsum(rate / rate.sum(axis=1, keepdims=True), axis=1) for rate in rates]
    random = np.random.default_rng(SEED)

    def patient(environment: Any, cell: int, state: int, recovered: list[float]) -> Any:
        while exits[cell][state] > 0.0:
            yield environment.timeout(random.exponential(1.0 / exits[cell][state]))
            state = int(np.searchsorted(chances[cell][state], random.random()))
            if state < 3:
                recovered.append(environment.now)

    def patients(block: int) -> None:
        environment, recovered = simpy.Environment(), []
        for cell, start in enumerate(starts):
            for _ in range(100):
                environment.process(patient(environment, cell, start, recovered))
        environment.run(until=disease.HORIZON)

    return Work(patients, 100 * N_CELLS, "patients")


def scipy_matrices() -> Work:
    """A matrix exponential for each day; a day on which the intensities change takes one for each part of it."""
    from scipy.linalg import expm

    tables, _ = disease.cells()

    def matrices(block: int) -> None:
        for table in tables:
            for day in range(disease.HORIZON):
                inner = [cut for cut in table.breaks if day < cut < day + 1]
                edges = [day, *inner, day + 1]
                P = np.eye(disease.SCALE.n_states)
                for low, high in pairwise(edges):
                    P = P @ expm((high - low) * table.generators[np.searchsorted(table.breaks, low, "right") - 1])

    return Work(matrices, N_CELLS, "cells")
