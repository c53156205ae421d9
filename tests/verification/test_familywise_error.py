"""Familywise error of procedures and designs with several hypotheses, 100,000 replicates in which no arm works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.precision import standard_error
from jaksim.scenario import load_scenario
from jaksim.trial.multiplicity.plan import Multiplicity, NullConfiguration

pytestmark = pytest.mark.verify

SCENARIOS = Path(__file__).parents[1] / "scenarios"
REPLICATES = 100_000
SEED = 20201201
FIRST = ("analysis", "setting", "level", "familywise error", "z above the level")
ON_DEATH = 'adaptation.analyses=["died, low dose","died, high dose","died, idle"]'
PROCEDURES = ("bonferroni", "holm", "hochberg", "fixed sequence")
ENDPOINTS = 'multiplicity.analyses=["log-rank","odds","death"]'
PERMUTED = "analysis.recovered.options={distribution='permutation'}"
PERMUTED_DEATHS = "analysis.died.options={distribution='permutation'}"
TWO_ON_CONTROL = (
    "adaptation.efficacy=pocock",
    "adaptation.stop=every arm",
    "accrual.rates=[12.0]",
    "arm.control.allocation=2",
    "randomisation.block_size=5",
)
MANY = ("accrual.rates=[60.0]", "population.patients=3000")
SETTINGS = {
    "as it stands": (),
    "1,200 patients": ("population.patients=1200",),
    "100 patients": ("population.patients=100",),
}
DESIGNS: dict[str, dict[str, tuple[str, ...]]] = {
    "stages, arms keep their numbers": {
        "log-rank": (),
        "deaths": (ON_DEATH,),
        "log-rank, Pocock, 3,000 patients, two on control": (*TWO_ON_CONTROL, *MANY),
        "log-rank by permutation, Pocock, 3,000 patients, two on control": (*TWO_ON_CONTROL, *MANY, PERMUTED),
        "log-rank by permutation, Pocock, 600 patients, two on control": (*TWO_ON_CONTROL, PERMUTED),
        "deaths by Cochran-Mantel-Haenszel, Pocock, 600 patients, two on control": (
            *TWO_ON_CONTROL,
            ON_DEATH,
            "analysis.died.options={test='cmh'}",
        ),
        "deaths by permutation, Pocock, 600 patients, two on control": (*TWO_ON_CONTROL, ON_DEATH, PERMUTED_DEATHS),
    },
    "stages, places of dropped arms to the others": {
        "log-rank": ("adaptation.patients=total",),
        "log-rank, the best goes on": ("adaptation.patients=total", "adaptation.keep=[1,1]"),
        "deaths, two then one go on": ("adaptation.patients=total", "adaptation.keep=[2,1]", ON_DEATH),
    },
    "choice of a dose by an early score": {
        "log-rank": (),
        "deaths, early futility": (ON_DEATH, "adaptation.futility=0.0"),
        "log-rank, choice after a quarter, fast accrual": (
            "adaptation.interim=patients >= 25 %",
            "accrual.rates=[12.0]",
        ),
    },
}
FILES = {"choice of a dose by an early score": "doses.toml"}
DESIGNS |= {
    f"platform, {controls} controls, Bonferroni": {
        name: (f"adaptation.controls={controls}", "analysis.died.alpha=0.0083333333", *changes)
        for name, changes in {
            "deaths, milder patients from day 100": ("population.patients=1200", "accrual.rates=[12.0]"),
            "deaths, no drift": ("population.patients=1200", "accrual.rates=[6.0]", "adaptation.strata={}"),
            "deaths, arm enters on day 40": ("population.patients=900", "adaptation.enters.high dose=40"),
        }.items()
    }
    for controls in ("concurrent", "adjusted")
}
FILES |= {name: "platform.toml" for name in DESIGNS if name.startswith("platform")}


ON_RECOVERY = ("recovered, low dose", "recovered, high dose", "recovered, idle")
BOTH = (*ON_RECOVERY, "died, low dose", "died, high dose", "died, idle")
THIRD = 1.0 / 3.0
SEVERAL_ARMS = {
    "dunnett": Multiplicity("dunnett", ON_RECOVERY, 0.025),
    "step-down dunnett": Multiplicity("step-down dunnett", ON_RECOVERY, 0.025),
    "serial gatekeeping": Multiplicity("serial gatekeeping", BOTH, 0.025, families=(BOTH[:3], BOTH[3:])),
    "parallel gatekeeping": Multiplicity("parallel gatekeeping", BOTH, 0.025, families=(BOTH[:3], BOTH[3:])),
    "graph of three arms on two endpoints": Multiplicity(
        "graphical",
        BOTH,
        0.025,
        weights=(THIRD, THIRD, THIRD, 0.0, 0.0, 0.0),
        transitions=(
            (0.0, 0.5, 0.0, 0.5, 0.0, 0.0),
            (THIRD, 0.0, THIRD, 0.0, THIRD, 0.0),
            (0.0, 0.5, 0.0, 0.0, 0.0, 0.5),
            (0.0, 1.0, 0.0, 0.0, 0.0, 0.0),
            (0.5, 0.0, 0.5, 0.0, 0.0, 0.0),
            (0.0, 1.0, 0.0, 0.0, 0.0, 0.0),
        ),
    ),
}
# What is changed, and the arms that do not work.
WORLDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no arm works, 600 patients": ((), ()),
    "no arm works, 3,000 patients, two on control": (
        ("population.patients=3000", "arm.control.allocation=2", "randomisation.block_size=5"),
        (),
    ),
    "one arm works well, 600 patients": (
        ("disease.treatments.high dose.effect.0.hazard_ratio=4.0",),
        ("low dose", "idle"),
    ),
}


def familywise(file: str, changes: tuple[str, ...]) -> float:
    trial = load_scenario(SCENARIOS / file, changes=changes).trial
    result = trial_power(trial, Settings(replicates=REPLICATES, seed=SEED), null=True)
    if result.multiplicity is not None:
        return result.multiplicity.any_rejection.power
    assert result.characteristics is not None
    return result.characteristics.any_rejection.share


def z_above(share: float, level: float) -> float:
    return (share - level) / standard_error(round(level * REPLICATES), REPLICATES)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("procedure", PROCEDURES)
def test_procedures(procedure: str, setting: str, measured: Callable[..., None]) -> None:
    changes = (f"multiplicity.procedure={procedure}", "multiplicity.alpha=0.05", ENDPOINTS, *SETTINGS[setting])
    share = familywise("small.toml", changes)
    z = z_above(share, 0.05)
    measured("familywise-error", FIRST, (procedure, setting, "5 %", f"{100 * share:.2f} %", f"{z:+.1f}"))
    assert z < 4.0


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("procedure", SEVERAL_ARMS)
def test_procedures_for_several_arms(procedure: str, world: str, measured: Callable[..., None]) -> None:
    """The error is to reject a hypothesis about an arm that does not work, whatever else is rejected."""
    changes, idle = WORLDS[world]
    trial = load_scenario(SCENARIOS / "arms.toml", changes=changes).trial
    plan = replace(SEVERAL_ARMS[procedure], configurations=(NullConfiguration("world", idle),))
    settings = Settings(replicates=REPLICATES, seed=SEED)
    found = trial_power(replace(trial, adaptation=None, multiplicity=plan), settings).multiplicity
    assert found is not None
    share = next(one.power for one in found.familywise_error if one.name == "world")
    z = z_above(share, 0.025)
    measured("familywise-error", FIRST, (procedure, world, "2.5 %", f"{100 * share:.2f} %", f"{z:+.1f}"))
    assert z < 4.0


@pytest.mark.parametrize(("design", "setting"), [(design, one) for design, many in DESIGNS.items() for one in many])
def test_designs(design: str, setting: str, measured: Callable[..., None]) -> None:
    share = familywise(FILES.get(design, "arms.toml"), DESIGNS[design][setting])
    z = z_above(share, 0.025)
    measured("familywise-error", FIRST, (design, setting, "2.5 %", f"{100 * share:.2f} %", f"{z:+.1f}"))
    assert z < 4.0
