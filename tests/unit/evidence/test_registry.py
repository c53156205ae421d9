from copy import deepcopy
from dataclasses import replace

import pytest

from jaksim.errors import InputError
from jaksim.evidence import check_figures, load_study, load_topic, show, studies, study_ids
from jaksim.evidence.registry import (
    LINKS,
    is_registry_number,
    link_faults,
    registered_trials,
    studies_registered_as,
    study_named,
)


@pytest.fixture(scope="module")
def topic():
    return load_topic("registered-trials")


def changed(topic, name, **values):
    fact = topic.facts[name]
    return replace(topic, facts={**topic.facts, name: replace(fact, values={**deepcopy(dict(fact.values)), **values})})


@pytest.mark.parametrize("study", study_ids())
def test_every_registry_number_finds_its_study(study):
    for number in load_study(study).registry:
        assert is_registry_number(number)
        assert study in studies_registered_as(number)
        assert study in [found.id for found in studies(number.lower()).studies]


@pytest.mark.parametrize(
    ("number", "study"),
    [
        ("NCT04401579", "actt-2"),
        (" nct04421027 ", "cov-barrier"),
        ("ChiCTR-OPN-2000029580", "cao-2020"),
        ("CRD42023431817", "jaki-ipdma"),
        ("PROSPERO CRD42023431817", "jaki-ipdma"),
    ],
)
def test_a_registry_number_stands_for_its_study(number, study):
    assert show(number).study.id == study
    assert check_figures(number).studies[0].id == study


@pytest.mark.parametrize(
    "number",
    [
        "EudraCT 2020-001156-18",
        "2020-001156-18",
        "IRCT20200318046812N1",
        "CTRI/2020/06/025575",
        "RBR-8q9md2",
        "DRKS00021688",
    ],
)
def test_numbers_of_other_registries_are_recognised(number):
    assert is_registry_number(number)


@pytest.mark.parametrize("study", study_ids())
def test_no_id_of_a_study_looks_like_a_registry_number(study):
    assert not is_registry_number(study)


def test_ids_and_files_are_left_as_they_are():
    assert [study_named(name) for name in ("actt-2", "my/NCT04401579.toml")] == ["actt-2", "my/NCT04401579.toml"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("NCT04381936", ["several studies share this registry number", "recovery-tocilizumab"]),
        ("NCT04401578", ["no study of the catalogue", "did you mean 'NCT04401579'"]),
        ("NCT04334044", ["registered as a trial of ruxolitinib (phase 2), but the catalogue has no study of it"]),
        ("NCT04412252", ["registered as a trial of tofacitinib (phase not readable)"]),
    ],
)
def test_a_number_that_names_no_study_is_explained(number, words):
    with pytest.raises(InputError) as refused:
        show(number)
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_registered_trials_are_counted_and_linked(topic):
    trials = registered_trials()
    assert len(trials) == sum(fact.values["trials"] for fact in topic) == 31
    assert {trial.number: trial.study for trial in trials}["NCT04469114"] == "stop-covid"
    assert list(link_faults()) == []


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({LINKS: {}}, "NCT04362137 is the registry number of ruxcovid but not linked to it"),
        (
            {LINKS: {"NCT04362137": "ruxcovid-devent"}},
            "linked to ruxcovid-devent, whose registry numbers are NCT04377620",
        ),
        ({LINKS: {"NCT04362137": "ruxcovit"}}, "linked to 'ruxcovit', which is not in the catalogue"),
        ({LINKS: {"NCT04401579": "actt-2"}}, "NCT04401579 is linked but not among the numbers listed"),
        ({"phase2": ["NCT04334044"]}, "6 numbers are listed, trials is 14"),
    ],
)
def test_links_that_do_not_hold_are_named(topic, values, fault):
    faults = list(link_faults(changed(topic, "ruxolitinib", **values)))
    assert any(fault in found and "fact ruxolitinib" in found for found in faults), faults


def test_the_check_of_the_catalogue_holds_the_links(monkeypatch):
    monkeypatch.setattr("jaksim.evidence.answers.link_faults", lambda: iter(["a link that does not hold"]))
    with pytest.raises(InputError) as refused:
        check_figures()
    assert refused.value.details == ("a link that does not hold",)
