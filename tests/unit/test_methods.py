"""The door `jaksim.methods`: every method as a function on counts given by hand."""

import inspect

import numpy as np
import pytest

import jaksim.methods
from jaksim.analysis import METHODS
from jaksim.analysis.single_table import TYPES
from jaksim.errors import InputError
from jaksim.methods import cox, log_rank, markov_proportional_odds, max_combo, risk_difference, risk_ratio, win_ratio

TABLE = np.array([[[9, 4, 6, 3]], [[5, 7, 3, 8]]])
BY_HAND = {
    "time": [3, 5, 8, 8],
    "status": [1, 1, 1, 0],
    "event": [1, 0, 1, 0],
    "rank": [0, 1, 2, 3],
    "value": [0.0, 4.0, 7.0, 9.0],
}


@pytest.mark.parametrize("name", [name for name in METHODS if name != "markov_proportional_odds"])
def test_every_method_is_a_function_of_counts(name):
    method, function = METHODS[name], getattr(jaksim.methods, name)
    arrays = [BY_HAND[read] for read in method.reads if read in TYPES]
    result = function(TABLE, *arrays)
    assert result.method == name
    assert result.n == TABLE.sum()
    assert np.isfinite([result.estimate, result.se, result.statistic]).all()
    named = {read: BY_HAND[read] for read in method.reads if read in TYPES}
    assert function(table=TABLE, **named, **method.defaults) == result


@pytest.mark.parametrize("name", METHODS)
def test_every_function_tells_what_it_takes(name):
    function = getattr(jaksim.methods, name)
    parameters = inspect.signature(function).parameters
    assert next(iter(parameters)) == "table"
    assert list(parameters)[-2:] == ["margin", "level"]
    for key in METHODS[name].options:
        assert parameters[key.name].default == key.default
        assert f"`{key.name}`: {key.description}" in function.__doc__
    assert len(METHODS[name].about.split()) > 5
    assert name in dir(jaksim.methods)


def test_an_unknown_method_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'logrank'"):
        _ = jaksim.methods.logrank


def test_what_the_method_does_not_take_is_refused():
    with pytest.raises(InputError, match=r"got 'tie'.*allowed: table, time, status, ties"):
        cox(TABLE, BY_HAND["time"], BY_HAND["status"], tie="efron")
    with pytest.raises(InputError, match="did you mean 'breslow'"):
        cox(TABLE, BY_HAND["time"], BY_HAND["status"], ties="breslaw")
    with pytest.raises(InputError, match="one value per category"):
        log_rank(TABLE, [1, 2], [1, 0])


def test_a_margin_is_on_the_scale_of_the_estimate():
    plain = cox(TABLE, BY_HAND["time"], BY_HAND["status"])
    against = cox(TABLE, BY_HAND["time"], BY_HAND["status"], margin=1.3)
    assert against.statistic == (plain.estimate - np.log(1.3)) / plain.se
    assert against.ci == plain.ci
    difference = risk_difference(TABLE, BY_HAND["event"], margin=0.1, test="unpooled")
    assert difference.statistic == pytest.approx((difference.estimate - 0.1) / difference.se, rel=1e-14)
    with pytest.raises(InputError, match="above 0"):
        risk_ratio(TABLE, BY_HAND["event"], margin=-1)


def test_what_is_good_is_said_where_it_matters():
    table = [[[12, 4, 2, 3]], [[5, 7, 3, 8]]]
    harm = max_combo(table, BY_HAND["time"], BY_HAND["status"], alternative="benefit", better="event")
    benefit = max_combo(table, BY_HAND["time"], BY_HAND["status"], alternative="benefit", better="no event")
    # The active arm has fewer events: z is below 0 and in favour only where events are bad.
    assert benefit.statistic < -1.0
    assert harm.statistic > benefit.statistic + 0.5
    assert "better" not in inspect.signature(win_ratio).parameters


