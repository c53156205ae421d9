"""What each replicate of a trial gave, as rows of a table: one for each planned analysis."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, Z
from jaksim.design.analyses.multiple import p_values
from jaksim.design.conduct.replicates import Replicates
from jaksim.design.prepared import Prepared
from jaksim.design.sums.conducted import REASONS
from jaksim.design.sums.trial_sums import TrialSums

KINDS: Final = {
    "replicate": "int64",
    "analysis": "string",
    "estimate": "float64",
    "standard_error": "float64",
    "z": "float64",
    "p": "float64",
    "rejected": "int32",
    "favourable": "int32",
    "patients": "int64",
}
"""Columns of the table, with their Arrow types."""
CONDUCTED_KINDS: Final = {"look": "int64", "reason": "string", "day": "int64", "information": "float64"}
"""Further columns of a trial in calendar time: the analysis, from 1, after which it ended, why, on which day, and the
information there."""


def kinds_of(prepared: Prepared) -> dict[str, str]:
    """The columns that the replicates of a trial have."""
    return KINDS | CONDUCTED_KINDS if prepared.trial.in_calendar_time else KINDS


def sums_and_rows(prepared: Prepared, first: int, n: int) -> tuple[TrialSums, dict[str, Any]]:
    """The sums over a block of replicates, and its rows by column: for each replicate one row for each analysis."""
    found = prepared.block(first, n)
    return prepared.sums_of(found), _rows(prepared, first, n, found)


def _rows(prepared: Prepared, first: int, n: int, found: Replicates) -> dict[str, Any]:
    tests = prepared.tests
    results = np.stack(found.results, axis=1)
    p = [
        np.where(np.isnan(result[:, Z]), np.nan, p_values(result, test.plan.sides, test.favourable_sign))
        for test, result in zip(tests, found.results, strict=True)
    ]
    columns: dict[str, Any] = {
        "replicate": np.repeat(np.arange(first, first + n), len(tests)),
        "analysis": np.tile(np.array([test.plan.name for test in tests], dtype=object), n),
        "estimate": results[:, :, ESTIMATE].ravel(),
        "standard_error": results[:, :, STANDARD_ERROR].ravel(),
        "z": results[:, :, Z].ravel(),
        "p": np.stack(p, axis=1).ravel(),
        "rejected": np.stack(found.rejected, axis=1).ravel().astype(np.int32),
        "favourable": np.stack(found.favourable, axis=1).ravel().astype(np.int32),
        "patients": np.repeat(found.patients, len(tests)),
    }
    if not prepared.trial.in_calendar_time:
        return columns
    conducted = found.conducted
    if conducted is None:
        missing = np.full(n * len(tests), None, dtype=object)
        return columns | dict.fromkeys(CONDUCTED_KINDS, missing)
    at_end = conducted.information[np.arange(n), conducted.look]
    return columns | {
        "look": np.repeat(conducted.look + 1, len(tests)),
        "reason": np.repeat(np.array(REASONS, dtype=object)[conducted.reason], len(tests)),
        "day": np.repeat(conducted.day, len(tests)),
        "information": np.repeat(at_end, len(tests)),
    }
