from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from jaksim.design.analyses.evaluation import settle
from jaksim.design.analyses.multiple import reject_by_levels
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.scenario import load_scenario
from jaksim.trial.multiplicity.graph import equal_weights

ADAPTIVE = Path(__file__).parents[4] / "scenarios" / "adaptive.toml"
HOLM = "adaptation.critical_value=holm"


def designed(*changes, seed=7):
    cells = Cells(load_scenario(ADAPTIVE, changes=[HOLM, *changes]).trial)
    return make_design(cells, settle(cells), seed)


@pytest.mark.parametrize(
    "changes",
    [
        (),
        ("adaptation.unit=days", "adaptation.every=20"),
        ('adaptation.analyses=["well, good", "well, useless"]', "adaptation.by_period=false"),
        ('adaptation.analyses=["recovery, useless", "recovery, good"]', "adaptation.control=largest"),
    ],
)
def test_a_replicate_is_the_same_in_any_block(changes):
    design = designed(*changes)
    together, cohort = design.conduct(40, 24)
    for first, n in ((40, 1), (51, 5), (56, 8)):
        apart, alone = design.conduct(first, n)
        rows = slice(first - 40, first - 40 + n)
        assert apart.results.tobytes() == np.ascontiguousarray(together.results[:, rows]).tobytes()
        assert (apart.rejected == together.rejected[:, rows]).all()
        assert (apart.enrolled == together.enrolled[rows]).all()
        assert (alone.arm[:, :300] == cohort.arm[rows, :300]).all()
        for name, values in apart.extras.items():
            assert values.tobytes() == together.extras[name][rows].tobytes()


def test_earlier_patients_and_arrivals_stay_as_they_were():
    adapted, fixed = designed("adaptation.power=5"), designed("adaptation.power=0")
    cohort, begins, _ = adapted.enrol(0, 50)
    other, _, _ = fixed.enrol(0, 50)
    assert (begins[:, 0] >= 90).all()
    assert (begins[:, -1] == 300).all()
    assert (cohort.day == other.day).all()
    assert (cohort.stratum == other.stratum).all()
    for b in range(50):
        assert (cohort.arm[b, : begins[b, 0]] == other.arm[b, : begins[b, 0]]).all()
    assert (cohort.arm != other.arm).any()


def test_the_first_change_follows_the_beta_posterior():
    design = designed(
        'adaptation.analyses=["well, good", "well, useless"]', "adaptation.power=1", "adaptation.every=300"
    )
    cohort, begins, shares = design.enrol(0, 6)
    horizon = 10
    for b in range(6):
        day = cohort.day[b, 89]
        seen = (np.arange(300) < begins[b, 0]) & (cohort.day[b] + horizon <= day)
        watched = design.engine.watched[1]
        status = watched.endpoint.status[watched.known[-1][watched.part[cohort.category[0, b]]]]
        laws = [
            stats.beta(
                1 + (status == 1)[seen & (cohort.arm[b] == a)].sum(),
                1 + (status == 0)[seen & (cohort.arm[b] == a)].sum(),
            )
            for a in range(3)
        ]
        draws = np.stack([law.rvs(200_000, random_state=10 * b + a) for a, law in enumerate(laws)])
        best = np.bincount(draws.argmax(axis=0), minlength=3) / 200_000
        np.testing.assert_allclose(shares[b], best, atol=4 * np.sqrt(0.25 / 200_000))


def test_more_patients_go_to_the_better_arm_and_caps_hold():
    capped = designed(
        "adaptation.power=2", "adaptation.lowest=0.2", "adaptation.highest=0.5", "adaptation.control=largest"
    )
    conducted, _ = capped.conduct(0, 200)
    last = np.stack(list(conducted.extras.values()), axis=1)
    assert last.min() >= 0.2 - 1e-9
    assert last.max() <= 0.5 + 1e-9
    np.testing.assert_allclose(last.sum(axis=1), 1.0)
    np.testing.assert_allclose(last[:, 0], last[:, 1:].max(axis=1))
    by_arm = conducted.enrolled.reshape(200, 3, 2).sum(axis=(0, 2))
    assert by_arm[1] > 1.3 * by_arm[2]


def test_periods_partition_the_patients():
    design = designed()
    _, begins, _ = design.enrol(0, 20)
    pooled = designed("adaptation.by_period=false")
    stratified, plain = design.conduct(0, 20)[0].results, pooled.conduct(0, 20)[0].results
    assert not np.allclose(stratified, plain)
    assert (np.diff(begins, axis=1) >= 0).all()


def test_holm_goes_on_while_hypotheses_fall():
    z = np.array([[2.3, 2.1, 1.9], [2.0, 2.3, 2.2]])
    assert reject_by_levels(stats.norm.sf(z), 0.025 * equal_weights(2)).tolist() == [
        [True, True, False],
        [True, True, False],
    ]
