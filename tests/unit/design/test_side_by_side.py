"""Several designs on common random numbers: each as by itself, each pair as of two."""

import pytest

import jaksim
from jaksim.design.side_by_side import rows_of
from jaksim.errors import InputError
from jaksim.scenario import load_scenario


@pytest.fixture(scope="module")
def found():
    changes = ["C:population.patients=2000", "B:endpoint.0.day=21"]
    return jaksim.compare("actt2", "actt2", "actt2", replicates=300, seed=5, changes_of=changes)


def test_each_design_is_as_by_itself(found):
    for design, changes in zip(found.designs, ([], ["endpoint.0.day=21"], ["population.patients=2000"]), strict=True):
        alone = jaksim.power("actt2", replicates=300, seed=5, changes=changes)
        assert [one.power for one in design.analyses] == [one.power for one in alone.analyses]
        assert [one.mean_estimate for one in design.analyses] == pytest.approx(
            [one.mean_estimate for one in alone.analyses], rel=1e-12
        )


def test_each_pair_is_as_of_two(found):
    alone = jaksim.compare("actt2", "actt2", replicates=300, seed=5, second_changes=["population.patients=2000"])
    (pair,) = [one for one in found.differences if (one.first, one.second) == ("A", "C")]
    assert [(one.first, one.second) for one in found.differences] == [("A", "B"), ("A", "C"), ("B", "C")]
    for mine, theirs in zip(pair.analyses, alone.analyses, strict=True):
        assert (mine.power_first, mine.power_second) == (theirs.power_first, theirs.power_second)
        assert (mine.only_first, mine.only_second) == (theirs.only_first, theirs.only_second)
        assert mine.power.difference == pytest.approx(theirs.power.difference, abs=1e-12)
        assert mine.power.mc_se == pytest.approx(theirs.power.mc_se, rel=1e-9)
        assert mine.estimate.mc_se == pytest.approx(theirs.estimate.mc_se, rel=1e-9)
    a_to_b, a_to_c, b_to_c = (one.analyses[0].power.difference for one in found.differences)
    assert a_to_b + b_to_c == pytest.approx(a_to_c, abs=1e-12)


def test_the_command_makes_it_again(found):
    command = found.provenance["command"]
    assert "--set-of B:endpoint.0.day=21" in command
    assert "--set-of C:population.patients=2000" in command
    assert found.as_dict()["letters"] == ["A", "B", "C"]
    assert len(found.to_pandas()) == 3 * len(found.designs[0].analyses)


def test_analyses_are_matched_by_name_and_others_kept():
    names = ("actt4", "ruxcovid", "actt4-interims")
    trials = [load_scenario(name).trial for name in names]
    rows = rows_of(trials)
    for row in rows:
        named = {trial.analyses[place].name for trial, place in zip(trials, row, strict=True) if place is not None}
        assert len(named) == 1
    assert {row[1] for row in rows} - {None} == set(range(len(trials[1].analyses)))
    with pytest.raises(InputError, match="share no analysis"):
        rows_of([trials[0], trials[2], load_scenario("stroke-alteplase").trial])


def test_what_is_no_comparison_is_refused():
    with pytest.raises(InputError, match="LETTER:KEY=VALUE with one of A, B, C"):
        jaksim.compare("actt2", "actt2", "actt2", replicates=2, changes_of=["D:population.patients=2"])
    with pytest.raises(InputError, match="changes_of: a change is"):
        jaksim.compare("actt2", "actt2", "actt2", replicates=2, changes_of=["C:population"])
    with pytest.raises(InputError, match="is missing"):
        jaksim.compare("actt2")


def test_one_scenario_of_two_may_be_changed_by_its_letter():
    both = [
        jaksim.compare("actt2", "actt2", replicates=20, **options).as_dict()["analyses"]
        for options in ({"changes_of": ["B:population.patients=700"]}, {"second_changes": ["population.patients=700"]})
    ]
    assert both[0] == both[1]
    first = jaksim.compare("actt2", "actt2", replicates=20, changes_of=["A:population.patients=700"])
    assert first.n_patients == (700, 1033)
    assert first.provenance["command"].endswith("--set-of A:population.patients=700")
