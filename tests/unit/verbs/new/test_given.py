"""What is said of a new trial: shares, percentages and counts are read, contradictions are refused."""

from __future__ import annotations

import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.verbs.new.given import given
from jaksim.verbs.options.new import NewOptions

GOOD = {"scale": "well,ill,worse,dead", "baseline": "2", "day": 28, "control": (".5,.2,.1,.2",), "odds_ratio": 1.5}


def read(**changes):
    return given(NewOptions(**{**GOOD, **changes}))


@pytest.mark.parametrize(
    ("control", "patients", "counts"),
    [
        (".5,.2,.1,.2", None, (100, 40, 20, 40)),
        ("50,20,10,20", None, (100, 40, 20, 40)),
        ("50%,20%,10%,20%", None, (100, 40, 20, 40)),
        ("30,12,7,13", None, (30, 12, 7, 13)),
        (".5,.2,.1,.2", 33, (16, 7, 3, 7)),
        ("0.333,0.333,0.334,0", 10, (3, 3, 4, 0)),
    ],
)
def test_shares_percentages_and_counts(control, patients, counts):
    assert read(control=(control,), control_patients=patients).counts == {None: counts}


def test_a_distribution_for_each_score():
    found = read(baseline="2=.25,3=.75", control=("2=.5,.2,.1,.2", "3=.2,.2,.2,.4"), control_patients=400)
    assert found.counts == {2: (50, 20, 10, 20), 3: (60, 60, 60, 120)}
    assert found.baseline == {2: 0.25, 3: 0.75}


def test_the_last_category_is_death_where_it_is_called_so():
    assert read().scale.absorbing == (4,)
    assert read(scale="well,ill,worse,worst").scale.absorbing == ()
    assert read(scale="4").scale.labels == ("category 1", "category 2", "category 3", "dead")


def test_a_scale_that_comes_with_jaksim():
    found = read(scale="niaid-8", baseline="5", control=(".5,.1,.1,.1,.1,.02,.03,.05",))
    assert (found.own, found.recovered) == (False, (1, 2, 3))


def test_the_set_of_the_recovered_is_what_was_said():
    found = read(recovered="1,2", baseline="3")
    assert found.recovered == found.scale.sets["recovered"] == (1, 2)


WRONG = [
    ({"scale": None}, "not said: scale"),
    ({"baseline": None, "day": None}, "not said: baseline, day"),
    ({"control": ()}, "not said: control"),
    ({"odds_ratio": None}, "odds_ratio, recovery_rate_ratio or mortality_ratio"),
    ({"scale": "nihad-8"}, "did you mean 'niaid-8'?"),
    ({"scale": "1"}, "2 to 20 categories"),
    ({"scale": "99"}, "2 to 20 categories"),
    ({"scale": "well,,ill,dead"}, "each category needs a name"),
    ({"scale": "well,ill,Well,dead"}, "each category needs a name"),
    ({"scale": "well,dead,ill,worse"}, "death is the last category"),
    ({"scale": "well,dead"}, "patients cannot move"),
    ({"scale": "missing.toml"}, "no such file"),
    ({"baseline": "4"}, "not a score in which patients can start"),
    ({"baseline": "9"}, "not a score in which patients can start"),
    ({"baseline": "ill"}, "not a score in which patients can start"),
    ({"baseline": ""}, "not a score in which patients can start"),
    ({"baseline": "2=.5,3=.3"}, "the shares do not sum to one"),
    ({"baseline": "2=.5,2=.5"}, "a score stands twice"),
    ({"baseline": "2,3"}, "each score needs its share"),
    ({"baseline": "2=1.0,3=0"}, "the shares do not sum to one"),
    ({"baseline": "2=x"}, "not a number of 0 or more"),
    ({"day": 0}, "too small"),
    ({"day": 2.5}, "day"),
    ({"control": (".5,.2,.3",)}, "3 numbers for 4 scores"),
    ({"control": (".5,.2,.1,.1",)}, "the numbers sum to 0.9"),
    ({"control": (".5,.2,.1,-.2",)}, "not a number of 0 or more"),
    ({"control": (".5,.2,.1,many",)}, "not a number of 0 or more"),
    ({"control": ("nan,.2,.1,.2",)}, "not a number of 0 or more"),
    ({"control": ("0,0,0,0",)}, "nobody is anywhere"),
    ({"control": (".5,.2,.1,.2", ".5,.2,.1,.2")}, "given twice"),
    ({"control": ("3=.5,.2,.1,.2",)}, "are not those of the scores at randomisation"),
    ({"control": ("2=.5,.2,.1,.2", ".5,.2,.1,.2")}, "are not those of the scores at randomisation"),
    ({"control": ("4=.5,.2,.1,.2",)}, "not a score in which patients can start"),
    ({"control": ".5,.2,.1,.2"}, "control"),
    ({"control_patients": 3}, "too small"),
    ({"mortality": "0"}, "not a share"),
    ({"mortality": "1.2"}, "not a share"),
    ({"mortality": "0.3"}, "the distribution has 0.2 dead on the same day"),
    ({"mortality": "0.1@60"}, "fewer have died on day 60 than on day 28"),
    ({"mortality": "0.3@14"}, "fewer have died on day 28 than on day 14"),
    ({"mortality": "0.3@x"}, "not a day"),
    ({"scale": "well,ill,worse,worst", "mortality": "0.2"}, "no category of the dead"),
    ({"scale": "well,ill,worse,worst", "mortality_ratio": 0.8}, "no category of the dead"),
    ({"recovery_time": 40.0}, "the median lies outside the follow-up"),
    ({"recovery_time": 0.0}, "recovery_time"),
    ({"recovered": "5"}, "not a score in which"),
    ({"recovered": "1,2", "recovery_rate_ratio": 1.3}, "patients have recovered at randomisation"),
    ({"odds_ratio": 1.0}, "a ratio of 1 is no effect"),
    ({"odds_ratio": -2.0}, "no such ratio"),
    ({"odds_ratio": 0.0}, "no such ratio"),
    ({"mortality_ratio": 400.0}, "no such ratio"),
    ({"recovery_rate_ratio": float("nan")}, "recovery_rate_ratio"),
    ({"odds_ratio": "1.4"}, "odds_ratio"),
    ({"drug": "control"}, "not a name"),
    ({"drug": 'a"b'}, "not a name"),
    ({"patients": 2}, "too small"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_what_cannot_be_is_refused(changes, words):
    with pytest.raises(InputError) as caught:
        read(**changes)
    assert words in str(caught.value)


def test_a_copy_takes_nothing_else(tmp_path):
    with pytest.raises(InputError, match="a copy is edited afterwards"):
        jaksim.new(tmp_path / "x", copy="actt4", odds_ratio=1.4)
    with pytest.raises(InputError, match="did you mean 'actt4'"):
        jaksim.new(tmp_path / "x", copy="actt_4")
    with pytest.raises(InputError, match="did you mean 'odds_ratio'"):
        jaksim.new(tmp_path / "x", odd_ratio=1.4)
    assert list(tmp_path.iterdir()) == []
