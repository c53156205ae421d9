"""Every statistic of the model against a computation that shares no code with it beyond the disease model."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from scipy.optimize import minimize, minimize_scalar
from statsmodels.miscmodels.ordinal_model import OrderedModel

from jaksim.calibration.predict import STATISTICS, StudyLaws, interpolated_median, predict
from jaksim.calibration.statistic import Statistic
from jaksim.endpoint.registry import build_endpoint
from jaksim.exact.occupation import first_passage, state_occupation
from jaksim.exact.transition import transition_matrices
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.regimen import Regimen
from jaksim.simulate import compile_paths, simulate_scores

STUDIES = ("actt-1", "actt-2", "recovery-dexamethasone", "small")
SETS = {
    "recovery": (1, 2, 3),
    "death_day29": (8,),
    "death_day15": (8,),
    "death": (8,),
    "time_to_death": (8,),
    "time_to_death_day15": (8,),
    "discharge": (1, 2),
    "ventilation_or_death": (7, 8),
    "new_ventilation": (7,),
}
DAYS = {"death_day15": 14}
COMPARED = {*SETS, "day15_score"}


def intensities(study, values, arm, patient):
    model = DiseaseModel(
        natural_history=study.template.natural_history(values),
        treatments=study.template.treatments(values),
        background=study.background,
    )
    return model.intensities(Regimen(study.arms[arm].regimen), patient)


def mixed(study, arm, strata, of_patient):
    """Average over an arm's patients of `of_patient(patient)`."""
    counts = study.arms[arm].patients
    total = sum(counts[s] for s in strata)
    return sum(
        counts[s] / total * weight * of_patient(patient) for s in strata for weight, patient in study.strata[s].patients
    )


def incidence(study, values, statistic, arm):
    """Cumulative incidence (H+1,) of the statistic's event in an arm."""
    scale = study.template.scale
    states = [scale.index(score) for score in SETS[statistic.endpoint]]

    def of_patient(patient):
        table = intensities(study, values, arm, patient)
        return first_passage(table, scale.index(patient.baseline_score), states, study.horizon)

    return mixed(study, arm, statistic.strata, of_patient)


@pytest.fixture
def predicted(request, study_of, scattered):
    """A study, one set of values, and (statistic, predicted numbers) of its targets of one kind, at most twelve."""
    name, kind = request.param
    study = study_of(name)
    values = scattered(study, 3)
    pairs = zip(study.statistics, predict(study, values), strict=True)
    chosen = [(s, numbers[2]) for s, numbers in pairs if s.kind == kind and s.endpoint in COMPARED]
    return study, values[2], chosen[:12]


def each_of(kind, *names):
    return pytest.mark.parametrize("predicted", [(name, kind) for name in names], indirect=True, ids=names)


@each_of("score_table", "actt-1", "actt-2")
def test_score_tables_are_the_state_occupation(predicted):
    study, values, chosen = predicted
    assert chosen
    scale = study.template.scale
    for statistic, numbers in chosen:

        def of_patient(patient, arm=statistic.arm):
            P = transition_matrices(intensities(study, values, arm, patient), study.horizon)
            return state_occupation(P, scale.index(patient.baseline_score))[14]

        expected = mixed(study, statistic.arm, statistic.strata, of_patient)
        np.testing.assert_allclose(numbers, expected, atol=1e-12)


@each_of("proportion", *STUDIES)
def test_proportions_are_first_passages(predicted):
    study, values, chosen = predicted
    assert chosen
    for statistic, numbers in chosen:
        expected = incidence(study, values, statistic, statistic.arm)[DAYS.get(statistic.endpoint, 28)]
        assert numbers == pytest.approx([expected], abs=1e-12)


