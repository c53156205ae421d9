"""Names of characteristics that other columns of simulated patients have."""

import pytest

from jaksim.errors import InputError
from jaksim.scenario.patients.names import check_name


@pytest.mark.parametrize(
    "name", ["arm", "patient", "stratum", "baseline score", "site", "score_day_15", "rescue_day", " "]
)
def test_a_name_of_another_column_is_refused(name):
    with pytest.raises(InputError, match="name"):
        check_name(name)


@pytest.mark.parametrize("name", ["age", "days_since_onset", "army", "score_day"])
def test_other_names_are_free(name):
    check_name(name)
