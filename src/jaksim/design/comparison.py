"""Two trials on common random numbers: differences of power and estimates, replicate by replicate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from jaksim.analysis.counts import ESTIMATE
from jaksim.design.conduct.replicates import Replicates
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.engine.processes import spread
from jaksim.design.power import prepare
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.precision import standard_error
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.trial import Trial
from jaksim.trial.assumption import Assumption


@dataclass(frozen=True)
class Difference:
    """A mean difference, second less first, with its Monte Carlo standard error.

    `variance_reduction` is how many times more replicates two independent runs would need for the same error; 1 means
    that common random numbers did not help, NaN that the difference never varied.
    """

    difference: float
    mc_se: float
    variance_reduction: float


@dataclass(frozen=True)
class ComparedAnalysis:
    """One analysis in both trials: shares that reject with their Monte Carlo errors, and the differences.

    `only_first` and `only_second` are the shares of replicates in which just one of the two rejects. The estimate is
    on the method's scale, log for ratios, over the replicates in which both are finite, all but `not_estimable`.
    """

    first: str
    second: str
    power_first: float
    power_first_mc_se: float
    power_second: float
    power_second_mc_se: float
    power: Difference
    only_first: float
    only_second: float
    estimate: Difference
    not_estimable: int


@dataclass(frozen=True, repr=False)
class Comparison(Result):
    """The answer of `compare`."""

    scenarios: tuple[str, str]
    titles: tuple[str, str]
    n_patients: tuple[int, int]
    replicates: int
    seed: int
    engines: tuple[str, str]
    elapsed_seconds: float
    analyses: tuple[ComparedAnalysis, ...]
    patients: Difference
    provenance: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[tuple[Assumption, ...], ...] = ()

    def headline(self) -> str:
        """Both trials and the replicates."""
        first, second = self.titles
        return f"difference of {second!r} from {first!r}: {self.replicates} replicates"

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis."""
        flat = []
        for analysis in self.analyses:
            row = asdict(analysis)
            for name in ("power", "estimate"):
                row.update({f"{name}_{key}": value for key, value in row.pop(name).items()})
            flat.append(row)
        return flat

    def short_rows(self) -> list[dict[str, Any]]:
        """Names and the difference in power of each analysis."""
        return [
            {"analysis": analysis.second, "difference": analysis.power.difference, "mc_se": analysis.power.mc_se}
            for analysis in self.analyses
        ]


@dataclass(slots=True)
class _Pair:
    """Sums of a quantity in both trials and of its difference."""

    first: Moments
    second: Moments
    difference: Moments

    @classmethod
    def of(cls, first: Any, second: Any) -> _Pair:
        usable = np.isfinite(first) & np.isfinite(second)
        a, b = np.asarray(first, dtype=np.float64)[usable], np.asarray(second, dtype=np.float64)[usable]
        return cls(Moments.of(a), Moments.of(b), Moments.of(b - a))

    def add(self, other: _Pair) -> None:
        self.first.add(other.first)
        self.second.add(other.second)
        self.difference.add(other.difference)

    def summary(self) -> Difference:
        apart = self.first.sd**2 + self.second.sd**2
        together = self.difference.sd**2
        return Difference(
            self.difference.mean, self.difference.standard_error, apart / together if together > 0.0 else math.nan
        )


@dataclass(slots=True)
class PairSums:
    """Sums over the replicates of two trials, for the pairs of their analyses that are compared."""

    rejected: list[_Pair]
    estimates: list[_Pair]
    patients: _Pair
    only_first: list[int]
    only_second: list[int]

    @classmethod
    def of(cls, a: Replicates, b: Replicates, pairs: Sequence[tuple[int, int]]) -> PairSums:
        """The sums over one block of both."""
        return cls(
            [_Pair.of(a.rejected[i], b.rejected[j]) for i, j in pairs],
            [_Pair.of(a.results[i][:, ESTIMATE], b.results[j][:, ESTIMATE]) for i, j in pairs],
            _Pair.of(a.patients, b.patients),
            [_apart(a, b, i, j) for i, j in pairs],
            [_apart(b, a, j, i) for i, j in pairs],
        )

    def add(self, other: PairSums) -> None:
        """Add the sums over other replicates."""
        for mine, theirs in zip(self.rejected + self.estimates, other.rejected + other.estimates, strict=True):
            mine.add(theirs)
        self.patients.add(other.patients)
        self.only_first = [a + b for a, b in zip(self.only_first, other.only_first, strict=True)]
        self.only_second = [a + b for a, b in zip(self.only_second, other.only_second, strict=True)]


