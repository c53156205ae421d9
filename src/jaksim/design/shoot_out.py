"""Every endpoint with every analysis that fits it, on the same simulated patients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import numpy as np

from jaksim.analysis import METHODS, Z
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.planned_result import planned_result, with_sums
from jaksim.design.power import prepare
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.design.sums.correlation import Products, products
from jaksim.design.sums.result import AnalysisResult, analyses_record, analysis_row, headline_of, short_rows_of
from jaksim.design.sums.summary import Summary, summarise, tally
from jaksim.endpoint.standard_set import standard_endpoints
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.trial import AnalysisPlan, Trial
from jaksim.trial.assumption import Assumption
from jaksim.trial.site_strata import POOLED, supports_sites

METHOD_CHOICES: Final = ("main", "all")


@dataclass(frozen=True, repr=False)
class ShootOut(Result):
    """Every analysis of every endpoint, sorted by power, and how they go together.

    Rows and columns of the matrices follow `analyses`: `correlation` of the statistics, signed so that a positive
    value favours the active arm; `joint` and `disjunctive`, the shares of replicates in which both, or at least one,
    of two reject. `same_as` holds, for an analysis whose statistic is in every replicate that of one before it, the
    position of the first such one, else None. `any_rejection` and `all_reject` are over all analyses. `planned` names
    the analyses of the scenario itself; `definitions` and `kinds` are those of the endpoints, by name.
    """

    scenario: str
    title: str
    n_patients: int
    replicates: int
    seed: int
    engine: str
    null: bool
    elapsed_seconds: float
    alpha: float
    sides: int
    active: str
    reference: str
    analyses: tuple[AnalysisResult, ...]
    planned: tuple[str, ...]
    definitions: Mapping[str, str]
    kinds: Mapping[str, str]
    same_as: tuple[int | None, ...]
    correlation: tuple[tuple[float, ...], ...]
    joint: tuple[tuple[float, ...], ...]
    disjunctive: tuple[tuple[float, ...], ...]
    any_rejection: float
    all_reject: float
    provenance: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()

    def headline(self) -> str:
        """Trial, size and replicates."""
        return headline_of(self)

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis, by power."""
        return [analysis_row(analysis) for analysis in self.analyses]

    def short_rows(self) -> list[dict[str, Any]]:
        """Name and power of each analysis."""
        return short_rows_of(self.analyses)

    def contents(self) -> dict[str, Any]:
        """Everything by name, without what tells nothing of an analysis."""
        return analyses_record(self)


def shoot_out_trial(trial: Trial, methods: str = "all") -> Trial:
    """The trial with the standard endpoints of its scale added, and every method, or the main ones, on all it fits.

    All analyses compare the arms of the trial's first analysis, in its strata, at its level; sites are strata of those
    that can have them, where they are of that one. A planned analysis keeps its name, role, sites and options.
    """
    lead = trial.analyses[0]
    added = standard_endpoints(
        trial.scale,
        trial.horizon,
        known=trial.endpoints,
        day_of_randomisation=trial.day_of_randomisation,
        states=trial.states,
    )
    extended = replace(trial, endpoints=(*trial.endpoints, *added))
    return extended.with_analyses(_plans(extended, lead, methods))


def _plans(trial: Trial, lead: AnalysisPlan, methods: str) -> Iterator[AnalysisPlan]:
    taken = [analysis.name for analysis in trial.analyses]
    for endpoint in trial.endpoints:
        for name, method in METHODS.items():
            try:
                method.check(endpoint)
            except InputError:
                continue
            planned = [
                analysis
                for analysis in trial.analyses
                if analysis.endpoint == endpoint.name and analysis.method == name
            ]
            comparable = [candidate for candidate in planned if candidate.difference(lead, ("pairs", "strata")) is None]
            if not comparable and (methods == "all" or endpoint.kind in method.main):
                fresh = f"{endpoint.name}, {name}"
                fresh = f"{fresh}, not planned" if fresh in taken else fresh
                yield AnalysisPlan(
                    name=fresh,
                    endpoint=endpoint.name,
                    method=name,
                    active=lead.active,
                    reference=lead.reference,
                    role="exploratory",
                    alpha=lead.alpha,
                    sides=lead.sides,
                    strata=lead.strata,
                    pairs=lead.pairs,
                    sites=lead.sites if supports_sites(method, {}) else POOLED,
                )
            for one in comparable:
                yield replace(one, alpha=lead.alpha, sides=lead.sides)


