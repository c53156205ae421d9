"""The analyses of a trial on the calendar: when data are cut, what they hold, and who enters until the decision."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.sums.conducted import Conducted
from jaksim.endpoint.kinds import kind_of
from jaksim.operations.observing.observed import named
from jaksim.simulate.enrolment import Cohort, enrolled_by


def analyses_observed(design: CalendarDesign, conducted: Conducted, cohort: Cohort) -> dict[str, Floats]:
    """Numbers (B,) of each analysis, by number from 1; NaN in the replicates that do not reach it.

    Events and complete outcomes are those of the first analysis that the design decides.
    """
    return numbers_on(
        design, cohort, conducted.cut_days(design.data_cuts), conducted.enrolled.sum(axis=1).astype(np.int64)
    )


def numbers_on(design: CalendarDesign, cohort: Cohort, days: Integers, randomised: Integers) -> dict[str, Floats]:
    """The same for analyses on days (B, K), below 0 for those not reached, of trials with so many patients (B,)."""
    found: dict[str, Floats] = {}
    looks = days.shape[1]
    for k in range(looks):
        decided = decision_days(days[:, k], np.full(len(days), k), cohort, looks)
        found.update(_at(design, cohort, randomised, days[:, k], decided, str(k + 1)))
    return found


def decision_days(day: Integers, look: Integers, cohort: Cohort, looks: int) -> Integers:
    """Days (B,) on which the sites know what was decided at an analysis; the last one ends the trial on its own day."""
    return np.asarray(day + np.where(look < looks - 1, cohort.decision, 0))


def _at(
    design: CalendarDesign, cohort: Cohort, randomised: Integers, day: Integers, decided: Integers, number: str
) -> dict[str, Floats]:
    engine, cut = design.engine, design.cuts[0]
    reached = day >= 0
    enrolled, at_decision = enrolled_by(cohort, day), np.minimum(enrolled_by(cohort, decided), randomised)
    numbers = {
        "analysis_day": day,
        "enrolled_at_cut": enrolled,
        "complete_at_cut": engine.number_with(cohort, cut.planned.table, "complete", day, counts=cut.cells),
    }
    endpoint = cut.test.endpoint
    if kind_of(endpoint).has_event and endpoint.transitions is None:
        numbers["events_at_cut"] = engine.number_with(cohort, cut.planned.table, "events", day, counts=cut.cells)
    numbers |= {"decision_day": decided, "enrolled_at_decision": at_decision, "overrun": at_decision - enrolled}
    return {named(name, number): np.where(reached, values, np.nan) for name, values in numbers.items()}
