"""What a treatment that does more in one trial than in another changes: cited standard deviations are met by draws."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim import load_scenario
from jaksim.design.between_trials import heterogeneity, shifted
from jaksim.design.prepared import Prepared
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.scenario.shipped import shipped_scenarios
from jaksim.trial.between_trials import BetweenTrials, KindSpread
from jaksim.verbs.draws import spread_of

CITED = Path(__file__).parents[2] / "scenarios" / "between_trials.toml"
SHIPPED = {name: load_scenario(name).between_trials for name in shipped_scenarios()}
ASSUMED = [name for name, found in SHIPPED.items() if found.differ and not found.pooled]


def event(trial, scores, day=None):
    spec = {"name": "event", "kind": "event_by_day", "set": scores, "day": day or trial.horizon}
    return build_endpoint(spec, trial.scale, trial.horizon, trial.states)


def spread_of_log_odds(trial, treatment, sds, correlation, endpoint):
    """Standard deviation of the log odds of an endpoint of all patients of the arm with a treatment and the fewest
    others, over trials with normal benefits: by the cells and laws that trials are simulated from, at the 64 nodes of a
    Gauss-Hermite rule."""
    arms = [arm for arm in trial.arms if treatment in arm.regimen.treatments]
    arm = min(arms, key=lambda one: len(one.regimen.treatments))
    nodes, weights = np.polynomial.hermite_e.hermegauss(4)
    root, mean, square = np.linalg.cholesky(correlation), 0.0, 0.0
    for chosen in np.ndindex(4, 4, 4):
        given = shifted(trial.disease.treatments[treatment], sds * (root @ nodes[list(chosen)]))
        disease = replace(trial.disease, treatments={**trial.disease.treatments, treatment: given})
        cells = Prepared(replace(trial, disease=disease), 0).cells
        first = cells.n_strata * cells.arm_position(arm.name)
        law = np.array(trial.stratum_shares) @ cells.law_of(endpoint.automaton)[first : first + cells.n_strata]
        risk = law[endpoint.status == 1].sum()
        share = float(np.prod(weights[list(chosen)] / weights.sum()))
        value = math.log(risk / (1.0 - risk))
        mean, square = mean + share * value, square + share * value**2
    return math.sqrt(square - mean**2)


@pytest.mark.parametrize(
    "name",
    # natural histories of five studies, windows of 10, 14 and 28 days, one kind of effect, two and three
    ["actt4-non-inferiority", "recovery-dexamethasone", "cov-barrier", "stop-covid", "ruxcovid-devent"],
)
def test_over_trials_the_log_odds_of_death_differ_as_much_as_is_cited(name):
    scenario = load_scenario(name)
    found = spread_of(scenario, None)
    cited = scenario.between_trials.kinds["death"].sd
    for treatment, sds in found.sds.items():
        found_sd = spread_of_log_odds(scenario.trial, treatment, sds, found.correlation, event(scenario.trial, "dead"))
        assert found_sd == pytest.approx(cited, rel=0.02)


@pytest.mark.parametrize("name", ASSUMED)
def test_every_scenario_meets_what_it_cites(name):
    scenario = load_scenario(name)
    rows = [row for row in spread_of(scenario, None).induced if row.cited is not None]
    assert rows
    for row in rows:
        assert row.sd == pytest.approx(row.cited, rel=1e-3)


def test_three_cited_outcomes_are_met_together():
    trial = load_scenario(CITED).trial
    cited = {
        "improvement": (event(trial, "recovered"), 0.12),
        "deterioration": (event(trial, ["ventilated", "dead"], 14), 0.14),
        "death": (event(trial, "dead"), 0.2),
    }
    for correlation in (0.0, 0.3):
        assumed = BetweenTrials(
            {kind: KindSpread(sd, one, "odds_ratio") for kind, (one, sd) in cited.items()}, correlation
        )
        found = heterogeneity(trial, assumed)
        for sds in found.sds.values():
            assert (sds > 0.0).all()
        for endpoint, sd in cited.values():
            sds = found.sds["baricitinib"]
            assert spread_of_log_odds(trial, "baricitinib", sds, found.correlation, endpoint) == pytest.approx(
                sd, rel=0.02
            )


def test_benefits_that_go_together_need_smaller_standard_deviations():
    trial = load_scenario("actt2").trial
    given = {
        "improvement": KindSpread(0.1),
        "deterioration": KindSpread(0.1),
        "death": KindSpread(0.146, event(trial, "dead"), "odds_ratio"),
    }
    alone, together = (heterogeneity(trial, BetweenTrials(given, value)).sds["baricitinib"] for value in (0.0, 0.8))
    assert together[2] < 0.7 * alone[2]
    np.testing.assert_array_equal(alone[:2], together[:2])


def test_a_number_is_that_of_the_log_hazard_ratios_themselves():
    scenario = load_scenario(CITED)
    for sds in spread_of(scenario, 0.2).sds.values():
        np.testing.assert_array_equal(sds, [0.2, 0.2, 0.2])
    for sds in spread_of(scenario, {"death": 0.3}).sds.values():
        np.testing.assert_array_equal(sds, [0.0, 0.0, 0.3])
    assert not spread_of(scenario, 0.0).differ
    assert spread_of(scenario, 0.0).induced == ()


def test_a_kind_of_effect_that_a_treatment_does_not_have_differs_in_nothing():
    small = Path(__file__).parents[2] / "scenarios" / "small.toml"  # its drug improves, and does nothing else
    np.testing.assert_array_equal(spread_of(load_scenario(small), 0.2).sds["drug"], [0.2, 0.0, 0.0])


def test_what_other_kinds_of_effect_already_exceed_is_refused():
    scenario = load_scenario(CITED, changes=["prediction.between_trial_sd.improvement={ sd = 0.3 }"])
    with pytest.raises(
        InputError, match=r"between_trial_sd\.death.*makes 'dead by day 28' differ so little.*about 0\.\d+ or more"
    ):
        spread_of(scenario, None)


def test_induced_values_of_every_kind_of_endpoint_are_printed():
    found = spread_of(load_scenario(CITED), None)
    rows = [row for row in found.induced if row.treatment == "baricitinib"]
    measures = {row.endpoint: row.measure for row in rows}
    assert measures == {
        "ventilation or death": "log odds",
        "score on day 15": "log common odds ratio",
        "time to recovery": "log hazard ratio",
        "death": "log odds",
        "ventilator-free days": "mean",
    }
    assert all(0.0 < row.sd < 1.0 for row in found.induced)


def test_a_cited_hazard_ratio_is_the_cox_estimate_of_the_trial():
    trial = load_scenario("actt2").trial
    recovery = build_endpoint(
        {"name": "recovery", "kind": "time_to_event", "set": "recovered"}, trial.scale, trial.horizon, trial.states
    )
    found = heterogeneity(trial, BetweenTrials({"improvement": KindSpread(0.15, recovery, "hazard_ratio")}))
    (row,) = [one for one in found.induced if one.cited is not None]
    assert (row.measure, row.sd) == ("log hazard ratio", pytest.approx(0.15, rel=1e-3))


COMPOSITE = [
    "prediction.between_trial_sd.deterioration={ set = ['ventilated', 'dead'], measure = 'risk_ratio', sd = 0.11 }"
]


def test_patients_who_are_there_at_randomisation_do_not_count():
    (row,) = [one for one in spread_of(load_scenario("actt2", changes=COMPOSITE), None).induced if one.cited == 0.11]
    assert (row.endpoint, row.measure) == ("ventilated or dead by day 28, not so at randomisation", "log risk")
    assert row.sd == pytest.approx(0.11, rel=1e-3)
    everybody = spread_of(load_scenario(CITED, changes=COMPOSITE), None).induced[-1]
    assert everybody.endpoint == "ventilated or dead by day 28"


def test_an_outcome_that_nobody_has_left_is_refused():
    changes = [f"population.stratum.{number}.baseline_score=7" for number in (0, 1)]
    with pytest.raises(InputError, match=r"between_trial_sd\.deterioration: no patient with baricitinib"):
        spread_of(load_scenario(CITED, changes=COMPOSITE + changes), None)


def test_published_values_stand_beside_what_is_induced():
    two = "{ set = 'dead', sd = 0.3, source = 'A' }, { set = 'recovered', sd = 0.2, source = 'B' }"
    changes = (f"prediction.published=[{two}]",)
    plain, compared = (spread_of(load_scenario(CITED, changes=one), None) for one in ((), changes))
    for name, sds in plain.sds.items():
        np.testing.assert_array_equal(sds, compared.sds[name])
    rows = [row for row in compared.induced if row.treatment == "baricitinib" and row.published is not None]
    assert [(row.endpoint, row.published) for row in rows] == [("death", 0.3), ("recovered by day 28", 0.2)]
    assert rows[0].cited == 0.146
    assert all(row.published is None for row in plain.induced)
