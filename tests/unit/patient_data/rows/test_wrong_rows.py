"""A message about a wrong value blames the row that holds it, in columns of every sort."""

import pytest

import jaksim
from jaksim.errors import InputError

ARM = ["c", "t"] * 11
ENDS = ["1", "0"] * 10
TIMES = [str(day) for day in range(1, 23)]


@pytest.mark.parametrize(
    ("method", "columns", "row", "got"),
    [
        ("risk_difference", {"event": [*ENDS, "maybe", "1"]}, 21, "'maybe'"),
        ("risk_difference", {"event": [*ENDS, "1", "TRUE"]}, 22, "'TRUE'"),
        ("risk_difference", {"event": ["yes", "no"] * 10 + ["yes", "perhaps"]}, 22, "'perhaps'"),
        ("risk_difference", {"event": ["yes", "no"] * 10 + ["0", "no"]}, 21, "'0'"),
        ("risk_difference", {"event": ["1", "7", *ENDS]}, 2, "'7'"),
        ("log_rank", {"time": TIMES, "status": [*ENDS, "0", "dead?"]}, 22, "'dead?'"),
        ("log_rank", {"time": [*TIMES[:20], "soon", "22"], "status": [*ENDS, "0", "1"]}, 21, "'soon'"),
        ("win_ratio", {"score": ["1,5", "2,5"] * 10 + ["abc", "1"]}, 21, "'abc'"),
        ("win_ratio", {"score": ["1,5", "2"] * 10 + ["1.5", "abc"]}, 22, "'abc'"),
        ("win_ratio", {"days": ["1", "2"] * 10 + ["x", "2"]}, 21, "'x'"),
    ],
)
def test_the_row_that_is_wrong_is_named(method, columns, row, got):
    with pytest.raises(InputError) as refused:
        jaksim.analyze({"arm": ARM, **columns}, methods=[method])
    assert f"row {row} " in str(refused.value)
    assert f"(got {got})" in str(refused.value)


@pytest.mark.parametrize(
    ("reference", "active", "method", "words"),
    [
        (8, 0, "odds_ratio", "every event is in arm 'c': the estimate is 0"),
        (0, 8, "odds_ratio", "every event is in arm 't': the estimate is infinite"),
        (8, 0, "exact_odds_ratio", "every event is in arm 'c': the estimate is 0"),
        (8, 0, "risk_ratio", "every event is in arm 'c': the estimate is 0"),
        (20, 8, "odds_ratio_mh", "every patient of arm 'c' has the event: the estimate is 0"),
        (8, 20, "odds_ratio", "every patient of arm 't' has the event: the estimate is infinite"),
    ],
)
def test_an_estimate_without_bound_is_told_by_its_direction(reference, active, method, words):
    event = [1] * reference + [0] * (20 - reference) + [1] * active + [0] * (20 - active)
    found = jaksim.analyze({"arm": ["c"] * 20 + ["t"] * 20, "event": event}, methods=[method])
    assert found.analyses[0].why_not == words


@pytest.mark.parametrize(
    ("scores", "words"),
    [((["1", "2"], ["3", "4"]), "the estimate is 0"), ((["3", "4"], ["1", "2"]), "the estimate is infinite")],
)
def test_separation_is_told_by_its_direction(scores, words):
    data = {"arm": ["c"] * 6 + ["t"] * 6, "score": scores[0] * 3 + scores[1] * 3}
    found = jaksim.analyze(data, methods=["proportional_odds"])
    assert found.analyses[0].why_not.endswith(f"(separation): {words}")
