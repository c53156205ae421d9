"""The patients of a range of replicates are those of each replicate, one after the other."""

from pathlib import Path

import pandas as pd
import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.verbs.simulating.replicates import range_of

SCENARIOS = Path(__file__).parents[3] / "scenarios"
CASES = {
    "fixed": ("small.toml", {}),
    "counterfactual": ("small.toml", {"counterfactual": True}),
    "conducted, as known": ("interims.toml", {"as_known": True}),
    "at sites, by events": ("sites.toml", {"door": "events"}),
    "who leave": ("leaving.toml", {}),
}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("case", CASES)
def test_each_replicate_is_the_one_of_its_number(tmp_path, case, ending):
    name, options = CASES[case]
    file = tmp_path / f"trials.{ending}"
    written = jaksim.simulate_replicates(SCENARIOS / name, file, replicates="4:7", seed=2, **options)
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    rows = read(file)
    assert written.patients == len(rows)
    assert rows["replicate"].unique().tolist() == [4, 5, 6]
    for replicate in (4, 6):
        alone = tmp_path / f"trial.{ending}"
        jaksim.simulate_trial(SCENARIOS / name, replicate=replicate, seed=2, **options).write(alone)
        own = rows[rows["replicate"] == replicate].drop(columns="replicate").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, read(alone), check_dtype=False)


def test_the_table_does_not_depend_on_how_the_range_is_cut(tmp_path):
    parts = [tmp_path / f"{part}.csv" for part in ("whole", "first", "second")]
    for file, replicates in zip(parts, ((0, 4), (0, 1), (1, 4)), strict=True):
        jaksim.simulate_replicates(SCENARIOS / "small.toml", file, replicates=replicates)
    whole, first, second = (file.read_text().splitlines() for file in parts)
    assert whole == first + second[1:]


@pytest.mark.parametrize("asked", ["0:0", "5:3", "1", "a:b", "0:4294967297", (-1, 2), (0, 1.5), "1:2:3"])
def test_what_is_no_range_is_refused(tmp_path, asked):
    with pytest.raises(InputError, match="no range of replicates"):
        jaksim.simulate_replicates(SCENARIOS / "small.toml", tmp_path / "trials.csv", replicates=asked)
    assert list(tmp_path.iterdir()) == []


def test_a_range_may_be_given_in_numbers():
    assert range_of((0, 1000)) == range_of("0:1000") == (0, 1000)
