"""The operating characteristics of a design, summed over its replicates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.design.sums.conducted import REASONS, Conducted
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.precision import distance, standard_error
from jaksim.trial.interim import Decision

if TYPE_CHECKING:
    import pandas as pd

NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class Quantity:
    """A mean over replicates with its Monte Carlo standard error and the standard deviation between replicates."""

    mean: float
    mc_se: float
    sd: float

    @classmethod
    def of(cls, moments: Moments) -> Quantity:
        return cls(moments.mean, moments.standard_error, moments.sd)


@dataclass(frozen=True)
class Share:
    """A share of replicates with its Monte Carlo standard error."""

    share: float
    mc_se: float

    @classmethod
    def of(cls, count: int, replicates: int) -> Share:
        return cls(count / replicates, standard_error(count, replicates))


@dataclass(frozen=True)
class LookCharacteristics:
    """One analysis: information on average, and how often the trial ended there and why.

    `analytic` gives the probability of ending there by numerical integration, for the reasons that it knows, and `z`
    the distance of the share from it in Monte Carlo standard errors. `decisions` tell, for boundaries, which analysis
    decides by which planned bound.
    """

    information: float
    stopped: Mapping[str, Share]
    analytic: Mapping[str, float]
    z: Mapping[str, float]
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True)
class EstimateCharacteristics:
    """What an estimate is worth: its mean, bias and mean squared error about the truth, the coverage of its interval,
    and the share of replicates in which it is above the truth, a half for one without median bias."""

    mean: float
    bias: float
    bias_mc_se: float
    mean_squared_error: float
    coverage: Share | None
    above: Share | None
    mean_squared_error_mc_se: float = math.nan


@dataclass(frozen=True)
class HypothesisCharacteristics:
    """One null hypothesis: how often it is rejected, and what the estimate at the decision is worth.

    `truth` is the large-sample value of the estimate; bias, mean squared error and the coverage of the interval that
    takes no notice of the interim analyses are about it, NaN where it is not known, over all replicates but the
    `not_estimable` ones without a finite estimate. `estimates` are others, by name.
    """

    name: str
    rejected: Share
    truth: float
    mean_estimate: float
    bias: float
    bias_mc_se: float
    mean_squared_error: float
    coverage: Share | None
    above: Share | None = None
    estimates: Mapping[str, EstimateCharacteristics] = field(default_factory=dict)
    mean_squared_error_mc_se: float = math.nan
    not_estimable: int = 0


@dataclass(frozen=True)
class Characteristics:
    """All operating characteristics of a design.

    `any_rejection` is the share of replicates that reject one null hypothesis at least: the familywise error where all
    are true. `patients`, `duration` (days), `deaths` and what else the design reports are means over replicates;
    `patients_by_arm` by name of the arm; `inferior_arm` the patients on arms with a worse true outcome than the best.
    """

    hypotheses: tuple[HypothesisCharacteristics, ...]
    any_rejection: Share
    looks: tuple[LookCharacteristics, ...]
    patients: Quantity
    duration: Quantity
    patients_by_arm: Mapping[str, Quantity]
    inferior_arm: Quantity | None
    deaths: Quantity | None
    extras: Mapping[str, Quantity] = field(default_factory=dict)

    def to_pandas(self) -> pd.DataFrame:
        """One row per number: what it is, at which analysis or of which hypothesis, its value and Monte Carlo error,
        and its exact value where there is one."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=["what", "of", "value", "mc_se", "exact"])

    def rows(self) -> Iterator[tuple[str, str, float, float, float]]:
        """What `to_pandas` tabulates, row by row."""
        for number, look in enumerate(self.looks, start=1):
            for reason, share in look.stopped.items():
                exact = look.analytic.get(reason, math.nan)
                yield f"ends for {reason}", f"analysis {number}", share.share, share.mc_se, exact
        for arm, quantity in self.patients_by_arm.items():
            yield "patients", arm, quantity.mean, quantity.mc_se, math.nan
        means = {"patients": self.patients, "duration": self.duration, **self.extras}
        means |= {name: one for name, one in (("inferior arm", self.inferior_arm), ("deaths", self.deaths)) if one}
        for name, quantity in means.items():
            yield name, "", quantity.mean, quantity.mc_se, math.nan
        for one in self.hypotheses:
            yield "rejected", one.name, one.rejected.share, one.rejected.mc_se, math.nan
            yield "bias", one.name, one.bias, one.bias_mc_se, math.nan
            yield "mean squared error", one.name, one.mean_squared_error, one.mean_squared_error_mc_se, math.nan
            if one.coverage is not None:
                yield "coverage", one.name, one.coverage.share, one.coverage.mc_se, math.nan
            for kind, other in one.estimates.items():
                yield f"bias, {kind}", one.name, other.bias, other.bias_mc_se, math.nan
                error = other.mean_squared_error_mc_se
                yield f"mean squared error, {kind}", one.name, other.mean_squared_error, error, math.nan
                if other.coverage is not None:
                    yield f"coverage, {kind}", one.name, other.coverage.share, other.coverage.mc_se, math.nan


