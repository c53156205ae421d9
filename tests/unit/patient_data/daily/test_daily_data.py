"""Missing daily scores: refused, left out, carried forward, or the end of the follow-up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jaksim.errors import InputError
from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.daily.daily_data import Changed
from jaksim.patient_data.question import Question
from jaksim.scale import load_scale

DAYS = [f"score_day_{day}" for day in range(1, 6)]
SCORES = [
    # arm, baseline, days 1 to 5: recovered is 1 to 3, dead is 8
    ("a", 5, 5, 4, 3, np.nan, np.nan),  # recovered on day 3: what follows is not needed
    ("a", 6, 6, np.nan, 5, 5, 5),  # unknown from day 2 on
    ("a", 5, 5, 5, 5, 5, 5),
    ("a", 6, 6, 8, np.nan, np.nan, np.nan),  # dead on day 2: carried on without being asked
    ("b", 5, 2, 2, 2, 2, 2),
    ("b", 6, 6, 6, 2, 2, 2),
    ("b", 5, 5, 4, np.nan, np.nan, 2),  # unknown from day 3 on
    ("b", np.nan, 5, 4, 3, 3, 3),  # no baseline
]
WIDE = pd.DataFrame(SCORES, columns=["arm", "baseline_score", *DAYS])
WIDE.insert(0, "patient", [f"P{number}" for number in range(1, 9)])


def long(wide):
    frame = wide.melt(["patient", "arm"], ["baseline_score", *DAYS], "day", "score").dropna()
    frame["day"] = frame["day"].map({name: day for day, name in enumerate(["baseline_score", *DAYS])})
    return frame.sort_values(["patient", "day"])


def trial(frame, missing, kind="time_to_event", **keys):
    question = Question(
        endpoint={"kind": kind, **({"set": "recovered"} if kind == "time_to_event" else {}), **keys},
        scale=load_scale("niaid-8"),
        missing=missing,
        first_day=0,
    )
    method = {"time_to_event": "log_rank", "score_on_day": "wilcoxon"}[kind]
    return analyze(frame, methods=[method], question=question).data[0]


def outcomes(data):
    """Time and status of every patient, in order."""
    return list(
        zip(data.endpoint.time[data.category].tolist(), data.endpoint.status[data.category].tolist(), strict=True)
    )


@pytest.mark.parametrize("form", [lambda wide: wide, long])
def test_times(form):
    known = WIDE[WIDE["baseline_score"].notna()]
    assert outcomes(trial(form(known), "censor")) == [(3, 1), (1, 0), (5, 0), (5, 0), (1, 1), (3, 1), (2, 0)]
    assert outcomes(trial(form(known), "carry_forward")) == [(3, 1), (5, 0), (5, 0), (5, 0), (1, 1), (3, 1), (5, 1)]
    left = trial(form(WIDE), "drop")
    assert outcomes(left) == [(3, 1), (5, 0), (5, 0), (1, 1), (3, 1)]
    assert left.dropped == 3
    with pytest.raises(InputError, match=r"2 patient\(s\) lack a score that the endpoint needs.*patient P2 on day 2"):
        trial(form(known), "error")


@pytest.mark.parametrize("missing", ["error", "censor", "carry_forward"])
def test_a_patient_without_baseline_can_only_be_left_out(missing):
    with pytest.raises(InputError, match="has no score on day 0"):
        trial(WIDE, missing)


def test_a_score_on_a_day_needs_that_day_alone():
    assert len(trial(WIDE[:7], "drop", "score_on_day", day=5)) == 6
    with pytest.raises(InputError, match="only a time to event can be censored"):
        trial(WIDE[:7], "censor", "score_on_day", day=5)


def test_an_arm_that_is_not_compared_may_lack_scores():
    third = WIDE[:7].assign(arm=["a", "c", "a", "a", "b", "b", "c"])
    question = Question(
        endpoint={"kind": "time_to_event", "set": "recovered"},
        scale=load_scale("niaid-8"),
        first_day=0,
        reference="a",
        active="b",
    )
    assert len(analyze(third, methods=["cox"], question=question).data[0]) == 5


@pytest.mark.parametrize("form", [lambda wide: wide, long])
@pytest.mark.parametrize("missing", ["drop", "carry_forward", "censor"])
def test_what_became_of_missing_scores_is_counted(form, missing):
    """P2 lacks day 2 (one score), P7 days 3 and 4; the others lack what the endpoint does not need."""
    known = WIDE[WIDE["baseline_score"].notna()]
    keys = {"kind": "time_to_event", "set": "recovered"}
    question = Question(endpoint=keys, scale=load_scale("niaid-8"), missing=missing, first_day=0)
    found = analyze(form(known), methods=["log_rank"], question=question)
    told = found.as_dict()["endpoints"][0]["missing"]
    expected = {"drop": (0, 0), "carry_forward": (2, 3), "censor": (2, 0)}[missing]
    assert told == {"rule": missing, "patients": expected[0], "scores": expected[1]}
    notes = " ".join(found.notes)
    words = {
        "drop": "2 patient(s) with a missing value were left out",
        "carry_forward": "3 missing score(s) of 2 patient(s) were taken from the day before",
        "censor": "2 patient(s) were censored before their first missing score",
    }
    assert words[missing] in notes
    whole = analyze(
        form(known[known.patient.isin(["P1", "P3", "P4", "P5", "P6"])]), methods=["log_rank"], question=question
    )
    assert whole.data[0].changed == Changed(missing)
    assert any(f"({missing})" in note for note in whole.notes) == (missing != "drop")


def test_patients_that_rows_stand_for_are_counted_as_such():
    known = WIDE[WIDE["baseline_score"].notna()].assign(freq=[1, 3, 1, 1, 1, 1, 2])
    keys = {"kind": "time_to_event", "set": "recovered"}
    question = Question(
        endpoint=keys, scale=load_scale("niaid-8"), missing="carry_forward", first_day=0, frequency="freq"
    )
    found = analyze(known, methods=["log_rank"], question=question).data[0]
    assert (found.changed.patients, found.changed.scores, len(found)) == (5, 7, 10)


def test_days_that_begin_with_1_name_the_option():
    shifted = long(WIDE[WIDE["baseline_score"].notna()])
    shifted["day"] += 1
    keys = {"kind": "time_to_event", "set": "recovered"}
    question = Question(endpoint=keys, scale=load_scale("niaid-8"), missing="carry_forward")
    with pytest.raises(InputError, match=r"the days are 1 to 6; allowed: baseline_score, or day_of_randomisation=1"):
        analyze(shifted, methods=["cox"], question=question)
    assert outcomes(analyze(shifted, methods=["cox"], question=replace(question, first_day=1)).data[0]) == outcomes(
        trial(WIDE[WIDE["baseline_score"].notna()], "carry_forward")
    )
    wide = WIDE.drop(columns="baseline_score")
    with pytest.raises(InputError, match=r"no score on study day 0.*the days are 1 to 5.*day_of_randomisation=1"):
        analyze(wide, methods=["cox"], question=question)


def test_a_column_of_baseline_scores_beside_rows_of_days():
    known = WIDE[WIDE["baseline_score"].notna()]
    rows = long(known)
    beside = rows[rows.day > 0].merge(known[["patient", "baseline_score"]])
    assert outcomes(trial(beside, "carry_forward")) == outcomes(trial(known, "carry_forward"))
    both = rows.merge(known[["patient", "baseline_score"]])
    assert outcomes(trial(both, "carry_forward")) == outcomes(trial(known, "carry_forward"))
    both.loc[both.patient == "P3", "baseline_score"] = 7
    with pytest.raises(InputError, match="another score on the day of randomisation"):
        trial(both, "carry_forward")


@pytest.mark.parametrize("form", [lambda wide: wide.rename(columns={"baseline_score": "score_day_0"}), long])
def test_a_day_before_randomisation_names_the_option(form):
    """A scenario that counts from 1 on data that count from 0 would be a day off."""
    known = form(WIDE[WIDE["baseline_score"].notna()])
    keys = {"kind": "time_to_event", "set": "recovered"}
    question = Question(endpoint=keys, scale=load_scale("niaid-8"), missing="carry_forward", first_day=1)
    with pytest.raises(InputError, match=r"a score before study day 1.*the days are 0 to 5.*day_of_randomisation=0"):
        analyze(known, methods=["cox"], question=question)


def test_days_that_are_dates_are_named_in_full():
    rows = long(WIDE[WIDE["baseline_score"].notna()])
    question = Question(endpoint={"kind": "time_to_event", "set": "recovered"}, scale=load_scale("niaid-8"))
    with pytest.raises(InputError, match=r"the days are 20201101 to 20201106; .*day_of_randomisation=20201101"):
        analyze(rows.assign(day=rows.day + 20201101), methods=["cox"], question=question)


def test_two_columns_for_one_day():
    with pytest.raises(InputError, match=r"two columns for day 3 \(got 'score_day_3, d3'\)"):
        trial(WIDE.assign(d3=4), "drop")
    beside = WIDE.rename(columns={"score_day_1": "score_day_0"})
    with pytest.raises(InputError, match=r"row 2 has another score on the day of randomisation"):
        trial(beside.assign(score_day_0=[5, 7, 5, 6, 5, 6, 5, 5]), "drop")
