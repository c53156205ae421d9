"""From what is stated of effects on endpoints to the hazard ratios that give it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel
from jaksim.model.effect import TreatmentEffect
from jaksim.scenario.treatments.effect_table import Z95, Statement
from jaksim.scenario.treatments.question import Question
from jaksim.scenario.treatments.solved import StatedEffect, by_group
from jaksim.trial import Trial

if TYPE_CHECKING:
    from jaksim.scenario.disease import DiseaseSection

LARGEST: Final = math.log(1000.0)
"""Log hazard ratio beyond which nothing is looked for, to either side."""
_GRID: Final = (0.0, 0.25, -0.25, 0.75, -0.75, 1.5, -1.5, 3.0, -3.0, LARGEST, -LARGEST)
_TOLERANCE: Final = 1e-12
_ROUNDING: Final = 1e-12
_SETTLED: Final = 1e-9
_MOST_ROUNDS: Final = 100


def with_stated_effects(section: DiseaseSection, trial: Trial) -> DiseaseSection:
    """The disease with every stated effect solved for, in the patients and arms of the trial.

    Several are solved for together, so that all of them hold. Raises `InputError` for a value that no hazard ratio of
    the moves gives, with the range of those that one gives.
    """
    unknowns = [
        _Unknown(name, position, statement, Question.of(statement, name, trial))
        for (name, position), statement in section.statements.items()
    ]
    model = section.model
    for unknown in unknowns:
        model = unknown.with_moves(model)
    for round_ in range(_MOST_ROUNDS):
        moved = 0.0
        for unknown in unknowns:
            before = unknown.effect(model).log_hazard_ratio
            found = unknown.solved(model, unknown.target)
            moved = max(moved, abs(found - before))
            model = unknown.at(model, found)
        if len(unknowns) == 1 or (round_ and moved < _SETTLED):
            break
    else:
        places = " and ".join(unknown.statement.where for unknown in unknowns)
        raise InputError("no hazard ratios were found that give all that is stated together", where=places)
    errors = [unknown.standard_error(model) for unknown in unknowns]
    for unknown, error in zip(unknowns, errors, strict=True):
        model = unknown.at(model, unknown.effect(model).log_hazard_ratio, error)
    stated = {(unknown.treatment, unknown.position): unknown.stated(model) for unknown in unknowns}
    changes = {
        name: replace(
            change,
            effects={
                position: model.treatments[name].effects[position] if (name, position) in stated else effect
                for position, effect in change.effects.items()
            },
        )
        for name, change in section.changes.items()
    }
    return replace(section, model=model, stated=stated, changes=changes)


@dataclass(frozen=True)
class _Unknown:
    """One effect to be solved for: number `position` of a treatment."""

    treatment: str
    position: int
    statement: Statement
    question: Question

    @property
    def key(self) -> str:
        """The key that holds what is stated."""
        return "value" if self.statement.risk is None else "risk"

    @property
    def value(self) -> float:
        """What is stated."""
        value = self.statement.value if self.statement.risk is None else self.statement.risk
        assert value is not None
        return value

    @property
    def target(self) -> float:
        """The same on the scale of the method."""
        return self.question.on_scale(self.value, self.key)

    def effect(self, model: DiseaseModel) -> TreatmentEffect:
        """The effect in a model."""
        return model.treatments[self.treatment].effects[self.position]

    def at(self, model: DiseaseModel, log_ratio: float, error: float | None = None) -> DiseaseModel:
        """The model with another size of the effect."""
        return self._with(model, replace(self.effect(model), log_hazard_ratio=log_ratio, standard_error=error))

    def with_moves(self, model: DiseaseModel) -> DiseaseModel:
        """The model with an effect on the moves that are meant where none are given; InputError without any."""
        if self.statement.moves:
            return model
        moves = self.question.default_moves
        changed = self._with(model, replace(self.effect(model), moves=moves))
        if not changed.moves_of(self.effect(changed)):
            groups = sorted(set(model.natural_history.groups.values()))
            raise InputError(
                f"the natural history has no moves of {', '.join(moves)}, which such an effect changes",
                where=self.statement.where,
                allowed=f"moves, of the groups {', '.join(groups)}",
            )
        return changed

    def _with(self, model: DiseaseModel, effect: TreatmentEffect) -> DiseaseModel:
        treatment = model.treatments[self.treatment]
        effects = (*treatment.effects[: self.position], effect, *treatment.effects[self.position + 1 :])
        return replace(model, treatments={**model.treatments, self.treatment: replace(treatment, effects=effects)})

    def solved(self, model: DiseaseModel, target: float, key: str = "") -> float:
        """The log hazard ratio with which the estimate is `target`, that nearest to none of several."""
        found = self.question.estimates([self.at(model, log_ratio) for log_ratio in _GRID])
        tried = {log_ratio: value - target for log_ratio, value in zip(_GRID, found, strict=True)}
        known = sorted(log_ratio for log_ratio, value in tried.items() if math.isfinite(value))
        # One model by itself and among others differ by rounding, so that its sign tells nothing below that.
        exact = [log_ratio for log_ratio in known if abs(tried[log_ratio]) <= _ROUNDING]
        if exact:
            return min(exact, key=abs)
        changes = [(a, b) for a, b in pairwise(known) if tried[a] * tried[b] < 0.0]
        if not changes:
            raise self._not_attainable([target + tried[log_ratio] for log_ratio in known], key or self.key)
        from scipy.optimize import brentq

        low, high = min(changes, key=lambda ends: abs(ends[0] + ends[1]))

        def beyond(log_ratio: float) -> float:
            return self.question.estimates([self.at(model, log_ratio)])[0] - target

        return float(brentq(beyond, low, high, xtol=_TOLERANCE, rtol=8.9e-16))

    def _not_attainable(self, found: list[float], key: str) -> InputError:
        where = f"{self.statement.where}.{key}"
        what = f"no hazard ratio of these moves gives this on {self.statement.endpoint!r}"
        low, high = (self.question.natural(end) for end in (min(found), max(found))) if found else (math.nan, math.nan)
        if not found or high - low <= 1e-9 * max(abs(high), abs(low), 1.0):
            return InputError(
                f"{what}: they do not change it", where=where, allowed="moves that lead to it", got=self.value
            )
        return InputError(
            what,
            where=where,
            allowed=f"{_digits(low)} to {_digits(high)} with hazard ratios from 0.001 to 1,000, or further moves",
            got=self.value,
        )

    def limits(self) -> tuple[float, float] | None:
        """The 95 % limits of the stated value on the scale of the method, None where nothing is said of them."""
        statement = self.statement
        if statement.interval is not None:
            low, high = (self.question.on_scale(end, "interval") for end in statement.interval)
            return low, high
        if statement.sd is not None:
            return self.target - Z95 * statement.sd, self.target + Z95 * statement.sd
        return None

    def standard_error(self, model: DiseaseModel) -> float | None:
        """That of the log hazard ratio: its 95 % limits are those that give the limits of the stated value."""
        limits = self.limits()
        if limits is None:
            return None
        key = "interval" if self.statement.interval is not None else "sd"
        low, high = (self.solved(model, end, key) for end in limits)
        return abs(high - low) / (2.0 * Z95)

    def stated(self, model: DiseaseModel) -> StatedEffect:
        """What is stated and what was found."""
        effect, limits = self.effect(model), self.limits()
        natural = None if limits is None else (self.question.natural(limits[0]), self.question.natural(limits[1]))
        return StatedEffect(
            treatment=self.treatment,
            endpoint=self.statement.endpoint,
            method=self.statement.method,
            value=self.value,
            interval=natural,
            moves=by_group(model.natural_history.groups, model.moves_of(effect)),
            active=self.question.active.regimen.treatments,
            reference=self.question.reference.regimen.treatments,
            hazard_ratio=math.exp(effect.log_hazard_ratio),
            standard_error=effect.standard_error,
        )


def _digits(value: float) -> str:
    return f"{value:.4g}"
