"""The number of patients that a row of a data set stands for."""

from __future__ import annotations

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import Columns, finite, first_of

MOST_PATIENTS = 20_000_000


def frequencies(patients: Columns, name: str | None, keep: Booleans) -> Integers:
    """Patients for each row, 1 without a column of them and for a row without a number that is not kept.

    InputError, with the row, for numbers that are negative or not whole (weights), and for too many patients.
    """
    if name is None:
        return np.ones(len(patients), dtype=np.int64)
    values = patients.numbers(name)
    known = (values >= 0) & (values == np.floor(values)) & (values <= MOST_PATIENTS)
    wrong = keep & ~known
    if wrong.any():
        at = first_of(wrong)
        raise InputError(
            f"row {patients.row(at)} is not a number of patients",
            where=patients.at(name),
            allowed=f"whole numbers from 0 to {MOST_PATIENTS:,}; ‹weight={name}› for other weights",
            got=values[at].item(),
        )
    found = np.where(known, values, 1.0).astype(np.int64)
    if found.sum() > MOST_PATIENTS:
        raise InputError(
            f"the numbers of patients add up to {int(found.sum()):,}",
            where=patients.at(name),
            allowed=f"at most {MOST_PATIENTS:,}",
        )
    return found


def weights(patients: Columns, name: str) -> Floats:
    """What each patient counts; InputError, with the row, unless it is a positive number."""
    values = finite(patients, name)
    wrong = values <= 0.0
    if wrong.any():
        at = first_of(wrong)
        raise InputError(
            f"row {patients.row(at)} has no weight above 0",
            where=patients.at(name),
            allowed="positive numbers; ‹where=COLUMN>0› leaves rows without weight out",
            got=values[at].item(),
        )
    return values
