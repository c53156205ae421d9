import pytest

from jaksim.errors import InputError
from jaksim.verbs.sweep.points import grid, latin_hypercube, listed


def test_the_last_key_of_a_grid_varies_fastest():
    keys, points = grid(["population.patients=100,200", "arm.drug.allocation=1:3:3"])
    assert keys == ("population.patients", "arm.drug.allocation")
    assert points == ((100, 1), (100, 2), (100, 3), (200, 1), (200, 2), (200, 3))


def test_nothing_varied_is_one_point():
    assert grid([]) == ((), ((),))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=0.0:1:5", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("a=-2:2:3", [-2, 0, 2]),
        ("a=7:7:1", [7]),
        ("a=cox,log_rank", ["cox", "log_rank"]),
        ('a="x,y",z', ['"x', 'y"', "z"]),
        ('a="x,y","z"', ["x,y", "z"]),
        ("a=[1, 2],[3]", [[1, 2], [3]]),
        ("a=true,false", [True, False]),
        ("a=10:30", None),
        ("a=b:c", ["b:c"]),
    ],
)
def test_values_of_a_key(text, values):
    if values is None:
        with pytest.raises(InputError, match="no number of values"):
            grid([text])
    else:
        assert [point[0] for point in grid([text])[1]] == values
        assert [type(point[0]) for point in grid([text])[1]] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        (["a"], "what to vary"),
        (["=3"], "what to vary"),
        (["a="], "what to vary"),
        (["a=0:1:4"], "not whole numbers"),
        (["a=1:0:4"], "upwards"),
        (["a=0:4:0"], "whole number of 1"),
        (["a=0:4:x"], "whole number of 1"),
        (["a=1,2", "a=3"], "twice"),
        (["a=1:10000:10000", "b=1:10000:10000"], "too many"),
    ],
)
def test_what_cannot_be_varied_is_refused(vary, message):
    with pytest.raises(InputError, match=message):
        grid(vary)


def test_a_list_of_points_is_a_table(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("population.patients,analysis.0.method\n100,cox\n250,log_rank\n")
    assert listed(file) == (("population.patients", "analysis.0.method"), ((100, "cox"), (250, "log_rank")))
    file.write_text("a,b\n1,\n")
    with pytest.raises(InputError, match="lacks a value"):
        listed(file)


def test_a_latin_hypercube_has_one_point_in_each_part_of_every_range():
    keys, points = latin_hypercube(["a=0.0:10.0", "b=1:20", "c=x,y"], 20, seed=3)
    assert keys == ("a", "b", "c")
    assert sorted(int(2 * a) for a, _, _ in points) == list(range(20))
    assert sorted(b for _, b, _ in points) == list(range(1, 21))
    assert sorted(c for *_, c in points) == ["x"] * 10 + ["y"] * 10
    assert points == latin_hypercube(["a=0.0:10.0", "b=1:20", "c=x,y"], 20, seed=3)[1]
    assert points != latin_hypercube(["a=0.0:10.0", "b=1:20", "c=x,y"], 20, seed=4)[1]


def test_a_latin_hypercube_needs_ends_alone():
    with pytest.raises(InputError, match="ends alone"):
        latin_hypercube(["a=0:10:3"], 5, seed=1)
    with pytest.raises(InputError, match="number of points"):
        latin_hypercube(["a=0:10"], 0, seed=1)
