"""Writes type-one-error.md: how often each planned analysis of the shipped scenarios rejects when nothing works.

python docs/verification/type_one_error.py
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.result import AnalysisResult
from jaksim.scenario import load_scenario
from jaksim.trial import Trial

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).with_name("type-one-error.md")
REPLICATES = 100_000
SEED = 20201201
# The range allowed around the nominal level: 4.7 % to 5.3 % for a test at 5 %.
TOLERANCE = 0.06
LARGER = 10

INTRODUCTION = f"""\
# Type I error of the shipped scenarios

Share of {REPLICATES:,} trials, law engine, seed {SEED}, in which each planned analysis rejects although
every arm is given the regimen of the reference (`jaksim power FILE --null`), with its Monte Carlo standard error.

"Twin" is the large-sample value, without Monte Carlo error; "SE / SD" the standard error that the analysis reports,
over the standard deviation of its estimates. Where a share leaves the range of 6 % of the level on either side, 4.7 %
to 5.3 % for a test at 5 %, the last columns give the reason and the share in a trial with {LARGER} times the patients.

Scenarios that adapt decide by rules of their own; their familywise error is under [designs](designs.md).

The table is made by `python docs/verification/type_one_error.py`; `make verify-long` compares it with a new run.

| scenario | analysis | level | rejects | twin | SE / SD | reason | {LARGER} x n |
|---|---|--:|--:|--:|--:|---|--:|
"""

SIZE = "size"
STRATA = "strata"
UNSTRATIFIED = "unstratified"
MONITORING = "monitoring"
MARGIN = "margin"
UNEXPLAINED = "unexplained"
WITHOUT_STRATA = ("risk_difference", "wilcoxon")
"""Methods that take all strata together, whatever the randomisation."""
REASONS = {
    SIZE: """\
The trial, or the number of events in it, is too small for the normal approximation behind the test: the twin keeps the
level, and a larger trial comes nearer to it. Where few patients have the event, the log-rank test is nearer to its
level than the Wald test of a Cox model, and the Cochran-Mantel-Haenszel test (`test = "cmh"`) than the Wald test of a
risk difference. Wald tests of a logistic model reject too rarely when one arm is small.""",
    UNSTRATIFIED: """\
Patients are randomised within strata that say much of the outcome, and the analysis does not know the strata: its
standard error counts a difference between arms that the randomisation has taken away, and the test rejects too rarely
at any size. The stratified analysis of the same endpoint keeps its level.""",
    STRATA: """\
The proportional odds model gives every stratum the same shift at all cut-points. Patients who enter on oxygen and
patients who enter ventilated do not differ like that, so the standard error of the model is not the standard deviation
of its estimate even where no treatment works. The twin shows the same, and more patients do not remove it. The van
Elteren test of the same endpoint keeps its level.""",
    MARGIN: """\
The null hypothesis of a test of non-inferiority lies at its margin; with arms that are the same it should reject, and
the share is its power there. Its level at the margin is tested with the engine (`tests/statistical`).""",
    MONITORING: """\
The trial may stop at an interim analysis. Bounds for futility that do not bind are obeyed here, which takes from the
monitored analysis some of the rejections that its level allows. The other analyses are made once, at their full level,
on the day the trial stops; where they go together with the monitored one, that day depends on their own result. There
is no twin for them.""",
}


@dataclass(frozen=True)
class Row:
    """One analysis of one scenario under the null hypothesis.

    `reason` is empty where the analysis keeps its level and a key of `REASONS` or "unexplained" where it does not;
    `larger` is the share in a larger trial, None where it was not asked for.
    """

    scenario: str
    analysis: str
    level: float
    rejects: float
    mc_se: float
    twin: float
    error_ratio: float
    reason: str
    larger: float | None


def rows(scenarios: Iterable[Path], replicates: int = REPLICATES) -> Iterator[Row]:
    """The analyses of the scenarios, each with the share of trials in which it rejects."""
    for path in scenarios:
        trial = load_scenario(path).trial
        if trial.adaptation is not None:
            continue
        found = _under_null(trial, replicates)
        larger: dict[str, AnalysisResult] = {}
        # A larger trial tells small size from strata; a trial with interim analyses has its reason without one.
        if trial.monitoring is None and not all(_inside(one.power, one.alpha) for one in found.values()):
            larger = _under_null(trial.with_patients(LARGER * trial.population.patients), replicates)
        for name, one in found.items():
            kept = _inside(one.power, one.alpha)
            yield Row(
                scenario=path.stem,
                analysis=name,
                level=one.alpha,
                rejects=one.power,
                mc_se=one.mc_se,
                twin=one.analytic_power,
                error_ratio=one.mean_standard_error / one.sd_estimate,
                reason="" if kept else _why(trial, one, larger.get(name)),
                larger=None if kept or not larger else larger[name].power,
            )


def _why(trial: Trial, one: AnalysisResult, larger: AnalysisResult | None) -> str:
    if one.margin is not None:
        return MARGIN
    return MONITORING if larger is None else _reason(one, larger)


def _under_null(trial: Trial, replicates: int) -> dict[str, AnalysisResult]:
    result = trial_power(trial, Settings(replicates=replicates, seed=SEED, engine="law"), null=True)
    return {one.name: one for one in result.analyses}


def _inside(share: float, level: float) -> bool:
    return abs(share / level - 1.0) <= TOLERANCE


def _reason(one: AnalysisResult, larger: AnalysisResult) -> str:
    if one.method in WITHOUT_STRATA and len(one.strata) != 1 and one.analytic_power < one.alpha:
        return UNSTRATIFIED
    if not _inside(one.analytic_power, one.alpha):
        return STRATA if one.method == "proportional_odds" and len(one.strata) != 1 else UNEXPLAINED
    return SIZE if abs(larger.power - one.alpha) < abs(one.power - one.alpha) else UNEXPLAINED


def page(found: Iterable[Row]) -> str:
    """The page of the documentation."""
    table = list(found)
    kept = sum(not row.reason for row in table)
    reasons = [
        f"`{reason}`\n: {words.replace(chr(10), chr(10) + '  ')}\n"
        for reason, words in REASONS.items()
        if any(r.reason == reason for r in table)
    ]
    return "\n".join(
        [
            INTRODUCTION + "\n".join(_line(row) for row in table),
            f"\n{kept} of {len(table)} analyses keep their level within the range.\n",
            "## Reasons\n",
            *reasons,
        ]
    )


def _line(row: Row) -> str:
    cells = (
        row.scenario,
        row.analysis,
        f"{100 * row.level:g} %",
        f"{100 * row.rejects:.2f} ± {100 * row.mc_se:.2f} %",
        "" if math.isnan(row.twin) else f"{100 * row.twin:.2f} %",
        f"{row.error_ratio:.3f}",
        row.reason,
        "" if row.larger is None else f"{100 * row.larger:.2f} %",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(rows(sorted((ROOT / "scenarios").glob("*.toml")))), encoding="utf-8")
