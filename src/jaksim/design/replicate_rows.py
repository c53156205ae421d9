"""What each replicate of a trial gave, as rows of a table: one for each planned analysis, and one for each look of an
analysis that is monitored."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, Z
from jaksim.design.analyses.multiple import p_values
from jaksim.design.conduct.replicates import Replicates
from jaksim.design.prepared import Prepared
from jaksim.design.sums.conducted import REASONS, Conducted
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
"""Further columns of a trial in calendar time: the number of the analysis, from 1, why the trial ended there or that it
goes on, its day, and the information there."""
GOES_ON: Final = "goes on"


def kinds_of(prepared: Prepared) -> dict[str, str]:
    """The columns that the replicates of a trial have."""
    return KINDS | CONDUCTED_KINDS if prepared.trial.in_calendar_time else KINDS


def sums_and_rows(prepared: Prepared, first: int, n: int) -> tuple[TrialSums, dict[str, Any]]:
    """The sums over a block of replicates, and its rows by column: for each replicate a row for each analysis,
    and for each look at one that is monitored."""
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
    return _at_looks(prepared, columns, conducted)


def _at_looks(prepared: Prepared, columns: dict[str, Any], conducted: Conducted) -> dict[str, Any]:
    """The columns with a row more for each analysis before the one that decided, of the hypotheses that are followed
    from look to look."""
    tests, n = prepared.tests, conducted.replicates
    names = [test.plan.name for test in tests]
    followed = {} if conducted.at_looks is None else {names.index(name): h for h, name in enumerate(_decided(prepared))}
    each = np.ones((n, len(tests)), dtype=np.int64)
    for test in followed:
        each[:, test] = conducted.look + 1
    row = np.repeat(np.arange(n * len(tests)), each.ravel())
    replicate, number = row // len(tests), row % len(tests)
    before = np.repeat(each.ravel() - 1, each.ravel()) - (np.arange(len(row)) - np.searchsorted(row, row))
    look = conducted.look[replicate] - before
    found = {name: np.asarray(values)[row] for name, values in columns.items()}
    earlier = before > 0
    for test, h in followed.items():
        here = np.flatnonzero(earlier & (number == test))
        assert conducted.at_looks is not None
        results = conducted.at_looks[h, replicate[here], look[here]]
        plan, sign = tests[test].plan, tests[test].favourable_sign
        for name, which in (("estimate", ESTIMATE), ("standard_error", STANDARD_ERROR), ("z", Z)):
            found[name][here] = results[:, which]
        found["p"][here] = np.where(np.isnan(results[:, Z]), np.nan, p_values(results, plan.sides, sign))
    for name in ("rejected", "favourable"):
        found[name][earlier] = 0
    cuts = conducted.cut_days(conducted.information.shape[1])
    reasons = np.array(REASONS, dtype=object)[conducted.reason[replicate]]
    return found | {
        "look": look + 1,
        "reason": np.where(earlier, GOES_ON, reasons),
        "day": np.where(earlier, cuts[replicate, np.minimum(look, cuts.shape[1] - 1)], conducted.day[replicate]),
        "information": conducted.information[replicate, look],
    }


def _decided(prepared: Prepared) -> list[str]:
    """Names of the analyses that the design decides, in the order of its hypotheses."""
    return [test.plan.name for test in prepared.design.decides]
