"""Which latents of a population matter, and where what depends on them is not smooth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jaksim.design.engine.kinds_of_patients import covariates_of
from jaksim.design.quadrature.nodes import Axis, pieces_of
from jaksim.model.covariate_shape import LINEAR, Shape
from jaksim.trial import Trial
from jaksim.trial.characteristics.characteristics import EVERYBODY, ONSET, Characteristic, Characteristics


def shapes_used(trial: Trial) -> Iterator[tuple[str, Shape]]:
    """The covariates that anything depends on, with the shape of each effect."""
    model = trial.disease
    for effect in model.covariate_effects:
        yield effect.covariate, effect.shape
    given = trial.treatments_given
    for name, treatment in model.treatments.items():
        if name in given and name not in model.background:
            for one in treatment.effects:
                if one.covariate:
                    yield one.covariate, one.shape


def counts_from_onset(trial: Trial) -> bool:
    """Whether anything counts days since onset."""
    model = trial.disease
    clocks = [one.window.clock for one in model.interactions]
    for name in trial.treatments_given:
        if name in model.treatments and name not in model.background:
            for effect in model.treatments[name].effects:
                clocks += [effect.window.clock, "onset" if effect.course is not None else ""]
    return "onset" in clocks


def used_characteristics(trial: Trial, law: Characteristics) -> dict[str, list[Shape]]:
    """The characteristics that matter to laws of endpoints, with the shapes in which they do."""
    found: dict[str, list[Shape]] = {}
    for name, shape in shapes_used(trial):
        if name in law.names:
            found.setdefault(name, []).append(shape)
    if ONSET in law.names and counts_from_onset(trial):
        found.setdefault(ONSET, [])
    # What an analysis adjusts for is told apart by every value; a continuous law has no nodes that were such values.
    for item in law.items:
        if item.name in covariates_of(trial) and all(marginal.is_discrete for marginal in item.marginals):
            found.setdefault(item.name, []).append(LINEAR)
    return found


def axes_of(trial: Trial, law: Characteristics, stratum: int) -> list[Axis]:
    """The axes of a stratum: the latents of the characteristics that matter, and those that go with them and exclude
    patients."""
    used, matrix, allowed = used_characteristics(trial, law), law.matrix, law.allowed_in(stratum)
    latents = {item.latent for item in law.items if item.name in used}
    while True:
        more = {
            other
            for other in range(law.n_latents)
            if other not in latents
            and allowed[other] != EVERYBODY
            and any(matrix[other, latent] != 0.0 for latent in latents)
        }
        if not more:
            break
        latents |= more
    axes = []
    for latent in sorted(latents):
        items = [item for item in law.items if item.latent == latent and item.name in used]
        breaks = [cut for item in items for cut in _breaks(item, stratum, used[item.name])]
        steps = all(_in_steps(item, stratum, used[item.name]) for item in items)
        axes.append(Axis(latent, pieces_of(allowed[latent], breaks), steps))
    return axes


def _breaks(item: Characteristic, stratum: int, shapes: list[Shape]) -> list[float]:
    marginal = item.marginal(stratum)
    if marginal.is_discrete:
        if item.name == ONSET or any(shape.kind != "category" for shape in shapes):
            return list(marginal.jumps)
        edges = np.array(marginal.jumps)
        middles = np.concatenate([edges[:1] - 1.0, 0.5 * (edges[1:] + edges[:-1]), edges[-1:] + 1.0])
        levels = np.array([shape.of_all(marginal.of_latent(middles)) for shape in shapes])
        changing = np.any(levels[:, 1:] != levels[:, :-1], axis=0)
        return [float(edge) for edge in edges[changing]]
    return [marginal.latent_of(cut) for shape in shapes for cut in shape.cuts]


def _in_steps(item: Characteristic, stratum: int, shapes: list[Shape]) -> bool:
    return item.marginal(stratum).is_discrete or (bool(shapes) and all(shape.kind == "category" for shape in shapes))
