"""Trials of 1,000 patients at 50 sites, conducted as events."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.work import Work
from jaksim import load_scenario
from jaksim.operations.events import Conductor
from jaksim.trial.operations.accrual import expected_accrual
from jaksim.trial.operations.day_law import day_law
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup

SEED = 20201201
PATIENTS = 1000
TRIALS = 5
DAILY = tuple(range(8))


def conducted_trials(dispensings: int, *, monitored: bool) -> Work:
    """Screening, visits, costs and double-dummy kits on so many days; about 10,000 events with eight of them."""
    trial = load_scenario("scenarios/actt4-operations.toml").trial
    operations = trial.operations
    assert operations is not None
    assert operations.supply is not None
    group = SiteGroup("all", 50, 0.2, opens=day_law("uniform", {"low": 0, "high": 60}), shape=1.5)
    products = tuple(replace(one, made=20_000) for one in operations.supply.products)
    resupply = replace(operations.supply.resupply, first=30, reorder=20, up_to=60)
    supply = replace(operations.supply, products=products, resupply=resupply, dispensing=DAILY[: max(dispensings, 1)])
    recruitment = Recruitment((Country("all", (group,)),))
    plan = replace(operations, recruitment=recruitment, supply=supply if dispensings else None)
    changes = {} if monitored else {"monitoring": None}
    trial = replace(trial.with_patients(PATIENTS), operations=plan, accrual=expected_accrual(plan), **changes)
    conductor = Conductor(trial, SEED)

    def trials(block: int) -> None:
        for replicate in range(block * TRIALS, (block + 1) * TRIALS):
            conductor.run(replicate)

    return Work(trials, TRIALS, "trials")