@each_of("median", *STUDIES)
def test_medians_are_where_the_incidence_crosses_one_half(predicted):
    study, values, chosen = predicted
    assert chosen
    for statistic, (at_time, slope, median) in chosen:
        curve = incidence(study, values, statistic, statistic.arm)
        days = np.arange(study.horizon + 1)
        if statistic.time <= study.horizon:
            assert at_time == pytest.approx(np.interp(statistic.time, days, curve), abs=1e-12)
        later = [day for day in days if curve[day] >= 0.5]
        if not later:
            assert median == np.inf
        else:
            day = later[0]
            assert median == pytest.approx(day - (curve[day] - 0.5) / (curve[day] - curve[day - 1]))
        assert 0 < slope < 0.5


@each_of("risk_ratio", "recovery-dexamethasone")
def test_risk_ratios(predicted):
    study, values, chosen = predicted
    assert chosen
    for statistic, numbers in chosen:
        treated, control = (
            incidence(study, values, statistic, arm)[28] for arm in (statistic.arm, statistic.reference)
        )
        assert numbers == pytest.approx([np.log(treated / control)], abs=1e-10)


def test_risk_and_odds_ratios_of_one_table(study_of, scattered):
    study = study_of("small")
    values = scattered(study, 3)[2]
    laws = StudyLaws(study, values[None])
    odds, risk = (
        Statistic(kind, "death_day29", "baricitinib", "placebo", ("low", "high"))
        for kind in ("odds_ratio", "risk_ratio")
    )
    active, control = (incidence(study, values, odds, arm)[28] for arm in ("baricitinib", "placebo"))
    assert STATISTICS["risk_ratio"](laws, risk)[0, 0] == pytest.approx(np.log(active / control))
    expected = np.log(active / (1 - active)) - np.log(control / (1 - control))
    assert STATISTICS["odds_ratio"](laws, odds)[0, 0] == pytest.approx(expected)


def test_contrasts_of_two_strata_by_hand(study_of, scattered):
    """Pooled difference, and Mantel-Haenszel's weighted means of strata."""
    study = study_of("small")
    values = scattered(study, 3)[2]
    laws = StudyLaws(study, values[None])
    strata, n = ("low", "high"), {"placebo": np.array([276.0, 113.0]), "baricitinib": np.array([288.0, 103.0])}

    def found(kind, **options):
        statistic = Statistic(kind, "death_day29", "baricitinib", "placebo", strata, **options)
        return STATISTICS[kind](laws, statistic)[0, 0]

    def in_stratum(arm, stratum):
        return incidence(study, values, Statistic("proportion", "death_day29", arm, "", (stratum,)), arm)[28]

    died = {arm: n[arm] * [in_stratum(arm, stratum) for stratum in strata] for arm in n}
    total = n["placebo"] + n["baricitinib"]
    a, b = died["baricitinib"], n["baricitinib"] - died["baricitinib"]
    c, d = died["placebo"], n["placebo"] - died["placebo"]
    pooled = a.sum() / n["baricitinib"].sum() - c.sum() / n["placebo"].sum()
    assert found("risk_difference") == pytest.approx(pooled)
    weight = n["baricitinib"] * n["placebo"] / total
    stratified = np.sum(weight * (a / n["baricitinib"] - c / n["placebo"])) / weight.sum()
    assert found("risk_difference_mh") == pytest.approx(stratified)
    odds_ratio = np.log(np.sum(a * d / total) / np.sum(b * c / total))
    assert found("odds_ratio_mh") == pytest.approx(odds_ratio)
    assert found("odds_ratio_mh", inverse=True) == pytest.approx(-odds_ratio)


def test_the_subdistribution_ratio_is_that_of_cox_with_the_dead_at_risk(study_of, scattered):
    """Nobody is censored before the last day, so that both are Breslow's partial likelihood of the same risk sets."""
    study = study_of("actt-2")
    laws = StudyLaws(study, scattered(study, 3)[:3])
    common = ("baricitinib", "placebo", tuple(study.strata))
    ours = STATISTICS["fine_gray"](laws, Statistic("fine_gray", "recovery_competing", *common))
    cox = STATISTICS["cox"](laws, Statistic("cox", "recovery", *common, options={"ties": "breslow"}))
    np.testing.assert_allclose(ours, cox, atol=1e-8)
    assert np.abs(ours).max() > 0.05


