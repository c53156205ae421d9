"""The graph against the printed table: cytokine, kinases and STAT proteins of Table 1 of curbside-jak-2021."""

import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_topic, pathway
from jaksim.evidence.facts import Fact
from jaksim.evidence.signalling.graph import CYTOKINE, DRUG
from jaksim.evidence.signalling.links import AGREED, CARRIES, FOLLOWED, INHIBITS, NOT_FOLLOWED, links_of_drug
from jaksim.evidence.signalling.reading import signalling

PRINTED = {
    "GM-CSF": ("2", "35"),
    "IL-15": ("13", "35"),
    "IL-21": ("13", "135"),
    "IL-13": ("13T", "6"),
    "IL-2": ("13", "35"),
    "IL-4": ("13", "6"),
    "IL-7": ("13", "35"),
    "IL-9": ("13", "135"),
    "IL-12": ("2T", "4"),
    "IL-6": ("12T", "13"),
    "G-CSF": ("2", "5"),
    "IFN-alpha/beta": ("1T", "12345"),
    "IFN-gamma": ("1T", "1"),
    "IL-10": ("12T", "135"),
}
"""Kinases as 1, 2, 3 for JAK1 to JAK3 and T for TYK2, STAT proteins by number."""
INHIBITED = {"baricitinib": "12", "ruxolitinib": "12", "tofacitinib": "13"}


def short(names):
    return {name.removeprefix("JAK").removeprefix("STAT").removesuffix("YK2") for name in names}


def test_links_are_the_rows_of_the_printed_table():
    graph = signalling()
    for cytokine, (kinases, stats) in PRINTED.items():
        links = [link for link in graph.links_to(cytokine, CARRIES) if link.standing != NOT_FOLLOWED]
        assert short(link.source for link in links) == set(kinases)
        assert short(graph.stats(cytokine)) == set(stats)
    raised_without_row = {"IL-1 beta", "IL-8", "IL-17", "TNF-alpha"}
    assert set(graph.names(CYTOKINE)) == set(PRINTED) | raised_without_row


@pytest.mark.parametrize("drug", INHIBITED)
def test_a_drug_reaches_the_cytokines_that_share_a_kinase_with_it(drug):
    found = {path.cytokine: short(path.through) for path in pathway(drug).paths if path.standing != NOT_FOLLOWED}
    shared = {name: set(kinases) & set(INHIBITED[drug]) for name, (kinases, _) in PRINTED.items()}
    assert found == {name: kinases for name, kinases in shared.items() if kinases}


@pytest.mark.parametrize("kinase", ["JAK1", "JAK2", "JAK3", "TYK2"])
def test_both_directions_say_the_same(kinase):
    through = {(path.drug, path.cytokine) for path in pathway(kinase).paths}
    inhibit = {link.source for link in signalling().links_to(kinase, INHIBITS)}
    carried = {link.target for link in signalling().links_from(kinase, CARRIES)}
    assert through == {(drug, cytokine) for drug in inhibit for cytokine in carried}
    for drug, cytokine in through:
        assert cytokine in {path.cytokine for path in pathway(drug).paths}
        assert drug in {path.drug for path in pathway(cytokine).paths}


def test_all_paths_are_those_of_each_drug_of_each_cytokine_and_of_each_stat():
    everything = set(pathway().paths)
    graph = signalling()
    assert everything == {path for drug in graph.names(DRUG) for path in pathway(drug).paths}
    assert everything == {path for cytokine in graph.names(CYTOKINE) for path in pathway(cytokine).paths}
    by_stat = {path for number in range(1, 7) for path in pathway(f"STAT{number}").paths}
    assert everything == by_stat


def test_what_rests_on_a_disputed_link_alone_says_so():
    tofacitinib = {path.cytokine: path for path in pathway("tofacitinib").paths}
    only_by_jak2 = {name for name, (kinases, _) in PRINTED.items() if not set(kinases) & set("13")}
    assert {name for name, path in tofacitinib.items() if path.standing == NOT_FOLLOWED} == only_by_jak2
    assert tofacitinib["IFN-gamma"].standing == AGREED  # by JAK1, in both versions
    assert {link.source: link.standing for link in signalling().links_to("IFN-gamma", CARRIES)} == {
        "JAK1": AGREED,
        "TYK2": FOLLOWED,
        "JAK2": NOT_FOLLOWED,
    }
    through_jak2 = {path.cytokine: path.standing for path in pathway("JAK2").paths if path.drug == "baricitinib"}
    assert through_jak2["IFN-gamma"] == NOT_FOLLOWED
    assert through_jak2["IL-6"] == AGREED
    assert set(pathway("tofacitinib").disputes) == {"drug-targets/tofacitinib", "cytokines/ifn_gamma"}
    assert not pathway("STAT6").disputes
    assert set(pathway("STAT5").disputes) == {"drug-targets/tofacitinib"}
    assert not pathway("tocilizumab").disputes


def test_a_receptor_is_blocked_without_a_kinase():
    (path,) = pathway("tocilizumab").paths
    assert (path.cytokine, path.through, path.by_receptor) == ("IL-6", (), True)
    assert pathway("IL-6").rows()[-1]["by_receptor"]
    assert pathway("dexamethasone").paths == ()
    assert "IL-6" in pathway("dexamethasone").not_reached


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("il6", "IL-6"),
        ("Interleukin 6", "IL-6"),
        ("interferon-γ", "IFN-gamma"),
        ("IFN-beta", "IFN-alpha/beta"),
        ("IFN-alpha", "IFN-alpha/beta"),
        ("Olumiant", "baricitinib"),
        ("tyk2", "TYK2"),
        ("stat 3", "STAT3"),
        ("TNF-alpha", "TNF-alpha"),
    ],
)
def test_names_are_found_as_they_are_written(written, name):
    assert pathway(written).node.name == name


@pytest.mark.parametrize(("written", "near"), [("barcitinib", "baricitinib"), ("JAK5", "JAK"), ("STAT7", "STAT")])
def test_an_unknown_name_is_answered_with_the_nearest(written, near):
    with pytest.raises(InputError, match=f"unknown drug, cytokine.*did you mean '{near}"):
        pathway(written)


def test_links_are_traced_to_facts_that_ship_and_to_their_sources():
    for link in signalling().links:
        for name in link.facts:
            topic, fact = name.split("/")
            assert set(load_topic(topic).facts[fact].citations) <= set(link.citations)
    ruxolitinib = next(link for link in signalling().links if link.source == "ruxolitinib")
    assert ruxolitinib.facts == ("drug-targets/ruxolitinib", "ruxolitinib-rationale/selectivity")


def test_each_version_of_a_disputed_fact_has_its_list():
    values = {"drug": "x", "targets": ["JAK1"], "targets_by_version": [["JAK1"]]}
    fact = Fact("x", "X.", ("paper",), values, disputed="what", versions=("a", "b"), followed="a")
    with pytest.raises(InputError, match=r"one list for each version.*got 1"):
        list(links_of_drug("drug-targets/x", fact, ("JAK1",)))
