"""What can be said to `new`."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.verbs.options.base import Options, option, several


@dataclass(frozen=True, kw_only=True)
class NewOptions(Options):
    """What is known of the disease without the drug, and what the drug is meant to do."""

    copy: str | None = option(
        None, "Copy a scenario that comes with jaksim, instead of all else.", flag="--from", metavar="NAME"
    )
    title: str | None = option(None, "Title of the trial.")
    drug: str | None = option(None, "Name of the treatment; drug when left out.")
    scale: str | None = option(
        None,
        "Name of a scale (mrs, niaid-8), or the categories of your own, best first, with commas; the last is death "
        "where it is called dead or death.",
    )
    recovered: str | None = option(
        None, "Scores that mean recovered, with commas; those of the scale, or the best, when left out."
    )
    baseline: str | None = option(
        None, "Score at randomisation, or several with their shares: 4=0.2,5=0.5,6=0.3.", metavar="SCORE[=SHARE],..."
    )
    day: int | None = option(None, "Days after randomisation of the control distribution.", low=1)
    control: tuple[str, ...] = option(
        (),
        "Shares (or %, or counts) of control patients in each score on that day, in the order of the scale; for "
        "patients who start in one score SCORE=P1,P2,..., once for each.",
        metavar="P1,P2,...",
        holds=list[str] | None,
        read=several,
    )
    control_patients: int | None = option(
        None, "Control patients behind these numbers; 200, or the sum of counts, when left out.", low=10
    )
    mortality: str | None = option(
        None,
        "Share of control patients dead by a day: 0.12 by that of the distribution, or 0.12@28.",
        metavar="P[@DAY]",
    )
    recovery_time: float | None = option(None, "Median days to recovery of control patients.", low=0.0)
    odds_ratio: float | None = option(None, "Effect: odds ratio of a better score on that day (above 1 is better).")
    recovery_rate_ratio: float | None = option(None, "Effect: rate ratio of recovery (above 1 is better).")
    mortality_ratio: float | None = option(None, "Effect: risk ratio of death (below 1 is better).")
    patients: int | None = option(None, "Patients of the new trial; 500 when left out.", low=10)
    source: str | None = option(None, "Where the numbers come from.")
    force: bool = option(False, "Write into a directory that has such files already.", flag="--force")
