"""Effects stated on an endpoint: solved for exactly, said in words, drawn if they are uncertain, refused if they cannot
be."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.design.expected_estimates import expected_estimates
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.scenario.treatments.question import VERY_LARGE, Question

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.fixture
def small(tmp_path):
    """The small trial with another table of its treatment."""
    text = (SCENARIOS / "small.toml").read_text("utf-8")
    (old,) = [line for line in text.splitlines() if line.startswith("effect = ")]
    (tmp_path / "four.toml").write_text((SCENARIOS / "four.toml").read_text("utf-8"))

    def write(effect, more="", change=("", "")):
        path = tmp_path / "stated.toml"
        path.write_text(text.replace(old, f"effect = {effect}").replace(*change) + more)
        return path

    return write


def found(scenario, analysis):
    """What a very large trial finds, in the analysis planned."""
    names = [plan.name for plan in scenario.trial.analyses]
    estimates = expected_estimates(scenario.trial, [scenario.trial.disease], VERY_LARGE)[0]
    return estimates[names.index(analysis)]


@pytest.mark.parametrize(
    ("effect", "value"),
    [
        ('endpoint = "recovery", method = "log_rank"', 1),
        ('endpoint = "recovery", method = "kaplan_meier_difference"', 0),
        ('endpoint = "recovery", method = "rmst_difference"', 0),
    ],
)
def test_a_value_of_no_effect_is_a_hazard_ratio_of_1(small, effect, value):
    (line,) = [
        one for one in load_scenario(small(f"{{ {effect}, value = {value} }}")).assumptions if one.about == "drug"
    ]
    assert line.ratio == 1.0


def test_a_last_digit_of_rounding_is_no_sign_of_an_effect(small, monkeypatch):
    # Of many models at once the sums run in another order than of one.
    asked = Question.estimates
    monkeypatch.setattr(
        Question,
        "estimates",
        lambda self, models: [value + (1e-15 if len(models) > 1 else -1e-15) for value in asked(self, models)],
    )
    effect = 'endpoint = "recovery", method = "log_rank", value = 1'
    (line,) = [one for one in load_scenario(small(f"{{ {effect} }}")).assumptions if one.about == "drug"]
    assert line.ratio == 1.0


RECOVERY = 'endpoint = "recovery", method = "log_rank", value = 1.4'


def test_a_rate_ratio_is_found_by_a_very_large_trial(small):
    scenario = load_scenario(small(f"{{ {RECOVERY} }}"))
    assert math.exp(found(scenario, "log-rank")) == pytest.approx(1.4, abs=1e-9)
    (line,) = [line for line in scenario.assumptions if line.about == "drug"]
    (effect,) = scenario.trial.disease.treatments["drug"].effects
    assert line.ratio == pytest.approx(math.exp(effect.log_hazard_ratio))
    assert line.statement == (
        "improvement: 2>1, 3>2; solved from a one-step hazard ratio of 1.4 by log-rank test on 'recovery' "
        "(fixed: no interval or sd is given), drug against no treatment"
    )
    assert line.stated is not None
    assert line.stated["moves"] == {"improvement": ("2>1", "3>2")}
    assert line.interval is None
    assert not line.published


@pytest.mark.parametrize(
    ("stated", "analysis", "natural", "value"),
    [
        ('endpoint = "score", method = "proportional_odds", value = 1.8', "odds", math.exp, 1.8),
        ('endpoint = "death", method = "risk_difference_mh", value = -0.04', "death", float, -0.04),
        ('endpoint = "free days", method = "van_elteren", value = 0.55', "van elteren", float, 0.55),
        ('endpoint = "death", method = "risk_difference", value = 0.02, moves = "2>4"', "one-sided", float, 0.02),
        (f'{RECOVERY}, window = {{ start = 1, end = 5 }}, moves = ["2>1"]', "log-rank", math.exp, 1.4),
        (f"{RECOVERY}, current_scores = [3]", "log-rank", math.exp, 1.4),
        (f"{RECOVERY}, baseline_scores = [2]", "log-rank", math.exp, 1.4),
        ('endpoint = "recovery", method = "log_rank", value = 0.7', "log-rank", math.exp, 0.7),
        ('endpoint = "recovery", method = "log_rank", value = 1', "log-rank", math.exp, 1.0),
        ('endpoint = "score", method = "proportional_odds", value = 1', "odds", math.exp, 1.0),
        ('endpoint = "free days", method = "van_elteren", value = 0.5', "van elteren", float, 0.5),
    ],
)
def test_any_estimate_can_be_stated_on_any_moves(small, stated, analysis, natural, value):
    scenario = load_scenario(small(f"[{{ {stated} }}]"))
    assert natural(found(scenario, analysis)) == pytest.approx(value, abs=1e-9)


def test_a_risk_is_that_of_all_patients_on_the_treatment(small):
    trial = load_scenario(small('{ endpoint = "death", risk = 0.1 }')).trial
    from jaksim.design.engine.cells import Cells

    cells = Cells(trial)
    laws = cells.marginal_laws[2][cells.arm_position("drug") * 2 :][:2]
    assert np.array([0.6, 0.4]) @ laws[:, trial.endpoint("death").status == 1].sum(axis=1) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("stated", "moves"),
    [
        ('endpoint = "death", risk = 0.1', {"death"}),
        (RECOVERY, {"improvement"}),
        ('endpoint = "score", method = "proportional_odds", value = 1.8', {"improvement"}),
        ('endpoint = "worse", method = "risk_ratio", value = 0.8', {"deterioration", "death"}),
    ],
)
def test_moves_that_are_not_given_follow_from_the_endpoint(small, stated, moves):
    more = '\n[[endpoint]]\nname = "worse"\nkind = "event_by_day"\nscores = [3, 4]\nday = 10\n'
    stated_effects = load_scenario(small(f"{{ {stated} }}", more)).disease.stated
    assert set(stated_effects["drug", 0].moves) == moves


def test_several_statements_hold_together(small):
    both = f'[{{ {RECOVERY} }}, {{ endpoint = "death", risk = 0.08 }}]'
    scenario = load_scenario(small(both))
    assert math.exp(found(scenario, "log-rank")) == pytest.approx(1.4, abs=1e-8)
    alone = load_scenario(small('{ endpoint = "death", risk = 0.08 }'))
    assert scenario.disease.stated["drug", 1].hazard_ratio > alone.disease.stated["drug", 0].hazard_ratio


def test_a_given_hazard_ratio_stays_beside_a_stated_effect(small):
    scenario = load_scenario(small(f'[{{ {RECOVERY} }}, {{ moves = "death", hazard_ratio = 0.5 }}]'))
    assert math.exp(found(scenario, "log-rank")) == pytest.approx(1.4, abs=1e-9)
    assert scenario.trial.disease.treatments["drug"].effects[1].log_hazard_ratio == math.log(0.5)


def test_how_many_patients_there_are_does_not_matter(small):
    path = small(f"{{ {RECOVERY} }}")
    ratios = {
        load_scenario(path, changes=[f"population.patients={n}"]).disease.stated["drug", 0].hazard_ratio
        for n in (40, 300, 5000)
    }
    assert len(ratios) == 1


def test_it_is_compared_on_top_of_the_other_treatments_of_the_arm(small):
    text = small(f"{{ {RECOVERY} }}").read_text()
    both = text.replace('regimen = ["drug"]', 'regimen = ["other", "drug"]') + (
        '\n[disease.treatments.other]\neffect = [{ moves = "improvement", hazard_ratio = 3.0 }]\n'
    )
    path = small("[]")
    path.write_text(both)
    on_top = load_scenario(path).disease.stated["drug", 0]
    assert (on_top.active, on_top.reference) == (("drug", "other"), ("other",))
    path.write_text(both.replace("value = 1.4", "value = 1.4, on_top_of = []"))
    alone = load_scenario(path).disease.stated["drug", 0]
    assert (alone.active, alone.reference) == (("drug",), ())
    assert alone.hazard_ratio != pytest.approx(on_top.hazard_ratio, rel=1e-4)
    plain = load_scenario(small(f"{{ {RECOVERY} }}")).disease.stated["drug", 0]
    assert alone.hazard_ratio == pytest.approx(plain.hazard_ratio, rel=1e-9)


@pytest.mark.parametrize("uncertain", ["sd = 0.15", f"interval = [{1.4 * math.exp(-0.294)}, {1.4 * math.exp(0.294)}]"])
def test_an_uncertain_statement_is_drawn(small, uncertain):
    """The 95 % limits of the hazard ratio are those that give the limits of what is stated."""
    scenario = load_scenario(small(f"{{ {RECOVERY}, {uncertain} }}"))
    (effect,) = scenario.trial.disease.treatments["drug"].effects
    at_limits = []
    for z in (-1.96, 1.96):
        stated = f'{{ endpoint = "recovery", method = "log_rank", value = {1.4 * math.exp(z * 0.15)} }}'
        at_limits.append(math.log(load_scenario(small(stated)).disease.stated["drug", 0].hazard_ratio))
    low, high = at_limits
    assert effect.standard_error == pytest.approx((high - low) / (2 * 1.96), rel=1e-3)
    assert "effect of drug" not in scenario.exactly_known


def test_a_fixed_effect_says_so_in_an_assurance_and_a_prediction(small):
    path = small(f"{{ {RECOVERY} }}")
    for answer in (jaksim.assurance(path, draws=20), jaksim.predict(path, draws=20, replicates=10)):
        assert "effect of drug" in answer.exactly_known
        report = " ".join(answer.report().split())
        assert "(fixed: no interval or sd is given)" in report
        assert "same in every draw" in report or "Nothing in the scenario is uncertain" in report


def test_a_sweep_varies_what_is_stated(small, tmp_path):
    out = tmp_path / "sweep"
    key = "disease.treatments.drug.effect.value"
    swept = jaksim.sweep(small(f"{{ {RECOVERY} }}"), vary=[f"{key}=1.2,1.6"], out=out, replicates=1000)
    assert swept is not None
    powers = [
        jaksim.power(small(f"{{ {RECOVERY} }}"), replicates=1000, changes=[f"{key}={value}"]).analyses[0].power
        for value in (1.2, 1.6)
    ]
    assert powers[0] < powers[1]


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ('endpoint = "recovery", method = "cox", value = 1e4', "no hazard ratio of these moves gives this"),
        ('endpoint = "recovery", method = "cox", value = 1e9', "no such estimate"),
        ('endpoint = "recovery", method = "cox", value = 0', "no such estimate"),
        ('endpoint = "recovery", method = "cox", value = -1.2', "no such estimate"),
        ('endpoint = "death", method = "risk_difference", value = 5', "above -1 and below 1"),
        ('endpoint = "death", method = "risk_difference", value = -0.9', "no hazard ratio of these moves"),
        ('endpoint = "death", risk = 0', "a risk above 0 and below 1"),
        ('endpoint = "death", risk = 2.0', "out of range"),
        ('endpoint = "recovery", risk = 0.5', "a risk is that of an event by a day"),
        ('endpoint = "recovary", method = "cox", value = 1.2', "did you mean 'recovery'?"),
        ('endpoint = "recovery", method = "coxx", value = 1.2', "did you mean 'cox'?"),
        ('endpoint = "recovery", method = "mean_difference", value = 1.2', "kind 'time_to_event'"),
        ('endpoint = "death", method = "exact_odds_ratio", value = 0.8', "an exact test has no estimate"),
        ('endpoint = "score", method = "bayesian_proportional_odds", value = 1.2', "a posterior has no estimate"),
        ('endpoint = "recovery", value = 1.2', "the estimate of which analysis"),
        ('endpoint = "recovery", method = "cox"', "what is stated is not given once"),
        ('endpoint = "death", method = "risk_ratio", value = 0.5, risk = 0.1', "what is stated is not given once"),
        ('endpoint = "death", method = "risk_ratio", risk = 0.1', "a risk is of no method"),
        ('method = "cox", value = 1.2', "needs the name of an endpoint"),
        (f"{RECOVERY}, hazard_ratio = 1.3", "from which this follows"),
        (f"{RECOVERY}, log_hazard_ratio = 0.3", "from which this follows"),
        (f"{RECOVERY}, standard_error = 0.1", "interval or sd, of the stated value"),
        (f"{RECOVERY}, interval = [1.5, 1.8]", "not an interval of the stated value"),
        (f"{RECOVERY}, interval = [1.8, 1.2]", "not an interval of the stated value"),
        (f"{RECOVERY}, interval = [1.2, 1.8], sd = 0.1", "no sd"),
        (f"{RECOVERY}, interval = [-1, 1.8]", "effect.interval: no such estimate"),
        (f"{RECOVERY}, sd = -0.1", "out of range"),
        (f"{RECOVERY}, sd = 9", "effect.sd: no hazard ratio of these moves"),
        (f'{RECOVERY}, moves = "discharge"', "the effect changes no move of the natural history"),
        (f'{RECOVERY}, moves = "2>5"', "no such move"),
        (f'{RECOVERY}, moves = "improvment"', "did you mean 'improvement'?"),
        (f"{RECOVERY}, current_scores = [9]", "unknown score"),
        (f'{RECOVERY}, on_top_of = ["drug"]', "unknown treatment"),
        (f'{RECOVERY}, on_top_of = ["placebo"]', "unknown treatment"),
        (f"{RECOVERY}, window = {{ start = 10 }}", "they do not change it"),
        (f"{RECOVERY}, vlaue = 3", "did you mean 'value'?"),
        ('endpoint = "recovery", method = "cox", value = "much"', "wrong kind of value"),
    ],
)
def test_what_cannot_be_is_refused(small, stated, words):
    with pytest.raises(InputError) as caught:
        load_scenario(small(f"{{ {stated} }}"))
    assert words in str(caught.value)
    assert "disease.treatments.drug" in str(caught.value) or "treatment 'drug'" in str(caught.value)


def test_the_range_that_can_be_is_said(small):
    with pytest.raises(InputError) as caught:
        load_scenario(small('{ endpoint = "death", risk = 0.01, moves = "2>4" }'))
    message = str(caught.value)
    low, high = (float(word) for word in message.split("allowed: ")[1].split(" with")[0].split(" to "))
    for value in (low * 1.01, high * 0.999):
        load_scenario(small(f'{{ endpoint = "death", risk = {value}, moves = "2>4" }}'))
