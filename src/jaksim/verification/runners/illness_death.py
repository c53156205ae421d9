"""Illness-death models: states initial, progressed, dead; OS is time to death, PFS time to leaving the first state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.integrate import quad

from jaksim.exact.transition import transition_probability
from jaksim.formulas.log_rank_size import log_rank_power, schoenfeld_events
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.intensity import IntensityTable
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Regimen
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import OrdinalScale

SCALE = OrdinalScale("illness-death", (0, 1, 2), ("initial", "progressed", "dead"), True, (2,))


def model(inputs: Mapping[str, Any]) -> IntensityTable:
    """Intensities of a case: constant, piecewise constant, or Weibull as steps that are exact at the times asked."""
    moves = {f"{move[0]}>{move[1]}": _hazard(inputs, move) for move in ("01", "02", "12") if f"h{move}" in inputs}
    return DiseaseModel(NaturalHistory.of(SCALE, moves)).intensities(Regimen(), PatientType(0))


def _hazard(inputs: Mapping[str, Any], move: str) -> PiecewiseConstant:
    value = inputs[f"h{move}"]
    if f"pw{move}" in inputs:
        return PiecewiseConstant(tuple(map(float, inputs[f"pw{move}"][1:])), tuple(map(float, value)))
    if f"p{move}" in inputs:
        times = np.array(inputs["t"], dtype=np.float64)
        steps = np.diff(value * times ** inputs[f"p{move}"]) / np.diff(times)
        return PiecewiseConstant(tuple(times[1:-1].tolist()), tuple(steps.tolist()))
    return PiecewiseConstant((), (float(value),))


def illness_death_os_survival(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Probability of being alive."""
    table = model(inputs)
    return {"S_OS": [1.0 - transition_probability(table, 0.0, t)[0, 2] for t in inputs["t"]]}


def illness_death_pfs_survival(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Probability of being alive and not progressed."""
    table = model(inputs)
    return {"S_PFS": [transition_probability(table, 0.0, t)[0, 0] for t in inputs["t"]]}


def illness_death_os_hazard(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hazard of death among those alive."""
    table = model(inputs)
    return {"hazard": [hazard for _, hazard in (_survival_and_hazard(table, t) for t in inputs["t"])]}


def average_hazard_ratio_os(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Average hazard ratio of death, weight (S_0 S_1)**alpha (Kalbfleisch and Prentice 1981), and that of PFS."""
    treated, control = model(inputs["treatment"]), model(inputs["control"])

    def weighted(arm: int) -> float:
        def integrand(t: float) -> float:
            (s_1, h_1), (s_0, h_0) = _survival_and_hazard(treated, t), _survival_and_hazard(control, t)
            return float((s_1 * s_0) ** inputs["alpha"] * (h_1, h_0)[arm])

        # What lies beyond sixty units weighs less than 1e-10.
        return float(quad(integrand, 0.0, min(float(inputs["upper"]), 60.0), epsabs=1e-10, limit=200)[0])

    leaving = [float(-table.generators[0][0, 0]) for table in (treated, control)]
    return {"hr_pfs": leaving[0] / leaving[1], "avg_hr_os": weighted(0) / weighted(1)}


def multistate_trial_simulation(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Planned events for PFS and OS, and power by Schoenfeld's formula where the source simulates."""
    ratios = average_hazard_ratio_os({**inputs, "alpha": 0.5, "upper": 1000.0})
    answer: dict[str, Any] = {}
    for name, key in (("pfs", "hr_pfs"), ("os", "avg_hr_os")):
        ratio, alpha = ratios[key], inputs[f"alpha_{name}"]
        answer[f"events_{name}"] = math.ceil(
            schoenfeld_events(ratio, power=inputs["planned_power"], alpha=alpha, sides=2)
        )
        answer[f"power_{name}"] = log_rank_power(answer[f"events_{name}"], ratio, alpha=alpha, sides=2)
    return answer


def _survival_and_hazard(table: IntensityTable, t: float) -> tuple[float, float]:
    alive = transition_probability(table, 0.0, t)[0, :2]
    survival = float(alive.sum())
    return survival, float(alive @ table.generators[-1][:2, 2]) / survival
