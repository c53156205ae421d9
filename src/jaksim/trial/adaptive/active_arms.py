"""What an adaptation of several arms asks of the planned analyses: one per active arm, all alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jaksim.analysis.margin import SUPERIORITY
from jaksim.errors import InputError
from jaksim.trial.plan import AnalysisPlan

if TYPE_CHECKING:
    from jaksim.trial.protocol import Trial


def plans_of(trial: Trial, names: Sequence[str]) -> tuple[AnalysisPlan, ...]:
    """The analyses of these names in the order of the arms; InputError unless there is one per active arm, all of the
    same endpoint, method, strata and level, against the reference, for superiority."""
    known = {plan.name: plan for plan in trial.analyses}
    for name in names:
        if name not in known:
            raise InputError("unknown analysis", where="adaptation, analyses", allowed=known, got=name)
    chosen = {known[name].active: known[name] for name in names}
    wanted = [arm.name for arm in trial.arms if not arm.reference]
    if len(chosen) != len(names) or set(chosen) != set(wanted):
        raise InputError(
            "every active arm needs one analysis",
            where="adaptation, analyses",
            allowed=f"one analysis of each of {', '.join(wanted)}",
            got=", ".join(names),
        )
    plans = tuple(chosen[name] for name in wanted)
    for plan in plans:
        _check_like(plan, plans[0], trial.reference.name)
    trial.check_watched(plans[0].endpoint)
    return plans


def _check_like(plan: AnalysisPlan, first: AnalysisPlan, reference: str) -> None:
    where = f"adaptation, analysis '{plan.name}'"
    if plan.reference != reference or len(plan.pairs) > 1:
        raise InputError("the comparison is not with the reference", where=where, allowed=reference, got=plan.reference)
    if plan.hypothesis != SUPERIORITY:
        raise InputError("the adaptation is about superiority", where=where, got=plan.hypothesis)
    for what in ("endpoint", "method", "options", "strata", "alpha", "sides", "margin"):
        if getattr(plan, what) != getattr(first, what):
            raise InputError(
                f"the analyses of the arms differ in their {what}",
                where=where,
                allowed=f"{getattr(first, what)}, as in '{first.name}'",
                got=getattr(plan, what),
            )