def test_ventilation_of_survivors_and_worse_than_at_baseline(study_of, scattered):
    """From first passages: alive and ever ventilated; of the ventilated only the deaths count."""
    study = study_of("actt-2")
    values = scattered(study, 3)[2]
    laws, scale = StudyLaws(study, values[None]), study.template.scale

    def by_day_28(score, states):
        table = intensities(study, values, "placebo", PatientType(score))
        return first_passage(table, scale.index(score), [scale.index(s) for s in states], 28)[28]

    for score in (4, 5, 6):
        dead, either = by_day_28(score, [8]), by_day_28(score, [7, 8])
        survivors = Statistic("proportion", "new_ventilation_survivors", "placebo", "", (f"score{score}",))
        expected = (either - dead) / (1 - dead)
        assert STATISTICS["proportion"](laws, survivors)[0, 0] == pytest.approx(expected, abs=1e-12)
    for score, states in ((6, [7, 8]), (7, [8])):
        composite = Statistic("proportion", "new_ventilation_or_death", "placebo", "", (f"score{score}",))
        expected = by_day_28(score, states)
        assert STATISTICS["proportion"](laws, composite)[0, 0] == pytest.approx(expected, abs=1e-12)


def test_mean_days_are_sums_of_probabilities(study_of, scattered):
    """Days out of score 7 while alive, from the state occupation of every day."""
    study = study_of("small")
    values = scattered(study, 3)[2]
    spec = {"name": "free", "kind": "free_days", "scores": [7], "death": "while alive"}
    endpoints = {"free": build_endpoint(spec, study.template.scale, study.horizon)}
    laws = StudyLaws(replace(study, endpoints=endpoints), values[None])
    statistic = Statistic("mean", "free", "placebo", "", ("low", "high"))
    scale = study.template.scale
    free = [scale.index(score) for score in (1, 2, 3, 4, 5, 6)]

    def of_patient(patient):
        P = transition_matrices(intensities(study, values, "placebo", patient), study.horizon)
        return state_occupation(P, scale.index(patient.baseline_score))[1:, free].sum()

    expected = mixed(study, "placebo", ("low", "high"), of_patient)
    assert STATISTICS["mean"](laws, statistic)[0, 0] == pytest.approx(expected)


@each_of("cox", *STUDIES)
def test_cox_against_lifelines_on_many_copies_of_the_expected_trial(predicted):
    study, values, chosen = predicted
    assert chosen
    laws = StudyLaws(study, values[None])
    for statistic, numbers in chosen[:6]:
        if statistic.options.get("ties") == "breslow":
            continue
        data = patients_of(laws, statistic)
        fit = CoxPHFitter().fit(data, "time", "event", strata=["stratum"])
        assert numbers == pytest.approx([fit.params_["active"]], abs=0.005), statistic


def patients_of(laws, statistic, rows_wanted=60_000):
    """One row per patient of a trial with many times the expected counts, to whole patients."""
    endpoint = laws.study.endpoints[statistic.endpoint]
    arms = (statistic.reference, statistic.arm)
    tables = [laws.expected_table(statistic.endpoint, arm, statistic.strata)[0] for arm in arms]
    rows = []
    for active, strata in enumerate(tables):
        for stratum, table in enumerate(strata):
            counts = np.round(rows_wanted / np.sum(tables) * table).astype(int)
            category = np.repeat(np.arange(len(counts)), counts)
            times = {"time": endpoint.time[category], "event": endpoint.status[category]}
            rows.append(pd.DataFrame({**times, "active": active, "stratum": stratum if statistic.stratified else 0}))
    return pd.concat(rows)


