"""The catalogue against a second transcription that was made from the sources without sight of it."""

import math
from copy import deepcopy
from dataclasses import replace
from importlib import resources

import pytest

from jaksim.datafile import parse_toml
from jaksim.errors import InputError
from jaksim.evidence import load_study, second_reading, study_ids
from jaksim.evidence.check import check_study
from jaksim.evidence.figures import EventCount, Printed, Proportion, ScoreCounts
from jaksim.evidence.reading import study_from
from jaksim.evidence.second_file import has_second_reading, load_second_reading, second_reading_from
from jaksim.evidence.second_reading import compare, faults_of


def faulty(study, second):
    return {fault.record for fault in compare(study, second)}


def with_figures(study, change):
    """The study with `change` applied to each figure that it applies to, and the ids of those records."""
    figures = {record.id: change(record.figure) for record in study}
    changed = {name for name, figure in figures.items() if figure is not None}
    records = {
        record.id: replace(record, figure=figures[record.id]) if record.id in changed else record for record in study
    }
    return replace(study, records=records), changed


def read_again(study_id, key):
    """Ids of the records of which the second reading has this key, to the digit."""
    second = load_second_reading(study_id)
    return {
        name
        for name, record in second.records.items()
        if key in record.values and key not in (*record.not_read, *record.rounded)
    }


@pytest.mark.parametrize("study_id", study_ids())
def test_both_transcriptions_agree(study_id):
    assert has_second_reading(study_id)
    assert compare(load_study(study_id), load_second_reading(study_id)) == []


def test_nearly_every_record_was_read_twice():
    read = sum(len(load_second_reading(name).records) for name in study_ids())
    assert read >= 0.95 * sum(len(load_study(name)) for name in study_ids())


@pytest.mark.parametrize("name", [file.name for file in (resources.files("jaksim.evidence") / "qc").iterdir()])
def test_a_second_reading_is_of_a_study_of_the_catalogue(name):
    assert name.removesuffix(".toml") in study_ids()


def slip_in_the_estimate(figure):
    if isinstance(figure, Proportion | EventCount | ScoreCounts):
        return None
    at_its_limit = figure.estimate == (getattr(figure, "interval", None) or (0, math.inf))[1]
    return replace(figure, estimate=figure.estimate + (-0.001 if at_its_limit else 0.001))


def slip_in_the_interval(figure):
    if getattr(figure, "interval", None) is None:
        return None
    lower = figure.interval[0]
    return replace(figure, interval=(lower / 2 if 0 < lower < 0.01 else lower - 0.001, figure.interval[1]))


def slip_in_the_count(figure):
    if getattr(figure, "count", None) is None:
        return None
    return replace(
        figure, count=figure.count + (1 if figure.count < figure.n or isinstance(figure, EventCount) else -1)
    )


def slip_in_the_percentage(figure):
    return None if getattr(figure, "percent", None) is None else replace(figure, percent=figure.percent + 0.001)


def slip_in_the_table(figure):
    return (
        replace(figure, counts=(figure.counts[0] + 1, *figure.counts[1:])) if isinstance(figure, ScoreCounts) else None
    )


@pytest.mark.parametrize(
    ("slip", "key", "at_least"),
    [
        (slip_in_the_estimate, "estimate", 250),
        (slip_in_the_interval, "interval", 230),
        (slip_in_the_count, "count", 400),
        (slip_in_the_percentage, "percent", 50),
        (slip_in_the_table, "counts", 15),
    ],
)
def test_a_slip_in_any_figure_is_found(slip, key, at_least):
    found = 0
    for study_id in study_ids():
        study, changed = with_figures(load_study(study_id), slip)
        expected = changed & read_again(study_id, key)
        assert faulty(study, load_second_reading(study_id)) == expected
        found += len(expected)
    assert found >= at_least


@pytest.mark.parametrize("study_id", study_ids())
def test_a_flipped_direction_or_swapped_arms_are_found_in_every_contrast(study_id):
    study, second = load_study(study_id), load_second_reading(study_id)
    contrasts = {record.id for record in study if record.is_contrast} & second.records.keys()
    other = {"above": "below", "below": "above"}
    flipped = {r.id: replace(r, favours_first=other[r.favours_first]) if r.is_contrast else r for r in study}
    swapped = {r.id: replace(r, arms=r.arms[::-1]) if r.is_contrast else r for r in study}
    assert faulty(replace(study, records=flipped), second) == contrasts
    assert faulty(replace(study, records=swapped), second) == contrasts


@pytest.fixture
def catalogued():
    """A study file of the catalogue as a parsed table, to be edited."""

    def read(study_id):
        file = resources.files("jaksim.evidence") / "catalog" / f"{study_id}.toml"
        return deepcopy(parse_toml(file.read_text("utf-8"), where=file.name, parse_float=Printed))

    return read


