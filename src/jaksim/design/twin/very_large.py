"""What an analysis estimates in a very large trial."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from jaksim.analysis import ESTIMATE
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import AnalysisInput, analysis_input, compared
from jaksim.trial.site_strata import ONLY, POOLED

_PATIENTS: Final = 1e6


def estimate_of_sites(cells: Cells, test: Test) -> float:
    """The estimate of an analysis whose strata are sites, in a very large trial at very many large sites."""
    given = _at_sites(cells, test)
    expected = given.laws * given.cell_sizes(_PATIENTS)[..., None]
    return float(given.evaluate(expected[None])[0, ESTIMATE])


def by_site(test: Test) -> bool:
    """Whether sites are strata of a test."""
    return test.plan.sites != POOLED


def _at_sites(cells: Cells, test: Test) -> AnalysisInput:
    """What the analysis sees, with sites of every kind as strata."""
    given = analysis_input(cells, test.plan, test.method)
    kinds, laws = cells.laws_at_sites(test.table)
    shares = given.weights / given.weights.sum()
    n_pairs, n_strata, n_kinds = len(test.pairs), len(shares), len(kinds)
    # (2, P, S, Q, K)
    by_kind = np.stack([compared(cells, test.plan, laws[:, q]) for q in range(n_kinds)], axis=2)
    by_kind = by_kind.reshape(2, n_pairs, n_strata, n_kinds, -1)
    if test.plan.sites == ONLY:
        mixed: Floats = np.einsum("s,apsqk->apqk", shares, by_kind)
        weights = given.weights.sum() * kinds
    else:
        mixed, weights = by_kind, np.outer(given.weights, kinds).ravel()
    return replace(given, laws=mixed.reshape(2, n_pairs * len(weights), -1), weights=weights)
