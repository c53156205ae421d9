"""Level of designs that are adapted once: 100,000 replicates in which the drug does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.precision import standard_error
from jaksim.scenario import load_scenario

pytestmark = pytest.mark.verify

SCENARIO = Path(__file__).parents[1] / "scenarios" / "adaptable.toml"
REPLICATES = 100_000
LEVEL = 0.025
HEADERS = ("design", "setting", "nominal", "replicates", "familywise error ± SE")
SETTINGS = {
    "800 patients, 5 to 20 a day": (),
    "400 patients, allocation 1 to 2": ("population.patients=400", "arm.drug.allocation=2"),
    "800 patients within days, few recover": (
        "accrual.rates=[200.0, 200.0]",
        "disease.natural_history.move.0.values=[0.02]",
        "disease.natural_history.move.3.values=[0.02]",
    ),
}
EVENTS = {"800 patients, 5 to 20 a day": 320, "400 patients, allocation 1 to 2": 160}
SCORE_TEST = "analysis.well.method=risk_difference_mn"
ZONE = ("adaptation.kind=promising-zone",)
BLINDED = ("adaptation.kind=blinded-reestimation",)
ENRICHED = (
    "adaptation.kind=enrichment",
    "adaptation.subgroup=well, severe",
    "adaptation.complement_limit=0.3",
    SCORE_TEST,
    "analysis.well, severe.method=risk_difference_mn",
)
DESIGNS = {
    "promising zone, rates, weighted": (*ZONE, SCORE_TEST),
    "promising zone, rates, original": (*ZONE, SCORE_TEST, "adaptation.statistic=original"),
    "promising zone, log-rank increments, weighted": (*ZONE, "adaptation.analysis=recovery"),
    "promising zone, log-rank increments, original": (
        *ZONE,
        "adaptation.analysis=recovery",
        "adaptation.statistic=original",
    ),
    "blinded re-estimation, rates": (*BLINDED, SCORE_TEST, "adaptation.assumed=0.35"),
    "blinded re-estimation, log-rank": (*BLINDED, "adaptation.analysis=recovery", "adaptation.assumed=0.36"),
    "blinded re-estimation, mean days": (*BLINDED, "adaptation.analysis=free days", "adaptation.assumed=4.5"),
    "blinded re-estimation, proportional odds": (*BLINDED, "adaptation.analysis=score", "adaptation.assumed=0.885"),
    "enrichment, Dunnett": ENRICHED,
    "enrichment, Simes, early stop": (*ENRICHED, "adaptation.test=simes", "adaptation.spending=obrien-fleming"),
    "enrichment, never stops": (*ENRICHED, "adaptation.full_limit=-9", "adaptation.subgroup_limit=-9"),
}


def changes_of(design: str, setting: str) -> tuple[str, ...]:
    patients = 400 if "400" in setting else 800
    changes = (*SETTINGS[setting], *DESIGNS[design])
    if "zone" in design:
        changes += (f"adaptation.maximum={2 * patients}",)
    if "increments" in design:
        changes += (f"adaptation.events={EVENTS.get(setting, 100)}",)
    if "blinded" in design:
        changes += (f"adaptation.minimum={6 * patients // 10}", f"adaptation.maximum={3 * patients}")
    return changes


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("design", DESIGNS)
def test_level(design: str, setting: str, measured: Callable[..., None]) -> None:
    trial = load_scenario(SCENARIO, changes=changes_of(design, setting)).trial
    adapted = ("well", "well, severe") if "enrichment" in design else (trial.adaptation.analysis,)
    plans = tuple(plan for plan in trial.analyses if plan.name in adapted)
    endpoints = tuple(one for one in trial.endpoints if one.name in {plan.endpoint for plan in plans})
    trial = replace(trial, analyses=plans, endpoints=endpoints)
    found = trial_power(trial, Settings(replicates=REPLICATES), null=True)
    error = found.characteristics.any_rejection
    shown = f"{100 * error.share:.2f} ± {100 * error.mc_se:.2f} %"
    measured("two-stage-level", HEADERS, (design, setting, "2.5 %", f"{REPLICATES:,}", shown))
    assert (error.share - LEVEL) / standard_error(round(LEVEL * REPLICATES), REPLICATES) < 4.0
