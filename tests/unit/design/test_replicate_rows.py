"""Every replicate of a power in a file: what it gave is what the power is made of."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jaksim
from jaksim.design.prepared import Prepared
from jaksim.errors import InputError

SCENARIOS = Path(__file__).parents[2] / "scenarios"
CASES = {
    "fixed": ("small.toml", {}),
    "under no effect": ("small.toml", {"null": True, "engine": "path"}),
    "controlled": ("small.toml", {"variance_reduction": "control-variates"}),
    "group sequential": ("interims.toml", {}),
    "adaptive": ("adaptive.toml", {}),
    "several arms": ("arms.toml", {}),
    "at sites, by events": ("sites.toml", {"door": "events"}),
}
FOLLOWED = {"group sequential", "at sites, by events"}
"""The cases whose monitored analysis is followed from look to look."""


@pytest.mark.parametrize("case", CASES)
def test_the_rows_add_up_to_the_powers(tmp_path, case):
    name, options = CASES[case]
    file, n = tmp_path / "replicates.parquet", 60
    found = jaksim.power(SCENARIOS / name, replicates=n, replicates_out=file, workers=2, **options)
    rows = pd.read_parquet(file)
    earlier = rows.get("reason", pd.Series("", index=rows.index)) == "goes on"
    assert earlier.any() == (case in FOLLOWED)
    rows = rows[~earlier]
    assert len(rows) == n * len(found.analyses)
    assert rows["replicate"].tolist() == np.repeat(np.arange(n), len(found.analyses)).tolist()
    for analysis in found.analyses:
        own = rows[rows["analysis"] == analysis.name]
        gained = analysis.variance_reduction
        assert own["rejected"].mean() == pytest.approx(analysis.power if gained is None else gained.plain_power)
        finite = own["estimate"][np.isfinite(own["estimate"])]
        assert len(own) - len(finite) == analysis.not_estimable
        assert finite.mean() == pytest.approx(analysis.mean_estimate, nan_ok=True)
        assert own["z"].isna().equals(own["p"].isna())
        assert own["p"].dropna().between(0.0, 1.0).all()
    if found.characteristics is not None:
        first = rows.drop_duplicates("replicate")
        assert first["patients"].mean() == pytest.approx(found.characteristics.patients.mean)
        for number, look in enumerate(found.characteristics.looks, start=1):
            shares = first[first["look"] == number]["reason"].value_counts() / n
            for reason, share in look.stopped.items():
                assert shares.get(reason, 0.0) == pytest.approx(share.share)


def test_every_look_of_a_monitored_analysis_has_a_row(tmp_path):
    """Its z at each look is what the bounds of that look decide on; a trial goes on until one of them is passed."""
    file, scenario = tmp_path / "replicates.parquet", SCENARIOS / "interims.toml"
    jaksim.power(scenario, replicates=80, replicates_out=file)
    monitoring = jaksim.load_scenario(scenario).trial.monitoring
    rows = pd.read_parquet(file)
    own = rows[rows["analysis"] == monitoring.analysis]
    assert (rows.groupby("replicate")["look"].max() == own.groupby("replicate")["look"].count()).all()
    assert (own.groupby("replicate")["day"].apply(lambda days: days.is_monotonic_increasing)).all()
    z = Prepared(jaksim.load_scenario(scenario).trial, 1).design.test.favourable_sign * own["z"]
    bounds = monitoring.boundaries
    upper, lower = bounds.upper_z[own["look"] - 1], bounds.lower_z[own["look"] - 1]
    goes_on = own["reason"] == "goes on"
    assert goes_on.sum() > 20
    assert ((z <= upper) & (z >= lower))[goes_on].all()
    assert (z > upper)[own["reason"] == "efficacy"].all()
    assert np.allclose(own["information"], bounds.information[own["look"] - 1])


def test_p_is_that_of_the_test_which_decides(tmp_path):
    file = tmp_path / "replicates.parquet"
    found = jaksim.power(SCENARIOS / "small.toml", replicates=200, replicates_out=file)
    rows = pd.read_parquet(file)
    for analysis in found.analyses:
        own = rows[rows["analysis"] == analysis.name]
        assert ((own["p"] <= analysis.alpha) == (own["rejected"] == 1)).all()
        assert set(own["favourable"]) <= {0, 1}


@pytest.mark.parametrize(("name", "ending"), [("small.toml", "csv"), ("interims.toml", "parquet")])
def test_the_bytes_do_not_depend_on_the_workers(tmp_path, name, ending):
    files = [tmp_path / f"{workers}.{ending}" for workers in (1, 2)]
    for workers, file in enumerate(files, start=1):
        jaksim.power(SCENARIOS / name, replicates=1100, replicates_out=file, workers=workers)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_both_kinds_of_file_hold_the_same(tmp_path):
    files = {ending: tmp_path / f"replicates.{ending}" for ending in ("csv", "parquet")}
    for file in files.values():
        jaksim.power(SCENARIOS / "interims.toml", replicates=40, replicates_out=file)
    pd.testing.assert_frame_equal(
        pd.read_csv(files["csv"], float_precision="round_trip"),
        pd.read_parquet(files["parquet"]),
        check_dtype=False,
        check_exact=True,
    )


@pytest.mark.parametrize(
    ("place", "message"), [("replicates.txt", "unknown kind of file"), ("nowhere/a.csv", "no such directory")]
)
def test_a_file_that_cannot_be_is_refused_first(tmp_path, place, message):
    with pytest.raises(InputError, match=message):
        jaksim.power(SCENARIOS / "small.toml", replicates=10, replicates_out=tmp_path / place)


def test_an_interrupted_run_leaves_no_file(tmp_path):
    def interrupt(n):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jaksim.power(
            SCENARIOS / "small.toml", replicates=10, replicates_out=tmp_path / "replicates.csv", progress=interrupt
        )
    assert list(tmp_path.iterdir()) == []
