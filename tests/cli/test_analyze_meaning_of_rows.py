"""Columns and codes that change what a number means are used or refused with the option that settles it."""

import hashlib
import os
import re

import numpy as np
import pandas as pd
import pytest

import jaksim as package
from jaksim.errors import InputError

ROWS = {
    "arm": ["placebo"] * 4 + ["drug"] * 4,
    "time": [5, 8, 12, 3, 9, 14, 11, 15],
    "status": [1, 1, 0, 1, 1, 0, 1, 0],
}
LOG_HAZARD_RATIO = -1.1243160194472497
"""survival::coxph of R 4.2.2, survival 3.5-3, Surv(time, status) ~ arm."""


def estimate(data, method="cox", **words):
    return package.analyze(data, method=method, **words).analyses[0].result.estimate


def changed(**columns):
    return pd.DataFrame({**ROWS, **columns})


@pytest.mark.parametrize(
    ("yes", "no"), [("True", "False"), ("TRUE", "FALSE"), ("T", "F"), ("yes", "no"), (True, False), ("1.0", "0")]
)
@pytest.mark.parametrize("column", ["status", "event"])
def test_words_for_yes_and_no(yes, no, column):
    found = changed(**{column: [yes if one else no for one in ROWS["status"]]})
    if column == "status":
        assert estimate(found) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    else:
        assert estimate(found, "risk_difference") == pytest.approx(0.5 - 0.75)


def test_codes_that_are_told():
    words = changed(status=["dead" if one else "alive" for one in ROWS["status"]])
    assert estimate(words, codes="event=dead,censored=alive") == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    r = changed(status=[1 + one for one in ROWS["status"]])
    assert estimate(r, codes={"event": 2, "censored": 1}) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    three = changed(status=[4, 3, 0, 3, 3, 0, 3, 0])
    assert estimate(three, codes={"event": [3, 4], "censored": 0}) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    for yes, no in ((True, False), ("TRUE", "FALSE"), ("yes", "no"), (1, 0)):
        censored = changed(cnsr=[no if one else yes for one in ROWS["status"]])
        for codes in ({"event": False, "censored": True}, "event=no,censored=yes", "event=0,censored=1"):
            found = estimate(censored, status="cnsr", codes=codes)
            assert found == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    told = changed(event=[2 if one else 1 for one in ROWS["status"]])
    assert estimate(told, "risk_difference", codes="event=2,none=1") == pytest.approx(0.5 - 0.75)


@pytest.mark.parametrize("name", ["CNSR", "cens", "censored", "os_censor", "alive", "no_event", "relapse-free", "LTFU"])
def test_a_column_of_censoring_is_not_one_of_events(jaksim, refused, tmp_path, name):
    """ADaM data have CNSR, 0 for the event."""
    data = tmp_path / "adtte.csv"
    frame = changed(**{name: [1 - one for one in ROWS["status"]]}).drop(columns="status")
    frame.to_csv(data, index=False)
    words = ("analyze", data, "--method", "cox", "--status", name)
    assert "--codes event=0,censored=1" in refused(*words)
    found = jaksim(*words, "--codes", "event=0,censored=1", "--json").json["results"][0]
    assert found["estimate"] == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)


@pytest.mark.parametrize("status", [[2, 2, 1, 2, 2, 1, 2, 1], [2, 1, 0, 1, 2, 0, 1, 0], [2, 0, 0, 2, 2, 0, 0, 0]])
def test_a_status_of_2_competes_only_where_that_is_asked(status):
    data = changed(status=status)
    for method in ("cox", "log_rank", "rmst_difference"):
        with pytest.raises(InputError, match='codes="censored=1,event=2", or codes="censored=0,event=1,competing=2"'):
            package.analyze(data, method=method)
    if 1 in status and 0 in status:
        asked = estimate(data, codes="censored=0,event=1,competing=2")
        assert asked == estimate(changed(status=[one % 2 for one in status]))
        both = package.analyze(data, methods=["cox", "fine_gray"]).analyses
        assert both[0].result.estimate == asked
        named = data.rename(columns={"time": "cure_time", "status": "cure_status"})
        assert estimate(named, endpoint="cure") == asked


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ("event", "a code is MEANING=CODE"),
        ("dead=2", "unknown meaning of a code"),
        ("censored=0", "no code for the event"),
        ("event=1,censored=1", "has a meaning already"),
        ("event=1,competing=2", r"row 3 has a code without a meaning \(got '0'\)"),
    ],
)
def test_codes_that_say_too_little(codes, message):
    with pytest.raises(InputError, match=message):
        estimate(changed(), codes=codes)
    if codes == "event=1,competing=2":
        with pytest.raises(InputError, match="neither censored nor competing"):
            estimate(changed(event=1), "risk_difference", codes="event=1,competing=0")


