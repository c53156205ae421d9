"""Posterior probability of each arm of being the best, from the data of a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.analysis import ESTIMATE, STANDARD_ERROR
from jaksim.analysis.win.probability_best import best_of_betas, best_of_normals
from jaksim.arrays import Floats
from jaksim.design.analyses.evaluation import Test
from jaksim.endpoint.kinds import kind_of


@dataclass(frozen=True, eq=False)
class BestArm:
    """The posterior behind an adaptation of the arms of `tests`, one analysis per active arm against the reference.

    Binary endpoints have independent beta posteriors with the prior shapes `prior_events`. Others have normal ones
    about the estimates of the tests, with independent normal priors of the effects; the part of a variance that all
    share is the active arm's part of the events (of the outcomes, where there are no times), as in Dunnett's test.
    `prior_mean` is positive for a benefit.
    """

    tests: Sequence[Test]
    prior_sd: float
    prior_events: tuple[float, ...] = (1.0, 1.0)
    prior_mean: float = 0.0

    @property
    def arms(self) -> tuple[int, ...]:
        """Positions of the arms, the reference first."""
        return (self.tests[0].pairs[0][0], *(test.pairs[0][1] for test in self.tests))

    def probabilities(self, tables: Floats) -> Floats:
        """Probability (B, A) of being the best of each arm, by its position in the trial, from tables (B, C, K)."""
        test = self.tests[0]
        counts = tables.reshape(len(tables), *test.shape, -1)[:, list(self.arms)][:, :, list(test.strata)].sum(axis=2)
        best = self._of_events(counts) if test.endpoint.kind == "binary" else self._of_effects(counts, tables)
        found = np.zeros((len(tables), test.shape[0]))
        found[:, list(self.arms)] = best
        return found

    def _of_events(self, counts: Floats) -> Floats:
        """From counts (B, A, K) of a binary endpoint."""
        endpoint = self.tests[0].endpoint
        shapes = [counts[..., endpoint.status == status].sum(axis=2) for status in (1, 0)]
        if endpoint.better != "event":
            shapes.reverse()
        prior = self.prior_events if endpoint.better == "event" else self.prior_events[::-1]
        return best_of_betas(shapes[0] + prior[0], shapes[1] + prior[1])

    def _of_effects(self, counts: Floats, tables: Floats) -> Floats:
        endpoint = self.tests[0].endpoint
        used = endpoint.status == 1 if kind_of(endpoint).timed else endpoint.rank >= 0
        size = counts[..., used].sum(axis=2) + 0.5
        results = np.stack([test.finite(test.results(tables), tables) for test in self.tests], axis=1)
        sign, null = self.tests[0].favourable_sign, self.tests[0].method.null
        return best_of_normals(
            sign * (results[..., ESTIMATE] - null),
            results[..., STANDARD_ERROR] ** 2,
            size[:, 1:] / (size[:, :1] + size[:, 1:]),
            prior_mean=self.prior_mean,
            prior_sd=self.prior_sd,
        )
