"""Simulation-based calibration of a joint calibration: are pooled effects as uncertain as they should be?

Classes, drugs, standard deviations, interactions and each trial's natural history and deviation are drawn from their
priors, the figures of every trial simulated there and put in the place of the reported ones, and all is fitted again,
both stages. Where the truth falls among the draws is uniform if the posterior is right (Talts et al., 2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.calibration.joint.selection import JointSelection, SelectedTrial
from jaksim.calibration.joint.stage_one import own_effects, stage_one, stage_one_study
from jaksim.calibration.replicates import replicate_study, replicated_statistics
from jaksim.calibration.simulation_based import with_figures
from jaksim.calibration.study import CalibrationStudy
from jaksim.pooling.coordinates import Coordinates
from jaksim.pooling.hierarchy import fit
from jaksim.pooling.priors import KINDS
from jaksim.pooling.summaries import TrialEffects
from jaksim.rng import Purpose, generator


@dataclass(frozen=True)
class RefittedBody:
    """One simulated body of evidence: places of the truth in (0, 1) among the draws, and errors in posterior SDs.

    `places` and `errors` are of the vector of effects (size,), `tau_places` of the standard deviations between trials.
    """

    names: tuple[str, ...]
    places: Floats
    errors: Floats
    tau_places: Floats


def refitted_bodies(
    selection: JointSelection,
    numbers: range,
    *,
    histories: Mapping[str, Floats],
    seed: int = 1,
    draws: int = 99,
    replicates: int = 300,
) -> list[RefittedBody]:
    """Simulate and refit the bodies of evidence of these numbers; each depends on the seed and its own number only.

    `histories` are the natural-history parameters of each study about which its own priors, made a tenth as wide, are
    centred: trials are those that could have been, not those at the ends of weak priors.
    """
    trials = [_narrowed(trial, histories[trial.study.name]) for trial in selection.trials]
    return [_refitted(selection, trials, number, seed, draws, replicates) for number in numbers]


NARROWED = 0.1


def _narrowed(trial: SelectedTrial, centre: Floats) -> SelectedTrial:
    parameters = tuple(
        replace(parameter, prior_mean=float(mean), prior_sd=NARROWED * parameter.prior_sd)
        for parameter, mean in zip(trial.study.template.parameters, centre, strict=True)
    )
    study = replace(trial.study, template=replace(trial.study.template, parameters=parameters))
    return replace(trial, study=study)


def _refitted(
    selection: JointSelection, trials: Sequence[SelectedTrial], number: int, seed: int, draws: int, replicates: int
) -> RefittedBody:
    stream = generator(seed, Purpose.POSTERIOR, replicate=number)
    described = [_described(trial) for trial in trials]
    coordinates, priors = Coordinates.of(described), selection.priors
    omega = np.abs(priors.between_drugs * stream.standard_normal(len(KINDS)))
    tau = np.abs(priors.between_trials * stream.standard_normal(len(KINDS)))
    truth = coordinates.root(priors, omega[None])[0] @ stream.standard_normal(coordinates.size)
    summaries = []
    for trial, one in zip(trials, described, strict=True):
        deviation = tau * stream.standard_normal(len(KINDS))
        effects = coordinates.design(one) @ truth + deviation[[KINDS.index(kind) for kind in one.kinds]]
        seen = _observed(stage_one_study(trial), trial, effects, stream)
        own = replace(trial, study=replace(trial.study, targets=seen.targets, statistics=seen.statistics))
        fitted = stage_one(own, seed=int(stream.integers(2**63)), replicates=replicates).effects
        summaries.append(_with_contrast(fitted, coordinates, truth, stream))
    found = fit(summaries, priors, draws=draws, seed=number, points=256)
    ties = stream.random(coordinates.size)
    return RefittedBody(
        names=found.names,
        places=((found.draws < truth).sum(axis=0) + ties) / (draws + 1),
        errors=(truth - found.mean) / found.sd,
        tau_places=((found.tau_draws < tau).sum(axis=0) + stream.random(len(KINDS))) / (draws + 1),
    )


def _with_contrast(
    trial: TrialEffects, coordinates: Coordinates, truth: Floats, stream: np.random.Generator
) -> TrialEffects:
    """The trial with its patients on and off glucocorticoids as they would compare where this is the truth."""
    if trial.within is None:
        return trial
    beta = truth[[coordinates.of_interaction(trial.treatment_class, kind) for kind in trial.kinds]]
    values, vectors = np.linalg.eigh(trial.within.information)
    noise = vectors @ (np.sqrt(np.maximum(values, 0.0)) * stream.standard_normal(len(values)))
    return replace(trial, within=replace(trial.within, weighted=trial.within.information @ beta + noise))


def _described(trial: SelectedTrial) -> TrialEffects:
    count = len(trial.cells)
    windows = tuple(cell.window(trial.treatment_days) for cell in trial.cells)
    return TrialEffects(
        study=trial.study.name,
        published=trial.published,
        drug=trial.drug.name,
        treatment_class=trial.drug.treatment_class,
        share=trial.share,
        cells=tuple(cell.name for cell in trial.cells),
        windows=tuple((window.start, window.end) for window in windows),
        information=np.zeros((count, count)),
        weighted=np.zeros(count),
    )


def _observed(
    study: CalibrationStudy, trial: SelectedTrial, effects: Floats, stream: np.random.Generator
) -> CalibrationStudy:
    """The study with the figures of a trial drawn at these effects and a natural history from its priors."""
    template = study.template
    values = template.prior_mean + template.prior_sd * stream.standard_normal(len(template.parameters))
    values[own_effects(study, trial)] = effects
    simulated = replicated_statistics(replicate_study(study, values, 1, int(stream.integers(2**63))))
    return with_figures(study, [row[0] for row in simulated])
