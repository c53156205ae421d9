"""Every outcome that ships, and the BCG trials by way of allocation, against R's metafor and base R's integration."""

from pathlib import Path

import pandas as pd
import pytest

from jaksim.evidence import load_study, study_ids
from jaksim.evidence.synthesis import Estimates, HalfNormal, NormalPrior, Tables, pool, trial_effects
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


def estimates(rows):
    return Estimates(tuple(rows["study"]), rows["y"].to_numpy(), rows["se"].to_numpy())


@pytest.mark.parametrize("outcome", selection_ids())
def test_the_fixture_holds_what_the_catalogue_gives(outcome):
    """Where this fails, the catalogue has changed: write the data and run the R script again."""
    rows = ROWS[ROWS["outcome"] == outcome]
    trials = gather(load_selection(outcome))
    assert [trial.study for trial in trials] == list(rows["study"])
    assert [trial.treatment_class for trial in trials] == list(rows["class"])
    assert [trial.log_ratio for trial in trials] == pytest.approx(list(rows["y"]), abs=0.02)
    assert [trial.standard_error for trial in trials] == pytest.approx(list(rows["se"]), rel=0.05)


@pytest.mark.parametrize(("outcome", "treatment_class"), CASES)
def test_the_spread_between_trials(outcome, treatment_class):
    rows = ROWS[ROWS["outcome"] == outcome]
    rows = rows if treatment_class == "all" else rows[rows["class"] == treatment_class]
    found = between_trials(
        estimates(rows),
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


@pytest.mark.parametrize(("outcome", "treatment_class"), [case for case in CASES if case[1] != "all"])
def test_the_pooled_effects_of_the_classes(outcome, treatment_class):
    rows = ROWS[(ROWS["outcome"] == outcome) & (ROWS["class"] == treatment_class)]
    expected = EXPECTED[outcome, treatment_class]
    fixed = pool(estimates(rows), method="fixed").mean
    random = pool(estimates(rows), method="reml", interval="hartung_knapp").mean
    assert fixed.estimate == pytest.approx(expected["fixed"], rel=1e-9)
    assert fixed.standard_error == pytest.approx(expected["fixed_se"], rel=1e-9)
    assert random.estimate == pytest.approx(expected["reml"], rel=1e-5, abs=1e-6)
    assert random.interval == pytest.approx((expected["knha_lower"], expected["knha_upper"]), rel=1e-4, abs=1e-6)


def counts_of(study, prefix, first, second):
    """Events and patients of both arms."""
    found = load_study(study)
    figures = [found[f"{prefix}.{arm}"].figure for arm in (first, second)]
    return [value for figure in figures for value in (figure.count, figure.n)]


@pytest.mark.parametrize("event", ["mortality", "discharge"])
@pytest.mark.parametrize("support", ["low_flow", "niv_high_flow", "ventilated"])
def test_tocilizumab_by_respiratory_support_comes_out_as_pooled_elsewhere(event, support):
    """The same rows pooled by others: fixed effect, half a patient where a cell is zero, arms of both kinds needed."""
    prefix = f"{'deaths' if event == 'mortality' else 'discharges'}_day28.{support}"
    labels, rows = [], []
    for study in study_ids():
        found = load_study(study)
        arms = [
            arm for arm in ("tocilizumab", "control", "placebo", "usual_care") if f"{prefix}.{arm}" in found.records
        ]
        if len(arms) == 2:
            labels.append(study)
            rows.append(counts_of(study, prefix, *arms))
    pooled = pool(trial_effects(Tables(tuple(labels), *zip(*rows, strict=True)), "odds_ratio"), method="fixed").mean
    published = load_study("react-tocilizumab")[f"{event}_odds_ratio_day28.{support}"].figure
    assert len(labels) >= 9
    assert pooled.estimate == pytest.approx(published.log_estimate, abs=0.02)
    assert pooled.standard_error == pytest.approx(published.log_standard_error, rel=0.05)


def test_who_react_of_corticosteroids_comes_out_as_published():
    """JAMA 2020;324:1330: seven trials, fixed effect 0.66 (0.53-0.82)."""
    drugs = {
        "codex": "dexamethasone",
        "dexa-covid-19": "dexamethasone",
        "cape-covid": "hydrocortisone",
        "covid-steroid": "hydrocortisone",
        "remap-cap-hydrocortisone": "hydrocortisone",
        "steroids-sari": "methylprednisolone",
    }
    rows = [counts_of(study, "deaths_day28.all", drug, "control") for study, drug in drugs.items()]
    rows.append([95, 324, 283, 683])  # RECOVERY: those ventilated
    tables = Tables((*drugs, "recovery, ventilated"), *zip(*rows, strict=True))
    pooled = pool(trial_effects(tables, "odds_ratio"), method="fixed").mean
    published = load_study("react-corticosteroids")["mortality_odds_ratio_day28.all"].figure
    assert round(pooled.ratio, 2) == published.estimate == 0.66
    assert tuple(round(limit, 2) for limit in pooled.ratio_interval) == published.interval == (0.53, 0.82)


@pytest.mark.parametrize(("group", "trials"), [("steroid", 14), ("no_steroid", 13)])
def test_tocilizumab_by_use_of_glucocorticoids_comes_out_as_pooled_elsewhere(group, trials):
    """The same rows pooled by others (fixed effect, half a patient where a cell is zero)."""
    labels, rows = [], []
    for study in study_ids():
        found = load_study(study)
        arms = [name for name in ("tocilizumab", "control", "placebo", "usual_care") if name in found.arms]
        if arms[:1] == ["tocilizumab"] and f"deaths_day28.all.{group}.tocilizumab" in found.records:
            prefix = f"deaths_day28.all.{group}"
            if f"{prefix}.{arms[1]}" in found.records:
                labels.append(study)
                rows.append(counts_of(study, prefix, *arms[:2]))
    tables = Tables(tuple(labels), *zip(*rows, strict=True))
    pooled = pool(trial_effects(tables, "odds_ratio"), method="fixed").mean
    published = load_study("react-tocilizumab")[f"mortality_odds_ratio_day28.all.{group}"].figure
    assert len(labels) >= trials
    assert pooled.estimate == pytest.approx(published.log_estimate, abs=0.01)
    assert pooled.standard_error == pytest.approx(published.log_standard_error, rel=0.05)


@pytest.mark.parametrize(
    ("outcome", "record"),
    [
        ("mortality", "mortality_odds_ratio_day28.all"),
        ("discharge", "discharge_subdistribution_hazard_ratio_day28.all"),
        ("new-ventilation", "new_ventilation_survivors_odds_ratio_day28.score456"),
        ("clinical-status", "worse_status_odds_ratio_day28.all"),
    ],
)
def test_jak_inhibitors_come_out_near_the_individual_patient_meta_analysis(outcome, record):
    """Amstutz 2025, two stages, Hartung-Knapp; three of its twelve trials have no results of their own here."""
    pooled = synthesise(outcome).classes["jak_inhibitor"].by_method["REML, Hartung-Knapp"].mean
    published = load_study("jaki-ipdma")[record].figure
    assert abs(pooled.estimate - published.log_estimate) < 0.25 * published.log_standard_error