def test_cox_options_reach_the_analysis(study_of, scattered):
    """Breslow's partial likelihood of the expected tables, written out."""
    study = study_of("small")
    values = scattered(study, 3)[2]
    position = next(i for i, s in enumerate(study.statistics) if s.options.get("ties") == "breslow")
    statistic = study.statistics[position]
    laws, endpoint = StudyLaws(study, values[None]), study.endpoints[statistic.endpoint]
    tables = [
        laws.expected_table(statistic.endpoint, arm, statistic.strata)[0]
        for arm in (statistic.reference, statistic.arm)
    ]

    def minus_log_likelihood(beta):
        total = 0.0
        for control, active in zip(*tables, strict=True):
            for day in range(1, study.horizon + 1):
                at_risk = endpoint.time >= day
                events = (endpoint.time == day) & (endpoint.status == 1)
                weight = control[at_risk].sum() + np.exp(beta) * active[at_risk].sum()
                died = control[events].sum() + active[events].sum()
                total += beta * active[events].sum() - died * np.log(weight)
        return -total

    expected = minimize_scalar(minus_log_likelihood, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9}).x
    assert predict(study, values[None])[position][0] == pytest.approx([expected], abs=1e-6)


@each_of("proportional_odds", "actt-1", "actt-2", "small")
def test_proportional_odds_against_the_weighted_likelihood_of_statsmodels(predicted):
    study, values, chosen = predicted
    assert chosen
    laws = StudyLaws(study, values[None])
    for statistic, numbers in chosen[:4]:
        tables = [
            laws.expected_table(statistic.endpoint, arm, statistic.strata)[0]
            for arm in (statistic.reference, statistic.arm)
        ]
        n_strata, n_scores = tables[0].shape
        arm, stratum, score = (i.ravel() for i in np.indices((2, n_strata, n_scores)))
        weight = np.stack(tables)[arm, stratum, score]
        factors = [stratum == s for s in range(1, n_strata)] if statistic.stratified else []
        design = np.column_stack([arm, *factors]).astype(float)
        model = OrderedModel(score, design, distr="logit")
        start = np.asarray(model.start_params, dtype=float)
        fit = minimize(
            lambda p, m=model, w=weight: -np.sum(w * m.loglikeobs(p)), start, method="BFGS", options={"gtol": 1e-4}
        )
        assert numbers == pytest.approx([-fit.x[0]], abs=2e-4)


def test_values_are_predicted_independently_of_their_neighbours(study_of, scattered):
    study = study_of("small")
    values = scattered(study, 4)
    together = predict(study, values)
    for row in range(len(values)):
        for all_rows, one in zip(together, predict(study, values[row : row + 1]), strict=True):
            np.testing.assert_allclose(all_rows[row], one[0], rtol=1e-10)


def test_simulated_patients_of_one_cell(study_of, scattered):
    study = study_of("actt-2")
    values = scattered(study, 5)[:1]
    n, scale = 100_000, study.template.scale
    table = intensities(study, values[0], "baricitinib", PatientType(6))
    automata = [endpoint.automaton for endpoint in study.endpoints.values()]
    plan = compile_paths([table], [scale.index(6)], study.horizon, automata)
    scores = np.array(scale.scores)[simulate_scores(plan, np.array([n]), seed=11, replicate=0)]
    laws = StudyLaws(study, values)
    for name, endpoint in study.endpoints.items():
        law = laws.law(name, "baricitinib", "score6")[0]
        counts = np.bincount(endpoint.categories_of(scores), minlength=endpoint.n_categories)
        common = law * n > 20
        z = (counts - n * law)[common] / np.sqrt(n * law * (1 - law))[common]
        assert np.abs(z).max() < 4.0


@pytest.mark.parametrize(
    ("curve", "median"),
    [
        ([0.0, 0.2, 0.4, 0.6], 2.5),
        ([0.0, 0.5, 0.5, 0.9], 1.0),
        ([0.0, 0.1, 0.2, 0.3], np.inf),
        ([0.6, 0.7, 0.8, 0.9], 0.0),
        ([0.0, 0.9, 0.9, 0.9], 0.5 / 0.9),
    ],
)
def test_interpolated_median_by_hand(curve, median):
    assert interpolated_median(np.array(curve)) == pytest.approx(median)
