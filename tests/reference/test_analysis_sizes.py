"""`analyze` on trials of 20 to 100,000 patients, few or many of them tied, against R.

The expected numbers are written by make_analysis_sizes.R beside this file, from the patients made here.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.question import Question

EXPECTED = pd.read_csv(Path(__file__).parent / "analysis_sizes_expected.csv", keep_default_na=False)


def uniform(n, seed):
    """Lehmer's generator with the multiplier of Park and Miller (1988), 7 numbers for each patient."""
    drawn = np.empty(7 * n)
    for i in range(7 * n):
        seed = 16807 * seed % 2147483647
        drawn[i] = seed
    return (drawn / 2147483647).reshape(n, 7).T


def trial(n, grain):
    u = uniform(n, n + grain)
    arm, stratum = np.floor(2 * u[0]), 1 + np.floor(3 * u[1])
    event, censoring, rival = u[2] * (1 + 0.3 * arm) * grain, u[3] * 2 * grain, u[4] * 2.5 * grain
    first = np.minimum(np.minimum(event, censoring), rival)
    return {
        "arm": arm,
        "stratum": stratum,
        "time": 1 + np.floor(first),
        "status": np.where(first == event, 1, np.where(first == rival, 2, 0)),
        "score": 1 + np.floor(u[5] * (1 - 0.1 * arm) * (8 if grain < 100 else 30)),
        "days": np.floor(u[4] * (1 - 0.05 * arm) * 30) - 1,
        "event": (u[6] < 0.35 + 0.04 * arm + 0.05 * stratum).astype(int),
        "age": 20 + np.floor(60 * u[3]),
        "site": np.arange(n) % 60,
    }


def calls(rows):
    """The rows by way of reading the data, no method twice in one call."""
    left = list(rows)
    while left:
        reading = left[0]["reading"]
        call = {}
        for row in left:
            if row["reading"] == reading:
                call.setdefault(row["method"], row)
        left = [row for row in left if call.get(row["method"]) is not row]
        yield reading, call


def results(data, reading, call):
    question = Question(
        competing=True,
        stratified=reading != "unstratified",
        covariates=("age",) if reading == "covariates" else (),
        cluster="site" if reading == "cluster" else None,
    )
    options = [f"{method}.{option}" for method, row in call.items() for option in row["options"]]
    found = analyze(data, methods=list(call), question=question, options=options, robust=reading == "robust")
    return {analysis.result.method: analysis.result for analysis in found.analyses}


@pytest.mark.parametrize(("n", "grain"), [key for key, _ in EXPECTED.groupby(["n", "grain"])])
def test_r(n, grain):
    rows = EXPECTED.query("n == @n and grain == @grain").to_dict("records")
    for row in rows:
        words = row["options"].split(";")
        row["reading"] = next((word for word in words if word and "=" not in word), "")
        row["options"] = [word for word in words if "=" in word]
    checked = 0
    for reading, call in calls(rows):
        for method, found in results(trial(n, grain), reading, call).items():
            row = call[method]
            for name in ("estimate", "se", "statistic"):
                if row[name] != "":
                    expected, got = float(row[name]), getattr(found, name)
                    # R's statistic of Gray has no sign.
                    got = abs(got) if method == "gray" else got
                    assert got == pytest.approx(expected, rel=1e-6, abs=1e-6), f"{row}: {name}"
                    checked += 1
    assert checked >= 2.5 * len(rows)
