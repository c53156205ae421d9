"""The group-sequential design of a scenario, or why it has none."""

from __future__ import annotations

from jaksim.design.conduct.sequential import GroupSequential
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario


def monitored(scenario: Scenario, seed: int, verb: str) -> tuple[Prepared, GroupSequential]:
    """The trial made ready, with its design; InputError for one without [monitoring]."""
    trial = scenario.trial
    if trial.monitoring is None:
        kind = "" if trial.adaptation is None else f" but an adaptive design ({trial.adaptation.kind})"
        raise InputError(
            f"the scenario has no [monitoring]{kind}, so no interim analyses against boundaries",
            where=f"{verb}, {scenario.path}",
            allowed="a scenario with [monitoring], such as actt4-interims",
        )
    prepared = Prepared(trial, seed)
    design = prepared.design
    assert isinstance(design, GroupSequential)
    return prepared, design
