"""Rules of treatment of which the share of patients is known to whom they happen, and solved for what gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from jaksim.design.expected.occupation import over_sites_of
from jaksim.errors import InputError
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.courses.trigger import Trigger
from jaksim.scenario.intercurrent.rules import statement_of
from jaksim.scenario.intercurrent.target import ShareTarget
from jaksim.trial import Arm, Trial
from jaksim.trial.assumption import Assumption

FASTEST: Final = 20.0
"""Intensity per day beyond which none is looked for."""
_TOLERANCE: Final = 1e-12
_SETTLED: Final = 1e-10
_MOST_ROUNDS: Final = 50


def with_solved_shares(
    trial: Trial, targets: Sequence[ShareTarget], lines: Sequence[Assumption]
) -> tuple[Trial, tuple[Assumption, ...]]:
    """The trial whose rules give the shares that are known, and the lines of what it assumes with what was found.

    Several are solved for in turns until all of them hold. InputError for a share that no value gives.
    """
    unknowns = [_Unknown(target) for target in targets]
    for _ in range(_MOST_ROUNDS):
        moved = 0.0
        for unknown in unknowns:
            before = unknown.value(trial)
            trial = unknown.solved(trial)
            moved = max(moved, abs(unknown.value(trial) - before))
        if len(unknowns) == 1 or moved < _SETTLED:
            break
    else:
        places = " and ".join(target.where for target in targets)
        raise InputError("no rules were found that give all these shares together", where=places)
    told = list(lines)
    for unknown in unknowns:
        target = unknown.target
        statement = statement_of(unknown.rule(trial))
        words = f"{statement}; solved for {100.0 * target.share:g} % of the patients by the last day"
        told[target.line] = replace(told[target.line], statement=words)
    return trial, tuple(told)


@dataclass(frozen=True)
class _Unknown:
    """One rule to be solved for."""

    target: ShareTarget

    def rule(self, trial: Trial) -> Any:
        """The rule in a trial."""
        return getattr(trial.states.events, self.target.event)[self.target.position]

    def value(self, trial: Trial) -> float:
        """Its intensity or probability."""
        rule: Trigger = self.rule(trial)
        found = rule.probability if rule.per_day is None else rule.per_day
        assert found is not None
        return found

    def at(self, trial: Trial, value: float) -> Trial:
        """The trial with another value."""
        rule = self.rule(trial)
        key = "probability" if rule.per_day is None else "per_day"
        rules = list(getattr(trial.states.events, self.target.event))
        rules[self.target.position] = replace(rule, **{key: value})
        events = replace(trial.states.events, **{self.target.event: tuple(rules)})
        return replace(trial, states=replace(trial.states, events=events))

    def solved(self, trial: Trial) -> Trial:
        """The trial with the value that gives the share."""
        from scipy.optimize import brentq

        wanted = self.target.share
        highest = 1.0 if self.rule(trial).per_day is None else FASTEST
        low, high = (self.share(self.at(trial, end)) for end in (0.0, highest))
        if not low <= wanted <= high:
            raise InputError(
                "no value of the rule gives this share",
                where=f"{self.target.where}.share",
                allowed=f"{low:.4g} to {high:.4g}; or other scores, days or moves",
                got=wanted,
            )
        found = brentq(lambda value: self.share(self.at(trial, value)) - wanted, 0.0, highest, xtol=_TOLERANCE)
        return self.at(trial, float(found))

    def share(self, trial: Trial) -> float:
        """Share of the patients of the arms concerned to whom it has happened by the last day."""
        rule = self.rule(trial)
        turns = trial.states.events.turns
        number = next(place for place, turn in enumerate(turns) if rule in turn.rules)
        arms = [arm for arm in trial.arms if not rule.arms or arm.name in rule.arms]
        sizes = np.array([arm.allocation for arm in arms], dtype=np.float64)
        shares = [_share_in(trial, arm, number) for arm in arms]
        return float(sizes @ np.array(shares) / sizes.sum())


def _share_in(trial: Trial, arm: Arm, turn: int) -> float:
    weights, tables, starts = [], [], []
    for share, stratum in zip(trial.stratum_shares, trial.population.strata, strict=True):
        for part, patient in stratum.patients:
            table = trial.intensities(arm, patient)
            for chance, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score)):
                for weight, one in over_sites_of(trial, table):
                    weights.append(share * part * chance * weight)
                    tables.append(one)
                    starts.append(start)
    begun = trial.states.begun(turn).astype(np.float64)
    for day in np.moveaxis(stacked_transition_matrices(tables, trial.horizon), 1, 0)[::-1]:
        begun = (day @ begun[..., None])[..., 0]
    last = begun[np.arange(len(starts)), starts]
    return float(np.array(weights) @ last / sum(weights))
