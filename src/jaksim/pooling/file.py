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
from jaksim.pooling.summaries import TrialEffects, Within
from jaksim.ratio import LARGEST_LOG, LARGEST_LOG_SD

KEYS = ("kinds", "priors", "reasons", "interaction", "trials", "tau_draws", "interaction_draws")
PRIOR_NAMES = ("class_sd", "between_drugs", "between_trials", "interaction_sd", "interaction_shared")
_REPORTS = ("fits", "influence", "composites", "deviations", "interactions")
_TRIAL_KEYS = (
    "study", "published", "drug", "treatment_class", "share", "cells", "windows", "information", "weighted", "pareto_k",
)  # fmt: skip
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Interaction:
    """How much more a class does where everybody is on glucocorticoids: draws (n, kinds), mean and SD (kinds,).

    A kind of effect that no trial speaks of has none: zero, with a standard deviation of zero.
    """

    draws: Floats
    estimate: Floats
    sd: Floats


@dataclass(frozen=True, eq=False)
class Pooling:
    """What trials told, under which priors, and draws (n, kinds) in step with those of the parameter set.

    `tau_draws` are standard deviations between trials of a drug, `interactions` by class what everybody on
    glucocorticoids adds to the log hazard ratio of an immunomodulator of that class.
    """

    kinds: tuple[str, ...]
    priors: PooledPriors
    trials: tuple[TrialEffects, ...]
    tau_draws: Floats
    interactions: Mapping[str, Interaction]
    interacts_with: str
    source: str

    @property
    def tau_prior(self) -> dict[str, float]:
        """Scale of the half-normal prior of the standard deviation between trials, by kind."""
        return dict.fromkeys(self.kinds, self.priors.between_trials)

    def interaction_of(self, pair: Sequence[str]) -> Interaction:
        """The interaction of a class with what it interacts with, in either order."""
        (name,) = set(pair) - {self.interacts_with}
        return self.interactions[name]


def pooling_from(given: object, rows: int, where: str) -> Pooling:
    """From the table of a file whose parameter set has `rows` draws; InputError names what is wrong."""
    document = table(given, where)
    check_keys(document, where=where, required=KEYS, optional=_REPORTS)
    kinds = tuple(text(kind, f"{where}, kinds") for kind in items(document["kinds"], f"{where}, kinds"))
    if kinds != KINDS:
        raise InputError("other kinds of effect", where=f"{where}, kinds", allowed=KINDS, got=kinds)
    scales = table(document["priors"], f"{where}, priors")
    check_keys(scales, where=f"{where}, priors", required=PRIOR_NAMES)
    reasons = table(document["reasons"], f"{where}, reasons")
    between = table(document["interaction"], f"{where}, interaction")
    check_keys(between, where=f"{where}, interaction", required=("classes", "with", "estimate", "sd", "source"))
    interacting = [
        text(name, f"{where}, interaction, classes")
        for name in items(between["classes"], f"{where}, interaction, classes")
    ]
    drawn = table(document["interaction_draws"], f"{where}, interaction_draws")
    check_keys(drawn, where=f"{where}, interaction_draws", required=interacting)
    return Pooling(
        kinds=kinds,
        priors=PooledPriors(**{name: float(scales[name]) for name in PRIOR_NAMES}, reasons=dict(reasons)),
        trials=tuple(
            trial_from(entry, f"{where}, trial {number}")
            for number, entry in enumerate(items(document["trials"], f"{where}, trials"), start=1)
        ),
        tau_draws=_numbers(document["tau_draws"], (rows, len(kinds)), f"{where}, tau_draws", 0.0, LARGEST_LOG_SD),
        interactions={name: _interaction(name, between, drawn, (rows, len(kinds)), where) for name in interacting},
        interacts_with=text(between["with"], f"{where}, interaction, with"),
        source=text(between["source"], f"{where}, interaction, source"),
    )


