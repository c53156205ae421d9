"""How much memory the patients of a replicate take, one by one."""

from __future__ import annotations

from jaksim.budget import check_memory
from jaksim.trial import Trial

# A score with its state, whether it is seen and the cell of a file; a category with its value; arm, stratum and days.
_BYTES_PER_DAY = 36
_BYTES_PER_ENDPOINT = 80
_BYTES_PER_PATIENT = 300


def check_patients(trial: Trial, patients: int, *, times: int = 1) -> None:
    """Refuse more patients than fit into memory with all their daily scores, each of them `times` over."""
    each = _BYTES_PER_DAY * (trial.horizon + 1) + _BYTES_PER_ENDPOINT * len(trial.endpoints) + _BYTES_PER_PATIENT
    check_memory(
        float(each) * patients * times,
        f"{patients:,} patients with {trial.horizon:,} days each",
        where="population.patients",
        instead="fewer patients or days",
    )
