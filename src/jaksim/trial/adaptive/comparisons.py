"""What designs of several arms against one control ask of the analyses that they decide about."""

from __future__ import annotations

from collections.abc import Sequence

from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Demands
from jaksim.trial.parts import TrialParts, plan_named, watched_endpoint
from jaksim.trial.plan import AnalysisPlan

ALIKE = ("endpoint", "method", "options", "strata", "alpha", "sides", "hypothesis", "margin")


def one_analysis_per_arm(
    trial: TrialParts, names: Sequence[str], demands: Demands, where: str = "adaptation.analyses"
) -> tuple[AnalysisPlan, ...]:
    """The analyses of these names, in this order; InputError unless there is one for each active arm, against the
    reference, all alike but for their arm, as the design demands them and of an endpoint that data cuts show."""
    plans = tuple(plan_named(trial, name, where) for name in names)
    wanted = {arm.name for arm in trial.arms if not arm.reference}
    for plan in plans:
        if plan.reference != trial.reference.name or len(plan.pairs) > 1:
            raise InputError(
                f"{plan.name!r} is not a comparison with the reference arm",
                where=where,
                allowed=trial.reference.name,
                got=plan.reference,
            )
    actives = [plan.active for plan in plans]
    if len(set(actives)) != len(names) or set(actives) != wanted:
        raise InputError(
            "every active arm needs one analysis",
            where=where,
            allowed=f"one analysis of each of {', '.join(sorted(wanted))}",
            got=", ".join(names),
        )
    for plan in plans:
        what = plan.difference(plans[0], ALIKE)
        if what is not None:
            raise InputError(
                f"the analyses of the arms differ in their {what}",
                where=where,
                allowed=f"{getattr(plans[0], what)}, as in {plans[0].name!r}",
                got=str(getattr(plan, what)),
            )
    demands.check(plans, where)
    watched_endpoint(trial, plans[0].endpoint)
    return plans
