"""Plans for two survival curves: log-rank tests of every weight, restricted means, survival at a milestone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.plan.answer import Plan
from jaksim.plan.ask import answer
from jaksim.plan.options import PlanOptions, read_numbers, varied, varied_words
from jaksim.plan.times.asked import question_of, with_entering
from jaksim.verbs.options.base import option, takes


def read_list(text: str | None) -> tuple[float, ...] | None:
    """Numbers with commas between them, of which one is a list too."""
    found = read_numbers(text)
    return (found,) if isinstance(found, float) else found


def numbers(help: str, *, metavar: str = "N[,N,...]") -> Sequence[float] | None:
    """A field of options that is one list of numbers."""
    made: Sequence[float] | None = option(None, help, metavar=metavar, holds=str | None, read=read_list)
    return made


@dataclass(frozen=True, kw_only=True)
class SurvivalOptions(PlanOptions):
    """Two survival curves, the test that compares them, and the calendar of the trial."""

    control_median: float | Sequence[float] | None = varied("Median time to the event in the reference arm.")
    control_survival: float | Sequence[float] | None = varied(
        "Probability of no event in the reference arm by the time of 'at'."
    )
    control_hazard: Sequence[float] | None = numbers("Hazard of the reference arm; several change at 'cuts'.")
    cuts: Sequence[float] | None = numbers("Times since entry at which hazards change.")
    shape: float | Sequence[float] | None = varied(
        "Shape of Weibull times with this median or survival; 1 is exponential."
    )
    hazard_ratio: float | Sequence[float] | None = varied(
        "Hazard ratio, active over reference; solved for when left out."
    )
    active_median: float | Sequence[float] | None = varied("Median of the active arm, instead of a hazard ratio.")
    active_survival: float | Sequence[float] | None = varied(
        "Probability of no event in the active arm by the time of 'at', instead."
    )
    active_hazard: Sequence[float] | None = numbers("Hazard of the active arm, instead; several change at 'cuts'.")
    at: float | None = option(None, "Time since entry to which the survival probabilities belong.")
    delay: float | Sequence[float] | None = varied(
        "Time since entry at which the hazard ratio begins; before it there is no effect."
    )
    better: str = option("lower", "lower or higher: which hazard is the better one.")
    events: float | Sequence[float] | None = varied(
        "Events; the size, instead of patients, and when the trial is analysed."
    )
    accrual: float | Sequence[float] | None = varied("How long patients enter; 0 for all at once.")
    accrual_rates: Sequence[float] | None = numbers(
        "Patients per unit of time; several change at 'accrual_cuts'. With 'accrual' and a number of patients the "
        "shape of accrual only."
    )
    accrual_cuts: Sequence[float] | None = numbers("Times at which the rate of accrual changes.")
    follow_up: float | Sequence[float] | None = varied(
        "From the entry of the last patient to the analysis; solved for when left out."
    )
    dropout: float | Sequence[float] | None = varied("Share of the patients lost by 'dropout_by', exponentially.")
    dropout_by: float | None = option(None, "Time since entry to which the share belongs.")
    dropout_hazard: Sequence[float] | None = numbers("Hazard of being lost, instead; several change at 'dropout_cuts'.")
    dropout_cuts: Sequence[float] | None = numbers("Times since entry at which the hazard of being lost changes.")
    strata: Sequence[float] | None = numbers("Shares of the strata of a stratified test.")
    strata_hazards: Sequence[float] | None = numbers("Hazards of the strata relative to the control as stated.")
    test: str | Sequence[str] = varied_words(
        "log_rank, gehan, fleming_harrington:RHO:GAMMA, modestly_weighted:TIME, max_combo, "
        "max_combo:RHO:GAMMA+RHO:GAMMA, rmst:TIME, rmst_ratio:TIME or milestone:TIME.",
        "log_rank",
        metavar="TEST[,TEST,...]",
    )
    formula: str | Sequence[str] | None = varied_words(
        "For the log-rank test: schoenfeld (when the hazard ratio never changes the default), freedman, "
        "hsieh_freedman, lachin_foulkes or lakatos.",
        metavar="NAME[,NAME,...]",
    )
    unit: str = option("months", "Unit of all times: days, weeks, months or years.")


OPTIONS = SurvivalOptions


@takes(SurvivalOptions)
def survival(options: SurvivalOptions) -> Plan:
    """Power, size or detectable hazard ratio of a trial that compares two survival curves.

    The reference arm is known by its median, by survival at a time, or by hazards between cuts; the active arm by a
    hazard ratio, from a time on or throughout, or in the same ways. Patients enter over `accrual`, are followed until
    `follow_up` after the last has entered, and may be lost. The size is in patients where the calendar is complete, in
    events where `events` are given or the follow-up is left open; then the answer says when so many are expected.
    Raises InputError for what is contradictory or out of range.
    """
    return answer("survival", with_entering(options), question_of)