@pytest.mark.parametrize(
    ("study_id", "record_id", "change", "key"),
    [
        ("actt-2", "recoveries_day28.all.placebo", {"count": 460}, "count"),
        ("actt-1", "median_hospital_stay.all.placebo", {"estimate": 71}, "estimate"),
        ("ruxcovid", "recovery_hazard_ratio.all", {"estimate": 1.01, "interval": [0.98, 1.04]}, "interval"),
        ("remap-cap-tocilizumab", "glucocorticoid_use.all", {"percent": 39}, "percent"),
        ("actt-2", "mortality_hazard_ratio_day28.score5", {"baseline_scores": [6]}, "baseline_scores"),
        ("recovery-baricitinib", "discharges_day28.all.usual_care", {"day": 14}, "day"),
        ("jaki-ipdma", "deaths_day28.crp_below_75.control", {"arms": ["jak_inhibitor"]}, "arms"),
        ("actt-1", "improvement_hazard_ratio.all", {"measure": "rate_ratio"}, "measure"),
        ("stop-covid", "death_or_respiratory_failure_risk_ratio_day28.all", {"p_value": "0.03"}, "p_value"),
        ("wang-remdesivir", "median_oxygen_duration.all.remdesivir", {"quartiles": [11, 31]}, "quartiles"),
        ("ruxcovid-devent", "ventilator_free_days.all.placebo", {"standard_deviation": 2.7}, "standard_deviation"),
    ],
)
def test_a_seeded_error_names_record_and_key(catalogued, study_id, record_id, change, key):
    table = catalogued(study_id)
    next(record for record in table["records"] if record["id"] == record_id).update(change)
    faults = compare(study_from(table, "copy.toml"), load_second_reading(study_id))
    assert {fault.record for fault in faults} == {record_id}
    assert any(fault.message.startswith(f"{key} is ") for fault in faults)


def test_it_finds_what_the_figures_themselves_do_not_betray(catalogued):
    table = catalogued("ruxcovid")
    first, second = (
        next(record for record in table["records"] if record["id"] == f"median_recovery.all.{arm}")
        for arm in ("ruxolitinib", "placebo")
    )
    for key in ("estimate", "interval"):
        first[key], second[key] = second[key], first[key]
    study = study_from(table, "copy.toml")
    assert check_study(study) == []
    assert faulty(study, load_second_reading("ruxcovid")) == {first["id"], second["id"]}


def test_a_size_that_differs_is_found(catalogued):
    table = catalogued("actt-2")
    table["arms"]["placebo"]["n"] = 581
    faults = compare(study_from(table, "copy.toml"), load_second_reading("actt-2"))
    assert [fault.message for fault in faults] == [
        "the number randomised to 'placebo' is 581, read as 518 the second time"
    ]


def test_a_dropped_or_altered_version_is_found(catalogued):
    for change in ({"versions": [], "disputed": ""}, {"estimate": 0.56}):
        table = catalogued("actt-2")
        record = next(record for record in table["records"] if record["id"] == "mortality_hazard_ratio_day28.all")
        (record if "versions" in change else record["versions"][0]).update(change)
        assert faulty(study_from(table, "copy.toml"), load_second_reading("actt-2")) == {record["id"]}


SECOND = {
    "sources": ["A paper. 2020."],
    "baseline_scores": [5],
    "sizes": {"active": 100, "control": 100},
    "records": {
        "deaths.active": {"measure": "proportion", "arms": ["active"], "count": 10, "n": 100, "percent": 10},
        "death_ratio": {
            "measure": "hazard_ratio",
            "arms": ["active", "control"],
            "estimate": 0.48,
            "interval": [0.22, 1.05],
            "p_value": "0.07",
            "direction": "below 1 favours active",
        },
    },
    "not_checked": [
        {
            "reason": "not in the abstract",
            "records": [
                *("deaths.control", "median.active", "median.control", "table.active", "table.control"),
                *("recovery_ratio", "status_ratio"),
            ],
        }
    ],
}


@pytest.fixture
def second():
    """A second transcription of the small study, as a parsed table to be edited."""
    return deepcopy(SECOND)


@pytest.fixture
def disagreements(table, second):
    """The faults found between the small study and its second transcription."""

    def found():
        return compare(study_from(table, "small.toml"), second_reading_from("small", second, "qc/small.toml"))

    return found


def test_the_small_study_agrees(disagreements):
    assert disagreements() == []