def matched(first: Trial, second: Trial) -> list[tuple[int, int]]:
    """Positions of the analyses with the same name, or of all in order when there are as many of the same methods."""
    names = [plan.name for plan in second.analyses]
    pairs = [(i, names.index(plan.name)) for i, plan in enumerate(first.analyses) if plan.name in names]
    if pairs:
        return pairs
    methods = [[plan.method for plan in trial.analyses] for trial in (first, second)]
    if methods[0] == methods[1]:
        return [(i, i) for i in range(len(methods[0]))]
    raise InputError(
        "the two scenarios share no analysis",
        where="compare",
        allowed="analyses of the same name: " + ", ".join(repr(plan.name) for plan in first.analyses),
        got=names,
    )


def compare_trials(
    trials: tuple[Trial, Trial], settings: Settings, *, advance: Callable[[int], None] | None = None
) -> Comparison:
    """Both trials with the same seed, replicate by replicate, and what differs.

    Raises InputError where they share no analysis, or for settings that ask for a precision.
    """
    started = time.perf_counter()
    if settings.until_se is not None:
        raise InputError("a comparison has a number of replicates", where="‹until_se›", got=settings.until_se)
    pairs = matched(*trials)
    first, second = (prepare(trial, settings) for trial in trials)
    work = _Work(first, second, pairs)
    length = min(side.length(settings.length) for side in (first, second))
    total: PairSums | None = None
    workers = check_workers(settings.workers)
    interpreted = first.design.interpreted or second.design.interpreted
    with spread(work, min(workers, -(-settings.replicates // length)), interpreted=interpreted) as spread_work:
        for part in run_blocks(spread_work, 0, settings.replicates, length, workers, advance):
            if total is None:
                total = part
            else:
                total.add(part)
    assert total is not None
    return Comparison(
        scenarios=("", ""),
        titles=(trials[0].title, trials[1].title),
        n_patients=(trials[0].population.patients, trials[1].population.patients),
        replicates=settings.replicates,
        seed=settings.seed,
        engines=(first.design.engine_name, second.design.engine_name),
        elapsed_seconds=time.perf_counter() - started,
        analyses=compared_analyses(trials, pairs, total, settings.replicates),
        patients=total.patients.summary(),
    )


@dataclass(frozen=True, eq=False)
class _Work:
    first: Prepared
    second: Prepared
    pairs: Sequence[tuple[int, int]]

    def __call__(self, first: int, n: int) -> PairSums:
        a, b = self.first.block(first, n), self.second.block(first, n)
        return PairSums.of(a, b, self.pairs)


def _apart(a: Replicates, b: Replicates, i: int, j: int) -> int:
    return int((a.rejected[i] & ~b.rejected[j]).sum())


def compared_analyses(
    trials: tuple[Trial, Trial], pairs: Sequence[tuple[int, int]], total: PairSums, replicates: int
) -> tuple[ComparedAnalysis, ...]:
    """What differs between two trials in each pair of analyses."""
    return tuple(_analysis(trials, pair, total, k, replicates) for k, pair in enumerate(pairs))


def _analysis(
    trials: tuple[Trial, Trial], pair: tuple[int, int], total: PairSums, k: int, replicates: int
) -> ComparedAnalysis:
    sums = total.rejected[k]
    counts = [round(side.mean * replicates) for side in (sums.first, sums.second)]
    return ComparedAnalysis(
        first=trials[0].analyses[pair[0]].name,
        second=trials[1].analyses[pair[1]].name,
        power_first=counts[0] / replicates,
        power_first_mc_se=standard_error(counts[0], replicates),
        power_second=counts[1] / replicates,
        power_second_mc_se=standard_error(counts[1], replicates),
        power=sums.summary(),
        only_first=total.only_first[k] / replicates,
        only_second=total.only_second[k] / replicates,
        estimate=total.estimates[k].summary(),
        not_estimable=replicates - total.estimates[k].difference.n,
    )
