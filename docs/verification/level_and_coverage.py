"""Writes level-and-coverage.md: the level of every analysis and the coverage of its interval, by simulation.

python docs/verification/level_and_coverage.py           every row, which takes hours
python docs/verification/level_and_coverage.py missing   rows of analyses that the page lacks; the others stay
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis import METHODS, Z
from jaksim.analysis.single_table import analyse
from jaksim.design.analyses.evaluation import Test, evaluate_at_margin, settle
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.design.engine.executor import default_workers, run_blocks
from jaksim.scenario import load_scenario
from jaksim.trial import AnalysisPlan, Stratum, Trial

Floats = NDArray[np.float64]

SCENARIO = Path(__file__).with_name("level_and_coverage.toml")
PAGE = Path(__file__).with_name("level-and-coverage.md")
REPLICATES = 100_000
SEED = 20201201
BLOCK = 1000
LEVEL = 0.05
CRITICAL = 1.959963984540054
LARGER = 10
FEWER = 10
LEVEL_RANGE, COVERAGE_RANGE = 0.003, 0.005
MANY = 1000
"""Times the patients of a trial in which an estimate is taken to be at its limit."""

DESIGNS: Mapping[str, tuple[int, int, tuple[tuple[int, ...], ...]]] = {
    "1,000 patients, 1 to 1, four strata": (1000, 1, ((0,), (1,), (2,), (3,))),
    "200 patients, 1 to 1, one stratum": (200, 1, ((0, 1, 2, 3),)),
    "300 patients, 1 to 2, two strata": (300, 2, ((0, 1), (2, 3))),
}
"""Patients, patients on the drug per patient on control, and which strata of the file are put together."""

INTRODUCTION = f"""\
# Level and coverage of every analysis

Each method of the registry, with its default options and with every other choice of one of them, on an endpoint that
suits it: share of {REPLICATES:,} trials (law engine, seed {SEED}) that reject at a two-sided 5 % when the drug does
nothing, with its Monte Carlo standard error (0.07 %), and share whose 95 % interval holds the true value when the drug
works. The true value is the estimate that the method gives on the expected counts of a trial {MANY:,} times as large.
"SE / SD" is the root mean square of the reported standard errors over the standard deviation of the estimates when the
drug works.

Where the level leaves 4.7 to 5.3 % or the coverage 94.5 to 95.5 %, the last columns give the reason and both shares in
{REPLICATES // FEWER:,} trials with {LARGER} times the patients. max-combo has no interval of its own.
The intervals are Wald's except for those that the option `interval` names, the exact one of `exact_odds_ratio` and the
score intervals of `risk_difference_mn` and `risk_ratio_mn`. Rows of another `test` of the pooled risks show Wald's.
Daily scores have a tenth of these numbers of trials.

The table is made by `make verification-tables`, from `level_and_coverage.toml`; `make verify` repeats it with fewer
replicates.
"""
HEADER = """\
| endpoint | analysis | level | coverage | SE / SD | reason | level and coverage, larger |
|---|---|--:|--:|--:|---|--:|"""

SIZE, STRATA, EXACT, NULL_VARIANCE = "size", "strata", "exact", "null variance"
TIES, MODEL, VARIANCE, PRIOR = "ties", "model", "variance", "prior"
UNEXPLAINED = "unexplained"
REASONS = {
    SIZE: """\
The trial, or the number of events in it, is too small for the normal approximation behind the test or the interval; a
larger trial is within the ranges, up to two Monte Carlo standard errors, or nearer to them.""",
    STRATA: """\
The analysis pools strata between which patients differ, but patients were randomised within them. Its standard error
holds the variation between strata that the randomisation has removed, so the test rejects too rarely and the interval
is too wide, whatever the number of patients. The stratified analysis of the same kind keeps its level.""",
    EXACT: """\
The probability of a conditional test moves in steps, and the test never exceeds its level: it rejects too rarely, and
the interval covers too often.""",
    NULL_VARIANCE: """\
The standard error is the one without a difference, which the test needs. Around an effect the spread of the estimate is
another one. The Cox model, or the Fine-Gray model, has an interval for the effect.""",
    TIES: """\
Breslow's likelihood treats patients with the event on the same day as if none had left the risk set yet; with daily
data its variance is too large. Efron's, the default, keeps the level.""",
    MODEL: """\
The proportional odds model gives every stratum, and the drug, one shift at all cut-points. Where that does not hold the
standard error of the model is not the standard deviation of its estimate, whatever the number of patients.""",
    VARIANCE: """\
The variance asked for assumes what does not hold here: equal variances of the arms, or Aalen's estimate, which is
larger where many patients have the event on the same day.""",
    PRIOR: """\
The prior, a log odds ratio of zero with a standard deviation of one, draws the estimate to zero: in a small trial the
analysis rejects less often than the likelihood alone.""",
    UNEXPLAINED: "Not known.",
}

