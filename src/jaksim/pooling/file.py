"""The part of a parameter set that tells how its effects were pooled: written by a calibration, read to predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import items, table, text
from jaksim.datafile import check_keys
from jaksim.errors import InputError
from jaksim.pooling.hierarchy import PooledPosterior
from jaksim.pooling.priors import KINDS, PooledPriors
from jaksim.pooling.summaries import TrialEffects
from jaksim.ratio import LARGEST_LOG, LARGEST_LOG_SD

KEYS = ("kinds", "priors", "reasons", "interaction", "trials", "tau_draws", "interaction_draws")
PRIOR_NAMES = ("class_sd", "between_drugs", "between_trials", "interaction_sd")
_TRIAL_KEYS = (
    "study", "published", "drug", "treatment_class", "share", "cells", "windows", "information", "weighted", "pareto_k",
)  # fmt: skip
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Pooling:
    """What trials told, under which priors, and draws (n, kinds) in step with those of the parameter set.

    `tau_draws` are standard deviations between trials of a drug, `interaction_draws` what everybody on glucocorticoids
    adds to the log hazard ratio of an immunomodulator; `interaction_estimate` and `interaction_sd` are its moments.
    """

    kinds: tuple[str, ...]
    priors: PooledPriors
    trials: tuple[TrialEffects, ...]
    tau_draws: Floats
    interaction_draws: Floats
    interaction_estimate: Floats
    interaction_sd: Floats
    interaction_pair: tuple[tuple[str, ...], str]
    source: str

    @property
    def tau_prior(self) -> dict[str, float]:
        """Scale of the half-normal prior of the standard deviation between trials, by kind."""
        return dict.fromkeys(self.kinds, self.priors.between_trials)


def pooling_from(given: object, rows: int, where: str) -> Pooling:
    """From the table of a file whose parameter set has `rows` draws; InputError names what is wrong."""
    document = table(given, where)
    check_keys(document, where=where, required=KEYS, optional=("fits", "influence", "composites", "deviations"))
    kinds = tuple(text(kind, f"{where}, kinds") for kind in items(document["kinds"], f"{where}, kinds"))
    if kinds != KINDS:
        raise InputError("other kinds of effect", where=f"{where}, kinds", allowed=KINDS, got=kinds)
    scales = table(document["priors"], f"{where}, priors")
    check_keys(scales, where=f"{where}, priors", required=PRIOR_NAMES)
    reasons = table(document["reasons"], f"{where}, reasons")
    between = table(document["interaction"], f"{where}, interaction")
    check_keys(between, where=f"{where}, interaction", required=("classes", "with", "estimate", "sd", "source"))
    classes = items(between["classes"], f"{where}, interaction, classes")
    return Pooling(
        kinds=kinds,
        priors=PooledPriors(**{name: float(scales[name]) for name in PRIOR_NAMES}, reasons=dict(reasons)),
        trials=tuple(
            trial_from(entry, f"{where}, trial {number}")
            for number, entry in enumerate(items(document["trials"], f"{where}, trials"), start=1)
        ),
        tau_draws=_numbers(document["tau_draws"], (rows, len(kinds)), f"{where}, tau_draws", 0.0, LARGEST_LOG_SD),
        interaction_draws=_numbers(document["interaction_draws"], (rows, len(kinds)), f"{where}, interaction_draws"),
        interaction_estimate=_numbers(between["estimate"], (len(kinds),), f"{where}, interaction, estimate"),
        interaction_sd=_numbers(between["sd"], (len(kinds),), f"{where}, interaction, sd", 0.0, LARGEST_LOG_SD),
        interaction_pair=(
            tuple(text(name, f"{where}, interaction, classes") for name in classes),
            text(between["with"], f"{where}, interaction, with"),
        ),
        source=text(between["source"], f"{where}, interaction, source"),
    )


def pooling_document(posterior: PooledPosterior, *, classes: Sequence[str], with_class: str) -> dict[str, Any]:
    """The table of a file, numbers rounded: draws of tau and interactions, trials, priors."""
    coordinates, priors = posterior.coordinates, posterior.priors
    draws = np.zeros((len(posterior.draws), len(KINDS)))
    estimate, spread = np.zeros(len(KINDS)), np.zeros(len(KINDS))
    for kind in coordinates.interactions:
        column, position = KINDS.index(kind), coordinates.of_interaction(kind)
        draws[:, column] = posterior.draws[:, position]
        estimate[column], spread[column] = posterior.mean[position], posterior.sd[position]
    return {
        "kinds": list(KINDS),
        "priors": {name: getattr(priors, name) for name in PRIOR_NAMES},
        "reasons": dict(priors.reasons),
        "interaction": {
            "classes": list(classes),
            "with": with_class,
            "estimate": _plain(estimate, 7),
            "sd": _plain(spread, 7),
            "source": "regression on the share of patients on glucocorticoids, between trials, pooled with the effects",
        },
        "trials": [trial_document(trial) for trial in posterior.summaries],
        "tau_draws": _plain(posterior.tau_draws, 6),
        "interaction_draws": _plain(draws, 6),
    }


def trial_document(trial: TrialEffects) -> dict[str, Any]:
    """What a trial told, as plain values."""
    return {
        "study": trial.study,
        "published": trial.published,
        "drug": trial.drug,
        "treatment_class": trial.treatment_class,
        "share": trial.share,
        "cells": list(trial.cells),
        "windows": [list(window) for window in trial.windows],
        "information": _plain(trial.information, _DIGITS),
        "weighted": _plain(trial.weighted, _DIGITS),
        "pareto_k": float(f"{trial.pareto_k:.3g}"),
    }


def trial_from(given: object, where: str) -> TrialEffects:
    """What a trial told, from its table in a file."""
    entry: Mapping[str, Any] = table(given, where)
    check_keys(entry, where=where, required=_TRIAL_KEYS)
    cells = tuple(text(cell, f"{where}, cells") for cell in items(entry["cells"], f"{where}, cells"))
    count = len(cells)
    words = {key: text(entry[key], f"{where}, {key}") for key in ("study", "published", "drug", "treatment_class")}
    share = None if entry["share"] is None else float(_numbers(entry["share"], (), f"{where}, share"))
    windows = _numbers(entry["windows"], (count, 2), f"{where}, windows", 0.0, 1e4)
    information = _numbers(entry["information"], (count, count), f"{where}, information", -1e9, 1e9)
    weighted = _numbers(entry["weighted"], (count,), f"{where}, weighted", -1e9, 1e9)
    pareto_k = float(_numbers(entry["pareto_k"], (), f"{where}, pareto_k"))
    try:
        return TrialEffects(
            **words,
            share=share,
            cells=cells,
            windows=tuple((float(start), float(end)) for start, end in windows),
            information=information,
            weighted=weighted,
            pareto_k=pareto_k,
        )
    except InputError as error:
        raise error.at(where) from None


def _numbers(
    given: object, shape: tuple[int, ...], where: str, low: float = -LARGEST_LOG, high: float = LARGEST_LOG
) -> Floats:
    try:
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("must be numbers, in rows of the same length", where=where) from None
    if found.shape != shape:
        raise InputError("has another shape", where=where, allowed=shape, got=found.shape)
    if not ((found >= low) & (found <= high)).all():
        raise InputError("a number is out of range", where=where, allowed=f"{low:g} to {high:g}")
    return found


def _plain(values: Floats, digits: int) -> Any:
    if values.ndim == 0:
        return float(f"{float(values):.{digits}g}")
    return [_plain(value, digits) for value in values]
