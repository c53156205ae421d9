"""The hazard ratio of moves at all times, against the partial likelihood written out and against patients."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxTimeVaryingFitter
from scipy.optimize import minimize_scalar

from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.replicates import replicate_study
from jaksim.calibration.statistic import TRANSITION_RATIO, Statistic
from jaksim.calibration.study import load_calibration_study
from jaksim.calibration.transition_ratio import transition_log_ratio
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.model.moves import parse
from jaksim.scale import load_scale

WORSE = tuple(parse(move) for move in ("4>5", "5>6", "5>7"))


def ratio_of(study, strata=None, moves=WORSE, **options):
    strata = strata or tuple(study.strata)
    return Statistic(TRANSITION_RATIO, "daily_score", "remdesivir", "placebo", strata, moves=moves, **options)


def test_expected_counts_maximise_breslows_likelihood(study_of, scattered):
    study = study_of("actt-1")
    laws = StudyLaws(study, scattered(study, 3)[:3])
    found = STATISTICS[TRANSITION_RATIO](laws, ratio_of(study))
    counts = study.endpoints["daily_score"].transitions
    arms = [counts.by_day(laws.transitions(arm, tuple(study.strata))) for arm in ("placebo", "remdesivir")]

    def minus_log_likelihood(beta, row):
        total = 0.0
        for day in range(28):
            for move in WORSE:
                origin, destination = move.origin - 1, move.destination - 1
                control, active = (arm[row, day, origin] for arm in arms)
                events = control[destination] + active[destination]
                total += beta * active[destination]
                total -= events * np.log(control.sum() + np.exp(beta) * active.sum())
        return -total

    for row in range(3):
        expected = minimize_scalar(minus_log_likelihood, (-1, 1), args=(row,), options={"xtol": 1e-10}).x
        assert found[row, 0] == pytest.approx(expected, abs=1e-6)
    inverse = STATISTICS[TRANSITION_RATIO](laws, ratio_of(study, inverse=True))
    np.testing.assert_array_equal(inverse, -found)


def test_patients_in_start_and_stop_rows_give_the_same():
    """Lifelines, one row for each patient and day at risk; one move, so that one baseline hazard is enough."""
    scale = load_scale("niaid-8")
    endpoint = build_endpoint({"name": "daily", "kind": "longitudinal"}, scale, 6)
    rng = np.random.default_rng(5)
    rows, tables = [], []
    for arm, chance in ((0, 0.10), (1, 0.06)):
        paths = np.full((400, 7), 5)
        for day in range(1, 7):
            moved = rng.random(400)
            before = paths[:, day - 1]
            paths[:, day] = np.where(
                (before == 5) & (moved < chance), 6, np.where((before == 6) & (moved > 0.7), 5, before)
            )
        categories = endpoint.transitions.categories_of(paths - 1)
        tables.append(np.bincount(categories.ravel(), minlength=endpoint.n_categories)[None].astype(float))
        rows += [
            {"id": 1000 * arm + i, "start": d - 1, "stop": d, "event": int(path[d] == 6), "active": arm}
            for i, path in enumerate(paths)
            for d in range(1, 7)
            if path[d - 1] == 5
        ]
    fitter = CoxTimeVaryingFitter().fit(
        pd.DataFrame(rows), id_col="id", event_col="event", start_col="start", stop_col="stop"
    )
    found = transition_log_ratio(*tables, endpoint, [parse("5>6")])[0]
    # Efron's ties there, Breslow's here.
    assert found == pytest.approx(fitter.params_["active"], abs=0.03)
    assert -0.9 < found < -0.2


def test_an_arm_without_such_a_move_has_no_ratio(study_of, scattered):
    study = study_of("actt-1")
    laws = StudyLaws(study, scattered(study, 3)[:1])
    table = laws.transitions("placebo", ("score4",))
    endpoint = study.endpoints["daily_score"]
    assert np.isnan(transition_log_ratio(np.zeros_like(table), table, endpoint, WORSE)).all()
    assert np.isnan(transition_log_ratio(table, table, endpoint, [parse("1>8")])).all()
    assert transition_log_ratio(table, 3 * table, endpoint, WORSE) == pytest.approx([0.0], abs=1e-9)


def test_drawn_counts_are_around_the_expected_ones(study_of):
    study = study_of("actt-1")
    values = study.template.prior_mean
    strata = ("score5", "score6")
    expected = StudyLaws(study, values[None]).transitions("remdesivir", strata)[0]
    drawn = replicate_study(study, values, 300, 7)
    counts = drawn.transitions("remdesivir", strata)
    assert np.all(counts.sum(axis=1) == 28 * (232 + 95))
    common = expected > 0.2
    z = (counts.mean(axis=0) - expected)[common] / (counts.std(axis=0)[common] / np.sqrt(len(counts)))
    assert np.abs(z).max() < 4.5
    assert abs((z**2).mean() - 1) < 0.3
    ratios = STATISTICS[TRANSITION_RATIO](drawn, ratio_of(study, strata))[:, 0]
    exact = STATISTICS[TRANSITION_RATIO](StudyLaws(study, values[None]), ratio_of(study, strata))[0, 0]
    assert ratios.mean() == pytest.approx(exact, abs=4 * ratios.std() / np.sqrt(len(ratios)) + 0.02)
    np.testing.assert_array_equal(replicate_study(study, values, 300, 7).transitions("remdesivir", strata), counts)


TARGET = """
[[target]]
record = "recovery_rate_ratio.score5"
statistic = "transition_ratio"
endpoint = "daily"
arm = "baricitinib"
reference = "placebo"
strata = ["low"]
moves = ["5>6"]
role = "check"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('role = "check"\n', "", "can only be checked"),
        ('moves = ["5>6"]\n', "", "transition ratio, and nothing else, is of moves"),
        ('moves = ["5>6"]', 'moves = ["5 to 6"]', "not a move"),
        ('moves = ["5>6"]', 'moves = ["5>9"]', "unknown score"),
        ('"transition_ratio"\nendpoint = "daily"', '"cox"\nendpoint = "recovery"', "nothing else, is of moves"),
        ('endpoint = "daily"', 'endpoint = "recovery"', "endpoints of kind longitudinal"),
        ('moves = ["5>6"]', 'moves = ["5>6"]\nstratified = false', "has no strata"),
    ],
)
def test_slips_are_named(tmp_path, small_text, old, new, words):
    text = small_text.replace("[endpoint]\n", '[endpoint]\ndaily = { kind = "longitudinal" }\n') + TARGET
    path = tmp_path / "own.toml"
    path.write_text(text)
    assert load_calibration_study(str(path)).statistics[-1].moves == (parse("5>6"),)
    path.write_text(text.replace(TARGET, TARGET.replace(old, new)))
    with pytest.raises(InputError, match=words):
        load_calibration_study(str(path))
