"""The names of the columns that hold daily scores in a row for each patient and day."""

from __future__ import annotations

from dataclasses import dataclass

BASELINE = "baseline_score"


@dataclass(frozen=True)
class DailyNames:
    """Columns of the patient, the study day and the score of a row, and of the score on the day of randomisation."""

    patient: str = "patient"
    day: str = "day"
    score: str = "score"
    baseline: str = BASELINE

    @property
    def of_row(self) -> tuple[str, str, str]:
        """The columns that every row has."""
        return self.patient, self.day, self.score
