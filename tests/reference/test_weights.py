"""Cox models of patients with weights, as coxph(weights =) of R has them; other methods refuse weights."""

from pathlib import Path

import pandas as pd
import pytest

import jaksim
from jaksim.errors import InputError

HERE = Path(__file__).parent
DATA = pd.read_csv(HERE / "weights_data.csv")
EXPECTED = pd.read_csv(HERE / "weights_expected.csv", index_col="name")
ASKED = {
    "plain": {},
    "adjusted": {"covariates": ["age"], "stratum": "ph.ecog", "ties": "breslow"},
    "clusters": {"cluster": "inst"},
    "late entry": {"entry": "start"},
}


def found(data=DATA, method="cox", weight="weight", **words):
    aside = [] if "entry" in words else ["start"]
    return jaksim.analyze(data, method=method, arm="sex", weight=weight, ignore=aside, **words)


@pytest.mark.parametrize("name", ASKED)
def test_against_r(name):
    answer = found(**ASKED[name])
    result = answer.analyses[0].result
    assert result.estimate == pytest.approx(EXPECTED.estimate[name], rel=1e-5)
    assert result.se == pytest.approx(EXPECTED.se[name], rel=1e-5)
    assert "weighted by weight, robust standard error" in result.estimand
    assert answer.notes[0].startswith("Estimates are weighted by 'weight'; numbers of patients, medians and curves")


def test_equal_weights_are_none():
    plain = found(DATA.assign(weight=2.5)).analyses[0].result
    without = found(weight=None, data=DATA.drop(columns="weight"), robust=True).analyses[0].result
    assert (plain.estimate, plain.se) == pytest.approx((without.estimate, without.se), rel=1e-9)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"weight": None}, r'column \'weight\'.*frequency="weight", for numbers of patients; weight="weight" in Cox'),
        ({"method": "log_rank"}, r"method log_rank takes no weights.*allowed: cox"),
        ({"method": "rmst_difference", "options": {"tau": 300}}, "takes no weights"),
        ({"frequency": "inst"}, "a row has a weight or stands for patients"),
        ({"weight": "wieght"}, "no column for the weight.*did you mean 'weight'"),
        ({"data": DATA.assign(weight=0.0)}, r"row 1 has no weight above 0.*where=\"COLUMN>0\""),
        ({"data": DATA.assign(weight="much")}, "row 1 is not a number"),
        ({"data": DATA.assign(weight=float("nan"))}, "missing value"),
    ],
)
def test_weights_that_cannot_be_used(words, message):
    with pytest.raises(InputError, match=message):
        found(**words)
