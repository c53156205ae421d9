"""Every outcome that ships, and the BCG trials by way of allocation, against R's metafor and base R's integration."""

from pathlib import Path

import pandas as pd
import pytest

from jaksim.evidence.synthesis import Estimates, HalfNormal, NormalPrior
from jaksim.evidence.synthesis.answers import synthesise
from jaksim.evidence.synthesis.between_trials import between_trials
from jaksim.evidence.synthesis.selection_file import load_selection, selection_ids
from jaksim.evidence.synthesis.trial_evidence import gather

HERE = Path(__file__).parent
ROWS = pd.read_csv(HERE / "synthesis_outcomes_data.csv")
EXPECTED = (
    pd.read_csv(HERE / "synthesis_outcomes_expected.csv")
    .set_index(["outcome", "class", "quantity"])["value"]
    .sort_index()
)
CASES = list(dict.fromkeys(EXPECTED.index.droplevel("quantity")))


@pytest.mark.parametrize("outcome", selection_ids())
def test_the_fixture_holds_what_the_catalogue_gives(outcome):
    """Where this fails, the catalogue has changed: write the data and run the R script again."""
    rows = ROWS[ROWS["outcome"] == outcome]
    trials = gather(load_selection(outcome))
    assert [trial.study for trial in trials] == list(rows["study"])
    assert [trial.treatment_class for trial in trials] == list(rows["class"])
    assert [trial.log_ratio for trial in trials] == pytest.approx(list(rows["y"]), rel=1e-12)
    assert [trial.standard_error for trial in trials] == pytest.approx(list(rows["se"]), rel=1e-12)


@pytest.mark.parametrize(("outcome", "treatment_class"), CASES)
def test_the_spread_between_trials(outcome, treatment_class):
    rows = ROWS[ROWS["outcome"] == outcome]
    rows = rows if treatment_class == "all" else rows[rows["class"] == treatment_class]
    found = between_trials(
        Estimates(tuple(rows["study"]), rows["y"].to_numpy(), rows["se"].to_numpy()),
        list(rows["class"]),
        tau_prior=HalfNormal(0.25),
        mean_prior=NormalPrior(0, 1),
    )
    expected = EXPECTED[outcome, treatment_class]
    assert found.q == pytest.approx(expected["q"], rel=1e-9)
    assert found.tau2 == pytest.approx(expected["tau2"], rel=1e-5, abs=1e-7)
    assert found.tau2_interval == pytest.approx((expected["tau2_lower"], expected["tau2_upper"]), rel=1e-5, abs=1e-7)
    low, high = found.posterior.interval()
    middle = found.posterior.quantile(0.5)
    assert (low, middle, high) == pytest.approx(
        (expected["tau_low"], expected["tau_median"], expected["tau_high"]), rel=1e-5
    )


@pytest.mark.parametrize("outcome", selection_ids())
def test_the_pooled_effects_of_the_classes(outcome):
    found = synthesise(outcome)
    for name, pooled in found.classes.items():
        if len(pooled.trials) < 2:
            continue
        expected = EXPECTED[outcome, name]
        fixed, random = pooled.by_method["fixed effect"].mean, pooled.by_method["REML, Hartung-Knapp"].mean
        assert fixed.estimate == pytest.approx(expected["fixed"], rel=1e-9)
        assert fixed.standard_error == pytest.approx(expected["fixed_se"], rel=1e-9)
        assert random.estimate == pytest.approx(expected["reml"], rel=1e-5, abs=1e-6)
        assert random.interval == pytest.approx((expected["knha_lower"], expected["knha_upper"]), rel=1e-4, abs=1e-6)
