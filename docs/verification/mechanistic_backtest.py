"""Writes mechanistic-backtest.md: where the disease model predicts the figures of published trials, and where not.

python docs/verification/mechanistic_backtest.py
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import jaksim

PAGE = Path(__file__).with_name("mechanistic-backtest.md")

INTRODUCTION = """\
# Mechanistic backtest

Each trial of the joint calibration is predicted as if its active arm had not been published. The natural history is
fitted to the figures of the control arm alone, in the model of the trial's calibration; the effects are drawn from
the hierarchy of all *other* trials (mean of the drug, share on glucocorticoids, a deviation of the trial), and act
on the days on which the trial treated. {draws} draws of both are put together, {replicates} trials of the published
size are simulated for each where the figure is a ratio, a difference or a mean, and every figure of an active arm
or a contrast is placed in its predictive distribution. Counts are binomial given the draws, with the published
denominator; a median in whole days follows from the counts. Nothing was tuned on the result.

- Figures of the control arm that were fitted are not scored. Those that were not (totals of fitted strata, for
  example) stand in a line of their own and in no total, because they repeat fitted figures in part.
- What the calibration excludes with a reason (adverse events, subgroups by age ...) has no counterpart in the model
  and is not scored.
- Of the left-out trial the effects enter nowhere; but where another trial took the *shape* of its natural history
  from it (ACTT-2, RECOVERY dexamethasone), that shape was fitted to both its arms.
- Days on which effects act, such as 28 on death, were chosen for all trials with the results of some of them in
  view.
- Numbers of one trial are of the same patients, and tables, totals and ratios repeat each other, so that the
  numbers are far fewer independent tests than there are of them.
- Coverage counts a number that has a probability by the part of its interval of transforms inside the central
  interval. Log scores (mean, higher is better) are of the same model with the effects of the hierarchy (jaksim),
  with none, and with those of the trial published before.

`jaksim backtest --mechanistic` prints this; the page is made by `python docs/verification/mechanistic_backtest.py`,
and `make verify` compares it with a new run.

"""

REASONS: tuple[tuple[str, str, str], ...] = (
    (
        "ruxcovid-devent",
        "*",
        "47 ventilated patients on placebo, of whom 62 % died by day 15; with ruxolitinib more lived, most of them "
        "still intubated, than any other trial of the class leads to expect",
    ),
    ("tocibras", "*", "more deaths with tocilizumab than without, against all other trials of the drug"),
    ("empacta", "deaths*", "more deaths with tocilizumab than without, against all other trials of the drug"),
    ("actt-2", "*score4*", "patients of score 4 fared worse on baricitinib than on placebo, against the other trials"),
    (
        "actt-2",
        "day15_table.score7*",
        "weaning that hardly any of the 57 ventilated patients on placebo reached: the control arm tells little of it",
    ),
    ("actt-2", "day15_table*", "one cell of a table, of few patients"),
    (
        "actt-2",
        "ipdma_status*.7",
        "fewer stayed ventilated: its effect on deterioration is larger than other trials expect",
    ),
    (
        "recovery-baricitinib",
        "*deaths*",
        "an effect on death smaller than the trials before it expect, COV-BARRIER above all",
    ),
    (
        "recovery-dexamethasone",
        "*imv*",
        "the trials in intensive care from which it is predicted found little benefit while ventilated",
    ),
    (
        "ruxcovid",
        "*",
        "few deaths and few patients left in hospital, more of the one and fewer of the other than on placebo",
    ),
    ("covid-steroid", "*ventilated*", "7 patients with hydrocortisone"),
    ("covidose2-ss-a", "*", "13 patients with tocilizumab, fewer without"),
    (
        "stop-covid",
        "*score4",
        "one death: the published ratio is of a penalised likelihood, which the model has no statistic for",
    ),
)
"""Study and figure (with * for any text) and why the model misses it; the first that fits."""
UNEXPLAINED = "no reason known"


def page() -> str:
    """The text of the page, from a new run."""
    found = jaksim.backtest(mechanistic=True).as_dict()["mechanistic"]
    earlier = jaksim.backtest(mechanistic=True, earlier=True).as_dict()["mechanistic"]
    return "\n".join(_lines(found, earlier)) + "\n"


def _lines(found: Mapping[str, Any], earlier: Mapping[str, Any]) -> Iterator[str]:
    yield INTRODUCTION.format(draws=found["draws"], replicates=found["replicates"])
    overall, both = found["overall"], found["predicted_by_both"]
    yield "## Trial by trial"
    yield ""
    yield from _table("trial", [*found["by_study"], overall], list(overall["log_scores"]))
    yield ""
    yield "## By kind of figure"
    yield ""
    yield from _table("kind", found["by_kind"], list(overall["log_scores"]))
    yield ""
    yield "## Scores"
    yield ""
    yield f"Inside their intervals, of {_inside(found)}."
    yield f"From earlier trials alone (`--earlier`), of {_inside(earlier)}."
    yield f"Transforms by fifth: {', '.join(map(str, overall['transforms']))}."
    if both is not None:
        scores = ", ".join(f"{name} {score:.2f}" for name, score in both["log_scores"].items())
        yield f"Mean log score of the {both['numbers']} ratios that the statistical hierarchy predicts too: {scores}."
    for study, reason in found["skipped"].items():
        yield f"Not predicted: {study} ({reason})."
    yield ""
    yield "## Where the model is wrong"
    yield ""
    yield "Every number outside its 95 % interval, worst first."
    yield ""
    yield "| trial | figure | reported | predicted | 95 % | transform | why |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for number in found["missed"]:
        interval = f"{number['low_95']:.3g} to {number['high_95']:.3g}"
        values = f"{number['reported']:.3g} | {number['predicted']:.3g} | {interval} | {number['pit']:.3f}"
        yield f"| {number['study']} | {number['id']} | {values} | {reason_for(number['study'], number['id'])} |"


def _inside(found: Mapping[str, Any]) -> str:
    overall = found["overall"]
    shares = ", ".join(f"{100 * share:.0f} % in {level} %" for level, share in overall["coverage"].items())
    count = f"{overall['numbers']} numbers of {overall['figures']} figures of {len(found['by_study'])} trials"
    return f"{count}: {shares}"


def _table(what: str, groups: Iterable[Mapping[str, Any]], names: list[str]) -> Iterator[str]:
    yield f"| {what} | figures | numbers | in 50 % | in 80 % | in 95 % | {' | '.join(names)} |"
    yield f"|---|{'--:|' * (5 + len(names))}"
    for group in groups:
        shares = " | ".join(f"{100 * share:.0f} %" for share in group["coverage"].values())
        scores = " | ".join(f"{group['log_scores'][name]:.2f}" for name in names)
        yield f"| {group['name']} | {group['figures']} | {group['numbers']} | {shares} | {scores} |"


def reason_for(study: str, figure: str) -> str:
    """Why a figure is missed, as far as it is known."""
    fitting = (why for of, name, why in REASONS if fnmatchcase(study, of) and fnmatchcase(figure, name))
    return next(fitting, UNEXPLAINED)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