def test_a_record_that_is_neither_read_nor_excused_is_a_fault(second, disagreements):
    second["not_checked"][0]["records"].remove("median.active")
    del second["records"]["death_ratio"]
    assert {(fault.record, fault.message) for fault in disagreements()} == {
        (name, "no second reading, and no reason for that in `not_checked`")
        for name in ("median.active", "death_ratio")
    }


def test_a_record_that_the_study_does_not_have_is_a_fault(second, disagreements):
    second["records"]["deaths.both"] = second["records"]["deaths.active"]
    second["not_checked"][0]["records"].append("sizes.third")
    assert {fault.record for fault in disagreements()} == {"deaths.both", "sizes.third"}


def test_what_only_one_reading_states_is_a_fault(second, disagreements):
    del second["records"]["deaths.active"]["percent"]
    second["records"]["death_ratio"]["day"] = 28
    assert [str(fault) for fault in disagreements()] == [
        "small, record deaths.active: percent is 10, read as not stated the second time",
        "small, record death_ratio: day is not stated, read as 28 the second time",
    ]


def test_a_key_that_was_not_found_is_not_compared_as_long_as_the_catalogue_has_it(table, second, disagreements):
    del second["records"]["deaths.active"]["percent"]
    second["not_read"] = {"deaths.active": ["percent"]}
    assert disagreements() == []
    table["records"][0].pop("percent")
    assert "which the catalogue does not state either" in disagreements()[0].message


def test_a_key_printed_with_fewer_digits_agrees_within_its_rounding(table, second, disagreements):
    table["records"][0] |= {"count": 11, "n": 106, "percent": Printed("10.4")}
    second["records"]["deaths.active"] |= {"count": 11, "n": 106}
    assert [fault.record for fault in disagreements()] == ["deaths.active"]
    second["rounded"] = {"deaths.active": ["percent"]}
    assert disagreements() == []
    second["records"]["deaths.active"]["percent"] = 11
    assert [fault.record for fault in disagreements()] == ["deaths.active"]
    second["records"]["deaths.active"]["percent"] = Printed("10.3")
    assert [fault.record for fault in disagreements()] == ["deaths.active"]


def test_a_measure_that_differs_is_one_fault(second, disagreements):
    second["records"]["death_ratio"]["measure"] = "odds_ratio"
    assert [fault.message for fault in disagreements()] == [
        "measure is hazard_ratio, read as odds_ratio the second time"
    ]
    second["not_read"] = {"death_ratio": ["measure"]}
    assert disagreements() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"not_read": {"death_rate": ["percent"]}}, "did you mean 'death_ratio'?"),
        ({"not_read": {"death_ratio": ["percentage"]}}, "record death_ratio: unknown key"),
        ({"not_checked": [{"reason": "lost", "records": ["death_ratio"]}]}, "also listed as not checked"),
        ({"records": {"deaths": {"measure": "proportions", "arms": []}}}, "did you mean 'proportion'?"),
        ({"records": {"deaths": {"measure": "proportion", "arms": [], "cuont": 1}}}, "did you mean 'count'?"),
        ({"records": {"deaths": {"measure": "proportion"}}}, "the key 'arms' is missing"),
        ({"records": {"deaths": {"measure": "proportion", "arms": [], "count": "1"}}}, "record deaths, key count"),
    ],
)
def test_a_second_reading_with_a_fault_of_its_own_is_refused(second, change, message):
    with pytest.raises(InputError) as caught:
        second_reading_from("small", second | change, "qc/small.toml")
    assert str(caught.value).startswith("qc/small.toml")
    assert message in str(caught.value)


def test_there_is_no_second_reading_of_an_unknown_study():
    with pytest.raises(InputError, match="no second reading"):
        load_second_reading("actt-9")


def test_the_check_of_a_catalogued_study_includes_the_second_reading(monkeypatch):
    known = load_second_reading("actt-2")
    fewer = {name: record for name, record in known.records.items() if name != "baseline.placebo"}
    monkeypatch.setattr(second_reading, "load_second_reading", lambda study_id: replace(known, records=fewer))
    assert [fault.record for fault in faults_of("actt-2")] == ["baseline.placebo"]
    monkeypatch.setattr(second_reading, "has_second_reading", lambda study_id: False)
    assert [fault.message for fault in faults_of("actt-2")] == ["the study has no second reading"]


def test_a_study_file_outside_the_catalogue_is_checked_without(tmp_path):
    file = resources.files("jaksim.evidence") / "catalog" / "ruxcovid.toml"
    path = tmp_path / "ruxcovid.toml"
    text = file.read_text("utf-8")
    assert "estimate = 8\n" in text
    path.write_text(text.replace("estimate = 8\n", "estimate = 8.5\n"), encoding="utf-8")
    assert faults_of(str(path)) == []