POOLING = ("risk_difference", "risk_ratio", "odds_ratio", "exact_odds_ratio", "wilcoxon")
ONE_STEP = ("log_rank", "weighted_log_rank", "modestly_weighted_log_rank", "gray")


def _known(plan: AnalysisPlan, n_strata: int) -> str:
    """The reason known for an analysis that leaves the ranges in trials of any size."""
    chosen = set(plan.options.values())
    if n_strata > 1 and (plan.method in POOLING or "pooled" in chosen):
        return STRATA
    if plan.method == "exact_odds_ratio":
        return EXACT
    if plan.method in ONE_STEP:
        return NULL_VARIANCE
    if "breslow" in chosen:
        return TIES
    if chosen & {"equal", "aalen"} and "variance" in plan.options:
        return VARIANCE
    if plan.method == "markov_proportional_odds" or (n_strata > 1 and plan.method.endswith("proportional_odds")):
        return MODEL
    return UNEXPLAINED


COMPETING = ("gray", "fine_gray", "cumulative_incidence_difference")
SLOW = ("bayesian_proportional_odds",)
"""On their first endpoint only."""
OWN_INTERVAL = ("risk_difference", "risk_ratio", "odds_ratio", "exact_odds_ratio")
SCORE_INTERVAL = ("risk_difference_mn", "risk_ratio_mn")
NO_INTERVAL = ("max_combo",)
FURTHER: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "weighted_log_rank": ({"gamma": 1.0}, {"rho": 1.0}),
    "modestly_weighted_log_rank": ({"t_star": 10},),
    "kaplan_meier_difference": ({"day": 14},),
    "gray": ({"rho": 1.0},),
    "rmst_difference": ({"tau": 14},),
    "bayesian_proportional_odds": ({"prior_sd": 10.0},),
}
"""Settings of options that are not words, beside the default and every other word of an option."""
OMITTED = {
    "max_combo": ("alternative",),
    "exact_odds_ratio": ("strata",),
    "risk_difference_mn": ("interval",),
    "risk_ratio_mn": ("interval",),
}
"""Options whose further words make a one-sided test, or a test or interval that takes too long on so many tables."""


@dataclass(frozen=True)
class Measure:
    """What replicates of one analysis show.

    `rejects` is the share beyond the critical value and `covers` that of the `estimable` replicates whose 95 % interval
    holds the limit of the estimate; `error_ratio` is the root mean square of the standard errors over the standard
    deviation of the estimates.
    """

    rejects: float
    covers: float
    error_ratio: float
    estimable: float


@dataclass(frozen=True)
class Row:
    """One analysis in one design: without a difference (`null`) and with one (`effect`).

    `twin` is the large-sample level. `larger` is the same pair in a larger trial, None where the level and the coverage
    are within their ranges; `reason` is then empty.
    """

    design: str
    plan: AnalysisPlan
    replicates: int
    null: Measure
    effect: Measure
    larger: tuple[Measure, Measure] | None
    reason: str