def test_transitions_are_told_by_their_endpoint():
    from jaksim.endpoint.registry import build_endpoint
    from jaksim.scale import niaid_8

    endpoint = build_endpoint({"name": "daily", "kind": "longitudinal", "day": 3}, niaid_8(), 3)
    path = np.random.default_rng(2).integers(0, 4, (60, 4))
    table = np.zeros((2, 1, endpoint.n_categories))
    for patient, of_days in enumerate(endpoint.transitions.categories_of(path)):
        table[patient % 2, 0, of_days] += 1
    result = markov_proportional_odds(table, endpoint.transitions)
    assert result.n == 60
    assert np.isfinite(result.estimate)
    with pytest.raises(InputError, match="not the transitions"):
        markov_proportional_odds(TABLE, endpoint.transitions)


NAMES = (
    "cox",
    "log_rank",
    "max_combo",
    "risk_difference",
    "odds_ratio_mh",
    "wilcoxon",
    "win_ratio",
    "proportional_odds",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_argument_is_told_with_what_is_allowed(name):
    function = getattr(jaksim.methods, name)
    meanings = {read: BY_HAND[read] for read in METHODS[name].reads if read in TYPES}
    with pytest.raises(InputError, match=f"method {name}: unknown argument .*; did you mean 'level'"):
        function(TABLE, **meanings, levle=0.9)
    with pytest.raises(InputError, match=f"method {name}: missing a required argument"):
        function(TABLE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("table", ["abc", [[1, 2, 3, 4], [1, 2, 3]], None, [["a"] * 4, ["b"] * 4], 5])
def test_what_is_no_table_is_refused(name, table):
    meanings = {read: BY_HAND[read] for read in METHODS[name].reads if read in TYPES}
    with pytest.raises(InputError, match="table"):
        getattr(jaksim.methods, name)(table, **meanings)


@pytest.mark.parametrize("count", [-1.0, np.nan, np.inf])
def test_a_count_that_is_none_is_placed(count):
    table = TABLE.astype(float)
    table[1, 0, 2] = count
    with pytest.raises(InputError, match="table, arm 2, stratum 1, category 3: a count is negative"):
        risk_difference(table, BY_HAND["event"])


@pytest.mark.parametrize(
    ("name", "meanings", "where"),
    [
        ("risk_difference", {"event": [1, 5, 0, 0]}, "event, category 2: unknown code"),
        ("odds_ratio_mh", {"event": [1, 0, 0, -2]}, "event, category 4: unknown code"),
        ("log_rank", {"time": [3, 5, 8, 8], "status": [1, 9, 1, 0]}, "status, category 2: unknown code"),
        ("cox", {"time": [3, 5, 8, 8], "status": [1, 0.5, 1, 0]}, "status, category 2: must be a whole number"),
        ("cox", {"time": [3, 5, 8, 8], "status": ["dead", "x", "y", "z"]}, "status: these are not numbers"),
        ("log_rank", {"time": [3, np.nan, 8, 8], "status": [1, 1, 1, 0]}, "time, category 2: no time"),
        ("log_rank", {"time": [3, -5, 8, 8], "status": [1, 1, 1, 0]}, "time, category 2: the value is out of range"),
        ("cox", {"time": [3, 5, np.inf, 8], "status": [1, 1, 1, 0]}, "time, category 3: the value is out of range"),
        ("wilcoxon", {"rank": [0, np.nan, 2, 3]}, "rank, category 2: must be a whole number"),
        ("win_ratio", {"rank": [0, 1, -3, 3]}, "rank, category 3: the value is out of range"),
        ("mean_difference", {"value": [0, 1, 1e308, 3]}, "value, category 3: the value is out of range"),
    ],
)
def test_a_meaning_that_tells_nothing_is_placed(name, meanings, where):
    with pytest.raises(InputError, match=where):
        getattr(jaksim.methods, name)(TABLE, **meanings)


def test_the_order_of_times_does_not_matter():
    order = [2, 0, 3, 1]
    times, states = (np.array(BY_HAND[name])[order] for name in ("time", "status"))
    for function in (log_rank, cox):
        found, sorted_ = function(TABLE[..., order], times, states), function(TABLE, BY_HAND["time"], BY_HAND["status"])
        assert found.statistic == pytest.approx(sorted_.statistic, rel=1e-12)


def test_an_unknown_word_for_what_is_good_is_refused():
    with pytest.raises(InputError, match="better: unknown word"):
        max_combo(TABLE, BY_HAND["time"], BY_HAND["status"], better="evnt")
