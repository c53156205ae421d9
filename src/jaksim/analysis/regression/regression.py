"""What a method is with covariates: which kernel fits it, what the kernel reads and which options it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError

if TYPE_CHECKING:
    from jaksim.analysis.counts import CategoryMeanings, Options
    from jaksim.analysis.regression.rows import Rows
    from jaksim.arrays import Floats


class RegressionKernel(Protocol):
    """Fills out (B, 3), and coefficients and covariances of the last replicates, as `logistic_kernel` says."""

    def __call__(
        self, starts: Any, arm: Any, stratum: Any, y: Any, weight: Any, x: Any, how: Any, value: Any, out: Any,
        betas: Any, covariances: Any,
    ) -> None: ...  # fmt: skip


@dataclass(frozen=True, eq=False)
class Regression:
    """A method with covariates.

    `response` gives what the kernel reads for each category (K,), `how` the number of what is asked of it under these
    options, with a robust variance or not. `model` names it in words. `options` are those that it reads, with the
    values that it takes. `marginal` tells that the estimand is one of the population, which covariates do not change;
    else it is conditional on them. `stratifies` tells that strata have baselines of their own and are no factor,
    `residual` that there is a residual variance, `standardises` which contrast of standardised risks it is: that has
    one error, which is robust.
    """

    kernel: RegressionKernel
    response: Callable[[CategoryMeanings], NDArray[Any]]
    model: str
    how: Callable[[Options, bool], int]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    intercept: bool = True
    marginal: bool = False
    stratifies: bool = False
    residual: bool = False
    standardises: Literal["difference", "ratio"] | None = None

    def check(self, method: str, given: Options, *, robust: bool) -> None:
        """InputError for an option given that is not one of the model with covariates."""
        for option, value in given.items():
            if option not in self.options:
                raise InputError(
                    f"with covariates, {method} is {self.model}, which has no option '{option}'",
                    where=f"method {method}, option {option}",
                    allowed=self.options or "no options",
                    got=value,
                )
            if value not in self.options[option]:
                raise InputError(
                    f"with covariates, {method} is {self.model}",
                    where=f"method {method}, option {option}",
                    allowed=self.options[option],
                    got=value,
                )
        if robust and given.get("test", "wald") != "wald":
            raise InputError(
                "a robust variance has the Wald test alone", where=f"method {method}, option test", got=given["test"]
            )

    def width(self, rows: Rows, *, strata: bool) -> int:
        """Number of coefficients, the arm's being the last."""
        factor = rows.n_strata - 1 if strata and not self.stratifies else 0
        return int(self.intercept) + int(rows.x.shape[1]) + factor + 1

    def fit(
        self, rows: Rows, endpoint: CategoryMeanings, how: int, value: float, *, strata: bool, keep: int = 1
    ) -> tuple[Floats, Floats, Floats]:
        """Estimates, standard errors and z (B, 3) against `value`; coefficients (keep, q) and covariances of the last
        replicates. With `strata` these are adjusted for."""
        out = np.empty((len(rows), 3))
        width = self.width(rows, strata=strata)
        betas, covariances = np.empty((keep, width)), np.empty((keep, width, width))
        y = np.ascontiguousarray(np.asarray(self.response(endpoint))[rows.category])
        stratum = rows.stratum if strata else np.zeros_like(rows.stratum)
        self.kernel(rows.starts, rows.arm, stratum, y, rows.weight, rows.x, how, value, out, betas, covariances)
        return out, betas, covariances
