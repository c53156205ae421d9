"""A wrong transcription anywhere in the catalogue is found in its record."""

from copy import deepcopy
from functools import cache
from importlib import resources

import pytest

from jaksim.datafile import parse_toml
from jaksim.errors import InputError
from jaksim.evidence import study_ids
from jaksim.evidence.check import check_study
from jaksim.evidence.figures import Printed
from jaksim.evidence.reading import record_entries, study_from


@cache
def catalogued(study_id):
    """The study file with its records one by one."""
    file = resources.files("jaksim.evidence") / "catalog" / f"{study_id}.toml"
    table = parse_toml(file.read_text("utf-8"), where=file.name, parse_float=Printed)
    return table | {"groups": [], "records": record_entries(table, file.name)}


def faulty_records(table):
    """Ids of the records that the checks complain about; a figure that is refused outright names its record too."""
    try:
        return {fault.record for fault in check_study(study_from(table, "copy.toml"))}
    except InputError as error:
        return {str(error).partition("record ")[2].partition(",")[0].partition(":")[0]}


def every_contrast():
    return [
        pytest.param(study_id, record["id"], id=f"{study_id}:{record['id']}")
        for study_id in study_ids()
        for record in catalogued(study_id).get("records", [])
        if "favours_first" in record
    ]


def entry(table, record_id):
    return next(record for record in table["records"] if record["id"] == record_id)


def with_what_it_rests_on(table, record_id):
    """The study with one record, those that its counts are held against, and medians."""
    record = entry(table, record_id)
    kept = {record_id, *record.get("evidence_counts", ()), *record.get("sum_of", ())}
    kept |= {name for other in kept for name in entry(table, other).get("sum_of", ())}
    return table | {"records": [r for r in table["records"] if r["id"] in kept or r["measure"] == "median"]}


@pytest.mark.parametrize(("study_id", "record_id"), every_contrast())
def test_a_contrast_with_one_thing_wrong_is_found(study_id, record_id):
    table = with_what_it_rests_on(catalogued(study_id), record_id)
    record = entry(table, record_id)

    flipped = deepcopy(table)
    entry(flipped, record_id)["favours_first"] = "below" if record["favours_first"] == "above" else "above"
    assert record_id in faulty_records(flipped)

    unstated = deepcopy(table)
    del entry(unstated, record_id)["favours_first"]
    assert record_id in faulty_records(unstated)

    if "interval" not in record:
        return
    if record.get("interval_kind", "wald") == "wald":
        low, high = record["interval"]
        broken = deepcopy(table)
        entry(broken, record_id)["interval"] = [low, high + 0.6 * (high - low)]
        assert record_id in faulty_records(broken)

    swapped = deepcopy(table)
    entry(swapped, record_id)["interval"] = record["interval"][::-1]
    assert record_id in faulty_records(swapped)


@pytest.mark.parametrize(
    ("study_id", "record_id", "change"),
    [
        ("recovery-baricitinib", "deaths_day28.all.baricitinib", {"count": 541}),
        ("recovery-baricitinib", "baseline.all", {"counts": [465, 5531, 1927, 251]}),
        ("recovery-baricitinib", "mortality_rate_ratio_day28.all", {"p_value": "0.28"}),
        ("recovery-tocilizumab", "discharge_rate_ratio_day28.all", {"estimate": 0.82, "interval": [0.75, 0.89]}),
        ("remap-cap-tocilizumab", "survival_hazard_ratio_day90.all", {"interval": [1.25, 2.80]}),
        ("covacta", "mortality_risk_difference_day28.all", {"estimate": 3.0, "interval": [-4.9, 10.9]}),
        ("covacta", "deaths_day28.all.placebo", {"percent": 14.9}),
        ("stop-covid", "death_or_respiratory_failure_day28.all.placebo", {"percent": 20.9}),
        ("cov-barrier", "progression_or_death_odds_ratio_day28.all", {"p_value": "0.81"}),
        ("ruxcovid", "intensive_care_day28.all.placebo", {"count": 71}),
        ("ruxcovid", "death_ventilation_or_intensive_care_odds_ratio_day28.all", {"interval": [0.48, 1.37]}),
        ("ruxcovid-devent", "deaths_day28.all.placebo", {"percent": 53}),
        ("ruxcovid-devent", "mortality_odds_ratio_day28.5mg", {"interval": [0.171, 1.203]}),
        ("ruxcovid-devent", "intubated_day15.all.ruxolitinib_5mg", {"count": 24}),
        ("ruxcovid-devent", "mortality_odds_ratio_day28.15mg", {"p_value": "0.29 one-sided"}),
        ("cao-2020", "ct_improvement_day14.all.ruxolitinib", {"n": 22}),
        ("cantini-2020", "ventilation_day14.all.baricitinib", {"n": 21}),
        ("la-rosee-2020", "cis_response.all.ruxolitinib", {"count": 11}),
        ("israeli-registry", "deaths_in_hospital.all.standard_of_care", {"percent": 61.4}),
        ("medline-medrxiv-review", "mortality_odds_ratio.all", {"p_value": "<0.0001"}),
        ("wang-remdesivir", "mortality_risk_difference_day28.all", {"estimate": 2.1, "interval": [-7.1, 11.3]}),
        ("wang-remdesivir", "median_stay.all.placebo", {"estimate": 42}),
        ("recovery-jak-meta-analysis", "mortality_rate_ratio.all", {"interval": [0.71, 0.98]}),
        ("jaki-ipdma", "mortality_odds_ratio_day28.score7", {"interval": [0.5278, 0.7122]}),
        ("jaki-ipdma", "deaths_day28.all.jak_inhibitor", {"count": 775}),
        ("jaki-ipdma", "deaths_day28.immunosuppressed.control", {"count": 9}),
        ("jaki-ipdma", "mortality_odds_ratio_day28.all", {"estimate": 0.7627, "interval": [0.6222, 0.935]}),
        ("jaki-ipdma", "deaths_within_follow_up.all.control", {"n": 6525}),
    ],
)
def test_a_seeded_transcription_error_is_found(study_id, record_id, change):
    table = deepcopy(catalogued(study_id))
    assert faulty_records(table) == set()
    entry(table, record_id).update(change)
    assert record_id in faulty_records(table)


def test_a_flipped_count_is_found_in_the_ratio_that_rests_on_it():
    table = deepcopy(catalogued("recovery-tocilizumab"))
    first, second = (entry(table, f"deaths_day28.all.{arm}") for arm in ("tocilizumab", "usual_care"))
    first["count"], second["count"] = second["count"], first["count"]
    parts = {f"deaths_day28.all.{arm}" for arm in ("tocilizumab", "usual_care")}
    assert faulty_records(table) == {"mortality_rate_ratio_day28.all", *parts}