def trial_of(design: str, times: int = 1) -> Trial:
    """The trial of a design, with so many times its patients."""
    patients, allocation, together = DESIGNS[design]
    trial = load_scenario(SCENARIO).trial
    strata = tuple(_merged([trial.population.strata[number] for number in numbers]) for numbers in together)
    population = replace(trial.population, patients=times * patients, strata=strata)
    blocks = replace(trial.randomisation, block_size=1 + allocation)
    arms = tuple(replace(arm, allocation=1 if arm.reference else allocation) for arm in trial.arms)
    return replace(trial, population=population, arms=arms, randomisation=blocks)


def _merged(strata: Sequence[Stratum]) -> Stratum:
    weight = sum(stratum.weight for stratum in strata)
    patients = tuple((s.weight / weight * share, patient) for s in strata for share, patient in s.patients)
    return Stratum(" or ".join(stratum.name for stratum in strata), weight, patients)


def plans(trial: Trial, methods: Iterable[str] = tuple(METHODS)) -> Iterator[AnalysisPlan]:
    """Every method with every choice of its options, on the endpoints that suit it."""
    for name in methods:
        endpoints = _endpoints(trial, name)
        for position, endpoint in enumerate(endpoints[:1] if name in SLOW else endpoints):
            for options in _options(name) if position == 0 else [{}]:
                words = ", ".join(f"{key} {value}" for key, value in options.items())
                yield AnalysisPlan(
                    name=f"{name}, {words}" if words else name,
                    endpoint=endpoint,
                    method=name,
                    active="drug",
                    reference="control",
                    options=options,
                )


def _endpoints(trial: Trial, method: str) -> list[str]:
    kinds = METHODS[method].kinds
    if method in COMPETING:
        return ["recovery, death competing"]
    wanted = [kind for kind in ("binary", "time_to_event") if kind in kinds and "ordinal" not in kinds][:1]
    wanted += [kind for kind in kinds if kind not in ("binary", "time_to_event")]
    return [one.name for kind in wanted for one in trial.endpoints if one.kind == kind]


def _options(name: str) -> list[Mapping[str, Any]]:
    method = METHODS[name]
    words = [
        {key.name: value}
        for key in method.options
        for value in key.allowed
        if value != key.default and key.name not in OMITTED.get(name, ())
    ]
    return [{}, *words, *FURTHER.get(name, ())]


