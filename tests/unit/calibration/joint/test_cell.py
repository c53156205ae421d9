import pytest

from jaksim.calibration.joint.cell import cells_of, check_cells
from jaksim.errors import InputError
from jaksim.model.moves import Move
from jaksim.scale import load_scale

SCALE = load_scale("niaid-8")


def checked(horizon=28, **cells):
    named = {name.replace("__", "."): entry for name, entry in cells.items()}
    check_cells({"steroid": cells_of({"cell": named}, "class steroid")}, SCALE, horizon)


def test_cells_without_a_move_in_common_pass():
    checked(
        improvement={"moves": ["improvement", "discharge"]},
        deterioration={"moves": ["deterioration", "readmission"]},
        death__oxygen={"moves": ["death"], "current_scores": [5, 6], "until": 28},
        death__ventilated={"moves": ["7>8"], "until": 14},
    )


def test_what_a_cell_acts_on():
    (cell,) = cells_of({"cell": {"death.oxygen": {"moves": ["death"], "current_scores": [5, 6]}}}, "class a")
    assert cell.acts_on(SCALE) == {Move(5, 8), Move(6, 8)}
    assert (cell.window(10).start, cell.window(10).end) == (0, 10)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (
            {"death__ventilated": {"moves": ["improvement"]}},
            "named death holds moves of death, and this is improvement",
        ),
        ({"death": {"moves": ["death", "deterioration"]}}, "this is deterioration"),
        ({"death": {"moves": ["7>6"]}}, "this is improvement"),
        ({"improvement": {"moves": ["readmission"]}}, "this is deterioration"),
        ({"death": {"moves": ["7>9"]}}, "unknown score"),
        ({"death": {"moves": []}}, "at least one move"),
        ({"death": {"moves": ["death"], "current_scores": [5, 9]}}, "unknown score"),
        ({"death": {"moves": ["death"], "current_scores": [8]}}, "no move is made"),
        ({"death": {"moves": ["death"], "until": 400}}, "followed for so long"),
        ({"death": {"moves": ["death"], "until": 28.5}}, "followed for so long"),
        (
            {
                "death__a": {"moves": ["death"], "current_scores": [5, 6]},
                "death__b": {"moves": ["death"], "current_scores": [6, 7]},
            },
            "6>8 is by 'death.a' too",
        ),
        ({"death": {"moves": ["death"]}, "death__b": {"moves": ["7>8"]}}, "7>8 is by 'death' too"),
        (
            {"improvement": {"moves": ["improvement"], "until": 7}, "improvement__b": {"moves": ["6>5"]}},
            "6>5 is by 'improvement' too",
        ),
    ],
)
def test_a_contradiction_is_refused(cells, says):
    with pytest.raises(InputError, match=says):
        checked(**cells)


def test_a_longer_trial_allows_a_later_end():
    checked(horizon=60, death={"moves": ["death"], "until": 60})
