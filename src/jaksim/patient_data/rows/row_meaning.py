"""Columns that change what a row means: late entry, patients it stands for, one of several rows of a patient, its
stratum under another name.

Such a column is used or refused with the option that settles it, never passed over: the others in the file would be
read as one patient each, observed from time 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import Columns

_NOT_LETTERS = re.compile(r"[\W_]+")
_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")


def _names(words: str) -> frozenset[str]:
    """Names of columns without marks and in lower case."""
    return frozenset(words.split())


@dataclass(frozen=True)
class Role:
    """What columns of certain names may tell of a row, and the option that uses them."""

    names: frozenset[str]
    may_tell: str
    remedy: str
    says_nothing: Callable[[Columns, str], bool]
    of_times: bool = False


def _all_zero(columns: Columns, name: str) -> bool:
    return not columns.is_numeric(name) or bool((np.nan_to_num(columns.numbers(name)) == 0.0).all())


def _all_one(columns: Columns, name: str) -> bool:
    return not columns.is_numeric(name) or bool((columns.numbers(name) == 1.0).all())


def _constant(columns: Columns, name: str) -> bool:
    return len(np.unique(columns.words(name))) < 2


ENTRY = Role(
    _names(
        "begin delayedentry enter entry entrytime from latentry lateentry left lefttrunc lefttruncation "
        "lefttruncationtime ltrunc start startday starttime t0 time0 time1 timein timeofentry truncation "
        "truncationtime tstart"
    ),
    "from when a row was observed (late entry)",
    "‹entry={name}›",
    _all_zero,
    of_times=True,
)
END = Role(
    _names("endtime stop stopday stoptime time2 timeout tstop"),
    "until when a row was observed",
    "‹time={name}›, with ‹entry› for its start",
    _constant,
    of_times=True,
)
COUNT = Role(
    _names(
        "aweight caseweight caseweights cnt count counts freq freqs frequencies frequency freqweight fweight fw "
        "inverseprobabilityweight ipcw iptw ipw ipweight iweight multiplicity n nobs noofpatients npat npatients npts "
        "nsubj nsubjects numberofpatients numberofsubjects numpatients patientcount patients propensityweight psw "
        "psweight pweight samplingweight siptw sipw stabilisedweight stabilizedweight subjects surveyweight sw sweight "
        "w weight weights weightvar wgt wt wts"
    ),
    "how many patients a row stands for, or its weight",
    "‹frequency={name}›, for numbers of patients; ‹weight={name}› in Cox models",
    _all_one,
)
REPETITION = Role(
    _names(
        "avisit avisitn day enum episode eventno eventnumber imp impno imputation imputationnumber impnum "
        "occasion param paramcd rep replicate replication timepoint visit visitn visitno visitnum visitnumber"
    ),
    "which of several rows of a patient it is",
    "‹where={name}=VALUE›, for one row of each patient",
    _constant,
)
STRATUM = Role(
    _names("strat strata stratification stratificationfactor stratum stratumid stratumname"),
    "which stratum a patient was randomised in",
    "‹stratum={name}›",
    _constant,
)
BODY = _names("bmi bodymassindex height heightcm ht")
_WEIGHT = _names("weight wgt wt")
ROLES = (ENTRY, END, COUNT, REPETITION, STRATUM)
PATIENT = _names(
    "caseid caseno casenumber id idno individual individualid mrn participant participantid participantno patid "
    "patient patientid patientno patientnr patientnumber patno patnr person personid pid pt ptid ptno recordid subj "
    "subject subjectid subjectno subjectnumber subjid subjno uniqueid usubjid"
)
_MAY_COUNT_ROWS = _names("id idno recordid")


def check_rows(
    columns: Columns, used: Collection[str], *, ignored: Collection[str], patient: str, times: bool, strata: bool = True
) -> str | None:
    """The column of patients with several rows, where it is used.

    InputError for a column that is neither `used` nor `ignored` and may change what a row means. The message names the
    option that settles it. `patient` is the column of patients by the question; `times` tells whether times to an event
    are read, `strata` whether a column of
    strata is looked for. A column that could change nothing passes: entries of 0, one patient in each
    row, patients of one row, one stratum.
    """
    by_name: dict[str, list[str]] = {}
    for name in columns.names:
        if name not in ignored:
            by_name.setdefault(_plain(name), []).append(name)
    of_patients = [patient, *(name for key in sorted(PATIENT & by_name.keys()) for name in by_name[key])]
    numbered, repeated = _check_patients(columns, used, [name for name in of_patients if name not in ignored])
    for role in ROLES:
        if (role is REPETITION and numbered) or (role.of_times and not times) or (role is STRATUM and not strata):
            continue
        for name in _candidates(role, by_name, used):
            if role.says_nothing(columns, name):
                continue
            raise InputError(
                f"the column may tell {role.may_tell} and is not used",
                where=columns.at(name),
                allowed=f"{role.remedy.format(name=name)}; ‹ignore={name}› if it tells nothing of the kind",
            )
    return repeated


def _plain(name: str) -> str:
    """The name without marks, in lower case, and without a unit at its end."""
    letters = _NOT_LETTERS.sub("", name.casefold())
    return next((letters.removesuffix(unit) for unit in _UNITS if letters.endswith(unit)), letters)


def _candidates(role: Role, by_name: dict[str, list[str]], used: Collection[str]) -> Iterator[str]:
    """Columns with a name of the role that are not used; a weight beside a height is that of a body."""
    names = role.names - _WEIGHT if BODY & by_name.keys() else role.names
    for key in sorted(names & by_name.keys()):
        yield from (name for name in by_name[key] if name not in used)


def _check_patients(columns: Columns, used: Collection[str], names: list[str]) -> tuple[bool, str | None]:
    """Whether it is known which rows are a patient's, and the column of patients with several rows if it is used.

    InputError where a column of patients repeats itself unused. A number of each row may be called `id` too, so that
    says nothing against a column of patients that repeats itself.
    """
    repeated: dict[str, NDArray[Any]] = {}
    numbered = False
    for name in dict.fromkeys(names):
        if name in columns:
            words = columns.words(name)
            levels, times = np.unique(words[words != ""], return_counts=True)
            if (times > 1).any():
                repeated[name] = levels[times > 1]
            elif _plain(name) not in _MAY_COUNT_ROWS:
                return True, None
            else:
                numbered = True
    if numbered and not repeated:
        return True, None
    for name in repeated:
        if name in used:
            return True, name
    for name, patients in repeated.items():
        raise InputError(
            f"{len(patients)} patient(s) have several rows, the first is {patients[0]}",
            where=columns.at(name),
            allowed=(
                f"one row for each patient, as ‹where=COLUMN=VALUE› keeps; ‹endpoint=KEY=VALUE› for daily "
                f"scores; ‹cluster={name}› in models of rows "
                f"with robust errors; ‹ignore={name}› if the rows are different patients"
            ),
        )
    return False, None
