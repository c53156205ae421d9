"""What the rules of a trial are checked against: its other parts, whoever holds them."""

from __future__ import annotations

from typing import Protocol

from jaksim.checks import known
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.history import check_cut
from jaksim.trial.accrual import Accrual
from jaksim.trial.arm import Arm
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.population import Population
from jaksim.trial.randomisation import Randomisation


class TrialParts(Protocol):
    """The parts of a trial that its monitoring, its adaptation and its procedure for several hypotheses refer to."""

    @property
    def arms(self) -> tuple[Arm, ...]: ...
    @property
    def reference(self) -> Arm: ...
    @property
    def population(self) -> Population: ...
    @property
    def endpoints(self) -> tuple[Endpoint, ...]: ...
    @property
    def analyses(self) -> tuple[AnalysisPlan, ...]: ...
    @property
    def randomisation(self) -> Randomisation: ...
    @property
    def accrual(self) -> Accrual | None: ...
    @property
    def monitored(self) -> bool: ...

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name."""
        ...


def plan_named(trial: TrialParts, name: str, where: str) -> AnalysisPlan:
    """The planned analysis of that name; InputError, which speaks of `where`, without one."""
    plans = {plan.name: plan for plan in trial.analyses}
    known(name, plans, "analysis", where)
    return plans[name]


def watched_endpoint(trial: TrialParts, name: str) -> Endpoint:
    """The endpoint of that name; InputError where it cannot be read before its follow-up is complete."""
    endpoint = trial.endpoint(name)
    check_cut(endpoint)
    return endpoint
