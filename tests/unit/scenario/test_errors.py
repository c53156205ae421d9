"""Whatever is wrong with a scenario gives one message that names the file, the key and what is allowed."""

from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.scenario.section import read_section

SMALL = Path(__file__).parents[2] / "scenarios" / "small.toml"

BAD_CHANGES = [
    ("multiplicity.procedure=homl", ["multiplicity.procedure", "did you mean 'holm'"]),
    ("multiplicity={procedure='holm',analyses=['log-rank','odd']}", ["analyses", "did you mean 'odds'"]),
    ("multiplicity={procedure='holm',analyses=['odds','one-sided']}", ["alpha", "different levels"]),
    ("multiplicity={procedure='holm',analyses=['odds']}", ["multiplicity, analyses", "2 to 10"]),
    ("multiplicity={procedure='graphical',analyses=['odds','death']}", ["multiplicity.hypothesis", "needs"]),
    ("multiplicity={procedure='holm',family=[{analyses=['odds']}]}", ["multiplicity.family", "has no"]),
    (
        "multiplicity={procedure='graphical',hypothesis=[{analysis='odds',weight=1.0,to={deth=1.0}},{analysis='death'}]}",
        ["multiplicity.hypothesis.0.to", "did you mean 'death'"],
    ),
    (
        "multiplicity={procedure='holm',analyses=['odds','death'],configuration=[{name='x',null_arms=['drg']}]}",
        ["configuration 'x'", "did you mean 'drug'"],
    ),
    ("population.patient=100", ["population.patient", "did you mean 'patients'"]),
    ("populatio.patients=100", ["populatio", "did you mean 'population'"]),
    ("population.patients=0", ["population.patients", "1 to"]),
    ("population.patients=many", ["population.patients", "whole number"]),
    ("population.patients=10.5", ["population.patients", "whole number"]),
    ("population.patients=true", ["population.patients", "whole number"]),
    ("population.stratum_sizes=random", ["population.stratum_sizes", "drawn, fixed"]),
    ("population.stratum.ill.weight=0.7", ["sum to 1.1", "weights that sum to 1"]),
    ("population.stratum.ill.weight=-0.1", ["population.stratum.ill.weight", "0 to 1"]),
    ("population.stratum.ill.weight=nan", ["population.stratum.ill.weight", "number"]),
    ("population.stratum.ill.baseline_score=9", ["unknown score", "1, 2, 3, 4"]),
    ("population.stratum.ill.baseline_score=4", ["absorbing"]),
    ("population.stratum.mixed.mixture.0.weight=0.5", ["population.stratum.mixed", "sum to 1.25"]),
    ("population.stratum.ill.count=5", ["population.stratum", "a weight in every stratum"]),
    ("population.stratum.ill.mixture=[{weight=1.0,baseline_score=2}]", ["baseline_score or a mixture"]),
    ("disease.scale=nia-8", ["disease.scale", "did you mean 'niaid-8'"]),
    ("disease.scale=missing.toml", ["disease.scale", "no such file"]),
    ("disease.natural_history=acct-2", ["disease.natural_history", "did you mean 'actt-2'"]),
    ("disease.natural_history=actt-2", ["disease.scale", "another scale"]),
    ("disease.natural_history.move.0.values=[-0.1]", ["disease.natural_history", "negative"]),
    ("disease.natural_history.move.0.values=[0.1, 0.2]", ["disease.natural_history.move.0", "values"]),
    ("disease.natural_history.move.0.move=2-1", ["disease.natural_history.move.0", "ORIGIN>DESTINATION"]),
    ("disease.natural_history.move.0.move=3>2", ["given twice"]),
    ("disease.natural_history.move.0.move=7>1", ["unknown score"]),
    ("disease.treatments.drug.effect.0.moves=improvment", ["did you mean 'improvement'"]),
    ("disease.treatments.drug.effect.0.log_hazard_ratio=0.1", ["log_hazard_ratio or hazard_ratio"]),
    ("disease.treatments.drug.effect.0.interval=[2.0, 1.0]", ["disease.treatments.drug.effect.0.interval"]),
    ("disease.treatments.drug.effect.0.window.clock=onsets", ["did you mean 'onset'"]),
    ("disease.treatments.drug.effect.0.window.clock=onset", ["days_since_onset"]),
    ("disease.treatments.drug.effect.0.current_scores=[9]", ["unknown score"]),
    ('disease.background=["drug"]', ["control", "lacks 'drug'"]),
    ('arm.drug.regimen=["drag"]', ["arm.drug.regimen", "did you mean 'drug'"]),
    ("arm.drug.reference=true", ["2 arms are marked as the reference"]),
    ("arm.control.reference=false", ["0 arms are marked as the reference"]),
    ("arm.drug.allocation=0", ["arm.drug.allocation"]),
    ("arm.drug.name=control", ["used twice"]),
    ("randomisation.block_size=3", ["randomisation.block_size", "a multiple of 2"]),
    ("follow_up.days=0", ["follow_up.days"]),
    ('analysis.cox.active=["drug"]', ["analysis.cox", "two lists of arms of the same length"]),
    (
        'analysis.cox={endpoint="recovery",method="cox",active=["drug","drug"],reference=["control","control"]}',
        ["analysis.1", "two pairs"],
    ),
    ('assumption=[{name="a",value="b"}]', ["assumption.a.why", "the key is missing"]),
    ('assumption=[{name="a",valu="b",why="c"}]', ["assumption.a.valu", "did you mean 'value'"]),
    ("endpoint.score.day=12", ["endpoint.score.day", "study days 1 to 11"]),
    ("endpoint.score.day=8.5", ["endpoint.score.day"]),
    ("endpoint.score.kind=scores_on_day", ["did you mean 'score_on_day'"]),
    ("endpoint.recovery.set=wel", ["did you mean 'well'"]),
    ("endpoint.recovery.dath=censor", ["did you mean 'death'"]),
    ("endpoint.recovery.name=score", ["used twice"]),
    ("analysis.log-rank.endpoint=recover", ["analysis.log-rank.endpoint", "did you mean 'recovery'"]),
    ("analysis.log-rank.method=logrank", ["did you mean 'log_rank'"]),
    ("analysis.log-rank.method=proportional_odds", ["analysis.log-rank", "kind 'time_to_event'"]),
    ("analysis.cox.options.ties=efrom", ["did you mean 'efron'"]),
    ('analysis.cox.strata=["ills"]', ["did you mean 'ill'"]),
    ("analysis.log-rank.active=drugs", ["did you mean 'drug'"]),
    ("analysis.log-rank.alpha=1.5", ["1e-09 <= alpha < 1"]),
    ("analysis.log-rank.sides=3", ["analysis.log-rank.sides"]),
    ("analysis.log-rank.role=main", ["analysis.log-rank.role"]),
    ("analysis.cox.name=log-rank", ["used twice"]),
    ("analysis.9.alpha=0.1", ['changes="analysis.9"', "log-rank"]),
    ("title.x=1", ['changes="title"']),
    ("title", ["KEY=VALUE"]),
    ("=1", ["KEY=VALUE"]),
]


