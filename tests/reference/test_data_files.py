"""Public data sets as write.csv, write.table, fwrite, to_csv and others write them, against the answers of R."""

import csv
import json
import shlex
from pathlib import Path

import lifelines.datasets
import pandas as pd
import polars
import pytest

import jaksim as package
from jaksim.cli import run

HERE = Path(__file__).parent
CASES = list(csv.DictReader((HERE / "data_files_expected.csv").open()))


@pytest.mark.parametrize("case", CASES, ids=[case["file"] for case in CASES])
def test_files_of_r(case, capfd):
    words = shlex.split(case["words"])
    method = [] if "--method" in words else ["--method", "cox"]
    code = run(["analyze", str(HERE / "data_files" / case["file"]), *method, *words, "--json"])
    out, err = capfd.readouterr()
    assert code == 0, err
    assert json.loads(out)["results"][0][case["what"]] == pytest.approx(float(case["value"]), rel=2e-4)


ROSSI = 0.691377558
"""Hazard ratio of fin: survival::coxph(Surv(week, arrest) ~ fin) of R 4.2.2, survival 3.5-3."""
WRITTEN = {
    "pandas": lambda frame, path: frame.to_csv(path),
    "no index": lambda frame, path: frame.to_csv(path, index=False),
    "tabs": lambda frame, path: frame.to_csv(path, sep="\t"),
    "decimal commas": lambda frame, path: frame.to_csv(path, sep=";", decimal=",", index=False),
    "byte order mark": lambda frame, path: frame.to_csv(path, index=False, encoding="utf-8-sig"),
    "UTF-16": lambda frame, path: frame.to_csv(path, index=False, encoding="utf-16", sep="\t"),
    "all in quotes": lambda frame, path: frame.to_csv(path, index=False, quoting=csv.QUOTE_ALL),
    "polars": lambda frame, path: polars.from_pandas(frame).write_csv(path),
    "Parquet": lambda frame, path: frame.to_parquet(path),
    "Stata": lambda frame, path: frame.to_stata(path, write_index=False),
}


@pytest.fixture(scope="module")
def rossi():
    frame = lifelines.datasets.load_rossi()[["week", "arrest", "fin"]]
    start = pd.Timestamp("2020-01-31")
    return frame.assign(since=start, until=start + pd.to_timedelta(frame.week, "D"), arrest=frame.arrest.astype(bool))


@pytest.mark.parametrize("how", WRITTEN)
def test_files_of_python(how, rossi, tmp_path):
    """Convicts released with financial aid or without, and their arrest (Rossi et al. 1980)."""
    path = tmp_path / f"rossi.{ {'Parquet': 'parquet', 'Stata': 'dta'}.get(how, 'csv') }"
    WRITTEN[how](rossi, path)
    shared = {"method": "cox", "arm": "fin", "status": "arrest"}
    weeks = package.analyze(path, time="week", ignore=["since", "until"], **shared).analyses[0].result
    assert weeks.ratio == pytest.approx(ROSSI, rel=1e-4)
    dates = package.analyze(path, time="until", start_date="since", **shared)
    assert dates.analyses[0].result.estimate == pytest.approx(weeks.estimate, rel=1e-9)
    assert dates.data[0].time_unit == "days"