def pooling_document(posterior: PooledPosterior, *, classes: Sequence[str], with_class: str) -> dict[str, Any]:
    """The table of a file, numbers rounded: draws of tau and interactions, trials, priors."""
    priors, found = posterior.priors, interactions_of(posterior, classes)
    return {
        "kinds": list(KINDS),
        "priors": {name: getattr(priors, name) for name in PRIOR_NAMES},
        "reasons": dict(priors.reasons),
        "interaction": {
            "classes": list(classes),
            "with": with_class,
            "estimate": {name: _plain(one.estimate, 7) for name, one in found.items()},
            "sd": {name: _plain(one.sd, 7) for name, one in found.items()},
            "source": "regression on the share of patients on glucocorticoids between trials, and patients on and off "
            "them compared within trials, pooled with the effects",
        },
        "trials": [trial_document(trial) for trial in posterior.summaries],
        "tau_draws": _plain(posterior.tau_draws, 6),
        "interaction_draws": {name: _plain(one.draws, 6) for name, one in found.items()},
    }


def interactions_of(posterior: PooledPosterior, classes: Sequence[str]) -> dict[str, Interaction]:
    """The interactions of some classes."""
    found = {}
    for name in classes:
        one = Interaction(np.zeros((len(posterior.draws), len(KINDS))), np.zeros(len(KINDS)), np.zeros(len(KINDS)))
        for column, kind in enumerate(KINDS):
            if (name, kind) in posterior.coordinates.interactions:
                position = posterior.coordinates.of_interaction(name, kind)
                one.draws[:, column] = posterior.draws[:, position]
                one.estimate[column], one.sd[column] = posterior.mean[position], posterior.sd[position]
        found[name] = one
    return found


def trial_document(trial: TrialEffects) -> dict[str, Any]:
    """What a trial told, as plain values."""
    document = {
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
    if trial.within is not None:
        document["within"] = {key: _plain(value, _DIGITS) for key, value in vars(trial.within).items()}
    return document


def trial_from(given: object, where: str) -> TrialEffects:
    """What a trial told, from its table in a file."""
    entry: Mapping[str, Any] = table(given, where)
    check_keys(entry, where=where, required=_TRIAL_KEYS, optional=("within",))
    cells = tuple(text(cell, f"{where}, cells") for cell in items(entry["cells"], f"{where}, cells"))
    count = len(cells)
    words = {key: text(entry[key], f"{where}, {key}") for key in ("study", "published", "drug", "treatment_class")}
    share = None if entry["share"] is None else float(_numbers(entry["share"], (), f"{where}, share"))
    windows = _numbers(entry["windows"], (count, 2), f"{where}, windows", 0.0, 1e4)
    information = _numbers(entry["information"], (count, count), f"{where}, information", -1e9, 1e9)
    weighted = _numbers(entry["weighted"], (count,), f"{where}, weighted", -1e9, 1e9)
    pareto_k = float(_numbers(entry["pareto_k"], (), f"{where}, pareto_k"))
    within = _within(entry["within"], count, f"{where}, within") if "within" in entry else None
    try:
        return TrialEffects(
            **words,
            share=share,
            cells=cells,
            windows=tuple((float(start), float(end)) for start, end in windows),
            information=information,
            weighted=weighted,
            pareto_k=pareto_k,
            within=within,
        )
    except InputError as error:
        raise error.at(where) from None


def _within(given: object, count: int, where: str) -> Within:
    entry = table(given, where)
    check_keys(entry, where=where, required=("information", "weighted"))
    return Within(
        _numbers(entry["information"], (count, count), f"{where}, information", -1e9, 1e9),
        _numbers(entry["weighted"], (count,), f"{where}, weighted", -1e9, 1e9),
    )


def _interaction(
    name: str, between: Mapping[str, Any], drawn: Mapping[str, Any], shape: tuple[int, int], where: str
) -> Interaction:
    moments = {}
    for key, low, high in (("estimate", -LARGEST_LOG, LARGEST_LOG), ("sd", 0.0, LARGEST_LOG_SD)):
        place = f"{where}, interaction, {key}"
        given = table(between[key], place)
        check_keys(given, where=place, required=[name], optional=tuple(given))
        moments[key] = _numbers(given[name], shape[1:], f"{place}, {name}", low, high)
    return Interaction(_numbers(drawn[name], shape, f"{where}, interaction_draws, {name}"), **moments)


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
