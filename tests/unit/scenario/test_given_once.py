import pytest

from jaksim.errors import InputError
from jaksim.scenario.population import read_population

AGE = {"name": "age", "law": "normal", "mean": 60.0, "sd": 15.0}
ONSET = {"name": "days_since_onset", "values": [5, 9], "shares": [1, 1]}


@pytest.mark.parametrize(
    ("stratum", "drawn"),
    [
        ({"baseline_score": 5, "covariates": {"age": 50}}, AGE),
        ({"mixture": [{"weight": 1.0, "baseline_score": 5, "covariates": {"age": 50}}]}, AGE),
        ({"baseline_score": 5, "days_since_onset": 7}, ONSET),
    ],
)
def test_what_patients_draw_is_not_given_as_well(stratum, drawn):
    table = {"patients": 100, "stratum": [{"name": "all", **stratum}], "characteristic": [drawn]}
    with pytest.raises(InputError, match="which patients draw from its law"):
        read_population(table)