@pytest.mark.parametrize("name", ["freq", "Freq", "count", "n", "weight", "N_patients", "N", "cnt", "wt"])
def test_numbers_of_patients(name):
    """The table of 117 patients: win probability by counting pairs, (wins + ties / 2) / (60 x 57)."""
    data = pd.DataFrame({"arm": ["placebo"] * 3 + ["drug"] * 3, "score": [1, 2, 3] * 2, name: [10, 20, 30, 25, 20, 12]})
    with pytest.raises(InputError, match=rf'frequency="{name}".*ignore="{name}"'):
        package.analyze(data, method="wilcoxon")
    found = package.analyze(data, method="wilcoxon", frequency=name).analyses[0].result
    pairs = 25 * 20 + 25 * 30 + 20 * 30 + (25 * 10 + 20 * 20 + 12 * 30) / 2
    assert found.n == 117
    assert found.estimate == pytest.approx(pairs / (60 * 57))
    every = data.loc[data.index.repeat(data[name])].drop(columns=name)
    assert found == package.analyze(every, method="wilcoxon").analyses[0].result
    ignored = package.analyze(data, method="wilcoxon", ignore=[name]).analyses[0].result
    assert ignored.n == 6


def test_frequencies_of_times_with_covariates_and_gaps():
    data = changed(age=[50, 60, 70, 55, 65, 45, 52, 61], freq=[3, 1, 2, 0, 4, 2, 1, 1], stratum=list("aabbaabb"))
    every = data.loc[data.index.repeat(data.freq)].drop(columns="freq")
    words = {"covariates": ["age"], "robust": True, "reference": "placebo"}
    assert estimate(data, frequency="freq", **words) == pytest.approx(estimate(every, **words), rel=1e-12)
    data.loc[0, "time"] = np.nan
    found = package.analyze(data, method="cox", frequency="freq", missing="drop")
    assert (found.data[0].dropped, len(found.data[0])) == (3, 11)


@pytest.mark.parametrize(
    ("freq", "message"), [(0.5, "row 2 is not a number of patients"), (-1, "row 2"), (3e9, "row 2")]
)
def test_weights_are_no_numbers_of_patients(freq, message):
    with pytest.raises(InputError, match=message):
        estimate(changed(freq=[1, freq, 1, 1, 1, 1, 1, 1]), frequency="freq")
    with pytest.raises(InputError, match="add up to"):
        estimate(changed(freq=1e7), frequency="freq")


@pytest.mark.parametrize(
    ("columns", "option"),
    [
        ({"entry": [0, 0, 2, 0, 0, 0, 0, 0]}, "--entry entry; --ignore entry"),
        ({"tstart": [1] * 8}, "--entry tstart"),
        ({"Start_Time": [1] * 8}, "--entry Start_Time"),
        ({"time2": [9] * 7 + [10]}, "--time time2, with --entry"),
        ({"id": [1, 2, 3, 4, 5, 6, 7, 7]}, "--cluster id.*--ignore id"),
        ({"USUBJID": list("abcdefgg")}, "1 patient.s. have several rows, the first is g"),
        ({"visit": [1, 2] * 4}, "--ignore visit"),
        ({"PARAMCD": ["OS", "PFS"] * 4}, "--ignore PARAMCD"),
        ({"tstart_days": [1] * 8}, "--entry tstart_days"),
        ({"Entry (months)": [1] * 8}, "--entry Entry"),
        ({"time_of_entry": [0, 0, 2, 0, 0, 0, 0, 0]}, "--entry time_of_entry"),
        ({"left": [0, 0, 2, 0, 0, 0, 0, 0]}, "--entry left"),
        ({"case_weight": [1, 2] * 4}, "--frequency case_weight"),
        ({"sIPTW": [0.9, 1.1] * 4}, "--ignore sIPTW"),
        ({"propensity.weight": [0.9, 1.1] * 4}, "--ignore propensity.weight"),
        ({"PATNO": list("abcdefgg")}, "1 patient.s. have several rows, the first is g"),
        ({"timepoint": ["week 4", "week 8"] * 4}, "--ignore timepoint"),
    ],
)
def test_what_changes_the_meaning_of_a_row_is_not_passed_over(columns, option):
    data = changed(**columns)
    with pytest.raises(InputError) as fault:
        package.analyze(data, method="cox")
    assert re.search(option, fault.value.in_flags())
    (name,) = columns
    assert estimate(data, ignore=[name]) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)


