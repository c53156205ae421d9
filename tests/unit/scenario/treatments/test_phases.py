"""Treatments of a scenario that act through a phase: the calibrated effect is the average where it was found."""

from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import jaksim
from jaksim.errors import InputError
from jaksim.model.disease import DiseaseModel, PatientType
from jaksim.model.regimen import Regimen
from jaksim.scenario.scenario import scenario_of
from jaksim.scenario.treatments.courses import moves_by_score
from jaksim.scenario.treatments.onset import of_quartiles

DRUG = {
    "parameter_set": "actt-2",
    "phase": "inflammation",
    "reference_onset": {"median": 8, "quartiles": [5, 10]},
}
PATIENTS = [{"weight": 0.5, "baseline_score": 5, "days_since_onset": day} for day in (3, 11)]


def document(drug=DRUG, phases=(), patients=PATIENTS, **more):
    return {
        "title": "small",
        "disease": {
            "natural_history": "actt-2",
            "background": ["remdesivir"],
            "treatments": {"baricitinib": drug},
            **({"phase": list(phases)} if phases else {}),
        },
        "population": {"patients": 400, "stratum": [{"name": "all", "mixture": patients}]},
        "follow_up": {"days": 28, "day_of_randomisation": 1},
        "arm": [
            {"name": "placebo", "regimen": ["remdesivir"], "reference": True},
            {"name": "active", "regimen": ["baricitinib", "remdesivir"]},
        ],
        "endpoint": [{"name": "death", "kind": "event_by_day", "set": "dead", "day": 29}],
        "analysis": [{"endpoint": "death", "method": "risk_difference"}],
        **more,
    }


def read(**changes):
    return scenario_of(document(**changes), "small.toml")


def average(model, effect, onsets, weights, score, days=28):
    """The log of the average hazard ratio over the moves of an untreated patient, by an integration of its own."""
    history, scale = model.natural_history, model.scale
    untreated = DiseaseModel(history).intensities(Regimen(), PatientType(score))
    mask = history.selected(effect.moves, effect.current_scores)
    chosen = np.zeros((scale.n_states, scale.n_states))
    chosen[tuple(position[mask] for position in history.positions)] = 1.0
    start, stop = effect.window.start, min(effect.window.end, days)
    made = total = 0.0
    state = np.eye(scale.n_states)[scale.index(score)]
    for day in range(days):
        here = untreated.generators[np.searchsorted(untreated.breaks, day, side="right") - 1]
        rate = (here * chosen).sum(axis=1)

        def slope(_, y, here=here, rate=rate):
            return np.append(y[:-1] @ here, y[:-1] @ rate)

        found = solve_ivp(slope, (0, 1), np.append(state, 0.0), rtol=1e-10, atol=1e-13).y[:, -1]
        state = found[:-1]
        if start <= day < stop:
            for onset, weight in zip(onsets, weights, strict=True):
                (factor,) = (
                    value for value, first, end in effect.course.pieces(score, onset) if first <= day + 0.5 < end
                )
                total += weight * found[-1] * np.exp(effect.log_hazard_ratio * factor)
            made += found[-1]
    return np.log(total / made)


@pytest.mark.parametrize(
    ("phase", "reference"),
    [
        ("inflammation", {"median": 8, "quartiles": [5, 10]}),
        ("viral", {"days": [2, 6, 15], "shares": [0.5, 0.3, 0.2]}),
        ("viral", {"median": 5, "quartiles": [3, 7], "followed": 14}),
    ],
)
def test_the_average_in_the_trial_of_reference_is_the_calibrated_effect(phase, reference):
    scenario = read(drug={**DRUG, "phase": phase, "reference_onset": reference})
    onset = scenario.disease.through["baricitinib"].reference
    model = scenario.trial.disease
    plain = read(drug="actt-2").trial.disease.treatments["baricitinib"].effects
    days = reference.get("followed", 28)
    for effect, calibrated in zip(model.treatments["baricitinib"].effects, plain, strict=True):
        assert effect.log_hazard_ratio == calibrated.log_hazard_ratio
        score = (effect.baseline_scores or effect.current_scores or (5,))[0]
        found = average(model, effect, onset.days, onset.weights, score, days)
        assert found == pytest.approx(calibrated.log_hazard_ratio, rel=1e-6)


def test_without_a_phase_days_since_onset_change_nothing():
    plain, other = read(drug="actt-2"), read(drug="actt-2", phases=[{"name": "own", "days": [0, 9], "levels": [1, 0]}])
    assert plain.trial.disease == other.trial.disease


def test_early_patients_gain_more_of_an_antiviral_and_less_of_an_immunomodulator():
    def deaths(phase, day):
        patients = [{"weight": 1.0, "baseline_score": 5, "days_since_onset": day}]
        scenario = read(drug={**DRUG, "phase": phase}, patients=patients)
        placebo, active = jaksim.show(scenario).endpoints[0].arms
        return active.value / placebo.value

    assert deaths("viral", 1) < deaths("viral", 12)
    assert deaths("inflammation", 1) > deaths("inflammation", 6)


def test_a_draw_of_the_parameter_set_goes_with_the_phase_too():
    section = read().disease
    drawn = section.from_set("baricitinib", section.parameter_sets["actt-2"].drawn_treatments(3)["baricitinib"])
    estimate = section.model.treatments["baricitinib"]
    assert [effect.course for effect in drawn.effects] == [effect.course for effect in estimate.effects]
    assert drawn.effects[0].log_hazard_ratio != estimate.effects[0].log_hazard_ratio


