"""The pooled hierarchy with one drug and one kind of effect against R's bayesmeta (see make_synthesis_bayes.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jaksim.pooling.hierarchy import fit
from jaksim.pooling.priors import KINDS, PooledPriors
from jaksim.pooling.summaries import TrialEffects

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "synthesis_bayes_expected.csv")
DATA = pd.read_csv(HERE / "synthesis_bayes_data.csv")


def test_acute_rejection_by_bayesmeta():
    rows = DATA[DATA["case"] == "crins"]
    trials = [
        TrialEffects.of(
            np.array([row.y]),
            np.array([[row.se**2]]),
            study=row.label,
            published="2004-01",
            drug="IL-2 antagonist",
            treatment_class="antibody",
            share=None,
            cells=("death",),
            windows=((0, 28),),
        )
        for row in rows.itertuples()
    ]
    found = fit(trials, PooledPriors(class_sd=4.0, between_drugs=0.0, between_trials=0.5), draws=20_000, points=4096)
    expected = EXPECTED[(EXPECTED["case"] == "crins") & (EXPECTED["prior"] == "half_normal 0.5 0 4")]
    value = expected.set_index(["parameter", "quantity"])["value"]
    position, kind = found.names.index("IL-2 antagonist.death"), KINDS.index("death")
    assert found.mean[position] == pytest.approx(value["mean", "mean"], abs=0.003)
    assert found.sd[position] == pytest.approx(value["mean", "sd"], rel=0.01)
    assert found.weights @ found.tau_points[:, kind] == pytest.approx(value["tau", "mean"], rel=0.01)
    assert found.tau(0.5)[kind] == pytest.approx(value["tau", "median"], rel=0.02)
    assert found.tau(0.975)[kind] == pytest.approx(value["tau", "95% upper"], rel=0.02)
    drawn = found.draws[:, position]
    assert np.quantile(drawn, 0.025) == pytest.approx(value["mean", "95% lower"], abs=0.03)
    assert np.quantile(drawn, 0.975) == pytest.approx(value["mean", "95% upper"], abs=0.03)
