"""Sweeps where pyarrow is not installed: the same numbers in lines of JSON and CSV, which go on where it is."""

import sys
from pathlib import Path

import pandas as pd
import pytest

import jaksim
from jaksim.design.sweep.files import rows_of_shard, shard_content, table_content
from jaksim.errors import InputError

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
ASKED = {"vary": ["population.patients=200,300"], "replicates": 30, "baseline": ["point=0"], "seed": 4}


@pytest.fixture
def no_pyarrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)


@pytest.fixture(scope="module")
def by_parquet(tmp_path_factory):
    return jaksim.sweep(SMALL, out=tmp_path_factory.mktemp("sweeps") / "parquet", **ASKED)


def test_the_tables_are_csv_with_the_same_numbers(by_parquet, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        found = jaksim.sweep(SMALL, out=tmp_path / "csv", **ASKED)
    assert [Path(file).name for file in (found.results, found.contrasts)] == ["results.csv", "contrasts.csv"]
    assert {path.suffix for path in (tmp_path / "csv" / "shards").iterdir()} == {".jsonl"}
    assert list((tmp_path / "csv").glob("*.parquet")) == []
    pd.testing.assert_frame_equal(found.to_pandas(), by_parquet.to_pandas(), check_dtype=False)
    contrasts = pd.read_csv(found.contrasts, float_precision="round_trip")
    pd.testing.assert_frame_equal(contrasts, pd.read_parquet(by_parquet.contrasts), check_dtype=False)


def test_a_sweep_begun_without_pyarrow_goes_on_with_it_to_the_same_bytes(by_parquet, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        jaksim.sweep(SMALL, out=tmp_path / "both", **ASKED)
    after = jaksim.sweep(SMALL, out=tmp_path / "both", **ASKED)
    assert Path(after.results).read_bytes() == Path(by_parquet.results).read_bytes()
    assert sorted(path.name for path in (tmp_path / "both").glob("*.csv")) == []


def test_shards_in_parquet_need_pyarrow(by_parquet, no_pyarrow):
    with pytest.raises(InputError, match="need pyarrow"):
        jaksim.sweep(SMALL, out=by_parquet.directory, **ASKED)


@pytest.mark.parametrize("installed", [True, False])
def test_the_rows_of_a_shard_are_read_as_they_were_written(monkeypatch, installed):
    if not installed:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    kinds = {"n": "int64", "sum": "float64", "name": "string", "counts": "list<int64>", "bits": "binary"}
    rows = [
        {"n": 2**62, "sum": 0.1, "name": "a, \u00e9\n", "counts": [1, 2], "bits": b"\x00\xff"},
        {"n": None, "sum": None, "name": "", "counts": [], "bits": None},
    ]
    content, ending = shard_content(rows, kinds, {"jaksim shard": "0-000001"})
    assert rows_of_shard(Path(f"shard{ending}"), content) == (rows, {"jaksim shard": "0-000001"})


def test_a_table_in_csv_has_no_formulas(no_pyarrow):
    content, ending = table_content({"=key": ["=1+1", "a"], "value": [float("nan"), 1.5]}, {}, {})
    assert (ending, content.decode()) == (".csv", "'=key,value\n'=1+1,\na,1.5\n")
