import re
from importlib import resources

import pytest

from jaksim.evidence import study_ids


def test_list_names_every_study(jaksim):
    outcome = jaksim("evidence", "list")
    assert [line.split()[0] for line in outcome.out.splitlines()] == list(study_ids())


def test_list_as_json(jaksim):
    studies = {study["id"]: study for study in jaksim("evidence", "list", "--json").json["studies"]}
    assert set(studies) == set(study_ids())
    assert studies["actt-2"]["n_randomised"] == 1033
    assert studies["actt-2"]["disputed"] == ["mortality_hazard_ratio_day28.all"]


def test_show_prints_figures_as_published(jaksim):
    text = jaksim("evidence", "show", "actt-2").out
    assert re.search(r"recovery_rate_ratio\.score6 +rate ratio 1\.51 \(1\.10 to 2\.08\)  \[kalil-2021, quoted\]", text)
    assert "1: 114, 2: 120, 3: 2, 4: 14, 5: 18, 6: 9, 7: 8, 8: 3" in text
    assert "hazard ratio 0.65 (0.39 to 1.09)  [kalil-2021, quoted]  [disputed]" in text
    text = jaksim("evidence", "show", "actt-1").out
    assert "median 29 (24 to not reached) days" in text
    assert "11.4% (9.0 to 14.5) by Kaplan-Meier" in text
    assert "p <0.001" in text


def test_show_one_record_with_its_other_version(jaksim):
    text = jaksim("evidence", "show", "recovery-dexamethasone", "deaths_day28.imv.dexamethasone").out
    assert "95 of 324 (29.3%)" in text
    assert "not used:        86 of 324" in text
    assert "matches neither" in text


def test_show_sets_a_disputed_review_figure_beside_the_publication(jaksim):
    text = " ".join(jaksim("evidence", "show", "ruxcovid-devent").out.split())
    assert "gu-2025: 51% with ruxolitinib vs 53% with placebo" in text
    assert "rein-2022: 51% (15 mg, 39 of 77), 53% (5 mg, 45 of 85), 70% (placebo, 33 of 47)" in text
    assert "Followed here: The publication." in text
    assert "deaths_day28.all.placebo 33 of 47 (70%) [rein-2022, published] [disputed] not used: 53% [gu-2025]" in text


def test_show_names_the_known_misfit_of_a_publication(jaksim):
    text = jaksim("evidence", "show", "cov-barrier", "mortality_hazard_ratio_day28.all").out
    assert "known misfit:    p = 0.0018 does not fit the interval" in text


def test_facts_lists_topics_and_shows_one(jaksim):
    from jaksim.evidence import topic_ids

    assert [line.split()[0] for line in jaksim("evidence", "facts").out.splitlines()] == list(topic_ids())
    text = jaksim("evidence", "facts", "drug-targets").out
    assert "tofacitinib: Tofacitinib inhibits JAK1 and JAK3. [curbside-jak-2021, gu-2025, nih-2024]" in text
    assert "Disputed: whether JAK2 belongs to its targets" in text
    assert "doi:10.3949/ccjm.87a.ccc060" in text
    fact = jaksim("evidence", "facts", "dosing", "--json").json["facts"]["dexamethasone_covid"]
    assert fact["values"] == {"drug": "dexamethasone", "daily_dose_mg": 6, "max_days": 10}
    assert {"id": "scale", "title": "The NIAID 8-point ordinal scale", "facts": 10} in jaksim(
        "evidence", "facts", "--json"
    ).json["topics"]


def test_an_unknown_topic_gets_one_message(refused):
    assert "did you mean 'dosing'?" in refused("evidence", "facts", "dozing")


def test_show_as_json_is_one_object_without_infinities(jaksim):
    study = jaksim("evidence", "show", "actt-1", "--json").json
    figure = study["records"]["median_recovery.score7.remdesivir"]["figure"]
    assert figure["interval"] == [24.0, None]
    record = jaksim("evidence", "show", "actt-2", "recovery_rate_ratio.all", "--json").json
    assert record["figure"]["p_value"] == {"value": 0.03, "below": False, "sides": 2}


def test_check_is_green_on_the_catalogue(jaksim):
    outcome = jaksim("evidence", "check")
    assert outcome.code == 0
    assert outcome.out.endswith("all agree\n")
    assert jaksim("evidence", "check", "--json").json["faults"] == []


