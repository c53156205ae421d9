from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.response_adaptive import ResponseAdaptive

ADAPTIVE = Path(__file__).parents[3] / "scenarios" / "adaptive.toml"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("adaptation.burn_in=300", "leaves no patients"),
        ("adaptation.burn_in=0", "out of range"),
        ("adaptation.lowest=0.4", "3 arms cannot share 1"),
        ("adaptation.highest=0.3", "3 arms cannot share 1"),
        ("adaptation.lowest=1.0", "no room"),
        ("adaptation.control=fixed", "goes with a fixed one"),
        ("adaptation.control=larger", "largest"),
        ("adaptation.power=-1", "out of range"),
        ("adaptation.prior_sd=0", "no width"),
        ("adaptation.prior_events=[0.1, 1]", "beta prior"),
        ("adaptation.every=1", "too many looks"),
        ('adaptation.analyses=["score, good"]', "every active arm needs one analysis"),
        ('adaptation.analyses=["score, good", "well, useless"]', "differ in their endpoint"),
        ('adaptation.analyses=["score, good", "score, useles"]', "score, useless"),
        ("analysis.0.alpha=0.05", "differ in their alpha"),
        ("randomisation.scheme=permuted blocks", "need simple randomisation"),
        ("adaptation.kind=thompson", "response-adaptive"),
    ],
)
def test_rules_that_do_not_fit_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        load_scenario(ADAPTIVE, changes=[change])


def test_looks_by_patients_and_by_days():
    trial = load_scenario(ADAPTIVE).trial
    assert trial.adaptation.looks(trial) == 4  # after 90, 150, 210 and 270 of 300 patients
    by_days = load_scenario(ADAPTIVE, changes=["adaptation.unit=days", "adaptation.every=30"]).trial
    assert by_days.adaptation.looks(by_days) == 3  # patient 90 is expected on day 30, patient 300 on day 100


def test_the_rules_in_words():
    words = " ".join(ResponseAdaptive(analyses=("a",), burn_in=90, every=60, control="largest", lowest=0.1).describe())
    for part in ("after 90 patients", "every 60 patients", "n / 2N", "largest active arm", "10 % and 100 %", "20000"):
        assert part in words
