"""The same trial with another number of patients."""

from __future__ import annotations

from dataclasses import replace

from jaksim.errors import InputError
from jaksim.trial import Trial
from jaksim.trial.interim import Monitoring
from jaksim.trial.trigger import grown


def resized(trial: Trial, patients: int) -> Trial:
    """The trial with so many patients; numbers of events, outcomes and patients in its interim analyses grow alike.

    Calendar days stay, and so does the rate of accrual. InputError for an adaptation that cannot be scaled.
    """
    ratio = patients / trial.population.patients
    monitoring = None if trial.monitoring is None else _monitoring(trial.monitoring, ratio)
    adaptation = trial.adaptation
    if adaptation is not None:
        scale = getattr(adaptation, "resized", None)
        if scale is None:
            raise InputError(
                f"the size of a trial with the adaptation {adaptation.kind!r} cannot be sought",
                where="adaptation",
                allowed="a trial without it, or its power at given sizes",
            )
        adaptation = scale(ratio)
    population = replace(trial.population, patients=patients)
    return replace(trial, population=population, monitoring=monitoring, adaptation=adaptation)


def _monitoring(monitoring: Monitoring, ratio: float) -> Monitoring:
    return replace(
        monitoring,
        interims=tuple(grown(one, ratio) for one in monitoring.interims),
        last=None if monitoring.last is None else grown(monitoring.last, ratio),
        maximum=None if monitoring.maximum is None else max(1.0, round(monitoring.maximum * ratio)),
    )
