import math
from dataclasses import replace

import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study, study_ids
from jaksim.evidence.check import check_study
from jaksim.evidence.figures import Difference, Printed, Proportion, PValue, Ratio
from jaksim.evidence.interval_check import interval_faults, printed_digits
from jaksim.evidence.reading import study_from


@pytest.mark.parametrize("study_id", study_ids())
def test_the_catalogue_agrees_with_itself(study_id):
    assert check_study(load_study(study_id)) == []


def test_the_small_study_has_no_fault(table):
    assert check_study(study_from(table, "small.toml")) == []


@pytest.mark.parametrize(
    ("record", "values", "words"),
    [
        ("death_ratio", {"estimate": 0.84}, "not symmetric"),
        ("death_ratio", {"interval": [0.22, 0.85]}, "not symmetric"),
        ("death_ratio", {"p_value": "0.02"}, "p = 0.02 does not fit"),
        ("death_ratio", {"p_value": "<0.05"}, "p = <0.05 does not fit"),
        ("recovery_ratio", {"p_value": "0.30"}, "p = 0.3 does not fit"),
        ("death_ratio", {"favours_first": "above"}, "the wrong way round: 'death' is undesirable"),
        ("recovery_ratio", {"favours_first": "below"}, "the wrong way round: 'recovery' is desirable"),
        ("death_ratio", {"favours_first": None}, "the direction is not stated"),
        ("death_ratio", {"estimate": 2.08, "interval": [0.95, 4.55]}, "the counts give 0.472"),
        ("death_ratio", {"arms": ["control", "active"]}, "one record of each arm, in the order of `arms`"),
        ("status_ratio", {"estimate": 0.45, "interval": [0.26, 0.77]}, "the counts give"),
        ("deaths.active", {"percent": 12.0}, "10 of 100 is 10.00%, not 12%"),
        ("recovery_ratio", {"estimate": 0.71, "interval": [0.56, 0.91]}, "medians of 7 and 9 contradict"),
        ("table.active", {"counts": [60, 35, 10]}, "add up to 105, the arm has 100"),
        ("table.active", {"scores": [1, 5, 9]}, "has no score 9"),
        ("deaths.control", {"baseline_scores": [0]}, "has no score 0"),
        ("deaths.control", {"origin": "derived"}, "needs `derivation`"),
        ("deaths.control", {"origin": "quoted"}, "who quotes it"),
    ],
)
def test_a_seeded_error_is_found_in_its_record(faults, record, values, words):
    found = faults(record, **values)
    assert any(fault.record == record and words in fault.message for fault in found), found


def test_parts_that_do_not_add_up_are_found(faults):
    found = faults("deaths.active", sum_of=["deaths.control"])
    assert [str(fault) for fault in found] == ["small, record deaths.active: the parts add up to 20, the total is 10"]


def test_tables_that_do_not_add_up_are_found(faults):
    found = faults("table.active", sum_of=["table.control"])
    assert "the parts add up to [40, 40, 20], the total is [60, 30, 10]" in found[0].message


def test_arms_that_miss_the_number_randomised_are_found(table):
    table["n_randomised"] = 201
    assert "add up to 200" in check_study(study_from(table, "small.toml"))[0].message


def test_a_version_is_checked_too(faults):
    version = {"estimate": 0.48, "interval": [0.40, 1.05], "citation": "review", "reason": "misprint"}
    found = faults("death_ratio", disputed="lower limit", versions=[version])
    assert found[0].message.startswith("version of review: the interval")


def test_a_published_pair_of_dose_arms_with_a_misprinted_limit_is_caught():
    """RUXCOVID-DEVENT, 5 mg: 0.42 (0.171 to 1.023) in the abstract, an upper limit of 1.203 in the table."""
    assert not list(interval_faults(Ratio("odds_ratio", 0.42, (0.171, 1.023))))
    assert list(interval_faults(Ratio("odds_ratio", 0.42, (0.171, 1.203))))


def test_a_kaplan_meier_interval_is_symmetric_on_the_log_minus_log_scale():
    assert not list(interval_faults(Proportion(percent=11.4, interval=(9.0, 14.5), estimator="kaplan_meier")))
    assert list(interval_faults(Proportion(percent=11.4, interval=(9.0, 13.9), estimator="kaplan_meier")))


def test_a_difference_against_its_proportions(table):
    table["events"]["harm"] = {"definition": "Harm", "desirable": False}
    place = {"event": "harm", "citation": "paper", "origin": "published", "population": "adults"}
    for arm, percent in (("active", 16.0), ("control", 21.0)):
        table["records"].append(
            {"id": f"harm.{arm}", "measure": "proportion", "arms": [arm], "percent": percent, **place}
        )
    contrast = {
        "id": "harm_difference",
        "measure": "risk_difference",
        "arms": ["active", "control"],
        "estimate": -5.0,
        "interval": [-9.8, -0.3],
        "favours_first": "below",
        "evidence_counts": ["harm.active", "harm.control"],
        **place,
    }
    table["records"].append(contrast)
    assert check_study(study_from(table, "small.toml")) == []
    contrast.update(estimate=-8.0, interval=[-12.8, -3.2])
    assert "differ by -5.00 points" in check_study(study_from(table, "small.toml"))[0].message
    contrast["adjusted_for"] = "age"
    assert check_study(study_from(table, "small.toml")) == []
    contrast.update(estimate=-12.0, interval=[-16.8, -7.2])
    assert "differ by -5.00 points" in check_study(study_from(table, "small.toml"))[0].message


