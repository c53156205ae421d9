"""The comparison that a stated effect is about, and what a very large trial of it would find under a disease model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from jaksim.analysis import get_method
from jaksim.analysis.margin import on_scale
from jaksim.analysis.method import Method
from jaksim.checks import known
from jaksim.design.engine.cells import Cells
from jaksim.design.expected_estimates import expected_estimates
from jaksim.errors import InputError, located
from jaksim.model.disease import DiseaseModel
from jaksim.model.regimen import Regimen
from jaksim.ratio import ratio_of
from jaksim.scenario.section import join
from jaksim.scenario.treatments.effect_table import Statement
from jaksim.trial import AnalysisPlan, Arm, Trial

VERY_LARGE: Final = 1_000_000
"""Patients of the trial whose estimate is stated."""


@dataclass(frozen=True)
class Question:
    """What is stated about a treatment: in the arms and with the strata of `trial`, which has one analysis, or none
    where a risk is stated; `active` and `reference` are the arms compared."""

    statement: Statement
    trial: Trial
    active: Arm
    reference: Arm
    method: Method | None

    @classmethod
    def of(cls, statement: Statement, treatment: str, trial: Trial) -> Question:
        """The question in the patients and arms of a trial; InputError for what cannot be asked of it."""
        names = [endpoint.name for endpoint in trial.endpoints]
        known(statement.endpoint, names, "endpoint", join(statement.where, "endpoint"))
        arms, active, reference = _arms(statement, treatment, trial)
        plans = trial.analyses
        operations = None if trial.operations is None else replace(trial.operations, supply=None, wards=())
        bare = replace(
            trial,
            arms=arms,
            endpoints=(trial.endpoint(statement.endpoint),),
            analyses=(),
            monitoring=None,
            adaptation=None,
            multiplicity=None,
            operations=operations,
        )
        if not statement.method:
            if bare.endpoints[0].kind != "binary":
                raise InputError(
                    "a risk is that of an event by a day",
                    where=join(statement.where, "endpoint"),
                    allowed="an endpoint of kind event_by_day, or a method and a value",
                    got=statement.endpoint,
                )
            return cls(statement, bare, active, reference, None)
        with located(join(statement.where, "method")):
            method = get_method(statement.method)
            method.check(bare.endpoints[0])
            if method.follows is not None or method.own_prior:
                what = "an exact test" if method.follows is not None else "a posterior"
                raise InputError(
                    f"{what} has no estimate of its own to be stated", allowed="the estimate of another method"
                )
            plan = AnalysisPlan(
                name="stated",
                endpoint=statement.endpoint,
                method=statement.method,
                active=active.name,
                reference=reference.name,
                options=_options(statement, plans),
            )
        return cls(statement, replace(bare, analyses=(plan,)), active, reference, method)

    def estimates(self, models: Sequence[DiseaseModel]) -> list[float]:
        """What is found under each of several disease models, on the scale of the method (log for ratios)."""
        if self.method is None:
            return [self._risk(model, self.active) for model in models]
        found: list[float] = expected_estimates(self.trial, models, VERY_LARGE)[:, 0].tolist()
        return found

    def on_scale(self, value: float, key: str) -> float:
        """A stated value on the scale of the method; InputError for one that no estimate can have."""
        method, where = self.method, join(self.statement.where, key)
        if method is None:
            low, high, value_range = 0.0, 1.0, "a risk above 0 and below 1"
        elif method.scale == "difference" and self.trial.endpoints[0].kind == "binary":
            low, high, value_range = -1.0, 1.0, "a difference of two risks, above -1 and below 1, such as 0.05"
        else:
            try:
                return on_scale(method, value)
            except InputError as error:
                raise InputError("no such estimate", where=where, allowed=error.allowed, got=value) from None
        if not low < value < high:
            raise InputError("no such estimate", where=where, allowed=value_range, got=value)
        return value

    def natural(self, estimate: float) -> float:
        """An estimate as it is stated, a ratio for its logarithm."""
        return ratio_of(estimate) if self.method is not None and self.method.scale == "log_ratio" else estimate

    @cached_property
    def default_moves(self) -> tuple[str, ...]:
        """The moves that a treatment with this effect is taken to change where none are given."""
        trial, endpoint = self.trial, self.trial.endpoints[0]
        if endpoint.better != "no event":
            return "improvement", "discharge"
        if not trial.scale.absorbing or self._risk(_without_deaths(trial.disease), self.reference) > 0.0:
            return "deterioration", "readmission", "death"
        return ("death",)

    def _risk(self, model: DiseaseModel, arm: Arm) -> float:
        """Share of patients of an arm, of those whose outcome is known, who have the event."""
        cells, endpoint = Cells(replace(self.trial, disease=model)), self.trial.endpoints[0]
        first = cells.arm_position(arm.name) * cells.n_strata
        laws = cells.marginal_laws[0][first : first + cells.n_strata]
        law = np.array(self.trial.stratum_shares) @ laws
        return float(law[endpoint.status == 1].sum() / law[endpoint.status >= 0].sum())


def _options(statement: Statement, plans: Sequence[AnalysisPlan]) -> Mapping[str, Any]:
    """The options of the planned analysis of the same endpoint and method, if there is one."""
    asked = (statement.endpoint, statement.method)
    return next((plan.options for plan in plans if (plan.endpoint, plan.method) == asked), {})


def _arms(statement: Statement, treatment: str, trial: Trial) -> tuple[tuple[Arm, ...], Arm, Arm]:
    """The arms of the trial with two of them compared, which differ in the treatment alone.

    They are arms of the trial where it has such; else an arm is given another regimen.
    """
    background = trial.disease.background
    giving = [arm for arm in trial.arms if treatment in arm.regimen.treatments]
    first = min(giving, key=lambda arm: len(arm.regimen.treatments), default=None)
    others: tuple[str, ...] = background
    if statement.on_top_of is not None:
        for name in statement.on_top_of:
            place = join(statement.where, "on_top_of")
            known(name, [one for one in trial.disease.treatments if one != treatment], "treatment", place)
        others = (*background, *(name for name in statement.on_top_of if name not in background))
    elif first is not None:
        others = tuple(name for name in first.regimen.treatments if name != treatment)
    if treatment in background:
        raise InputError(
            "everyone behind the natural history received it, so that no effect is added",
            where=statement.where,
            allowed="treatments that are not in the background",
            got=treatment,
        )
    active = _arm(trial.arms, {*others, treatment}) or first or next(a for a in trial.arms if not a.reference)
    rest = sorted((arm for arm in trial.arms if arm.name != active.name), key=lambda arm: not arm.reference)
    reference = _arm(rest, set(others)) or rest[0]
    ordered = tuple(name for name in trial.disease.treatments if name in {*others, treatment})
    with_it = replace(active, regimen=Regimen(ordered))
    without = replace(reference, regimen=Regimen(tuple(name for name in ordered if name != treatment)))
    changed = {active.name: with_it, reference.name: without}
    return tuple(changed.get(arm.name, arm) for arm in trial.arms), with_it, without


def _arm(arms: Sequence[Arm], treatments: set[str]) -> Arm | None:
    return next((arm for arm in arms if set(arm.regimen.treatments) == treatments), None)


def _without_deaths(model: DiseaseModel) -> DiseaseModel:
    """The same disease, of which nobody dies."""
    history = model.natural_history
    never = {
        move: replace(intensity, values=(0.0,) * len(intensity.values))
        for move, intensity in history.intensities.items()
        if history.groups[move] == "death"
    }
    intensities = {**history.intensities, **never}
    return replace(model, natural_history=replace(history, intensities=intensities))
