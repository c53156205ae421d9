import pytest

from jaksim.errors import InputError
from jaksim.model.moves import GROUPS, KINDS, Move, group_of, kind_of, parse, parse_selection
from jaksim.scale import OrdinalScale, load_scale, niaid_8


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("5>4", "improvement"),
        ("4>3", "improvement"),
        ("2>1", "improvement"),
        ("1>2", "deterioration"),
        ("5>7", "deterioration"),
        ("7>8", "death"),
        ("2>8", "death"),
        ("3>2", "discharge"),
        ("5>2", "discharge"),
        ("1>4", "readmission"),
        ("2>3", "readmission"),
    ],
)
def test_groups_on_the_niaid_scale(text, group):
    assert group_of(parse(text), niaid_8()) == group


def test_groups_follow_the_direction_of_the_scale():
    reversed_scale = OrdinalScale("reversed", (0, 1, 2), ("dead", "ill", "well"), False, (0,))
    assert group_of(Move(1, 2), reversed_scale) == "improvement"
    assert group_of(Move(2, 1), reversed_scale) == "deterioration"
    assert group_of(Move(2, 0), reversed_scale) == "death"


def test_a_scale_without_discharge_has_no_discharge():
    assert group_of(Move(3, 0), load_scale("mrs")) == "improvement"


def test_an_absorbing_score_that_is_not_death_is_no_death():
    cured = OrdinalScale("cured", (1, 2, 3), ("cured", "ill", "dead"), True, (1, 3), {"dead": (3,)})
    assert group_of(Move(2, 1), cured) == "improvement"
    assert group_of(Move(2, 3), cured) == "death"


def test_every_group_is_known():
    scale = niaid_8()
    found = {group_of(Move(a, b), scale) for a in scale.scores for b in scale.scores if a != b and a != 8}
    assert found == set(GROUPS)


def test_moves_are_written_and_read_the_same_way():
    assert str(parse(" 5 > 4 ")) == "5>4"
    assert parse("-1>0") == Move(-1, 0)
    assert parse_selection("death") == "death"
    assert parse_selection("5>4") == Move(5, 4)


@pytest.mark.parametrize("text", ["5", "5>", "5->4", "5>4>3", "five>four", "", None, 54])
def test_other_text_is_no_move(text):
    with pytest.raises(InputError, match="not a move"):
        parse(text)


def test_a_move_needs_two_scores_of_the_scale_and_a_way_out():
    with pytest.raises(InputError, match="two different scores"):
        parse("5>5")
    with pytest.raises(InputError, match=r"move 5>9: unknown score \(got 9\)"):
        Move(5, 9).check(niaid_8())
    with pytest.raises(InputError, match="absorbing"):
        Move(8, 7).check(niaid_8())


def test_a_misspelt_group_is_named_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'improvement'"):
        parse_selection("improvment")


@pytest.mark.parametrize(
    ("selection", "kind"),
    [
        ("improvement", "improvement"),
        ("discharge", "improvement"),
        ("deterioration", "deterioration"),
        ("readmission", "deterioration"),
        ("death", "death"),
        (Move(5, 2), "improvement"),
        (Move(6, 4), "improvement"),
        (Move(1, 4), "deterioration"),
        (Move(5, 7), "deterioration"),
        (Move(2, 8), "death"),
    ],
)
def test_kinds_of_effects_on_the_niaid_scale(selection, kind):
    assert kind_of(selection, niaid_8()) == kind


def test_every_group_is_of_a_kind_and_an_unknown_one_is_refused():
    assert {kind_of(group, niaid_8()) for group in GROUPS} == set(KINDS)
    with pytest.raises(InputError, match="unknown group of moves"):
        kind_of("dying", niaid_8())
