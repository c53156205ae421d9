"""Data that hold next to nothing: every method answers or refuses, and no library warns."""

import warnings

import pytest

import jaksim
from jaksim.errors import InputError

SURVIVAL = ("rmst_ratio", "rmst_difference", "kaplan_meier_difference", "log_rank", "cox", "gray")
BINARY = ("risk_ratio", "odds_ratio", "risk_ratio_mn", "odds_ratio_mh", "risk_difference_mh")
ORDINAL = ("win_ratio", "win_odds", "wilcoxon", "proportional_odds")
DATA = {
    "all at once": ("time,status", [("0,1", "0,1")] * 3, SURVIVAL),
    "one patient an arm": ("time,status", [("0,1", "1,1")], SURVIVAL),
    "control at once": ("time,status", [("0,1", "1,1"), ("0,1", "2,1"), ("0,1", "3,1")], SURVIVAL),
    "no event in one arm": ("time,status", [("5,0", "5,1"), ("6,0", "6,1")], SURVIVAL),
    "no event": ("event", [("0", "0")] * 4, BINARY),
    "all against none": ("event", [("0", "1")] * 4, BINARY),
    "separated": ("score", [("1", "3"), ("2", "4")] * 3, ORDINAL),
    "the same score": ("score", [("1", "1")] * 3, ORDINAL),
}


@pytest.mark.parametrize("name", DATA)
def test_nothing_warns(name, tmp_path):
    columns, patients, methods = DATA[name]
    path = tmp_path / "few.csv"
    rows = [f"{arm},{values}" for pair in patients for arm, values in zip("ct", pair, strict=True)]
    path.write_text("\n".join([f"arm,{columns}", *rows]) + "\n")
    for method in methods:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found = jaksim.analyze(path, methods=[method])
            except InputError:
                continue
            assert found.report()
            assert [one["method"] for one in found.as_dict()["results"]] == [method]
