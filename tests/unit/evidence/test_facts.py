from copy import deepcopy

import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study, load_topic, study_ids, topic_ids
from jaksim.evidence.facts import topic_from
from jaksim.evidence.records import Citation
from jaksim.scale import load_scale

SOURCES = {"paper": Citation("paper", "A paper. 2020.", "primary")}
FACT = {"id": "dose", "statement": "4 mg/day.", "citations": ["paper"], "values": {"daily_dose_mg": 4}}
TABLE = {"title": "Doses", "summary": "Doses.", "facts": [FACT]}


@pytest.mark.parametrize("topic", topic_ids())
def test_every_fact_cites_a_source(topic):
    facts = load_topic(topic)
    assert len(facts) > 0
    assert all(fact.citations for fact in facts)
    assert set(facts.citations) == {name for fact in facts for name in fact.citations}


def test_the_scale_of_the_facts_is_the_scale_of_the_package():
    scale = load_scale("niaid-8")
    facts = load_topic("scale").facts
    assert [facts[f"score_{score}"].values["score"] for score in scale.scores] == list(scale.scores)
    assert tuple(facts["recovery"].values["scores"]) == scale.sets["recovered"]
    assert facts["direction"].values["higher_is_worse"] == scale.higher_is_worse


def test_trials_named_by_the_facts_are_in_the_catalogue_with_the_same_scores():
    for fact in load_topic("trial-scores"):
        for name in fact.values.get("studies", [fact.values.get("study")]):
            study = load_study(name)
            scores = {score for record in study for score in record.baseline_scores}
            assert scores == set(fact.values["scores"]), name
    assert {fact.values["study"] for fact in load_topic("open-questions") if "study" in fact.values} <= set(study_ids())


def test_cytokines_carry_kinases_and_stat_proteins():
    facts = load_topic("cytokines").facts
    assert facts["il_6"].values["jak"] == ["JAK1", "JAK2", "TYK2"]
    assert facts["il_6"].values["stat"] == ["STAT1", "STAT3"]
    assert len([fact for fact in facts.values() if "stat" in fact.values]) == 14
    assert facts["ifn_gamma"].disputed


def test_thresholds_and_contraindications_agree():
    contraindications = load_topic("contraindications").facts
    for fact in load_topic("laboratory-thresholds"):
        values = fact.values
        if values.get("action") == "do not start":
            unit = "g_dl" if values["unit"] == "g/dL" else "mm3"
            assert contraindications[values["drug"]].values[f"{values['test']}_below_{unit}"] == values["below"]


def test_a_disputed_fact_keeps_its_versions_and_says_which_is_followed():
    fact = load_topic("dosing").facts["baricitinib_renal"]
    assert len(fact.versions) == 4
    assert fact.followed
    assert fact.values["egfr_below"] == 60


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"citations": ["papper"]}, ["fact dose", "did you mean 'paper'"]),
        ({"citations": []}, ["fact dose", "at least one citation"]),
        ({"statement": " "}, ["fact dose", "needs a statement"]),
        ({"disputed": "the dose"}, ["fact dose", "at least two `versions`"]),
        ({"versions": ["a: 4", "b: 2"], "followed": "a"}, ["fact dose", "needs `disputed`"]),
        ({"values": {"scores": [4, 9]}}, ["fact dose", "values.scores", "no such score"]),
        ({"source": "paper"}, ["fact dose", "unknown key"]),
    ],
)
def test_a_faulty_fact_is_named(change, words):
    table = deepcopy(TABLE)
    table["facts"][0].update(change)
    with pytest.raises(InputError) as refused:
        topic_from("doses", table, SOURCES)
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_an_id_stands_once():
    with pytest.raises(InputError, match="fact dose: this fact id stands twice"):
        topic_from("doses", {**TABLE, "facts": [FACT, FACT]}, SOURCES)


def test_an_unknown_topic_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'dosing'"):
        load_topic("dozing")
