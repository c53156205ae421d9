"""What designs with several arms against one control ask of the analyses that they decide about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jaksim.errors import InputError
from jaksim.trial.plan import AnalysisPlan

if TYPE_CHECKING:
    from jaksim.trial.protocol import Trial


def check_comparisons(trial: Trial, names: tuple[str, ...], where: str = "adaptation.analyses") -> list[AnalysisPlan]:
    """The plans of that name, each of another active arm against the reference arm, one-sided and otherwise alike."""
    plans = {plan.name: plan for plan in trial.analyses}
    for name in names:
        if name not in plans:
            raise InputError("unknown analysis", where=where, allowed=plans, got=name)
    chosen = [plans[name] for name in names]
    alike = {
        (one.endpoint, one.method, one.strata, str(one.options), one.alpha, one.sides, one.hypothesis, one.margin)
        for one in chosen
    }
    actives = {one.active for one in chosen}
    if len(alike) != 1 or len(actives) != len(chosen) or any(len(one.pairs) > 1 for one in chosen):
        raise InputError("the analyses differ by more than their active arm", where=where)
    if any(one.reference != trial.reference.name for one in chosen):
        raise InputError("an arm is not compared with the reference arm", where=where, allowed=trial.reference.name)
    if chosen[0].sides != 1:
        raise InputError(
            "arms are chosen for benefit, by one-sided tests", where=where, allowed="sides = 1 and the one-sided level"
        )
    missing = {arm.name for arm in trial.arms if not arm.reference} - actives
    if missing:
        raise InputError(
            "an arm has no analysis that decides about it", where=where, allowed="one for every active arm", got=missing
        )
    trial.check_watched(chosen[0].endpoint)
    return chosen
