"""Trials of 1,000 patients at 50 sites, by each door, and as one writes them in SimPy by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import simpy

from benchmarks.work import Work
from jaksim import load_scenario
from jaksim.design.prepared import Prepared
from jaksim.operations.events import Conductor
from jaksim.operations.exact.day_full import day_full
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.pool import Recruiter
from jaksim.trial import Trial
from jaksim.trial.operations.accrual import expected_accrual
from jaksim.trial.operations.day_law import day_law
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup

SCENARIO = "scenarios/actt4-operations.toml"
SEED = 20201201
SITES, PATIENTS = 50, 1000
TRIALS = 5
AT_ONCE = 100
DAILY = tuple(range(8))


def conducted_trials(dispensings: int, *, monitored: bool) -> Work:
    """Screening, visits, costs and double-dummy kits on so many days; about 10,000 events with eight of them."""
    conductor = Conductor(trial_at_sites(dispensings, monitored=monitored), SEED)

    def trials(block: int) -> None:
        for replicate in range(block * TRIALS, (block + 1) * TRIALS):
            conductor.run(replicate)

    return Work(trials, TRIALS, "trials")


def screened_trials() -> Work:
    """Everybody screened, and the line of those who can be randomised, by the fast door."""
    operations = trial_at_sites(0, monitored=True).operations
    assert operations is not None
    recruiter = Recruiter(operations.recruitment, operations.screening, SEED)
    return Work(lambda block: recruiter.pool(block * AT_ONCE, AT_ONCE, PATIENTS), AT_ONCE, "trials")


def trials_with_power() -> Work:
    """Trials by the fast door with interim analyses and all analyses at their end, as `power` conducts them."""
    prepared = Prepared(trial_at_sites(0, monitored=True), SEED, "auto")
    return Work(lambda block: prepared.sums(block * AT_ONCE, AT_ONCE), AT_ONCE, "trials")


def exact_laws() -> Work:
    """Law of the day on which the trial of the scenario is full."""
    trial = load_scenario(SCENARIO).trial
    operations = trial.operations
    assert operations is not None
    recruitment, screening, patients = operations.recruitment, operations.screening, trial.population.patients
    return Work(lambda _: day_full(EnrolmentLaw(recruitment, screening), patients), 1, "laws")


def trial_at_sites(dispensings: int, *, monitored: bool) -> Trial:
    """The trial of the scenario with other sites and kits enough for so many dispensings a patient."""
    trial = load_scenario(SCENARIO).trial
    operations = trial.operations
    assert operations is not None
    assert operations.supply is not None
    group = SiteGroup("all", SITES, 0.2, opens=day_law("uniform", {"low": 0, "high": 60}), shape=1.5)
    products = tuple(replace(one, made=20_000) for one in operations.supply.products)
    resupply = replace(operations.supply.resupply, first=100, reorder=80, up_to=120)
    supply = replace(operations.supply, products=products, resupply=resupply, dispensing=DAILY[: max(dispensings, 1)])
    recruitment = Recruitment((Country("all", (group,)),))
    plan = replace(operations, recruitment=recruitment, supply=supply if dispensings else None)
    changes: dict[str, Any] = {} if monitored else {"monitoring": None}
    return replace(trial.with_patients(PATIENTS), operations=plan, accrual=expected_accrual(plan), **changes)


def trials_by_hand() -> Work:
    """A process for each site and patient and a container of kits at each site, as in a textbook: screening, eight
    daily dispensings, resupply and the day of the outcome, with nothing written down but the number of patients."""

    def trials(block: int) -> None:
        for replicate in range(block * TRIALS, (block + 1) * TRIALS):
            ByHand(replicate).env.run()

    return Work(trials, TRIALS, "trials")


class ByHand:
    """One trial by hand."""

    def __init__(self, replicate: int) -> None:
        self.env = simpy.Environment()
        self.random = random.Random(replicate)
        self.enrolled = self.complete = 0
        self.awaited: set[simpy.Container] = set()
        """Stocks that kits are on their way to."""
        for _ in range(SITES):
            self.env.process(self.site())

    def site(self) -> Iterator[simpy.Event]:
        """Opens, then screens patients until the trial is full."""
        kits = simpy.Container(self.env, 10_000, init=60)
        rate = 0.2 * self.random.gammavariate(1.5, 1 / 1.5)
        yield self.env.timeout(self.random.uniform(0, 60))
        while self.enrolled < PATIENTS:
            yield self.env.timeout(self.random.expovariate(rate))
            self.env.process(self.patient(kits))

    def patient(self, kits: simpy.Container) -> Iterator[simpy.Event]:
        """Is screened, treated for a week and followed up."""
        if self.random.random() < 0.35:
            return
        yield self.env.timeout(self.random.choice((0, 0, 1)))
        if self.enrolled == PATIENTS:
            return
        self.enrolled += 1
        for _ in DAILY:
            yield kits.get(2)
            if kits.level < 20 and kits not in self.awaited:
                self.env.process(self.shipment(kits))
            yield self.env.timeout(1)
        yield self.env.timeout(20)
        self.complete += 1

    def shipment(self, kits: simpy.Container) -> Iterator[simpy.Event]:
        """Brings kits after its time on the way."""
        self.awaited.add(kits)
        yield self.env.timeout(self.random.triangular(2, 10, 4))
        self.awaited.remove(kits)
        yield kits.put(60 - kits.level)
