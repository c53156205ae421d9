"""Boundaries of group-sequential designs, their sizes, and what is expected at an interim analysis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.boundary_families import HaybittlePeto, WangTsiatis
from jaksim.trial.monitoring.bounds import boundaries_of
from jaksim.trial.monitoring.conditional import conditional_power as power_given
from jaksim.trial.monitoring.conditional import probability_of_success as success
from jaksim.trial.monitoring.futility import PampallonaTsiatis
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.spending import HwangShihDeCani, ObrienFleming, Pocock, Power, user_spending
from jaksim.trial.monitoring.words import Efficacy, Futility
from jaksim.verification.registry import NotCovered


def gsd_boundary(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Critical values, futility bounds, and what is spent."""
    found = design_of(inputs)
    # The levels of rpact are those of one tail.
    answers: dict[str, Any] = {
        "critical_z": found.upper_z,
        "alpha_spent": found.alpha_spent,
        "stage_levels": found.nominal_p / found.plan.sides,
    }
    if found.plan.futility is not None:
        answers["futility_z"] = found.lower_z[:-1]
        answers["beta_spent"] = found.beta_spent
        answers["power"] = found.crossing([found.drift]).upper[0].cumsum()
        answers["inflation_factor"] = found.inflation_factor
    return answers


def gsd_sample_size_jt(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Largest and expected sample in percent of the fixed one."""
    efficacy = WangTsiatis(0.5) if inputs["type"] == "Pocock" else Power(float(inputs["rho"]))
    found = boundaries_of(
        MonitoringPlan(
            information=_equal(inputs["k"]),
            efficacy=efficacy,
            alpha=2.0 * inputs["alpha_per_side"],
            sides=inputs["sided"],
            beta=inputs["beta"],
        )
    )
    percent = 100.0 * found.inflation_factor
    drifts = found.drift * np.array(inputs["theta_multiples_of_delta"], dtype=np.float64)
    return {"max_n_pct_of_fixed": percent, "expected_n_pct": percent * found.expected_information(drifts)}


def conditional_power(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Conditional power under the estimate of the interim analysis."""
    if "designs" in inputs:
        designs = [_obrien_fleming(design["k"], inputs) for design in inputs["designs"]]
        answers = {
            f"k{len(found.information)}": [
                float(power_given(found, look, found.upper_z[look - 1])[0]) for look in range(1, len(found.information))
            ]
            for found in designs
        }
        return {key: value[0] if len(value) == 1 else value for key, value in answers.items()}
    found = boundaries_of(MonitoringPlan(information=tuple(inputs["timing"]), efficacy=HwangShihDeCani(-4.0)))
    first = inputs["timing"][0] * inputs["n_fix"] * found.inflation_factor
    # The patients of the second stage are whole, its weight is the planned one.
    needed = (found.upper_z[-1] - inputs["z1"] * math.sqrt(0.5)) / math.sqrt(0.5)
    drift = math.sqrt(inputs["n2"]) * inputs["z1"] / math.sqrt(first)
    return {"conditional_power": 0.5 * math.erfc((needed - drift) / math.sqrt(2.0))}


def probability_of_success(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Power averaged over effects in units of one patient of the fixed design."""
    found = boundaries_of(
        MonitoringPlan(
            information=_equal(inputs["k"]),
            alpha=inputs["alpha"],
            beta=inputs["beta"],
            efficacy=HwangShihDeCani(-4.0),
        )
    )
    drifts = math.sqrt(found.inflation_factor) * np.array(inputs["theta"])
    return {"pos": success(found, drifts, inputs["weights"])}


def design_of(inputs: Mapping[str, Any]) -> Boundaries:
    """The design that the names of a case describe."""
    times = tuple(inputs["info_fractions"]) if "info_fractions" in inputs else _equal(inputs["k"])
    user_beta = inputs.get("user_beta_spending")
    beta = user_beta[-1] if user_beta else inputs.get("beta", 0.2)
    alpha = inputs["alpha_spent"][-1] if "alpha_spent" in inputs else inputs["alpha"]
    return boundaries_of(
        MonitoringPlan(
            information=times,
            efficacy=_efficacy(inputs, times),
            alpha=alpha,
            sides=inputs["sided"],
            beta=beta,
            futility=_futility(inputs, times, beta),
            binding=bool(inputs.get("binding_futility", False)),
        )
    )


def _efficacy(inputs: Mapping[str, Any], times: tuple[float, ...]) -> Efficacy:
    words = str(inputs["type"]).lower()
    if "user" in words:
        return user_spending(times, inputs["alpha_spent"], inputs["alpha_spent"][-1], "type")
    if "pampallona" in words:
        return WangTsiatis(inputs["deltaPT1"])
    if "wang-tsiatis" in words:
        return WangTsiatis(inputs["delta"])
    if "haybittle" in words:
        return HaybittlePeto(3.0)
    if "askd" in words:
        return Power(inputs["gammaA"])
    if "asof" in words:
        return ObrienFleming()
    if "asp" in words:
        return Pocock()
    if words.startswith("o'brien-fleming"):
        return WangTsiatis(0.0)
    raise NotCovered(f"no boundary {inputs['type']!r}")


def _futility(inputs: Mapping[str, Any], times: tuple[float, ...], beta: float) -> Futility | None:
    if "user_beta_spending" in inputs:
        return user_spending(times, inputs["user_beta_spending"], beta, "futility")
    if inputs.get("beta_spending") == "bsKD":
        return Power(inputs["gammaB"])
    if "deltaPT0" in inputs:
        return PampallonaTsiatis(inputs["deltaPT0"])
    return None


def _obrien_fleming(looks: int, inputs: Mapping[str, Any]) -> Boundaries:
    return boundaries_of(
        MonitoringPlan(information=_equal(looks), alpha=inputs["alpha"], beta=inputs["beta"], efficacy=ObrienFleming())
    )


def _equal(looks: int) -> tuple[float, ...]:
    return tuple((k + 1) / looks for k in range(looks))
