"""Numbers too large to be computed with, and an outcome as its own covariate, are refused."""

import pytest

import jaksim
from jaksim.errors import InputError

DATA = {"arm": ["c", "t"] * 6, "time": list(range(1, 13)), "status": [1] * 12, "event": [1, 0, 0, 1, 1, 0] * 2}


@pytest.mark.parametrize("column", ["days", "score"])
@pytest.mark.parametrize("value", ["1e308", "99999999999999999999", "-1e16"])
def test_a_value_beyond_the_bound_is_refused_with_its_row(column, value):
    data = {"arm": DATA["arm"], column: ["1", "2"] * 5 + [value, "3"]}
    with pytest.raises(InputError, match="row 11 is out of range"):
        jaksim.analyze(data, methods=["win_ratio"])


@pytest.mark.parametrize(("method", "name"), [("cox", "time"), ("cox", "status")])
def test_an_outcome_is_no_covariate_of_itself(method, name):
    with pytest.raises(InputError, match="this column is the outcome"):
        jaksim.analyze(DATA, methods=[method], covariates=(name,))
