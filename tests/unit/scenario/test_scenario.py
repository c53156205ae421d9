import math
from pathlib import Path

import pytest

from jaksim.key import KINDS
from jaksim.scenario import load_scenario
from jaksim.scenario.keys import CATALOGUE
from jaksim.scenario.reference import described_keys

HERE = Path(__file__).parents[2]
SMALL = HERE / "scenarios" / "small.toml"
SHIPPED = sorted((HERE.parent / "scenarios").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_shipped_scenarios_load(path):
    scenario = load_scenario(path)
    assert scenario.sources
    assert any(plan.role == "primary" for plan in scenario.trial.analyses)


def test_actt4_is_as_registered():
    trial = load_scenario(HERE.parent / "scenarios" / "actt4.toml").trial
    assert trial.population.patients == 1500
    assert [arm.allocation for arm in trial.arms] == [1, 1]
    assert [patient.baseline_score for s in trial.population.strata for _, patient in s.patients] == [5, 6]
    primary = next(plan for plan in trial.analyses if plan.role == "primary")
    assert "score 7, 8" in trial.endpoint(primary.endpoint).event
    assert trial.horizon + trial.day_of_randomisation == 29


def test_study_days_are_counted_from_the_day_of_randomisation():
    assert "day 7 " in load_scenario(SMALL).trial.endpoint("score").definition
    shifted = load_scenario(SMALL, changes=["follow_up.day_of_randomisation=0"])
    assert "day 8 " in shifted.trial.endpoint("score").definition


def test_counts_become_weights():
    changes = ["population.stratum=[{baseline_score=2,count=30},{baseline_score=3,count=10}]", "analysis.cox.strata=[]"]
    strata = load_scenario(SMALL, changes=changes).trial.population.strata
    assert [(s.name, s.weight) for s in strata] == [("score 2", 0.75), ("score 3", 0.25)]


def test_interval_gives_the_standard_error():
    (effect,) = load_scenario(SMALL).trial.disease.treatments["drug"].effects
    assert effect.log_hazard_ratio == pytest.approx(math.log(1.6))
    assert effect.standard_error == pytest.approx(math.log(2.1333333333 / 1.2) / (2 * 1.959964), rel=1e-6)
    assert (effect.window.start, effect.window.end) == (0.0, 7)


FACTORIAL = (
    'arm=[{name="n",regimen=[],reference=true},{name="a",regimen=["drug"]},{name="b",regimen=[]},'
    '{name="ab",regimen=["drug"]}]',
    'analysis=[{endpoint="death",method="risk_difference_mh",active=["a","ab"],reference=["n","b"]}]',
)


def test_lists_of_arms_are_compared_pair_by_pair():
    (plan,) = load_scenario(SMALL, changes=FACTORIAL).trial.analyses
    assert plan.pairs == (("a", "n"), ("ab", "b"))
    assert (plan.active, plan.reference) == ("a and ab", "n and b")


def test_stated_assumptions_come_last_and_are_marked():
    stated = 'assumption=[{name="scores",value="as elsewhere",why="not published"}]'
    *_, last = load_scenario(SMALL, changes=[stated]).assumptions
    assert (last.about, last.statement, last.note, last.published) == ("scores", "as elsewhere", "not published", False)


def test_an_analysis_without_active_arm_stands_for_every_other_arm():
    changes = ['arm=[{name="a",regimen=["drug"]},{name="b",regimen=["drug"]},{name="c",regimen=[],reference=true}]']
    plans = load_scenario(SMALL, changes=changes).trial.analyses
    assert [(p.name, p.active, p.reference) for p in plans[:2]] == [
        ("log-rank, a", "a", "c"),
        ("log-rank, b", "b", "c"),
    ]


def test_assumptions_tell_what_has_no_source():
    lines = {line.about: line for line in load_scenario(SMALL).assumptions}
    assert lines["natural history"].source == "made for tests"
    assert lines["natural history"].published
    assert not lines["drug"].published
    assert lines["drug"].ratio == pytest.approx(1.6)
    assert lines["drug"].interval == pytest.approx((1.2, 2.1333333333), rel=1e-6)
    assert not lines["population"].published


def test_an_interaction_counts_only_where_both_are_given():
    interaction = 'disease.interaction=[{pair=["new drug","other"],moves="death",assumption="never studied"}]'
    other = 'disease.treatments.other={drug_class="other"}'
    apart = load_scenario(SMALL, changes=[other, interaction])
    (line,) = [line for line in apart.assumptions if line.about == "new drug x other"]
    assert (line.ratio, line.published, line.note) == (None, False, "never studied")
    together = load_scenario(SMALL, changes=[other, interaction, 'arm.drug.regimen=["drug","other"]'])
    (line,) = [line for line in together.assumptions if line.about == "new drug x other"]
    assert line.ratio == 1.0
    assert line.interval == pytest.approx((math.exp(-1.96 * 0.2), math.exp(1.96 * 0.2)), rel=1e-4)


def test_hash_is_of_the_content(tmp_path):
    text = SMALL.read_text()
    (tmp_path / "four.toml").write_text((SMALL.parent / "four.toml").read_text())
    same = tmp_path / "same.toml"
    same.write_text("# a comment\n" + text.replace("patients = 300", "patients   =   300"))
    assert load_scenario(same).hash == load_scenario(SMALL).hash
    assert load_scenario(SMALL, changes=["population.patients=300"]).hash == load_scenario(SMALL).hash
    assert load_scenario(SMALL, changes=["population.patients=302"]).hash != load_scenario(SMALL).hash


def test_files_are_looked_for_beside_the_scenario(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load_scenario(SMALL).trial.scale.name == "four statuses"


def test_every_key_is_described_once_in_a_sentence():
    for keys in CATALOGUE.values():
        for key in keys:
            assert key.kind in KINDS
            assert key.description.endswith(".")
    paths = [key.path for key in described_keys()]
    assert len(paths) == len(set(paths))
    assert "endpoint (kind free_days).death" in paths
    assert "analysis (method cox).options.ties" in paths
