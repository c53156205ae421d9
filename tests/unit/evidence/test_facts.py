from copy import deepcopy

import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study, load_topic, study_ids, topic_ids
from jaksim.evidence.facts import topic_from
from jaksim.evidence.records import Citation
from jaksim.model.known_phases import known_phases
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


@pytest.mark.parametrize("fact", ["immunomodulator_window", "antiviral_window"])
def test_windows_cite_the_article_whose_figure_says_them(fact):
    found = load_topic("disease-stages").facts[fact]
    assert found.citations == ("stebbing-lauschke-2021",)
    assert "figure 1" in found.note


def test_an_established_safety_profile_is_said_of_some_inhibitors_never_of_one():
    facts = load_topic("safety").facts
    said = [text for fact in facts.values() for text in (fact.statement, *fact.versions) if "established" in text]
    assert len(said) == 3
    assert all("ome JAK inhibitors" in text for text in said), said
    assert "drug" not in facts["pharmacology"].values


def test_every_citation_is_cited():
    cited = {name for topic in topic_ids() for name in load_topic(topic).citations}
    from jaksim.evidence.facts import _citations

    assert set(_citations()) == cited


@pytest.mark.parametrize(
    ("topic", "facts"),
    [
        ("drug-targets", {"antibodies"}),
        ("access", {"oral_dosing", "supply", "price"}),
        ("safety", {"malignancy", "long_term"}),
        ("ruxolitinib-rationale", {"myelofibrosis", "graft_versus_host_disease", "haemophagocytosis"}),
        ("biomarkers", {"ruxolitinib_cytokines", "ruxolitinib_crp", "marker_of_benefit"}),
        ("open-questions", {"clonal_haematopoiesis", "receptor_density"}),
        ("guidelines", {"emergency_use", "approval", "nih_baricitinib", "who_baricitinib"}),
    ],
)
def test_what_the_reviews_discuss_has_its_facts(topic, facts):
    assert facts <= set(load_topic(topic).facts)


def test_topics_agree_on_dose_date_and_route_of_baricitinib():
    dosing, guidelines, access = (load_topic(name).facts for name in ("dosing", "guidelines", "access"))
    approved, priced, given = guidelines["approval"].values, access["price"].values, dosing["baricitinib_covid"].values
    assert approved["daily_dose_mg"] == priced["daily_dose_mg"] == given["daily_dose_mg"]
    assert approved["max_days"] == priced["days"] == given["max_days"]
    assert guidelines["emergency_use"].values["with_remdesivir"] == dosing["baricitinib_emergency_use"].values["date"]
    assert access["oral_dosing"].values == dosing["route"].values


def test_facts_name_studies_of_the_catalogue():
    named = {
        study
        for topic in topic_ids()
        for fact in load_topic(topic)
        for study in [fact.values.get("study"), *fact.values.get("studies", [])]
        if study
    }
    assert {"cao-2020", "covacta", "actt-4"} <= named <= set(study_ids())


def test_ruxolitinib_is_selective_for_what_it_targets():
    rationale, targets = load_topic("ruxolitinib-rationale").facts, load_topic("drug-targets").facts
    assert rationale["selectivity"].values["targets"] == targets["ruxolitinib"].values["targets"]
    assert "ruxolitinib" not in load_topic("safety").facts["malignancy"].values["drugs"]


def test_the_phases_of_scenarios_are_the_curves_of_the_facts():
    facts = load_topic("phases").facts
    for name, phase in known_phases().items():
        values = facts[f"{name}_curve"].values
        assert [list(point) for point in zip(values["days"], values["levels"], strict=True)] == [
            list(point) for point in phase.points
        ]
        assert [list(interval) for interval in phase.intervals] == values["intervals"]
    viral = facts["viral_curve"].values
    assert viral["days"] == [facts["viral_peak"].values["peak_day"], facts["viral_clearance"].values["days"]]
    assert viral["intervals"][1] == facts["viral_clearance"].values["interval"]


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