@pytest.mark.parametrize(("change", "words"), BAD_CHANGES, ids=[change for change, _ in BAD_CHANGES])
def test_one_message_for_a_bad_value(change, words):
    with pytest.raises(InputError) as caught:
        load_scenario(SMALL, changes=[change])
    message = str(caught.value)
    assert message.startswith(str(SMALL))
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"\x00\x01\x02\xff", "not a text file"),
        (b"title = \n", "not valid TOML"),
        (b"title = 'x'", "the key is missing"),
        (b"[disease]\n[disease]", "not valid TOML"),
    ],
)
def test_one_message_for_a_bad_file(tmp_path, content, word):
    path = tmp_path / "scenario.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=word) as caught:
        load_scenario(path)
    assert str(path) in str(caught.value)


LEAVING = SMALL.with_name("leaving.toml")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("withdrawal.everyone.per_day=-1", ["withdrawal.everyone.per_day", "0 to 1000"]),
        ("withdrawal.everyone.current_scores=[9]", ["withdrawal.0", "unknown score", "1, 2, 3, 4"]),
        ("withdrawal.everyone.current_scores=[4]", ["an absorbing score is never left"]),
        ("withdrawal.toxicity.arms=['durg']", ["withdrawal.1, arms", "did you mean 'drug'"]),
        ("withdrawal.toxicity.end=0.5", ["withdrawal.toxicity", "must come after the start"]),
        ("withdrawal.everyone.perday=2", ["did you mean 'per_day'"]),
        ("withdrawl=[]", ["did you mean 'withdrawal'"]),
        ("withdrawal=3", ["withdrawal", "a list of tables"]),
        ("missed_visit.visit.day=40", ["missed_visit.visit.day", "study days 1 to 11"]),
        ("missed_visit.visit.day=1", ["missed_visit.visit", "randomisation cannot be missed"]),
        ("missed_visit.visit.probability=1.5", ["missed_visit.visit.probability", "0 to 1"]),
        ("endpoint.recovery.withdrawal=complete case", ["endpoint.recovery", "censor, hypothetical"]),
        ("endpoint.recovery.treatment_stop=hypothetical", ["every endpoint, or of none"]),
    ],
)
def test_one_message_for_a_bad_intercurrent_event(change, words):
    with pytest.raises(InputError) as caught:
        load_scenario(LEAVING, changes=[change])
    for word in words:
        assert word in str(caught.value)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_scenario(tmp_path / "none.toml")
    with pytest.raises(InputError, match="directory"):
        load_scenario(tmp_path)


def test_a_word_is_the_same_with_underscores_for_hyphens():
    assert read_section({"hypothesis": "non_inferiority", "endpoint": "e", "method": "m"}, "analysis", "analysis")[
        "hypothesis"
    ] == ("non-inferiority")
    with pytest.raises(InputError, match="unknown word"):
        read_section({"hypothesis": "non__inferiority", "endpoint": "e", "method": "m"}, "analysis", "analysis")
