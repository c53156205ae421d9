"""What a trial tells of the interaction by its patients on and off glucocorticoids."""

from dataclasses import replace

import numpy as np
import pytest

from jaksim.calibration.joint.selection import load_joint_selection
from jaksim.calibration.joint.stage_one import own_effects, stage_one_study
from jaksim.calibration.joint.within import _differences, within_contrasts, within_trial
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study

DEATHS = {"with": ["deaths_day28.all.steroid.tocilizumab", "deaths_day28.all.steroid.usual_care"]} | {
    "without": ["deaths_day28.all.no_steroid.tocilizumab", "deaths_day28.all.no_steroid.usual_care"]
}
# Deaths and discharges in RECOVERY's comparison of tocilizumab, given corticosteroids and not: active and control out
# of n (WHO REACT).
COUNTS = {
    "on": {"n": (1664, 1721), "death": (482, 600), "discharge": (987, 873)},
    "off": {"n": (357, 367), "death": (139, 127), "discharge": (162, 168)},
}


@pytest.fixture(scope="module")
def trials():
    return {trial.study.name: trial for trial in load_joint_selection().trials}


def told_by(trial, study, positions):
    return within_trial(trial.within, trial.evidence, study, trial.treatments, study.template.prior_mean, positions)


def told(trial):
    study = stage_one_study(trial)
    positions = np.flatnonzero(own_effects(study, trial)).tolist()
    return study, positions, told_by(trial, study, positions)


def log_odds_ratio(counts, event):
    (a, c), (n, m) = counts[event], counts["n"]
    return np.log(a * (m - c) / (c * (n - a)))


def test_trials_without_the_comparison_tell_nothing_of_it(trials):
    silent = [trial for trial in trials.values() if not trial.within]
    assert {"stop-covid", "recovery-dexamethasone", "covinib"} <= {trial.study.name for trial in silent}
    assert told(trials["stop-covid"])[2] is None
    assert len(trials) - len(silent) == 15


@pytest.mark.parametrize("name", ["covacta", "remap-cap-tocilizumab", "actt-2"])
def test_one_contrast_is_an_estimate_in_the_direction_of_its_slopes(trials, name):
    _, _, found = told(trials[name])
    values, _ = np.linalg.eigh(found.information)
    assert values[:2] == pytest.approx([0.0, 0.0], abs=1e-9 * values[2])
    # weighted = g d / v and information = g g' / v, so that weighted' weighted / (g' information g) = d^2 / v.
    distance = found.weighted @ np.linalg.pinv(found.information) @ found.weighted
    expected = {
        # covacta: 14/56 and 12/41, 44/238 and 16/103; REMAP-CAP: 53/214 and 73/217, 30/127 and 41/129.
        "covacta": ((14, 56, 12, 41), (44, 238, 16, 103)),
        "remap-cap-tocilizumab": ((53, 214, 73, 217), (30, 127, 41, 129)),
    }
    if name == "actt-2":
        difference, variance = np.log(2.917) - np.log(0.6654), 1.307**2 + 0.3**2
    else:
        sides = [
            (np.log(a * (m - c) / (c * (n - a))), sum(1 / np.array([a, n - a, c, m - c])))
            for a, n, c, m in expected[name]
        ]
        difference, variance = sides[0][0] - sides[1][0], sides[0][1] + sides[1][1]
    assert distance == pytest.approx(difference**2 / variance, rel=2e-3)


@pytest.mark.parametrize("name", ["recovery-tocilizumab", "cov-barrier"])
def test_slopes_carry_effects_to_the_odds_ratio_of_death(trials, name):
    trial = trials[name]
    trial = replace(trial, within=trial.within[:1])
    study, positions, found = told(trial)
    slope = found.weighted / np.linalg.norm(found.weighted)
    endpoint = build_endpoint({"name": "d", "kind": "event_by_day", "set": "dead", "day": 28}, study.template.scale, 28)
    study = replace(study, endpoints={**study.endpoints, "d": endpoint})
    active, control = (arm.name for arm in study.arms.values())
    if set(study.arms[control].regimen) & set(trial.treatments):
        active, control = control, active
    kind = "odds_ratio_mh" if name == "cov-barrier" else "odds_ratio"

    def of(effects):
        values = study.template.prior_mean.copy()
        values[positions] += effects
        statistic = Statistic(kind, "d", active, control, tuple(study.strata))
        return float(STATISTICS[kind](StudyLaws(study, values[None]), statistic)[0, 0])

    # The ratio of two changes does not depend on the length of the slope, whose sign that of the difference hides.
    first, second = np.array([0.1, 0.0, 0.2]), np.array([-0.1, 0.1, 0.1])
    exact = (of(first / 2) - of(-first / 2)) / (of(second / 2) - of(-second / 2))
    assert (slope @ first) / (slope @ second) == pytest.approx(exact, rel=0.01)


def test_deaths_and_discharges_of_the_same_patients_are_correlated(trials):
    trial = trials["recovery-tocilizumab"]
    stream = np.random.default_rng(1)
    events = ("death", "discharge")
    differences = np.array([log_odds_ratio(COUNTS["on"], e) - log_odds_ratio(COUNTS["off"], e) for e in events])
    _, _, found = told(trial)
    differences_told, covariance = _differences(trial.within, trial.evidence)
    assert differences_told == pytest.approx(differences)
    distance = found.weighted @ np.linalg.pinv(found.information) @ found.weighted
    assert distance == pytest.approx(differences @ np.linalg.solve(covariance, differences), rel=1e-6)
    drawn = np.zeros((2, 20_000))
    for side, sign in (("on", 1), ("off", -1)):
        for arm, n in enumerate(COUNTS[side]["n"]):
            p = [COUNTS[side][event][arm] / n for event in ("death", "discharge")]
            counts = stream.multinomial(n, [*p, 1 - sum(p)], size=20_000)[:, :2].T
            drawn += sign * (1 - 2 * arm) * np.log(counts / (n - counts))
    # Four errors of a covariance from 20,000 draws, and what the delta method leaves out at these sizes.
    spread = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert np.abs(np.cov(drawn) - covariance).max() < (4 * np.sqrt(2 / 20_000) + 0.01) * spread.max()


def test_two_contrasts_of_other_patients_add_up(trials):
    trial = trials["recovery-baricitinib"]
    both = told(trial)[2]
    parts = [told(replace(trial, within=(one,)))[2] for one in trial.within]
    assert both.information == pytest.approx(sum(part.information for part in parts))
    assert both.weighted == pytest.approx(sum(part.weighted for part in parts))


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"event": "sleep"}, "unknown event"),
        ({"event": "discharge"}, "within 1, with: the record counts something else"),
        ({"with": DEATHS["with"][:1]}, "within 1, with: a ratio, or a count of each arm"),
        ({"with": DEATHS["with"][::-1]}, "within 1, with"),
        ({"without": DEATHS["with"]}, "the same patients"),
        ({"of": []}, "unknown key"),
        ({"without": ["deaths_day28.all.sometimes.tocilizumab"]}, "no such record"),
    ],
)
def test_what_is_no_contrast_is_refused(entry, says):
    evidence = load_study("recovery-tocilizumab")
    with pytest.raises(InputError, match=says):
        within_contrasts([{"event": "death", **DEATHS, **entry}], evidence, "tocilizumab", concerned=True)
    with pytest.raises(InputError, match="no interaction concerns"):
        within_contrasts([{"event": "death", **DEATHS}], evidence, "tocilizumab", concerned=False)
