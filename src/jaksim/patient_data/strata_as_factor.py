"""Models with a parameter for every stratum: what many strata cost, and what few patients in a stratum do to them."""

from __future__ import annotations

from jaksim.analysis.registry import get_method
from jaksim.budget import check_memory, check_time
from jaksim.patient_data.from_data import TrialData

FEWEST_IN_STRATUM = 10.0
# Measured on one core: of 6,000 patients in 300 strata in 4 s.
_SECONDS_OF_PATIENTS = 8e-9
_COPIES = 5 * 8


def check_factor(name: str, data: TrialData, *, of_patients: bool) -> None:
    """InputError where a model with so many strata as a factor would take more memory or time than the limits.

    `of_patients` is a fit with covariates or robust errors, which has a row for each patient.
    """
    n, strata, seconds = len(data), len(data.strata), get_method(name).factor_seconds
    if seconds is None or strata < 2:
        return
    what, instead = f"{strata:,} strata as a factor", "‹unstratified›, van_elteren or win_odds"
    if of_patients:
        check_memory(_COPIES * n * strata, what, where=f"method {name}", instead=instead)
        check_time(_SECONDS_OF_PATIENTS * n * strata**2, what, where=f"method {name}", instead=instead)
    else:
        check_memory(_COPIES * strata**2, what, where=f"method {name}", instead=instead)
        check_time(seconds * strata**3, what, where=f"method {name}", instead=instead)


def remark_on_factor(name: str, data: TrialData) -> str | None:
    """A warning where strata have so few patients that their own parameters bias the odds ratio (Neyman and Scott)."""
    strata = len(data.strata)
    if get_method(name).factor_seconds is None or strata < 2 or len(data) >= FEWEST_IN_STRATUM * strata:
        return None
    return (
        f"{name} gives each of {strata:,} strata a parameter of its own. With {len(data) / strata:.2g} patients in a "
        f"stratum, fewer than about {FEWEST_IN_STRATUM:g}, its odds ratio is too far from 1. Comparisons within strata "
        "(van_elteren, win_odds, odds_ratio_mh) have no such bias."
    )
