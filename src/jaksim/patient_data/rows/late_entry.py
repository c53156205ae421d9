"""Patients who were observed from later than time 0: they are at risk after their entry alone (left truncation)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from jaksim.analysis.registry import METHODS, get_method
from jaksim.analysis.survival.tied_times import tied
from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.patient_data.counts import Counts
from jaksim.patient_data.data_endpoint import DataEndpoint

BEFORE = -1.0
CENSORED = 0


def check_late_entry(name: str, options: Mapping[str, Any], covariates: Collection[str]) -> None:
    """InputError for a method that does not know late entries, or an option of it that does not."""
    known = get_method(name).late_entry
    need: Literal["counts", "adjusted"] = "adjusted" if covariates and known else "counts"
    if need not in known:
        words = " with covariates" if need == "adjusted" else ""
        able = [other for other, method in METHODS.items() if need in method.late_entry]
        raise InputError(f"method {name}{words} takes no late entries", where="‹entry›", allowed=able)
    if options.get("distribution", "normal") != "normal":
        raise InputError(
            "randomisation does not tell the distribution of patients who enter late",
            where=f"‹entry›, {name}.distribution",
            allowed="normal",
            got=options["distribution"],
        )


def entered_after(entry: Floats, times: Floats) -> Integers:
    """Number of the last of the ascending `times` by which each patient had entered, -1 for none.

    Between times nothing happens, so entering at that one is the same; an entry equals a time up to rounding.
    """
    together = tied(np.concatenate([times, entry]))
    return np.searchsorted(together[: len(times)], together[len(times) :], side="right") - 1


def at_risk_from_entry(counts: Counts, endpoint: DataEndpoint, entry: Floats) -> Counts:
    """Counts whose sums over later times are the numbers at risk: of patients after their entry (n,), to their time.

    A patient who enters late is counted at the own time, less one who is censored on entry, and one who is censored
    before everything else, so that the whole sum stays the number of patients.
    """
    times = np.unique(endpoint.time)
    since = entered_after(entry, times)
    late = since >= 0
    k = len(endpoint.labels)
    extended = replace(
        endpoint,
        labels=(*endpoint.labels, "before the start", *(f"entry after {time:g}" for time in times)),
        time=np.concatenate([endpoint.time, [BEFORE], times]),
        status=np.concatenate([endpoint.status, np.full(1 + len(times), CENSORED)]),
        rank=np.concatenate([endpoint.rank, np.full(1 + len(times), -1)]),
        value=np.concatenate([endpoint.value, np.full(1 + len(times), np.nan)]),
    )
    n_late = int(late.sum())
    return replace(
        counts,
        endpoint=extended,
        arm=np.concatenate([counts.arm, counts.arm[late], counts.arm[late]]),
        stratum=np.concatenate([counts.stratum, counts.stratum[late], counts.stratum[late]]),
        category=np.concatenate([counts.category, np.full(n_late, k), k + 1 + since[late]]),
        weight=np.concatenate([np.ones(len(counts.arm) + n_late), np.full(n_late, -1.0)]),
    )
