"""Enrichment, patient by patient: familywise error under all and some true hypotheses, recruitment, blocks."""

import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.adaptive.enrichment import design
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.enrichment import SUBGROUP

SCENARIO = Path(__file__).parents[1] / "scenarios" / "adaptable.toml"
ENRICHED = ("adaptation.kind=enrichment", "adaptation.subgroup=well, severe", "adaptation.complement_limit=0.3")
KINDS = {
    "dunnett": (),
    "simes": ("adaptation.test=simes", "adaptation.full_limit=0.5"),
    "early stop": ("adaptation.spending=pocock", "adaptation.interim=0.4"),
    "never stops": ("adaptation.full_limit=-9", "adaptation.subgroup_limit=-9", "adaptation.complement_limit=1.5"),
}
REPLICATES = 6000


def conducted(changes, n=1500, seed=3):
    cells = Cells(load_scenario(SCENARIO, changes=(*ENRICHED, *changes)).trial)
    made = design(cells, settle(cells), seed, "auto")
    return made, *made.conduct(0, n)


@pytest.mark.parametrize("kind", KINDS)
def test_familywise_error(kind, level_z):
    assert level_z((*ENRICHED, *KINDS[kind]), REPLICATES) < 4.0


@pytest.mark.parametrize("kind", KINDS)
def test_a_drug_that_works_elsewhere_is_not_found_in_the_subgroup(kind):
    only = ("disease.treatments.drug.effect.0.baseline_scores=[2]", "disease.treatments.drug.effect.0.hazard_ratio=1.5")
    trial = load_scenario(SCENARIO, changes=(*ENRICHED, *KINDS[kind], *only)).trial
    found = trial_power(trial, Settings(replicates=REPLICATES, seed=4)).characteristics
    full, part = (one.rejected.share for one in found.hypotheses)
    assert full > 0.4
    assert (part - 0.025) / math.sqrt(0.025 * 0.975 / REPLICATES) < 4.0


def test_a_drug_that_works_in_the_subgroup_is_found_more_often_with_enrichment():
    only = ("disease.treatments.drug.effect.0.baseline_scores=[3]", "disease.treatments.drug.effect.0.hazard_ratio=1.4")
    shares = []
    for limit in ("0.3", "-9"):
        changes = (*ENRICHED, *only, f"adaptation.complement_limit={limit}")
        found = trial_power(load_scenario(SCENARIO, changes=changes).trial, Settings(replicates=4000, seed=4))
        shares.append(found.characteristics.hypotheses[1].rejected.share)
    assert shares[0] - shares[1] > 4.0 * math.sqrt(sum(one * (1.0 - one) for one in shares) / 4000)


def test_only_the_subgroup_is_recruited_after_it_is_chosen():
    made, found, cohort = conducted((), 300)
    chosen = found.extras["choice: subgroup"] == 1.0
    assert 0.05 < chosen.mean() < 0.6
    interim = cohort.day[:, made.rules.first - 1] + 10 + 1
    later = cohort.day > interim[:, None]
    inside = cohort.stratum == 1
    assert inside[chosen][later[chosen]].all()
    others = later & ~chosen[:, None]
    assert 0.3 < inside[others].mean() < 0.5
    assert (np.diff(cohort.day, axis=1) >= 0).all()
    assert (found.look[chosen] == 1).all()


def test_patients_before_the_decision_stay_who_they_were():
    made, found, cohort = conducted((), 100)
    plain = made.engine.open_cohort(0, 100, 800)
    made.engine.enrol(plain, 800)
    early = plain.day <= (plain.day[:, made.rules.first - 1] + 11)[:, None]
    for name in ("day", "stratum", "arm"):
        np.testing.assert_array_equal(getattr(cohort, name)[early], getattr(plain, name)[early])
    np.testing.assert_array_equal(cohort.category[0][early], plain.category[0][early])
    assert (found.extras["choice: subgroup"] == 1.0).any()
    assert made.rules.choose(np.array([-1.0]), np.array([1.0]), np.array([0.0])) == [SUBGROUP]


def test_trials_do_not_depend_on_the_block(same_trials):
    same_trials(ENRICHED)


def test_the_decision_is_that_of_the_stages_tested_by_hand():
    made, found, cohort = conducted(("adaptation.test=bonferroni",), 400)
    from jaksim.trial.monitoring.combination import combined_z, p_of, z_of

    first = made.rules.first
    stages = [
        [one.results(cohort, first=a, last=b)[:, 2] for one in made.populations[:2]]
        for a, b in ((0, first), (first, 800))
    ]
    both = found.extras["choice: both"] == 1.0
    p = p_of(np.array(stages))[:, :, both]
    of_both = combined_z(z_of(np.minimum(1.0, 2.0 * p.min(axis=1))).T, [0.5, 0.5])[:, 1]
    single = [combined_z(z_of(p[:, h]).T, [0.5, 0.5])[:, 1] for h in range(2)]
    critical = 1.959963984540054
    by_hand = np.array([(one > critical) & (of_both > critical) for one in single])
    np.testing.assert_array_equal(found.rejected[:, both], by_hand)
    assert by_hand.any()