def test_check_compares_the_catalogue_with_its_second_reading(jaksim, refused, monkeypatch):
    from dataclasses import replace

    from jaksim.evidence import second_reading
    from jaksim.evidence.second_file import load_second_reading

    known = load_second_reading("cao-2020")
    assert jaksim("evidence", "check", "cao-2020", "--json").json["read_twice"] == len(known.records)
    monkeypatch.setattr(second_reading, "load_second_reading", lambda study_id: replace(known, records={}))
    message = refused("evidence", "check", "cao-2020")
    assert all(f"cao-2020, record {name}: no second reading" in message for name in known.records)


@pytest.fixture
def edited(jaksim, tmp_path):
    """A copy of the ACTT-2 file with one replacement."""
    from importlib import resources

    text = (resources.files("jaksim.evidence") / "catalog" / "actt-2.toml").read_text("utf-8")

    def write(old: str, new: str):
        assert text.count(old) >= 1
        path = tmp_path / "edited.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("old", "new", "record"),
    [
        ("interval = [1.10, 2.08]", "interval = [1.10, 2.80]", "recovery_rate_ratio.score6"),
        ('favours_first = "above"', 'favours_first = "below"', "recovery_rate_ratio.all"),
        ("counts = [114, 120, 2, 14, 18, 9, 8, 3]", "counts = [141, 120, 2, 14, 18, 9, 8, 3]", "day15_table.all"),
        ("percent = 11.4", "percent = 14.1", "ventilation_or_death_day28.score456.baricitinib"),
        ('p_value = "0.03"', 'p_value = "0.3"', "recovery_rate_ratio.all"),
    ],
)
def test_check_names_the_record_of_a_seeded_error(refused, edited, old, new, record):
    assert f"record {record}" in refused("evidence", "check", edited(old, new), "--json")


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("[[records]]", "[[record]]", "did you mean 'records'?"),
        ('favours_first = "above"', 'favours_frist = "above"', "did you mean 'favours_first'?"),
        ('measure = "rate_ratio"', 'measure = "rate-ratio"', "did you mean 'rate_ratio'?"),
        ("interval = [1.10, 2.08]", "interval = [1.60, 2.08]", "record recovery_rate_ratio.score6"),
        ('scale = "niaid-8"', 'scale = "niaid-9"', "did you mean 'niaid-8'?"),
        ('id = "actt-2"', "id = actt-2", "not valid TOML"),
    ],
)
def test_a_faulty_study_file_gets_one_message(refused, edited, old, new, hint):
    assert hint in refused("evidence", "check", edited(old, new))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"\x7fELF\x00\x01\xff\xfe", "not a text file"),
        (b"id = 'x'\n\x00", "not a text file"),
        (b"id = 'x'\n", "the key 'title' is missing"),
        (b"[[[", "not valid TOML"),
    ],
)
@pytest.mark.parametrize("verb", ["show", "check"])
def test_a_file_that_holds_no_study_gets_one_message(refused, tmp_path, verb, content, words):
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    assert words in refused("evidence", verb, path)


@pytest.mark.parametrize("verb", ["show", "check"])
def test_a_path_that_is_no_readable_file_gets_one_message(refused, tmp_path, verb):
    assert "no such file" in refused("evidence", verb, tmp_path / "none.toml")
    assert "directory" in refused("evidence", verb, tmp_path)
    assert "did you mean 'actt-2'?" in refused("evidence", verb, "acct-2")


def test_a_file_without_permission_gets_one_message(refused, monkeypatch):
    def denied(path, *given):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("jaksim.datafile.content_of", denied)
    assert "no permission" in refused("evidence", "show", "study.toml")


def test_studies_are_found_by_registry_number(jaksim, refused):
    outcome = jaksim("evidence", "list", "--registry", "NCT04381936")
    assert [line.split()[0].split("-")[0] for line in outcome.out.splitlines()] == ["recovery"] * 3
    assert jaksim("evidence", "show", "nct04401579").out == jaksim("evidence", "show", "actt-2").out
    assert "did you mean 'NCT04401579'?" in refused("evidence", "list", "--registry", "NCT04401597")
    assert "several studies share this registry number" in refused("evidence", "check", "NCT04381936")
    assert "NCT04421027 is cov-barrier" in jaksim("evidence", "facts", "registered-trials").out


@pytest.mark.parametrize("study", ["bacc-bay", "codex", "cov-barrier"])
@pytest.mark.parametrize("command", ["check", "show"])
def test_a_file_for_calibration_is_told_from_one_of_evidence(refused, study, command):
    file = resources.files("jaksim.calibration") / "studies" / f"{study}.toml"
    words = refused("evidence", command, file)
    assert "tells how a study is calibrated" in words
    assert f"allowed: the file of its evidence ({study})" in words
