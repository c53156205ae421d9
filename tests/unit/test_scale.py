import copy
import pickle

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.scale import OrdinalScale, builtin_scales, load_scale, niaid_8

WELL_FORMED = """
name = "breathing"
higher_is_worse = false
absorbing = [0]
[[status]]
score = 0
label = "dead"
[[status]]
score = 1
label = "on a ventilator"
[[status]]
score = 2
label = "at home"
[sets]
recovered = [2]
"""


def scale(**changes):
    given = {"name": "test", "scores": (1, 2, 3), "labels": ("a", "b", "c"), "higher_is_worse": True, "absorbing": (3,)}
    return OrdinalScale(**(given | changes))


def test_niaid_scale_has_its_published_levels():
    niaid = niaid_8()
    assert niaid.scores == (1, 2, 3, 4, 5, 6, 7, 8)
    assert niaid.higher_is_worse
    assert niaid.absorbing == (8,)
    assert niaid.label(5) == "hospitalized, supplemental oxygen through low-flow devices"
    assert niaid.label(7) == "hospitalized, invasive mechanical ventilation or ECMO"
    assert niaid.label(8) == "died"
    assert niaid.sets["recovered"] == (1, 2, 3)
    assert niaid.sets["discharged"] == (1, 2)
    assert niaid.sets["hospitalised"] == (3, 4, 5, 6, 7)
    assert "Figure 1" in niaid.source


def test_rankin_scale_starts_at_zero_so_index_and_score_differ():
    rankin = load_scale("mrs")
    assert rankin.scores == tuple(range(7))
    assert rankin.index(6) == 6
    assert niaid_8().index(6) == 5
    assert rankin.absorbing == (6,)
    assert "discharged" not in rankin.sets


def test_every_built_in_scale_loads_and_cites_its_source():
    assert set(builtin_scales()) >= {"niaid-8", "mrs"}
    for name in builtin_scales():
        assert load_scale(name).source


def test_rank_is_zero_for_the_best_status_in_either_direction():
    np.testing.assert_array_equal(scale().rank, [0, 1, 2])
    np.testing.assert_array_equal(scale(higher_is_worse=False).rank, [2, 1, 0])


def test_sets_scores_and_single_scores_give_state_indices():
    niaid = niaid_8()
    assert niaid.indices("oxygen") == (4, 5, 6)
    assert niaid.indices([7, 5, 7]) == (4, 6)
    assert niaid.indices(8) == (7,)
    assert niaid.members("ventilated") == (7,)


def test_dead_is_the_absorbing_scores_unless_the_scale_says_otherwise():
    assert scale().sets["dead"] == (3,)
    assert scale(absorbing=(1, 3), sets={"dead": (3,)}).sets["dead"] == (3,)
    assert "dead" not in scale(absorbing=()).sets


def test_scale_is_a_value():
    assert niaid_8() == niaid_8()
    assert hash(scale()) == hash(scale())
    assert pickle.loads(pickle.dumps(niaid_8())) == niaid_8() == copy.deepcopy(niaid_8())
    with pytest.raises(AttributeError):
        niaid_8().name = "other"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scores": (1, 2, 2)}, "score 2 appears twice"),
        ({"scores": (1, 3, 2)}, "2 follows 3"),
        ({"scores": (1,), "labels": ("a",)}, "at least two scores"),
        ({"scores": (1, 2.5, 3)}, "whole number.*2.5"),
        ({"scores": (1, True, 3)}, "whole number.*True"),
        ({"scores": "123"}, "list of whole numbers"),
        ({"labels": ("a", "b")}, "3 scores need 3 labels"),
        ({"labels": ("a", " ", "c")}, "score 2 needs a label"),
        ({"higher_is_worse": "yes"}, "true or false"),
        ({"absorbing": (4,)}, r"absorbing: unknown score \(got 4\); allowed: 1, 2, 3"),
        ({"absorbing": 3}, "list of whole numbers"),
        ({"absorbing": (1, 2, 3)}, "must not be absorbing"),
        ({"sets": {"recovered": (0,)}}, "set 'recovered': unknown score"),
        ({"sets": {"recovered": (1, 1)}}, "set 'recovered': score 1 appears twice"),
        ({"sets": {"recovered": ()}}, "at least one score"),
        ({"name": ""}, "needs a name"),
    ],
)
def test_impossible_scales_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        scale(**changes)


def test_unknown_score_and_set_name_what_is_allowed():
    with pytest.raises(InputError, match=r"unknown score \(got 9\); allowed: 1, 2, 3, 4, 5, 6, 7, 8"):
        niaid_8().index(9)
    with pytest.raises(InputError, match="did you mean 'recovered'"):
        niaid_8().indices("recoverd")
    with pytest.raises(InputError, match="unknown score"):
        niaid_8().indices([1, 0])
    with pytest.raises(InputError, match="unknown score"):
        niaid_8().indices(2.5)


def test_unknown_built_in_scale_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'niaid-8'"):
        load_scale("niaid8")


def test_scale_loads_from_a_file_by_path(tmp_path):
    path = tmp_path / "breathing.toml"
    path.write_text(WELL_FORMED)
    loaded = load_scale(path)
    assert loaded == load_scale(str(path))
    assert loaded.sets == {"recovered": (2,), "dead": (0,)}
    np.testing.assert_array_equal(loaded.rank, [2, 1, 0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("higher_is_worse", "higher_is_wors", "did you mean 'higher_is_worse'"),
        ("higher_is_worse = false", "", "'higher_is_worse' is missing"),
        ("score = 1", "score = 0", "score 0 appears twice"),
        ("score = 1", "scor = 1", "status 2: unknown key.*did you mean 'score'"),
        ('label = "at home"', "", "status 3: the key 'label' is missing"),
        ("recovered = [2]", "recovered = [3]", "set 'recovered': unknown score"),
        ("recovered = [2]", "recovered = 2", "list of whole numbers"),
        ('name = "breathing"', "name = 5", "needs a name"),
        ('name = "breathing"', 'name = "breathing"\nsource = 5', "source: must be text"),
        ("[sets]\nrecovered = [2]", "", None),
    ],
)
def test_faults_in_a_scale_file_are_named_with_the_file(tmp_path, old, new, message):
    path = tmp_path / "own.toml"
    assert old in WELL_FORMED
    path.write_text(WELL_FORMED.replace(old, new, 1))
    if message is None:
        assert load_scale(path).sets == {"dead": (0,)}
        return
    with pytest.raises(InputError, match=message) as caught:
        load_scale(path)
    assert str(path) in str(caught.value)


def test_a_list_of_statuses_is_needed(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('name = "x"\nhigher_is_worse = true\nstatus = 3\n')
    with pytest.raises(InputError, match=r"one .*status.* table"):
        load_scale(path)
    path.write_text('name = "x"\nhigher_is_worse = true\nsets = 3\nstatus = [{score = 1, label = "a"}]\n')
    with pytest.raises(InputError, match="sets: must be a table"):
        load_scale(path)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff", b"{not toml"])
def test_empty_and_binary_scale_files_are_refused(tmp_path, content):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        load_scale(path)