def test_a_number_of_each_row_does_not_hide_that_patients_have_several():
    data = changed(id=range(8), subject=[1, 1, 2, 2, 3, 3, 4, 4])
    with pytest.raises(InputError, match=r"4 patient.s. have several rows, the first is 1"):
        package.analyze(data, method="cox")
    assert np.isfinite(estimate(data, cluster="subject"))


@pytest.mark.parametrize(
    "columns",
    [
        {"entry": [0] * 8},
        {"start": ["2021-03-01"] * 8},
        {"freq": [1] * 8},
        {"id": range(8), "visit": [1, 2] * 4},
        {"subject": [1, 2] * 4, "usubjid": range(8)},
        {"visit": [1] * 8},
        {"weight": range(60, 68), "height": [170] * 8},
        {"wt": range(60, 68), "ht": [170] * 8},
    ],
)
def test_columns_that_could_change_nothing_pass(columns):
    assert estimate(changed(**columns)) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)


def test_a_column_that_is_a_covariate_is_used():
    data = changed(weight=[60, 70, 81, 59, 92, 75, 66, 64])
    assert np.isfinite(estimate(data, covariates=["weight"]))
    assert estimate(data, ignore=["weight"]) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    with pytest.raises(InputError, match=r"no column for ignore \(got 'wieght'\).*did you mean 'weight'"):
        estimate(data, ignore=["wieght"])


def test_a_pipe_is_read_once(jaksim, tmp_path):
    content = pd.DataFrame(ROWS).to_csv(index=False).encode()
    (tmp_path / "a.csv").write_bytes(content)
    for form in ("file", "pipe"):
        if form == "file":
            found = jaksim("analyze", tmp_path / "a.csv", "--method", "cox", "--json")
        else:
            outlet, inlet = os.pipe()
            os.write(inlet, content)
            os.close(inlet)
            found = jaksim("analyze", f"/dev/fd/{outlet}", "--method", "cox", "--json")
            os.close(outlet)
        assert found.json["provenance"]["data_hash"] == hashlib.sha256(content).hexdigest()
        assert found.json["results"][0]["estimate"] == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)


@pytest.mark.parametrize("name", ["strata", "Stratum", "STRAT"])
def test_strata_under_another_name_are_used_or_set_aside(name):
    """Three strata of different risks, arms unequal in them: pooled they show a difference that is none."""
    cells = [("a", "x", 6, 12), ("b", "x", 2, 4), ("a", "y", 1, 6), ("b", "y", 2, 12)]
    rows = [(arm, stratum, int(i < events)) for arm, stratum, events, n in cells for i in range(n)]
    data = dict(zip(("arm", name, "event"), zip(*rows, strict=True), strict=True))
    with pytest.raises(InputError, match=f"column '{name}'.*stratum=\"{name}\""):
        package.analyze(data, method="risk_difference_mh", reference="a")
    stratified = package.analyze(data, method="risk_difference_mh", reference="a", stratum=name).analyses[0].result
    assert stratified.estimate == pytest.approx(0.0, abs=1e-12)
    beside = package.analyze({**data, "site": data[name]}, method="risk_difference_mh", reference="a", stratum="site")
    assert beside.analyses[0].result.estimate == stratified.estimate
    for aside in ({"stratified": False}, {"ignore": (name,)}):
        pooled = package.analyze(data, method="risk_difference_mh", reference="a", **aside).analyses[0].result
        assert pooled.estimate == pytest.approx(4 / 16 - 7 / 18)


def test_the_code_of_the_event_alone():
    """With one other code that is censored (or no event); with several one may compete."""
    r = changed(status=[1 + one for one in ROWS["status"]])
    assert estimate(r, event_code=2) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    words = changed(status=["Relapse" if one else "In remission" for one in ROWS["status"]])
    assert estimate(words, event_code="relapse") == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    with pytest.raises(InputError, match=r"2 codes beside that of the event: 0, 2.*competing=CODE"):
        estimate(changed(status=[1, 2, 0, 1, 1, 0, 2, 0]), event_code=1)
    with pytest.raises(InputError, match=r"no row has the code of the event.*allowed: 0, 1"):
        estimate(changed(), event_code=7)
    with pytest.raises(InputError, match="the codes are given too"):
        estimate(changed(), event_code=1, codes="event=1,censored=0")
    told = changed(event=["well", "ill", "ill", "poor"] * 2)
    assert estimate(told, "risk_difference", event_code="ill") == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("event", "censored"),
    [("Dead", "Alive"), ("died", "living"), ("EVENT", "CENSORED"), ("Death", "Censored"), ("y", "n")],
)
def test_words_for_an_event_are_read_and_said(event, censored):
    data = changed(status=[event if one else censored for one in ROWS["status"]])
    found = package.analyze(data, method="cox")
    assert found.analyses[0].result.estimate == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    said = [note for note in found.notes if note.startswith("Read in 'status'")]
    assert said == ([] if event == "y" else [f"Read in 'status': {', '.join(sorted_words(event, censored))}."])


