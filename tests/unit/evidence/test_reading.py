import pytest

from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.reading import study_from


@pytest.mark.parametrize(
    ("record", "values", "words"),
    [
        ("death_ratio", {"estimat": 0.5}, ["record death_ratio", "unknown key", "did you mean 'estimate'"]),
        ("death_ratio", {"measure": "hazard_ration"}, ["record death_ratio", "did you mean 'hazard_ratio'"]),
        ("death_ratio", {"estimate": None}, ["record death_ratio", "the key 'estimate' is missing"]),
        ("death_ratio", {"estimate": "0.5"}, ["record death_ratio", "key estimate", "expected a number"]),
        ("death_ratio", {"estimate": True}, ["record death_ratio", "key estimate", "expected a number"]),
        ("death_ratio", {"interval": [0.1]}, ["record death_ratio", "key interval", "a lower and an upper limit"]),
        ("death_ratio", {"interval": [0.6, 0.9]}, ["record death_ratio", "the interval holds the estimate"]),
        ("death_ratio", {"p_value": "small"}, ["record death_ratio", "key p_value", "'small'"]),
        ("death_ratio", {"arms": ["active"]}, ["record death_ratio", "a contrast names two arms"]),
        ("death_ratio", {"arms": ["active", "contrl"]}, ["record death_ratio", "did you mean 'control'"]),
        ("death_ratio", {"event": "deaths"}, ["record death_ratio", "did you mean 'death'"]),
        ("death_ratio", {"citation": "papper"}, ["record death_ratio", "did you mean 'paper'"]),
        ("death_ratio", {"origin": "publisht"}, ["record death_ratio", "did you mean 'published'"]),
        ("death_ratio", {"favours_first": "up"}, ["record death_ratio", "allowed: above, below"]),
        ("death_ratio", {"evidence_counts": ["death.active", "deaths.control"]}, ["did you mean 'deaths.active'"]),
        ("death_ratio", {"day": 14.5}, ["record death_ratio", "key day", "a whole number"]),
        ("deaths.active", {"n": 9}, ["record deaths.active", "between 0 and n"]),
        ("table.active", {"counts": [1, 2]}, ["record table.active", "3 scores need 3 counts"]),
        ("table.active", {"counts": 5}, ["record table.active", "key counts", "expected a list"]),
        (
            "death_ratio",
            {"versions": [{"estimate": 1.0}]},
            ["record death_ratio", "version 1", "'citation' is missing"],
        ),
        ("death_ratio", {"id": "deaths.active"}, ["record deaths.active", "stands twice"]),
    ],
)
def test_a_fault_is_named_by_record_and_key(change, record, values, words):
    with pytest.raises(InputError) as refused:
        study_from(change(record, **values), "small.toml")
    message = str(refused.value)
    assert message.startswith("small.toml")
    assert all(word in message for word in words), message


@pytest.mark.parametrize("key", ["id", "title", "registry", "scale", "day_of_randomisation", "arms", "citations"])
def test_a_missing_key_of_the_study_is_named(table, key):
    del table[key]
    with pytest.raises(InputError, match=f"small.toml: the key '{key}' is missing"):
        study_from(table, "small.toml")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("titel", "x", "did you mean 'title'"),
        ("records", "none", "key records: expected a list"),
        ("published", "2020-13", "published: a month is needed"),
        ("published", "December 2020", "published: a month is needed"),
        ("records", ["none"], "expected a table"),
        ("arms", {"active": {"label": "x"}}, "arms.active: the key 'treatments' is missing"),
        ("citations", {"paper": {"text": " ", "kind": "primary"}}, "a citation needs its reference"),
        ("citations", {"paper": {"text": "x", "kind": "primry"}}, "did you mean 'primary'"),
        ("day_of_randomisation", "first", "expected a whole number"),
    ],
)
def test_a_fault_of_the_study_is_named(table, key, value, words):
    table[key] = value
    with pytest.raises(InputError) as refused:
        study_from(table, "small.toml")
    assert words in str(refused.value)


def test_what_a_group_says_holds_for_its_records_that_do_not_say_otherwise(table):
    one_by_one = study_from(table, "small.toml")
    counts = [entry for entry in table["records"] if entry["measure"] == "proportion"]
    shared = {"measure": "proportion", "population": "nobody"}
    table["records"] = [entry for entry in table["records"] if entry not in counts]
    table["groups"] = [
        shared | {"records": [{key: value for key, value in entry.items() if key != "measure"} for entry in counts]}
    ]
    assert study_from(table, "small.toml").records == one_by_one.records
    del table["groups"][0]["records"][0]["population"]
    assert study_from(table, "small.toml")[counts[0]["id"]].population == "nobody"
    table["groups"][0]["estimat"] = 1.0
    with pytest.raises(InputError, match=rf"record {counts[0]['id']}: unknown key"):
        study_from(table, "small.toml")
    table["groups"] = [shared]
    with pytest.raises(InputError, match="a group needs `records`"):
        study_from(table, "small.toml")


def test_events_are_counted_among_patients_of_whom_each_may_have_several(change):
    events = {"measure": "event_count", "count": 130, "n": 100}
    record = study_from(change("deaths.active", **events, percent=None), "small.toml")["deaths.active"]
    assert (record.figure.count, record.figure.n) == (130, 100)
    for key, value, words in (("count", -1, "not negative"), ("n", 0, "among patients")):
        with pytest.raises(InputError, match=words):
            study_from(change("deaths.active", **events | {key: value}), "small.toml")


def test_records_keep_direction_versions_and_sources():
    study = load_study("actt-2")
    record = study["mortality_hazard_ratio_day28.all"]
    assert record.arms == ("baricitinib", "placebo")
    assert record.favours_first == "below"
    assert record.figure.interval == (0.39, 1.09)
    assert record.versions[0].figure.interval == (0.39, 1.08)
    assert study.citations[record.citation].kind == "primary"
    assert record.quoted_in == ("curbside-jak-2021",)


def test_a_day_counts_from_randomisation():
    assert load_study("actt-2")["day15_table.score5.placebo"].day == 14
    assert load_study("actt-1")["deaths_day29.all.placebo"].day == 28


def test_an_unknown_record_is_answered_with_near_ones():
    with pytest.raises(InputError, match=r"did you mean 'recovery_rate_ratio\.score6'"):
        load_study("actt-2")["recovery_rate_ratio.scor6"]
    with pytest.raises(InputError, match="jaksim evidence show actt-2"):
        load_study("actt-2")["xyz"]


def test_an_unknown_study_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'actt-2'"):
        load_study("acct-2")


def test_a_design_without_results_carries_no_figure():
    assert len(load_study("actt-4")) == 0
    assert load_study("actt-4").design["planned_n"] == 1500
