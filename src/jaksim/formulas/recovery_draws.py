"""Trials of recovery drawn patient by patient, to hold against the formulas of large samples."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator, Philox

from jaksim.arrays import Floats
from jaksim.formulas.recovery import KEPT, RecoveryTrial
from jaksim.formulas.survival_draws import AT_ONCE, Drawn, log_rank_scores


def simulated_recovery(
    trial: RecoveryTrial,
    deaths: str,
    *,
    nulls: Sequence[float],
    critical: float,
    mirrored: bool,
    replicates: int,
    seed: int,
) -> tuple[float, float]:
    """Power and its Monte Carlo standard error; the same seed and replicates give the same numbers.

    Of two `nulls` the active arm must recover faster than the first and slower than the second.
    """
    patients = [round(n) for n in trial.patients]
    block, passed = max(1, AT_ONCE // sum(patients)), 0
    for start in range(0, replicates, block):
        draws = Generator(Philox(key=seed, counter=[0, 0, 1, start]))
        drawn = _drawn(trial, deaths, patients, min(block, replicates - start), draws)
        shown = np.ones(len(drawn.time), dtype=np.bool_)
        for null, sign in zip(nulls, (-1.0 if mirrored else 1.0, -1.0), strict=False):
            scores, variances = log_rank_scores(drawn, null=null)
            z = scores[:, 0] / np.sqrt(np.maximum(variances[:, 0, 0], np.finfo(float).tiny))
            shown &= sign * z > critical
        passed += int(shown.sum())
    power = passed / replicates
    return power, math.sqrt(power * (1.0 - power) / replicates)


def _drawn(trial: RecoveryTrial, deaths: str, patients: Sequence[int], count: int, draws: Generator) -> Drawn:
    recovery, end = [], []
    for n, arm in zip(patients, (trial.reference, trial.active), strict=True):
        shape = (count, n)
        recovered = draws.standard_exponential(shape) / max(arm.recovery, 1e-300)
        died = draws.standard_exponential(shape) / max(arm.death, 1e-300)
        lost = np.minimum(draws.standard_exponential(shape) / max(trial.dropout, 1e-300), trial.day)
        recovery.append(np.where(recovered < died, recovered, np.inf))
        # The dead stay at risk to the last day, or leave when they die.
        end.append(np.where(died < lost, trial.day, lost) if deaths == KEPT else np.minimum(lost, died))
    event, last = np.concatenate(recovery, axis=1), np.concatenate(end, axis=1)
    time = np.minimum(event, last)
    order = np.argsort(time, axis=1)
    active = np.broadcast_to(np.arange(sum(patients)) >= patients[0], time.shape)

    def sort(values: Floats) -> Floats:
        return np.take_along_axis(values, order, axis=1)

    return Drawn(sort(time), sort((event <= last).astype(float)), sort(active.astype(float)))
