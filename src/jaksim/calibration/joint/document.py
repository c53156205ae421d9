"""A joint calibration as the parameter set that scenarios can name: effects of every drug, and how they were pooled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from jaksim.calibration.joint.cell import Cell
from jaksim.calibration.joint.joint import JointCalibration
from jaksim.calibration.joint.selection import Drug
from jaksim.calibration.joint.stage_one import StageOne
from jaksim.calibration.parameter_file import learned, rounded, target_document
from jaksim.model.parameter_set import FORMAT
from jaksim.pooling.file import pooling_document
from jaksim.pooling.priors import KINDS
from jaksim.pooling.summaries import trials_behind
from jaksim.version import __version__

SHOWN_UNDER: Final = 2.0
"""Standard deviation of the prior under which the effects of a single trial are shown, so that each has a number."""


def joint_document(found: JointCalibration, command: str) -> dict[str, Any]:
    """The JSON document of a pooled parameter set, with the reports on trials, influence and composites.

    `command` makes it again.
    """
    selection, posterior = found.selection, found.posterior
    scale = found.stages[0].study.model_document["scale"]
    cells = [(drug, cell) for drug in selection.drugs.values() for cell in selection.cells[drug.treatment_class]]
    cells = [(drug, cell) for drug, cell in cells if (drug.name, cell.name) in posterior.coordinates.drugs]
    at = [posterior.coordinates.of_drug(drug.name, cell.name) for drug, cell in cells]
    return {
        "format": FORMAT,
        "name": selection.name,
        "study": selection.name,
        "title": selection.title,
        "horizon": max(stage.study.horizon for stage in found.stages),
        "background": [],
        "natural_history_source": "none: each trial has its own, and this set holds effects alone",
        "model": {
            "scale": scale,
            "source": f"{len(found.stages)} trials together (parameter set {selection.name})",
            "move": [],
            "treatment": {drug.name: {"class": drug.treatment_class} for drug, _ in cells},
            "effect": [_effect(found, drug, cell) for drug, cell in cells],
        },
        "parameters": [
            _parameter(found, drug, cell, position) for (drug, cell), position in zip(cells, at, strict=True)
        ],
        "covariance": [[rounded(v) for v in row] for row in posterior.covariance[np.ix_(at, at)]],
        "draws": [[rounded(v) for v in row] for row in posterior.draws[:, at]],
        "targets": [],
        "diagnostics": {
            "trials": len(found.stages),
            "effective_points": rounded(posterior.effective_points),
            "largest_pareto_k": rounded(max(stage.effects.pareto_k for stage in found.stages)),
            "largest_influence": rounded(max((abs(m) for one in found.influence for m in one.moved), default=0.0)),
        },
        "assumptions": [],
        "provenance": {
            "version": __version__,
            "input_hash": selection.input_hash,
            "command": command,
        },
        "pooling": {
            **pooling_document(posterior, classes=selection.interacting, with_class=selection.interacts_with),
            "fits": [_fit(stage) for stage in found.stages],
            "influence": [_plain(asdict(one)) for one in found.influence],
            "composites": [
                _plain({**asdict(one), "distance": one.distance, "agrees": one.agrees}) for one in found.composites
            ],
            "deviations": _deviations(found),
            "interactions": [_plain(asdict(one)) for one in found.interactions],
        },
    }


def _effect(found: JointCalibration, drug: Drug, cell: Cell) -> dict[str, Any]:
    window = cell.window(drug.treatment_days)
    trials = trials_behind(drug.name, drug.treatment_class, [stage.effects for stage in found.stages])
    entry: dict[str, Any] = {
        "treatment": drug.name,
        "name": cell.name,
        "moves": [str(move) for move in cell.moves],
        "window": [window.start, window.end],
        "source": f"{trials} (parameter set {found.selection.name})",
    }
    return entry if cell.current_scores is None else {**entry, "current_scores": list(cell.current_scores)}


def _parameter(found: JointCalibration, drug: Drug, cell: Cell, position: int) -> dict[str, Any]:
    posterior = found.posterior
    priors = posterior.priors
    prior_sd = float(np.hypot(priors.class_sd, priors.between_drugs))
    interacts = drug.treatment_class in found.selection.interacting
    without = f", nobody on {found.selection.interacts_with}" if interacts else ""
    error = float(posterior.sd[position])
    return {
        "name": f"log_hazard_ratio.{drug.name}.{cell.name}",
        "estimate": rounded(float(posterior.mean[position])),
        "standard_error": rounded(error),
        "prior_mean": 0.0,
        "prior_sd": rounded(prior_sd),
        "learned": rounded(learned(prior_sd, error)),
        "description": f"log hazard ratio of {drug.name} on {cell.name}, average trial{without}",
    }


def _fit(stage: StageOne) -> dict[str, Any]:
    effects = stage.effects
    mean, covariance = effects.under(SHOWN_UNDER)
    z = np.array([row.z for row in stage.fitted])
    return dict(
        _plain(
            {
                "study": stage.study.name,
                "title": stage.study.title,
                "drug": effects.drug,
                "published": effects.published,
                "share": effects.share,
                "share_from": stage.trial.share_words,
                "note": stage.trial.note,
                "cells": list(effects.cells),
                "estimate": mean.tolist(),
                "standard_error": np.sqrt(np.diag(covariance)).tolist(),
                "pareto_k": effects.pareto_k,
                "figures": len(z),
                "mean_z_squared": float(np.mean(z**2)),
                "largest_absolute_z": float(np.max(np.abs(z))),
                "targets": [target_document(row) for row in stage.fitted],
            }
        )
    )


def _deviations(found: JointCalibration) -> list[dict[str, Any]]:
    """By kind, tau and omega under the prior and its variants: median and 95 % interval."""
    rows = []
    for scale, posterior in {found.selection.priors.between_trials: found.posterior, **found.varied}.items():
        for name, quantile in (("between_trials", posterior.tau), ("between_drugs", posterior.omega)):
            low, median, high = (quantile(p) for p in (0.025, 0.5, 0.975))
            rows.append(
                {
                    "of": name,
                    "prior_scale_between_trials": scale,
                    "median": {kind: rounded(float(median[i])) for i, kind in enumerate(KINDS)},
                    "low": {kind: rounded(float(low[i])) for i, kind in enumerate(KINDS)},
                    "high": {kind: rounded(float(high[i])) for i, kind in enumerate(KINDS)},
                }
            )
    return rows


def _plain(value: Any) -> Any:
    """With numbers rounded, all the way down."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return rounded(value) if isinstance(value, float) else value