@dataclass(frozen=True, eq=False)
class Truth:
    """What the summary of a design has to know of the world: names, true estimates (H,), chance of death by cell (C,)
    where the scale has deaths, and which arms (A,) are worse than the best one."""

    hypotheses: tuple[str, ...]
    arms: tuple[str, ...]
    estimates: tuple[float, ...]
    death: Floats | None
    inferior: NDArray[np.bool_] | None


class Sums:
    """Running sums of `Conducted` blocks."""

    def __init__(self, truth: Truth, looks: int) -> None:
        self.truth = truth
        self.replicates = 0
        n = len(truth.hypotheses)
        self.rejections = [0] * n
        self.joint = np.zeros((n, n), dtype=np.int64)
        self.any_rejection = 0
        self.stopped = np.zeros((looks, len(REASONS)), dtype=np.int64)
        self.moments: dict[tuple[str, ...], Moments] = {}

    def add_block(self, block: Conducted) -> None:
        """Add the replicates of one block."""
        self.replicates += block.replicates
        rejected = block.rejected.astype(np.int64)
        self.joint += rejected @ rejected.T
        self.any_rejection += int(block.rejected.any(axis=0).sum())
        np.add.at(self.stopped, (block.look, block.reason), 1)
        for h, truth in enumerate(self.truth.estimates):
            estimate, error = block.results[h, :, 0], block.results[h, :, 1]
            self.rejections[h] += int(block.rejected[h].sum())
            usable = np.isfinite(estimate) & np.isfinite(error)
            half = NORMAL_975 * np.where(usable, error, np.nan)
            self._estimate(h, truth, "", np.stack([estimate, estimate - half, estimate + half], axis=1))
            for name, values in block.estimates.items():
                self._estimate(h, truth, name, values[h])
        for k in range(block.information.shape[1]):
            self._count(("information", str(k)), block.information[:, k])
        by_arm = block.enrolled.reshape(block.replicates, len(self.truth.arms), -1).sum(axis=2)
        self._count(("patients",), by_arm.sum(axis=1))
        self._count(("duration",), block.day)
        for a, arm in enumerate(self.truth.arms):
            self._count(("arm", arm), by_arm[:, a])
        if self.truth.inferior is not None:
            self._count(("inferior",), by_arm[:, self.truth.inferior].sum(axis=1))
        if self.truth.death is not None:
            # Not a matrix product, whose rounding depends on the number of replicates in the block.
            self._count(("deaths",), (block.enrolled * self.truth.death).sum(axis=1))
        for name, values in block.extras.items():
            self._count(("extra", name), values)

    def add(self, other: Sums) -> None:
        """Add the sums of other replicates."""
        self.replicates += other.replicates
        self.joint += other.joint
        self.any_rejection += other.any_rejection
        self.stopped += other.stopped
        for h in range(len(self.rejections)):
            self.rejections[h] += other.rejections[h]
        for key, moments in other.moments.items():
            self.moments.setdefault(key, Moments()).add(moments)

    def _estimate(self, h: int, truth: float, name: str, values: Floats) -> None:
        """Add estimates with their limits (B, 3)."""
        estimate, low, high = values.T
        self._count(("estimate", str(h), name), estimate)
        self._count(("squared error", str(h), name), (estimate - truth) ** 2)
        known = np.isfinite(estimate) & ~np.isnan(low) & ~np.isnan(high)
        self._count(("covered", str(h), name), ((low <= truth) & (truth <= high))[known])
        self._count(("above", str(h), name), (estimate > truth)[~np.isnan(estimate)])

    def _count(self, key: tuple[str, ...], values: Any) -> None:
        self.moments.setdefault(key, Moments()).add(Moments.of(values))

    def characteristics(
        self, analytic: tuple[Mapping[str, float], ...] = (), decisions: tuple[Mapping[str, Decision], ...] = ()
    ) -> Characteristics:
        """The operating characteristics; `analytic` gives, per analysis, the probabilities known exactly, `decisions`
        what decides."""
        n, found = self.replicates, self.moments
        extras = {key[1]: Quantity.of(value) for key, value in found.items() if key[0] == "extra"}
        looks = tuple(
            self._look(k, row, analytic[k] if k < len(analytic) else {}, decisions[k] if decisions else {})
            for k, row in enumerate(self.stopped)
        )
        return Characteristics(
            hypotheses=tuple(self._hypothesis(h) for h in range(len(self.rejections))),
            any_rejection=Share.of(self.any_rejection, n),
            looks=looks,
            patients=Quantity.of(found[("patients",)]),
            duration=Quantity.of(found[("duration",)]),
            patients_by_arm={arm: Quantity.of(found[("arm", arm)]) for arm in self.truth.arms},
            inferior_arm=Quantity.of(found[("inferior",)]) if ("inferior",) in found else None,
            deaths=Quantity.of(found[("deaths",)]) if ("deaths",) in found else None,
            extras=extras,
        )

    def _look(
        self, k: int, counts: NDArray[np.int64], exact: Mapping[str, float], decisions: Mapping[str, Decision]
    ) -> LookCharacteristics:
        n = self.replicates
        stopped = {reason: Share.of(int(count), n) for reason, count in zip(REASONS, counts, strict=True)}
        z = {reason: distance(stopped[reason].share, value, n) for reason, value in exact.items()}
        return LookCharacteristics(self.moments[("information", str(k))].mean, stopped, exact, z, decisions)

    def _hypothesis(self, h: int) -> HypothesisCharacteristics:
        naive = self._characterised(h, "")
        names = [key[2] for key in self.moments if key[:2] == ("estimate", str(h)) and key[2]]
        return HypothesisCharacteristics(
            name=self.truth.hypotheses[h],
            rejected=Share.of(self.rejections[h], self.replicates),
            truth=self.truth.estimates[h],
            mean_estimate=naive.mean,
            bias=naive.bias,
            bias_mc_se=naive.bias_mc_se,
            mean_squared_error=naive.mean_squared_error,
            coverage=naive.coverage,
            above=naive.above,
            estimates={name: self._characterised(h, name) for name in names},
            mean_squared_error_mc_se=naive.mean_squared_error_mc_se,
            not_estimable=self.replicates - self.moments["estimate", str(h), ""].n,
        )

    def _characterised(self, h: int, name: str) -> EstimateCharacteristics:
        keys = (str(h), name)
        estimate, squared = self.moments["estimate", *keys], self.moments["squared error", *keys]
        truth = self.truth.estimates[h]
        return EstimateCharacteristics(
            mean=estimate.mean,
            bias=estimate.mean - truth,
            bias_mc_se=estimate.standard_error,
            mean_squared_error=squared.mean,
            coverage=self._share("covered", *keys) if math.isfinite(truth) else None,
            above=self._share("above", *keys) if math.isfinite(truth) else None,
            mean_squared_error_mc_se=squared.standard_error,
        )

    def _share(self, *key: str) -> Share | None:
        found = self.moments[key]
        return Share.of(round(found.mean * found.n), found.n) if found.n else None