def rows(
    design: str,
    replicates: int = REPLICATES,
    methods: Iterable[str] = tuple(METHODS),
    known: Container[tuple[str, str]] = (),
) -> Iterator[Row]:
    """Every analysis in a design but those `known` by endpoint and name; those outside the ranges are measured again
    in a larger trial."""
    trial, larger = trial_of(design), trial_of(design, LARGER)
    chosen = [plan for plan in plans(trial, methods) if (plan.endpoint, plan.name) not in known]
    for endpoint in dict.fromkeys(plan.endpoint for plan in chosen):
        mine = [plan for plan in chosen if plan.endpoint == endpoint]
        number = replicates // FEWER if trial.endpoint(endpoint).kind == "longitudinal" else replicates
        few = max(2, number // FEWER)
        found = list(zip(mine, _pairs(trial, mine, number), strict=True))
        outside = [plan for plan, pair in found if not _inside(plan, pair)]
        mc_error = (LEVEL * (1.0 - LEVEL) / few) ** 0.5
        again = dict(zip((plan.name for plan in outside), _pairs(larger, outside, few), strict=True))
        for plan, (null, effect) in found:
            more = again.get(plan.name)
            reason = "" if more is None else _reason(plan, len(trial.population.strata), (null, effect), more, mc_error)
            yield Row(design, plan, number, null, effect, more, reason)


def _pairs(trial: Trial, chosen: Sequence[AnalysisPlan], replicates: int) -> list[tuple[Measure, Measure]]:
    if not chosen:
        return []
    without = measures(trial.under_null(), chosen, replicates, intervals=False)
    return list(zip(without, measures(trial, chosen, replicates), strict=True))


def _inside(plan: AnalysisPlan, pair: tuple[Measure, Measure], slack: float = 0.0) -> bool:
    null, effect = pair
    covered = plan.method in NO_INTERVAL or abs(effect.covers - (1.0 - LEVEL)) <= COVERAGE_RANGE + slack
    return covered and abs(null.rejects - LEVEL) <= LEVEL_RANGE + slack


def _reason(
    plan: AnalysisPlan,
    n_strata: int,
    pair: tuple[Measure, Measure],
    more: tuple[Measure, Measure],
    mc_error: float,
) -> str:
    known = _known(plan, n_strata)
    if _inside(plan, more):
        return PRIOR if plan.method == "bayesian_proportional_odds" and not plan.options else SIZE
    nearer = _distance(plan, more) < _distance(plan, pair) or _inside(plan, more, 2.0 * mc_error)
    return SIZE if known == UNEXPLAINED and nearer else known


def _distance(plan: AnalysisPlan, pair: tuple[Measure, Measure]) -> float:
    covers = 0.0 if plan.method in NO_INTERVAL else abs(pair[1].covers - (1.0 - LEVEL))
    return max(covers, abs(pair[0].rejects - LEVEL))


def measures(
    trial: Trial, chosen: Sequence[AnalysisPlan], replicates: int, *, intervals: bool = True, seed: int = SEED
) -> list[Measure]:
    """The measures of the analyses of one endpoint, in order; without `intervals` those that take long are left out."""
    endpoint = trial.endpoint(chosen[0].endpoint)
    cells = Cells(replace(trial, endpoints=(endpoint,), analyses=tuple(chosen)))
    engine = make_engine(cells, seed)
    tests = settle(cells)
    limits = [_limit(cells, test) for test in tests]
    sums = np.zeros((len(tests), 6))

    def block(first: int, n: int) -> Floats:
        (tables,) = engine.tables(first, n)
        return np.array([_sums(*one, tables, intervals) for one in zip(tests, limits, strict=True)])

    for part in run_blocks(block, 0, replicates, BLOCK, default_workers()):
        sums += part
    return [_measure(row, replicates) for row in sums]


def _limit(cells: Cells, test: Test) -> float:
    sizes = MANY * cells.expected_sizes
    (laws,) = cells.marginal_laws
    return float(test.results(np.ascontiguousarray((sizes[:, None] * laws)[None]))[0, 0])


def _sums(test: Test, limit: float, tables: Floats, intervals: bool) -> list[float]:
    results = test.results(tables)
    usable = np.isfinite(results).all(axis=1)
    estimate, error, z = results[usable].T
    if intervals and test.method.name in OWN_INTERVAL and "test" not in test.plan.options:
        low, high = _own_intervals(test, tables[usable])
    elif test.method.name in SCORE_INTERVAL:
        options = {**test.options, "test": "score"}
        at_margin = evaluate_at_margin(test.method, _by_arm(test, tables[usable]), test.endpoint, options, (limit,))
        inside = np.abs(at_margin[:, Z]) <= CRITICAL
        low, high = np.where(inside, -np.inf, np.inf), np.where(inside, np.inf, -np.inf)
    else:
        low, high = estimate - CRITICAL * error, estimate + CRITICAL * error
    off = estimate - limit
    return [
        float(usable.sum()),
        float((np.abs(z) > CRITICAL).sum()),
        float(((low <= limit) & (limit <= high)).sum()),
        float(off.sum()),
        float((off**2).sum()),
        float((error**2).sum()),
    ]


def _by_arm(test: Test, tables: Floats) -> Floats:
    return np.ascontiguousarray(tables.reshape(len(tables), *test.shape, -1))


def _own_intervals(test: Test, tables: Floats) -> tuple[Floats, Floats]:
    """The intervals that the method itself gives, worked out once per different table of the arms."""
    arms = tables.reshape(len(tables), 2, -1, tables.shape[-1]).sum(axis=2)
    different, place = np.unique(arms, axis=0, return_inverse=True)
    bounds = np.array([_interval(test, table.tobytes(), table.shape[1]) for table in different])[place.ravel()]
    return bounds[:, 0], bounds[:, 1]


_FOUND: dict[tuple[str, str, bytes], tuple[float, float]] = {}


def _interval(test: Test, counts: bytes, width: int) -> tuple[float, float]:
    key = (test.method.name, str(test.options["interval"]) if "interval" in test.options else "", counts)
    if key not in _FOUND:
        arms = np.frombuffer(counts).reshape(2, 1, width)
        _FOUND[key] = analyse(test.method, arms, test.endpoint, test.options, level=1.0 - LEVEL).ci
    return _FOUND[key]


def _measure(sums: Floats, replicates: int) -> Measure:
    n, rejections, covered, total, squares, errors = sums.tolist()
    spread = (squares - total**2 / n) / (n - 1)
    return Measure(rejections / replicates, covered / n, float(np.sqrt(errors / n / spread)), n / replicates)


def page(lines: Mapping[str, Mapping[tuple[str, str], str]]) -> str:
    """The page of the documentation, from the lines of its tables by design, endpoint and analysis."""
    parts = [INTRODUCTION]
    for design, of_design in lines.items():
        ordered = [of_design[plan.endpoint, plan.name] for plan in _in_order(design)]
        parts.append("\n".join([f"## {design}\n", HEADER, *ordered, ""]))
    reasons = [_cells(line)[5] for of_design in lines.values() for line in of_design.values()]
    parts.append(f"{reasons.count('')} of {len(reasons)} analyses are within both ranges.\n\n## Reasons\n")
    parts += [
        f"`{name}`\n: {words.replace(chr(10), chr(10) + '  ')}\n" for name, words in REASONS.items() if name in reasons
    ]
    return "\n".join(parts)


def _in_order(design: str) -> list[AnalysisPlan]:
    """The analyses of a design, those of an endpoint together."""
    chosen = list(plans(trial_of(design)))
    return [
        plan for endpoint in dict.fromkeys(p.endpoint for p in chosen) for plan in chosen if plan.endpoint == endpoint
    ]


def published() -> dict[str, dict[tuple[str, str], str]]:
    """Lines of the page as it is, by design, endpoint and analysis."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            design = line[3:]
        elif "±" in line and line.startswith("| "):
            endpoint, analysis = _cells(line)[:2]
            found.setdefault(design, {})[endpoint, analysis.replace("\\_", "_")] = line
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def _line(row: Row) -> str:
    null, effect = row.null, row.effect
    has_interval = row.plan.method not in NO_INTERVAL
    error = 100.0 * (null.rejects * (1.0 - null.rejects) / row.replicates) ** 0.5
    larger = ""
    if row.larger is not None:
        larger = _percent(row.larger[0].rejects) + (f", {_percent(row.larger[1].covers)}" if has_interval else "")
    cells = (
        row.plan.endpoint,
        row.plan.name.replace("_", "\\_"),
        f"{100.0 * null.rejects:.2f} ± {error:.2f} %",
        _percent(effect.covers) if has_interval else "",
        f"{effect.error_ratio:.3f}",
        row.reason,
        larger,
    )
    return f"| {' | '.join(cells)} |"


def _percent(share: float) -> str:
    return f"{100.0 * share:.2f} %"


def main(words: Sequence[str]) -> None:
    """Write the page anew, or what it lacks."""
    lines = published() if words == ["missing"] else {}
    for design in DESIGNS:
        known = lines.setdefault(design, {})
        for row in rows(design, known=frozenset(known)):
            known[row.plan.endpoint, row.plan.name] = _line(row)
    PAGE.write_text(page(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