@dataclass(slots=True)
class _Sums:
    """What is kept of a block of replicates."""

    summary: Summary
    statistics: Products
    all_reject: int

    def add(self, other: _Sums) -> None:
        self.summary.add(other.summary)
        self.statistics.add(other.statistics)
        self.all_reject += other.all_reject


def _block(prepared: Prepared, first: int, n: int) -> _Sums:
    found = prepared.block(first, n)
    tallies = [tally(*one) for one in zip(found.results, found.rejected, found.favourable, strict=True)]
    statistics = [
        test.favourable_sign * result[:, Z] for test, result in zip(prepared.tests, found.results, strict=True)
    ]
    rejections = np.array(found.rejected)
    return _Sums(summarise(tallies, rejections), products(np.array(statistics)), int(rejections.all(axis=0).sum()))


def shoot_out(
    trial: Trial,
    settings: Settings,
    *,
    methods: str = "main",
    null: bool = False,
    advance: Callable[[int], None] | None = None,
) -> ShootOut:
    """Power, patients needed and correlation of the analyses of all endpoints of a trial and of the standard ones.

    `methods` is "main", for those that differ in more than the scale of their estimate and what the trial plans, or
    "all". Raises InputError for another word, for
    a trial without an analysis, or for settings that ask for a precision.
    """
    started = time.perf_counter()
    if settings.until_se is not None:
        raise InputError("a shoot-out has a number of replicates", where="‹until_se›", got=settings.until_se)
    if methods not in METHOD_CHOICES:
        raise InputError("unknown choice of methods", where="‹methods›", allowed=METHOD_CHOICES, got=methods)
    planned = [plan.name for plan in trial.analyses]
    trial = shoot_out_trial((trial.under_null() if null else trial).at_complete_data(), methods)
    prepared = prepare(trial, settings)
    tests = prepared.tests
    total = _Sums(Summary.empty(len(tests)), Products.empty(len(tests)), 0)
    workers = check_workers(settings.workers)
    work, length = partial(_block, prepared), prepared.length(settings.length)
    with prepared.spread(work, workers, settings.replicates) as spread:
        for part in run_blocks(spread, 0, settings.replicates, length, workers, advance):
            total.add(part)
    n, tallies = total.summary.replicates, total.summary.tallies
    order = sorted(range(len(tests)), key=lambda number: (-tallies[number].rejections, number))
    joint = [[int(total.summary.joint[i, j]) for j in order] for i in order]
    correlation = total.statistics.correlations()
    with ThreadPoolExecutor(workers) as pool:
        planned_results = pool.map(lambda at: planned_result(prepared, tests[at]), order)
        analyses = tuple(
            with_sums(expected, tallies[at], n) for at, expected in zip(order, planned_results, strict=True)
        )
    return ShootOut(
        scenario="",
        title=trial.title,
        n_patients=trial.population.patients,
        replicates=n,
        seed=settings.seed,
        engine=prepared.design.engine_name,
        null=null,
        elapsed_seconds=time.perf_counter() - started,
        alpha=tests[0].plan.alpha,
        sides=tests[0].plan.sides,
        active=tests[0].plan.active,
        reference=tests[0].plan.reference,
        analyses=analyses,
        planned=tuple(tests[number].plan.name for number in order if tests[number].plan.name in planned),
        definitions={endpoint.name: endpoint.definition for endpoint in trial.endpoints},
        kinds={endpoint.name: endpoint.kind for endpoint in trial.endpoints},
        same_as=tuple(_first_same(total.statistics, order[: place + 1]) for place in range(len(order))),
        correlation=tuple(tuple(correlation[i][j] for j in order) for i in order),
        joint=tuple(tuple(count / n for count in row) for row in joint),
        disjunctive=tuple(
            tuple((joint[i][i] + joint[j][j] - joint[i][j]) / n for j in range(len(order))) for i in range(len(order))
        ),
        any_rejection=total.summary.any_rejection / n,
        all_reject=total.all_reject / n,
    )


def _first_same(statistics: Products, numbers: Sequence[int]) -> int | None:
    """The first place among the tests that is held by the same test as the last one; None when it is the last."""
    *before, last = numbers
    return next((place for place, number in enumerate(before) if statistics.same(number, last)), None)