def test_a_stated_effect_comes_out_at_the_scenario_s_own_days():
    stated = {"effect": {"endpoint": "death", "method": "risk_ratio", "value": 0.7}, "phase": "viral"}
    placebo, active = jaksim.show(read(drug=stated)).endpoints[0].arms
    assert active.value / placebo.value == pytest.approx(0.7, rel=1e-9)


def test_assumptions_name_the_phase_and_the_trial_of_reference():
    scenario = read()
    lines = {line.statement: line for line in scenario.assumptions}
    (phase,) = (line for line in scenario.assumptions if line.about == "phase inflammation")
    assert "1 on day 10 (8 to 12)" in phase.statement
    assert not phase.published
    assert any("averages over 28 days of patients with median 8, quartiles 5 and 10" in text for text in lines)
    assert sum("in step with the phase inflammation" in text for text in lines) == 6
    assert "phase inflammation" not in scenario.exactly_known
    known = read(drug={**DRUG, "phase": "own"}, phases=[{**OWN, "days": [0, 30]}])
    assert "phase own" in known.exactly_known


@pytest.mark.parametrize(("median", "quartiles"), [(8, [5, 10]), (10, [8, 13]), (9.5, [7, 11.5])])
def test_days_of_a_median_and_quartiles_have_them(median, quartiles):
    found = of_quartiles(median, quartiles)
    below = np.cumsum(found.weights)
    edges = np.array(found.days) + 0.5
    assert below[-1] == pytest.approx(1.0)
    for share, value in zip((0.25, 0.5, 0.75), (quartiles[0], median, quartiles[1]), strict=True):
        low, high = np.interp([value - 0.5, value + 0.5], edges, below)
        assert low <= share <= high


OWN = {"name": "own", "days": [0, 9], "levels": [1, 0]}
CASES = [
    ({"drug": {**DRUG, "phase": "virla"}}, "baricitinib.phase: unknown phase.*did you mean 'viral'"),
    ({"drug": {"parameter_set": "actt-2", "phase": "viral"}}, "size of an effect holds for some days since onset"),
    ({"drug": {**DRUG, "phase": ""}}, "reference_onset.*nothing depends on"),
    ({"drug": {**DRUG, "reference_onset": {"median": 8}}}, "quartiles: not quartiles around the median"),
    ({"drug": {**DRUG, "reference_onset": {"median": 8, "quartiles": [9, 10]}}}, "not quartiles around"),
    ({"drug": {**DRUG, "reference_onset": {}}}, "the days are not given once"),
    ({"drug": {**DRUG, "reference_onset": {"days": [1, 2], "shares": [1.0]}}}, "not one share for each day"),
    ({"drug": {**DRUG, "reference_onset": {"days": [1, 2], "shares": [0.5, 0.4]}}}, "weights sum to 0.9"),
    ({"drug": {**DRUG, "phase": "viral", "reference_onset": {"days": [30]}}}, "phase 'viral' is over"),
    ({"phases": [OWN, OWN]}, "two phases have one name"),
    ({"phases": [{**OWN, "levels": [1]}]}, "days and levels are not equally many"),
    ({"phases": [{**OWN, "intervals": [[1, 2], []]}]}, "not an interval around its day"),
    ({"phases": [{**OWN, "days": [9, 0]}]}, "not in order"),
    ({"patients": [{"weight": 1.0, "baseline_score": 5}]}, "so patients need days_since_onset"),
    (
        {
            "drug": {
                "effect": {"endpoint": "death", "method": "risk_ratio", "value": 0.7},
                "phase": "viral",
                "reference_onset": {"days": [3]},
            }
        },
        "the scenario's own patients",
    ),
]


@pytest.mark.parametrize(("changes", "words"), CASES)
def test_what_cannot_be_meant_is_refused(changes, words):
    with pytest.raises(InputError, match=words):
        read(**changes)


def test_where_the_average_ratio_is_out_of_reach_the_average_log_ratio_holds():
    drug = {"effect": {"moves": "death", "hazard_ratio": 0.2}, "phase": "own", "reference_onset": {"days": [6]}}
    model = read(drug=drug, phases=[OWN]).trial.disease
    (effect,) = model.treatments["baricitinib"].effects
    moves = moves_by_score(model, effect, 28)[5]
    left = moves[:3] @ np.array([1 - (day + 0.5) / 9 for day in (6, 7, 8)]) / moves.sum()  # over from day 9 on
    assert dict(effect.course.scales)[5] == pytest.approx(1 / left)


def test_a_phase_of_one_s_own_is_used():
    scenario = read(drug={**DRUG, "phase": "own", "reference_onset": {"days": [2]}}, phases=[OWN])
    course = scenario.trial.disease.treatments["baricitinib"].effects[0].course
    assert course.levels[:9] == pytest.approx([1 - (day + 0.5) / 9 for day in range(9)])
    assert Path(scenario.path).name == "small.toml"


def test_days_since_onset_may_be_a_characteristic_of_the_patients():
    days = {"name": "days_since_onset", "law": "categories", "values": [3, 11], "shares": [0.5, 0.5]}
    population = {"patients": 400, "stratum": [{"name": "all", "baseline_score": 5}], "characteristic": [days]}
    drawn, mixed = (jaksim.show(read(**changes)).endpoints[0].arms for changes in ({"population": population}, {}))
    assert [arm.value for arm in drawn] == pytest.approx([arm.value for arm in mixed], rel=1e-12)
