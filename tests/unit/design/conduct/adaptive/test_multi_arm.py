"""Trials of several arms over several analyses: what is dropped, who is enrolled, and that blocks change nothing."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

ARMS = Path(__file__).parents[4] / "scenarios" / "arms.toml"


def conducted(*changes, first=0, n=200, seed=3, null=False):
    trial = load_scenario(ARMS, changes=changes).trial
    cells = Cells(trial.under_null() if null else trial)
    design = make_design(cells, settle(cells), seed)
    return design, *design.conduct(first, n)


def by_arm(found, strata=2):
    return found.enrolled.reshape(len(found.enrolled), -1, strata).sum(axis=2)


@pytest.mark.parametrize("more", [(), ("adaptation.patients=total", "adaptation.keep=[2,1]")])
def test_a_replicate_is_the_same_in_any_block(more):
    _, whole, _ = conducted(*more, n=60)
    _, late, _ = conducted(*more, first=37, n=23)
    np.testing.assert_array_equal(whole.results[:, 37:], late.results)
    np.testing.assert_array_equal(whole.rejected[:, 37:], late.rejected)
    np.testing.assert_array_equal(whole.enrolled[37:], late.enrolled)


def test_arms_that_keep_their_numbers_save_the_patients_of_others():
    _, found, _ = conducted("adaptation.stop=every arm", "accrual.rates=[1.0]")
    sizes = by_arm(found)
    assert (sizes[:, 0] <= 160).all()
    assert (sizes <= 160).all()
    dropped = found.extras["arms after interim 1"] < 3
    assert 20 < dropped.sum() < 200
    assert sizes[dropped].sum(axis=1).max() < 600


def test_places_of_dropped_arms_go_to_the_others():
    _, found, _ = conducted("adaptation.stop=every arm", "accrual.rates=[1.0]", "adaptation.patients=total")
    sizes = by_arm(found)
    to_the_end = found.look == 2
    assert to_the_end.sum() > 50
    assert (sizes[to_the_end].sum(axis=1) == 600).all()
    one_left = to_the_end & (found.extras["arms after interim 1"] == 1)
    assert one_left.sum() > 5
    assert sizes[one_left, 0].mean() > 180


def test_at_most_the_best_go_on():
    _, found, _ = conducted("adaptation.keep=[1,1]", "adaptation.stop=every arm")
    assert (found.extras["arms after interim 1"] <= 1).all()
    last = found.look == 2
    z = np.nan_to_num(found.results[:, :, 2], nan=0.0)
    assert last.any()
    assert found.rejected.sum(axis=0).max() <= 2
    assert np.isfinite(z).all()


def test_first_success_ends_the_trial():
    design, found, _ = conducted("disease.treatments.high dose.effect.0.hazard_ratio=3.0", n=100)
    early = found.look < 2
    assert early.sum() > 50
    assert (found.rejected.any(axis=0)[early] == (found.reason[early] == 0)).all()
    assert design.looks == 3
    assert np.isnan(found.information[found.look == 0, 1]).all()


def test_combination_without_changes_is_close_to_the_cumulative_statistic():
    """Without dropping, increments joined with weights as planned are nearly the statistic of all data."""
    plain = ("adaptation.futility=", "adaptation.stop=every arm", "adaptation.efficacy=wang-tsiatis:-2")
    _, cumulative, _ = conducted(*plain)
    _, combined, _ = conducted(*plain, "adaptation.test=combination")
    both = (cumulative.look == 2) & (combined.look == 2)
    assert both.sum() > 100
    difference = np.abs(cumulative.results - combined.results)[:, both, 2]
    assert difference.mean() < 0.1
    assert difference.max() > 0.0


def test_more_is_rejected_with_an_effect_than_without():
    trial = load_scenario(ARMS).trial
    power = trial_power(trial, Settings(replicates=400, seed=5))
    null = trial_power(trial, Settings(replicates=400, seed=5), null=True)
    assert power.analyses[1].power > 0.4
    assert null.characteristics.any_rejection.share < 0.06
    assert any("3 arms against the reference" in line for line in trial.adaptation.describe())


ON_DEATH = (
    'adaptation.analyses=["died, low dose","died, high dose","died, idle"]',
    "population.patients=2400",
    "accrual.rates=[12.0]",
)


@pytest.mark.parametrize("more", [(), ("adaptation.stop=every arm",), ON_DEATH], ids=["first", "every arm", "deaths"])
def test_simulation_agrees_with_integration(more):
    """z beyond 4 fails."""
    found = trial_power(load_scenario(ARMS, changes=more).trial, Settings(replicates=4000, seed=11))
    decided = [one for one in found.analyses if np.isfinite(one.analytic_power)]
    assert len(decided) == 3
    assert max(abs(one.z) for one in decided) < 4
    looks = found.characteristics.looks
    assert sum(sum(look.analytic.values()) for look in looks) == pytest.approx(1.0)
    expected = [(look.z[reason], value) for look in looks for reason, value in look.analytic.items()]
    assert max(abs(z) for z, value in expected if value > 0.002) < 4


@pytest.mark.parametrize("more", ["adaptation.keep=[2,1]", "adaptation.patients=total", "adaptation.test=combination"])
def test_arms_that_depend_on_each_other_have_no_twin(more):
    design, _, _ = conducted(more, n=1)
    assert design.analytic() == ()
    assert np.isnan(design.analytic_power(1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("adaptation.kind=multi-arm", ["adaptation.kind", "did you mean 'multi-arm-multi-stage'"]),
        ("adaptation.efficacy=obf", ["efficacy", "obrien-fleming"]),
        ("adaptation.futility=z:0", ["futility", "2 bounds"]),
        ("adaptation.futility=z:5,5", ["futility", "above"]),
        ("adaptation.keep=[1]", ["keep", "2 numbers"]),
        ("adaptation.keep=[0,1]", ["keep", "1 or more"]),
        ("adaptation.interims=[]", ["interims", "1 to 4"]),
        ("adaptation.information=[0.7,0.4]", ["information", "does not grow"]),
        ('adaptation.interims=["day >= 30","day >= 60"]', ["information", "missing"]),
        ('adaptation.interims=["complete(recover) >= 40 %","complete >= 70 %"]', ["unknown endpoint", "recovery"]),
        ('adaptation.analyses=["recovered, low"]', ["analyses", "did you mean 'recovered, low dose'"]),
        ('adaptation.analyses=["recovered, low dose"]', ["every active arm"]),
        ("analysis.recovered.sides=2", ["one-sided"]),
        ("arm.idle.allocation=2", ["different allocations"]),
        ("adaptation.patients=all", ["per arm, total"]),
    ],
)
def test_contradictions_are_refused(change, words):
    with pytest.raises(InputError) as caught:
        conducted(change, *(["randomisation.block_size=10"] if "allocation" in change else []), n=1)
    for word in words:
        assert word in str(caught.value)
