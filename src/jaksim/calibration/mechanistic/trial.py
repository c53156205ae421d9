"""One trial predicted: its control arm fitted alone, its treatments' effects drawn as other trials have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.fit import calibrate
from jaksim.calibration.mechanistic.control_arm import control_arms, control_only
from jaksim.calibration.mechanistic.figure_kinds import CONTROL_CHECK, kind_of_figure
from jaksim.calibration.mechanistic.predictive import (
    Placed,
    count_score,
    median_score,
    normal_score,
    place_count,
    place_median,
    place_simulated,
    sampling_deviation,
)
from jaksim.calibration.posterior import Sampling
from jaksim.calibration.predict import STATISTICS, StudyLaws, cumulative_incidence
from jaksim.calibration.replicates import replicate_draws, replicated_statistics
from jaksim.calibration.statistic import Statistic
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target import CountTarget, MedianTarget, NormalTarget, RatioTarget, TableTarget, Target
from jaksim.ratio import ratio_of
from jaksim.rng import Purpose, generator

FIT_REPLICATES = 1000


@dataclass(frozen=True)
class ScoredNumber:
    """One published number and how well it was predicted.

    `pit` is the randomised probability integral transform. `log_scores` (higher is better) are of the prediction and of
    the same model with other effects, by name.
    """

    study: str
    record: str
    id: str
    statistic: str
    kind: str
    reported: float
    placed: Placed
    pit: float
    log_scores: Mapping[str, float]


@dataclass(frozen=True)
class Effects:
    """Draws (draws, parameters) of the effects' parameters, in the order of `parameters`, by how they were predicted.

    The first name of `draws` is the prediction, the others are what it is compared with.
    """

    parameters: tuple[str, ...]
    draws: Mapping[str, Floats]


@dataclass(frozen=True)
class PredictedStudy:
    """A trial's scored numbers, and which records its natural history was fitted to."""

    study: str
    title: str
    numbers: tuple[ScoredNumber, ...]
    fitted_records: tuple[str, ...]
    deviations: Mapping[str, float]


def predict_study(
    study: CalibrationStudy,
    treatments: Collection[str],
    effects: Effects,
    *,
    replicates: int = 10,
    seed: int = 1,
    sampling: Sampling | None = None,
) -> PredictedStudy:
    """Fit the control arm alone, put the drawn effects to it, and score every figure that was not fitted.

    `replicates` trials of the published size are simulated at each draw. No figure of an active arm and no contrast
    enters the prediction. InputError where the control arm has no figures.
    """
    control = control_only(study, treatments)
    fitted = {id(target) for target in control.targets}
    count = len(next(iter(effects.draws.values())))
    natural_history = calibrate(control, draws=count, seed=seed, sampling=sampling, replicates=FIT_REPLICATES).draws
    columns = [study.template.names.index(name) for name in effects.parameters]
    values = {}
    for name, drawn in effects.draws.items():
        values[name] = natural_history.copy()
        values[name][:, columns] = drawn
    controls = set(control_arms(study, treatments))
    asked = [
        (target, statistic)
        for target, statistic in zip(study.targets, study.statistics, strict=True)
        if id(target) not in fitted
    ]
    simulated = _simulated(study, asked, next(iter(values.values())), replicates, seed)
    laws = {name: StudyLaws(study, rows) for name, rows in values.items()}
    stream = generator(seed, Purpose.POSTERIOR, replicate=1)
    numbers: list[ScoredNumber] = []
    deviations: dict[str, float] = {}
    for target, statistic in asked:
        own = {statistic.arm, statistic.reference} - {""} <= controls
        kind = CONTROL_CHECK if own else kind_of_figure(statistic, study.endpoints[statistic.endpoint])
        predicted = {name: _predicted(found, statistic) for name, found in laws.items()}
        for number, reported, placed, scores in _scored(target, predicted, simulated.get(target.id)):
            pit = placed.transform(float(stream.random()))
            numbers.append(
                ScoredNumber(study.name, target.id, number, target.statistic, kind, reported, placed, pit, scores)
            )
        if target.id in simulated and np.isfinite(simulated[target.id]).any():
            deviations[target.id] = sampling_deviation(simulated[target.id], next(iter(predicted.values()))[:, 0])
    return PredictedStudy(
        study.name, study.title, tuple(numbers), tuple(target.id for target in control.targets), deviations
    )


def _predicted(laws: StudyLaws, statistic: Statistic) -> Floats:
    """The statistic at every draw; of a median the incidence on all days."""
    if statistic.kind == "median":
        return cumulative_incidence(laws, statistic)
    return STATISTICS[statistic.kind](laws, statistic)


def _simulated(
    study: CalibrationStudy,
    asked: list[tuple[Target, Statistic]],
    values: Floats,
    replicates: int,
    seed: int,
) -> dict[str, Floats]:
    """Log ratios, differences and means (draws, replicates) of trials simulated at the published sizes, by record."""
    drawn = [(target, statistic) for target, statistic in asked if isinstance(target, RatioTarget | NormalTarget)]
    if not drawn:
        return {}
    needed = {statistic.endpoint for _, statistic in drawn}
    part = replace(
        study,
        endpoints={name: endpoint for name, endpoint in study.endpoints.items() if name in needed},
        targets=tuple(target for target, _ in drawn),
        statistics=tuple(statistic for _, statistic in drawn),
    )
    found = replicated_statistics(replicate_draws(part, values, replicates, seed))
    return {
        target.id: column[:, 0].reshape(len(values), replicates)
        for (target, _), column in zip(drawn, found, strict=True)
    }


Scored = list[tuple[str, float, Placed, dict[str, float]]]


def _scored(target: Target, predicted: Mapping[str, Floats], simulated: Floats | None) -> Scored:
    """Id, value, place and log scores of every number of a figure."""
    first = next(iter(predicted.values()))
    match target:
        case CountTarget():
            n = round(target.patients)
            k = min(round(target.events), n)
            scores = {name: count_score(k, n, p[:, 0]) for name, p in predicted.items()}
            return [(target.id, target.events / target.patients, place_count(k, n, first[:, 0]), scores)]
        case TableTarget():
            n = sum(target.counts)
            return [
                (
                    f"{target.id}.{score}",
                    k / n,
                    place_count(k, n, first[:, column]),
                    {name: count_score(k, n, p[:, column]) for name, p in predicted.items()},
                )
                for column, (score, k) in enumerate(zip(target.scores, target.counts, strict=True))
                if k > 0 or first[:, column].max() > 1e-9
            ]
        case MedianTarget():
            day, n = min(int(np.ceil(target.median)), first.shape[1]), round(target.patients)
            scores = {name: median_score(day, n, p) for name, p in predicted.items()}
            return [(target.id, target.median, place_median(day, n, first), scores)]
        case RatioTarget() | NormalTarget():
            assert simulated is not None
            if not np.isfinite(simulated).any():
                return []
            ratio = isinstance(target, RatioTarget)
            reported = target.ratio if isinstance(target, RatioTarget) else target.estimate
            value = float(np.log(reported)) if ratio else reported
            deviation = sampling_deviation(simulated, first[:, 0])
            scores = {name: normal_score(value, p[:, 0], deviation) for name, p in predicted.items()}
            placed = place_simulated(value, simulated.ravel(), ratio_of if ratio else float)
            return [(target.id, reported, placed, scores)]
    raise AssertionError(target)