def sorted_words(event, censored):
    meaning = {event: "the event", censored: "censored or no event"}
    return [f"{word} as {meaning[word]}" for word in sorted(meaning)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["relapse", "died", "alive", "died"] * 2, "row 1 has an unknown code.*alive.*dead.*event_code=CODE"),
        (["event", "died", "alive", "died"] * 2, "died and event: one event, or do they compete"),
        (["no", "died", "maybe", "died"] * 2, r"row 3 has an unknown code \(got 'maybe'\)"),
    ],
)
def test_words_that_say_too_little(words, message):
    with pytest.raises(InputError, match=message):
        estimate(changed(status=words))


def test_values_that_are_read_as_others():
    data = changed(status=["D" if one else "lost" for one in ROWS["status"]])
    found = package.analyze(data, method="cox", map=["status:D=1", "status:lost=0"])
    assert found.analyses[0].result.estimate == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    assert found.notes[:2] == ("In 'status' D is read as 1, in rows: 5.", "In 'status' lost is read as 0, in rows: 3.")
    swapped = changed(status=[1 - one for one in ROWS["status"]])
    assert estimate(swapped, map={"status": {0: 1, 1: 0}}) == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    unknown = changed(status=[9, *ROWS["status"][1:]])
    without = changed().iloc[1:]
    assert estimate(unknown, map="status:9=", missing="drop") == estimate(without)


@pytest.mark.parametrize(
    ("map", "message"),
    [
        ("status", "no replacement of a value.*COLUMN:OLD=NEW"),
        ("stats:1=0", "no column for map.*did you mean 'status'"),
        ("status:7=0", "no row has this value.*allowed: 0, 1"),
        (["status:1=0", "status:1=2"], "replaced already"),
        ("arm:placbo=control", "did you mean 'placebo'"),
    ],
)
def test_replacements_that_cannot_be_made(map, message):
    with pytest.raises(InputError, match=message):
        estimate(changed(), map=map)


def test_rows_are_kept_by_conditions(jaksim, tmp_path):
    data = changed(visit=[1, 2, 3, 1, 2, 3, 1, 2], site=["a", "a", "b", "a", "b", "a", "a", "b"], score=range(8))
    for conditions, kept in (
        (["visit=1"], [0, 3, 6]),
        (["visit>=2", "site=a"], [1, 5]),
        (["visit<=3", "site!=a"], [2, 4, 7]),
        ({"visit": 1.0}, [0, 3, 6]),
    ):
        rows = package.analyze(data, method="wilcoxon", where=conditions, missing="drop", ignore=["visit"])
        assert rows.analyses[0].result.n == len(kept)
        assert rows.notes[0].startswith(f"Rows kept: {len(kept)} of 8, those with ")
        assert rows.data[0].columns.numbers_of_rows.tolist() == [one + 1 for one in kept]
    data.to_csv(tmp_path / "d.csv", index=False)
    found = jaksim("analyze", tmp_path / "d.csv", "--method", "wilcoxon", "--where", "visit=1", "--json").json
    assert found["results"][0]["n"] == 3


def test_messages_number_the_rows_of_the_file():
    data = changed(visit=[1, 2] * 4, status=[1, 1, 0, 1, 1, 0, 5, 0])
    with pytest.raises(InputError, match=r"row 7 has an unknown code \(got '5'\)"):
        estimate(data, where="visit=1")
    gaps = changed(time=[5, None, 12, 3, -9, 14, 11, 15])
    with pytest.raises(InputError, match=r"row 5 is out of range"):
        estimate(gaps, missing="drop")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("visit", "no condition on a column.*COLUMN=VALUE"),
        ("visti=1", "no column for where.*did you mean 'visit'"),
        ("visit=7", "no row has this value.*allowed: 1, 2"),
        ("visit>one", "> needs a number"),
        ("arm>3", "row 1 is not a number"),
        (["visit>1", "visit<2"], "no row meets all conditions"),
        ("visit=1", "comparison needs two arms"),
    ],
)
def test_conditions_that_choose_nothing(where, message):
    with pytest.raises(InputError, match=message):
        estimate(changed(visit=[1] * 4 + [2] * 4), where=where)