def test_a_p_value_fits_within_the_rounding_of_what_was_printed():
    assert not list(interval_faults(Ratio("rate_ratio", 1.16, (1.01, 1.32), p_value=PValue(0.03))))
    assert list(interval_faults(Ratio("rate_ratio", 1.16, (1.01, 1.32), p_value=PValue(0.06))))
    assert not list(interval_faults(Difference("risk_difference", -5.0, (-9.8, -0.3), p_value=PValue(0.04))))


def test_a_p_value_of_another_test_than_the_interval_lies_near_it():
    """Wald test and profile interval of ventilation or death in COVINIB (2 of 53 against 8 of 54)."""

    def faults_with(p, kind):
        return list(interval_faults(Ratio("odds_ratio", 0.1994, (0.02858, 0.8653), 0.95, PValue(p), kind)))

    assert faults_with(0.05153, "wald")
    assert not faults_with(0.05153, "other")
    assert faults_with(0.5153, "other")
    assert faults_with(0.005153, "other")


def test_a_printed_standard_error_is_used_and_fits_its_interval():
    """Time to discharge in COV-BARRIER (Wald), deaths in COVINIB (penalised likelihood, 0 of 53 against 2 of 54)."""
    discharge = Ratio("hazard_ratio", 1.068, (0.9544, 1.195), standard_error=0.05734)
    assert discharge.log_standard_error == 0.05734
    assert replace(discharge, standard_error=None).log_standard_error == pytest.approx(0.05736, abs=2e-5)
    assert not list(interval_faults(discharge))
    assert "does not fit the interval" in next(interval_faults(replace(discharge, standard_error=0.05374)))
    deaths = Ratio("odds_ratio", 0.1816, (0.001308, 2.287), interval_kind="other", standard_error=1.361)
    assert not list(interval_faults(deaths))
    assert list(interval_faults(replace(deaths, standard_error=13.61)))
    assert list(interval_faults(replace(deaths, standard_error=0.1361)))
    for impossible in (0.0, -1.0, math.inf):
        with pytest.raises(InputError, match="a standard error is positive"):
            replace(deaths, standard_error=impossible)


@pytest.mark.parametrize(("value", "digits"), [(7, 0), (1.5, 1), (0.03, 2), (1.105, 3), (math.nan, 0)])
def test_printed_digits(value, digits):
    assert printed_digits(value) == digits


def test_a_table_counts_the_whole_arm_unless_it_is_of_a_subgroup(faults):
    fewer = {"counts": [60, 30, 5], "baseline_scores": []}
    assert any("the counts add up to 95, the arm has 100" in fault.message for fault in faults("table.active", **fewer))
    assert faults("table.active", subgroup="treated within 3 hours", **fewer) == []


def test_an_interval_too_narrow_or_too_wide_for_its_counts_is_found(faults):
    (narrow,) = faults("death_ratio", interval=[0.43, 0.535], p_value=None)
    assert "implies a standard error of 0.056 on the log scale, the counts 0.387" in narrow.message


def test_a_wide_interval_is_found_in_its_counts(faults):
    (wide,) = faults("death_ratio", interval=[0.05, 4.61], p_value=None)
    assert "implies a standard error of 1.154" in wide.message


def test_a_figure_of_more_patients_than_the_arm_has_is_found(faults):
    assert "the figure is out of 200, the arm has 100" in faults("deaths.active", n=200, percent=5.0)[0].message


def test_a_recorded_misfit_accepts_that_fault_alone(faults, change):
    fault = "p = 0.02 does not fit the interval, which implies 0.057 to 0.075"
    misfit = {"fault": fault, "reason": "printed so"}
    found = faults("death_ratio", p_value="0.02")
    assert [item.message for item in found] == [fault]
    assert faults("death_ratio", misfits=[misfit]) == []
    other = [item.message for item in faults("death_ratio", p_value="0.01")]
    assert other[0].startswith("p = 0.01 does not fit")
    assert other[1] == f"the recorded misfit does not occur: {fault}"


def test_a_misfit_that_does_not_occur_is_a_fault(faults):
    found = faults("death_ratio", misfits=[{"fault": "the interval is odd", "reason": "printed so"}])
    assert [item.message for item in found] == ["the recorded misfit does not occur: the interval is odd"]


def test_a_one_sided_p_value_is_half_of_the_two_sided():
    assert not list(interval_faults(Ratio("odds_ratio", 0.42, (0.171, 1.023), p_value=PValue(0.028, sides=1))))
    assert list(interval_faults(Ratio("odds_ratio", 0.42, (0.171, 1.023), p_value=PValue(0.028))))


def test_an_arm_that_pools_others_is_not_counted_twice(table):
    table["arms"]["both"] = {
        "label": "both",
        "treatments": [],
        "regimen": "any",
        "n": 200,
        "pools": ["active", "control"],
    }
    assert check_study(study_from(table, "small.toml")) == []
    table["arms"]["both"]["n"] = 190
    assert "the arm 'both' pools 200 patients, its n is 190" in check_study(study_from(table, "small.toml"))[0].message


def test_decimals_are_those_that_were_printed():
    assert list(interval_faults(Ratio("rate_ratio", Printed("0.80"), (Printed("0.71"), Printed("0.98")))))
    assert not list(interval_faults(Ratio("rate_ratio", Printed("0.8"), (Printed("0.71"), Printed("0.98")))))
    assert printed_digits(Printed("1.10")) == 2
    assert printed_digits(Printed("inf")) == 0
