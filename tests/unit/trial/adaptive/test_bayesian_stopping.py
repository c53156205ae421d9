from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario

BAYESIAN = Path(__file__).parents[3] / "scenarios" / "bayesian.toml"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("adaptation.superiority=[0.99, 0.98]", "2 thresholds do not fit 3 analyses"),
        ("adaptation.superiority=[1.0]", "not a threshold"),
        ("adaptation.superiority=[0.4]", "not a threshold"),
        ("adaptation.futility=0.99", "futility begins where superiority is reached"),
        ("adaptation.futility=0.0", "not a probability"),
        ("adaptation.equivalence=0.9", "both a probability and a margin"),
        ("adaptation.drop_below=0.1", "one active arm only"),
        ("adaptation.prior_sd=0", "no width"),
        ("adaptation.calibration=10", "1000"),
        ('adaptation.interims=["events >= 50"]', "no events to count"),
        ('adaptation.interims=["soon"]', "cannot be read"),
        ("analysis.0.method=bayesian_proportional_odds", None),
    ],
)
def test_rules_that_do_not_fit_are_refused(change, message):
    if message is None:
        assert load_scenario(BAYESIAN, changes=[change]).trial.adaptation.kind == "bayesian-stopping"
        with pytest.raises(InputError, match="prior of its own"):
            load_scenario(BAYESIAN, changes=[change, "adaptation.prior_sd=1"])
        return
    with pytest.raises(InputError, match=message):
        load_scenario(BAYESIAN, changes=[change])


def test_the_rules_in_words():
    changes = [
        "adaptation.futility=0.1",
        "adaptation.equivalence=0.9",
        "adaptation.margin=1.2",
        "adaptation.prior_sd=0.5",
    ]
    words = " ".join(load_scenario(BAYESIAN, changes=changes).trial.adaptation.describe())
    for part in ("complete >= 33 %", "above 99 %", "SD 0.5", "below 10 %", "within 1.2"):
        assert part in words
