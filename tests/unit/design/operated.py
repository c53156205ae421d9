"""Trials of scenarios, run at sites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jaksim.scenario import load_scenario
from jaksim.trial import Trial
from jaksim.trial.operations.accrual import expected_accrual
from jaksim.trial.operations.data_flow import Board, DataFlow
from jaksim.trial.operations.day_law import day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup
from jaksim.trial.operations.screening import Reason, Screening

ROOT = Path(__file__).parents[3]
FLOW = DataFlow(entry=day_law("poisson", {"mean": 4}), queried=0.2, query=fixed(6))
BOARD = Board(fixed(5), fixed(2))


def plan_for(
    patients: int, *, short: bool = False, capped: bool = False, days: int = 120, **more: object
) -> Operations:
    """Sites that bring so many patients in about `days` days; where `short`, too few of them in half of all trials."""
    sites = 12 if short else 40
    group = SiteGroup(
        "all",
        sites,
        1.05 * patients / 0.8 / sites / days,
        shape=0.5 if short else 2.0,
        cap=max(3 * patients // sites, 1) if capped else None,
    )
    recruitment = Recruitment((Country("all", (group,)),), until=days if short else 4 * days)
    screening = Screening((Reason("any", 0.2),), fixed(2))
    return Operations(recruitment, screening, **{"data_flow": FLOW, "board": BOARD, **more})


def operated(trial: Trial, operations: Operations) -> Trial:
    """The trial with these operations."""
    drawn = replace(trial.population, stratum_sizes="drawn")
    return replace(trial, operations=operations, accrual=expected_accrual(operations), population=drawn)


def scenario_trial(name: str) -> Trial:
    """The trial of a scenario by its path from the root, its design calibrated with few trials."""
    trial = load_scenario(ROOT / f"{name}.toml").trial
    if getattr(trial.adaptation, "calibration", 0) > 1_000:
        trial = replace(trial, adaptation=replace(trial.adaptation, calibration=1_000))
    return trial
