"""What a planned analysis adjusts for, patient by patient."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from jaksim.analysis.counts import Options
from jaksim.checks import distinct
from jaksim.errors import InputError
from jaksim.model.disease import PatientType

ONSET: Final = "days_since_onset"
SCORE: Final = "baseline_score"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The covariates of a planned analysis, whether its strata are adjusted for as well, and the kind of its error.

    A covariate is a characteristic of patients, `days_since_onset` or `baseline_score`.
    """

    covariates: tuple[str, ...] = ()
    strata: bool = True
    robust: bool = False

    def check(
        self,
        method: str,
        options: Options,
        patients: Sequence[tuple[str, PatientType]],
        drawn: Sequence[str],
        unmeasured: Collection[str] = (),
    ) -> None:
        """InputError for a method or options without covariates, and for a covariate that patients, by the name of
        their stratum, do not have; `drawn` are characteristics that all of them draw, of which those
        `unmeasured` are frailties."""
        from jaksim.analysis.regression.models import MODELS

        if method not in MODELS:
            raise InputError(f"method {method!r} takes no covariates", where="covariates", allowed=MODELS)
        distinct(self.covariates, "covariates")
        model = MODELS[method]
        model.check(method, options, robust=self.robust)
        model.how(options, self.robust)
        for name in self.covariates:
            if name in unmeasured:
                raise InputError(
                    "a frailty is what nobody measures, and no analysis can adjust for it",
                    where="covariates",
                    allowed=self._offered(patients, drawn, unmeasured),
                    got=name,
                )
            if name in drawn or name == SCORE:
                continue
            for stratum, patient in patients:
                if not has_value(patient, name):
                    raise InputError(
                        f"patients of stratum {stratum!r} have no such covariate",
                        where="covariates",
                        allowed=self._offered(patients, drawn, unmeasured),
                        got=name,
                    )

    @staticmethod
    def _offered(
        patients: Sequence[tuple[str, PatientType]], drawn: Sequence[str], unmeasured: Collection[str]
    ) -> tuple[str, ...]:
        """What an analysis can adjust for."""
        offered = dict.fromkeys((*drawn, *(key for _, one in patients for key in one.covariates), SCORE))
        if all(one.days_since_onset is not None for _, one in patients):
            offered[ONSET] = None
        return tuple(name for name in offered if name not in unmeasured)


def has_value(patient: PatientType, name: str) -> bool:
    """Whether a patient has a covariate of that name."""
    return name == SCORE or name in patient.covariates or (name == ONSET and patient.days_since_onset is not None)


def value_of(patient: PatientType, name: str) -> float:
    """The value of a covariate of a patient."""
    if name == SCORE:
        return float(patient.baseline_score)
    if name == ONSET and patient.days_since_onset is not None:
        return float(patient.days_since_onset)
    return float(patient.covariates[name])
