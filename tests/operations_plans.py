"""Random plans of how a small trial is run, for tests of its conduct."""

import datetime
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

from jaksim.scenario import load_scenario
from jaksim.trial.operations.accrual import expected_accrual
from jaksim.trial.operations.costs import Costs
from jaksim.trial.operations.data_flow import Board, DataFlow
from jaksim.trial.operations.day_law import day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, Season, SiteGroup, Speed
from jaksim.trial.operations.screening import Reason, Screening
from jaksim.trial.operations.supply import Product, Resupply, Supply
from jaksim.trial.operations.wards import Ward
from jaksim.trial.randomisation import Randomisation

SCENARIOS = Path(__file__).parent / "scenarios"
LAWS = (
    fixed(0),
    fixed(3),
    day_law("uniform", {"low": 0, "high": 20}),
    day_law("triangular", {"low": 0, "mode": 2, "high": 30}),
    day_law("gamma", {"mean": 8, "sd": 6}),
    day_law("listed", {"days": [0, 1, 7], "probabilities": [0.5, 0.3, 0.2]}),
)


@cache
def _loaded(scenario):
    return load_scenario(SCENARIOS / scenario).trial


def small_trial(patients, operations, *, scenario="small.toml", **changes):
    """A small trial run in a way; `changes` are of parts of the trial."""
    trial = _loaded(scenario)
    changes = {"accrual": expected_accrual(operations), "operations": operations, **changes}
    return replace(trial, population=replace(trial.population, patients=patients), **changes)


def random_recruitment(pick, *, until=400, caps=True):
    """One to three countries of one or two groups of sites; `pick` takes one of a list."""
    countries = []
    for c in range(pick([1, 2, 3])):
        groups = tuple(
            SiteGroup(
                f"group {c}{g}",
                pick([1, 2, 5, 9]),
                pick([0.1, 0.3, 1.0]),
                opens=pick(LAWS),
                shape=pick([math.inf, 1.2, 4.0]),
                speed=Speed(pick([0, 14]), pick([0.0, 0.1])),
                cap=pick([None, None, 6]) if caps else None,
                closes=pick([None, None, 60]),
                strata=pick([(), (0.2, 0.8)]),
                concentration=pick([math.inf, math.inf, 2.0]),
            )
            for g in range(pick([1, 2]))
        )
        season = Season(
            datetime.date(2020, 12, 1), pick([(), (1.0, 0.5) * 6]), pick([1.0, 0.3]), pick([(), ((24, 31),)])
        )
        countries.append(Country(f"country {c}", groups, season, pick([None, None, 20]) if caps else None))
    return Recruitment(tuple(countries), until)


def random_screening(pick):
    """Up to two reasons to fail, with or without a second screening."""
    reasons = (Reason("kidney", 0.2), Reason("oxygen", 0.15, again=True))[: pick([0, 1, 2])]
    return Screening(reasons, pick(LAWS), pick([0.0, 0.5]), pick(LAWS), pick([0.0, 0.5, 1.0]))


def random_supply(pick):
    """One product or a double dummy, in stock or short of it."""
    products = tuple(
        Product(
            name,
            pick([0, 10, 400]),
            pick([(), ((20, 60),), ((5, 30), (90, 100))]),
            pick([None, 40, 200]),
            pick([0, 7]),
        )
        for name in ("active", "dummy")
    )
    kits = pick(
        [
            {"drug": {"active": 1}, "control": {"dummy": 1}},
            {"drug": {"active": 2, "dummy": 1}, "control": {"active": 1, "dummy": 2}},
            {"drug": {"active": 1}},
        ]
    )
    resupply = Resupply(
        pick(["levels", "projection"]), pick([0, 3]), pick([0, 2]), pick([3, 8]), 7, pick([7, 21]), pick(LAWS)
    )
    rule = pick(["turned away", "without drug"])
    return Supply(products, kits, pick([(0,), (0, 3, 7), (0, 10)]), resupply, rule, pick([0.0, 0.5, 1.0]))


def random_wards(pick):
    """Up to two wards, of both rules."""
    wards = []
    for name in ("beds", "ventilators")[: pick([0, 1, 2])]:
        rule = pick(["transfer", "stay"])
        wards.append(
            Ward(
                name,
                pick([0, 1, 3]),
                pick([(3,), (2, 3), (1, 3)]),
                pick([0.0, 0.1, 0.5]),
                pick(LAWS),
                pick([(), ((10, 4.0), (60, 0.0))]),
                rule,
                pick([1.0, 3.0]) if rule == "stay" else 1.0,
                pick([1.0, 0.2]) if rule == "stay" else 1.0,
            )
        )
    return tuple(wards)


def random_flow(pick):
    """Visits and how late their data are."""
    return DataFlow(pick([(), (1, 4, 8)]), pick(LAWS), pick([0.0, 0.3]), pick(LAWS), 0.2, 20, 15)


def random_trial(pick, *, patients=None, plain=False, scenario="small.toml"):
    """A trial whose caps let in enough patients; without supply, wards and a pausing board if it is to be `plain`."""
    rule = pick([Randomisation(), Randomisation("simple"), Randomisation(block_size=2, stratified=False)])
    rule = pick([rule, Randomisation("biased coin"), Randomisation("minimisation")])
    operations = Operations(
        random_recruitment(pick),
        random_screening(pick),
        None if plain else pick([None, random_supply(pick)]),
        () if plain else random_wards(pick),
        random_flow(pick),
        Board(pick(LAWS), pick(LAWS), False if plain else pick([False, True])),
        Costs("EUR", 100.0, 20.0, 5.0, 50.0, 2.0, 1.0, 3.0, 4.0, 10.0, pick([0.0, 0.05])),
        site_sd=pick([0.0, 0.3, 1.5]),
        randomised_within_sites=pick([False, True]),
    )
    most = expected_accrual_total(operations)
    wanted = patients or pick([10, 40, 120])
    n = int(min(wanted, operations.recruitment.room, max(most, 0.0)))
    return small_trial(n, operations, scenario=scenario, randomisation=rule) if n >= 1 else None


def expected_accrual_total(operations):
    """Patients expected to be randomised until the last day."""
    from jaksim.trial.operations.recruitment import expected_patients

    found = expected_patients(operations.recruitment, 1.0, operations.screening.days_to_randomisation)
    return float(found[-1])
