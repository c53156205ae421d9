"""ADaM data are recognised by their columns, said, and what they leave open is refused with the option."""

import pandas as pd
import pytest

import jaksim
from jaksim.errors import InputError

ROWS = {
    "USUBJID": [f"{n:03d}" for n in range(1, 9)],
    "TRTP": ["Placebo"] * 4 + ["Drug"] * 4,
    "PARAMCD": ["OS"] * 8,
    "PARAM": ["Overall survival (months)"] * 8,
    "AVAL": [5, 8, 12, 3, 9, 14, 11, 15],
    "CNSR": [0, 0, 1, 0, 0, 2, 0, 1],
}
LOG_HAZARD_RATIO = -1.1243160194472497
"""survival::coxph of R 4.2.2, survival 3.5-3, Surv(AVAL, CNSR == 0) ~ TRTP."""


def found(method="cox", where=(), changed=None, **words):
    return jaksim.analyze(pd.DataFrame({**ROWS, **(changed or {})}), method=method, where=where, **words)


def test_times_to_an_event():
    answer = found()
    assert answer.analyses[0].result.estimate == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)
    assert (answer.data[0].time_unit, answer.data[0].endpoint.name) == ("months", "Overall survival (months)")
    assert answer.notes == (
        "Read as ADaM: arms in TRTP, patients in USUBJID, times in AVAL, censoring in CNSR, 0 the event and 1 or 2 "
        "censored.",
    )


def test_actual_beside_planned_treatment_is_said():
    actual = [*ROWS["TRTP"][:-1], "Placebo"]
    assert found(changed={"TRTA": actual}).notes[1].endswith("TRTA, than the planned one, TRTP, which is analysed: 1.")
    as_treated = found(changed={"TRTA": actual}, arm="TRTA")
    assert len(as_treated.notes) == 1
    assert (as_treated.data[0].arm == 1).sum() == 3


def test_a_parameter_is_chosen():
    both = pd.concat([pd.DataFrame(ROWS), pd.DataFrame({**ROWS, "PARAMCD": "PFS", "AVAL": 2})])
    with pytest.raises(InputError, match=r'2 parameters: OS, PFS; allowed: where="PARAMCD=OS"'):
        jaksim.analyze(both, method="cox")
    one = jaksim.analyze(both, method="cox", where="PARAMCD=OS")
    assert one.analyses[0].result.estimate == pytest.approx(LOG_HAZARD_RATIO, rel=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"changed": {"ITTFL": ["Y"] * 7 + ["N"]}}, r'ITTFL: some rows.*where="ITTFL=Y", or ignore="ITTFL"'),
        ({"changed": {"ANL01FL": ["Y"] * 7 + [None]}}, "ANL01FL: some rows"),
        ({"changed": {"DTYPE": ["LOCF"] + [None] * 7}}, r'derived from others: LOCF.*where="DTYPE!=LOCF"'),
        ({"changed": {"AVALU": ["MONTHS"] * 4 + ["DAYS"] * 4}}, "the times are in days and months"),
        ({"time_unit": "days"}, "the data say the unit.*allowed: months"),
        ({"changed": {"CNSR": [0.5] * 8}}, "0 for the event and whole numbers"),
        ({"method": "gray"}, r"censored for 2 reasons \(1, 2\): does one of them compete"),
        ({"changed": {"USUBJID": ["1"] * 8}}, "1 patient.*several rows"),
    ],
)
def test_what_is_left_open_is_refused(words, message):
    with pytest.raises(InputError, match=message):
        found(**words)


def test_a_population_is_chosen_or_set_aside():
    flags = {"ITTFL": ["Y"] * 7 + ["N"], "SAFFL": ["N"] + ["Y"] * 7}
    assert found(where="ITTFL=Y", changed=flags).analyses[0].result.n == 7
    assert found(ignore=["ITTFL", "SAFFL"], changed=flags).analyses[0].result.n == 8


def daily(days=(1, 2, 3), **more):
    scores = {"1": [5, 4, 2], "2": [5, 5, 4], "3": [6, 4, 3], "4": [5, 2, 1]}
    rows = [
        {"USUBJID": patient, "TRTP": "Placebo" if patient in "12" else "Drug", "PARAMCD": "OS8", "ADY": day,
         "AVAL": score, "BASE": of[0]}
        for patient, of in scores.items()
        for day, score in zip((1, 2, 3), of, strict=True) if day in days
    ]  # fmt: skip
    return pd.DataFrame([{**row, **more} for row in rows])


ASKED = {"endpoint": {"kind": "time_to_event", "set": "recovered"}, "scale": "niaid-8", "method": "cox"}


def test_daily_scores():
    answer = jaksim.analyze(daily(), **ASKED)
    trial = answer.data[0]
    # Recovered (score 1 to 3): patient 1 on study day 3, 3 on day 3, 4 on day 2; patient 2 is censored on day 3.
    assert trial.endpoint.time[trial.category].tolist() == [2, 2, 2, 1]
    assert trial.endpoint.status[trial.category].tolist() == [1, 0, 1, 1]
    assert answer.notes[0].endswith("days in ADY, scores at baseline in BASE, day 1 that of randomisation.")
    without = jaksim.analyze(daily(days=(2, 3)), **ASKED).data[0]  # BASE has the scores of day 1
    assert without.category.tolist() == trial.category.tolist()


def test_a_visit_has_an_ordinal_score():
    answer = jaksim.analyze(daily(), method="wilcoxon", where="ADY=3", scale="niaid-8")
    assert answer.analyses[0].result.n == 4
    with pytest.raises(InputError, match=r"4 patient.*several rows.*COLUMN=VALUE"):
        jaksim.analyze(daily(), method="wilcoxon")


def test_days_before_randomisation_and_twice_are_refused():
    early = pd.concat([daily(), daily(days=(1,), ADY=-3)])
    with pytest.raises(InputError, match=r'a score before study day 1.*where="ADY>=1"'):
        jaksim.analyze(early, **ASKED)
    same = jaksim.analyze(early, **ASKED, where="ADY>=1").analyses[0].result
    assert same.estimate == jaksim.analyze(daily(), **ASKED).analyses[0].result.estimate
    with pytest.raises(InputError, match="column 'ADY': patient 1 has two scores on day 2"):
        jaksim.analyze(pd.concat([daily(), daily(days=(2,))]), **ASKED)


def test_other_data_with_such_a_column_are_not_adam():
    plain = pd.DataFrame({"arm": ["a", "b"] * 4, "score": [1, 2, 3, 4, 2, 3, 4, 5], "AVAL": range(8), "CNSR": 0})
    assert jaksim.analyze(plain, method="wilcoxon").notes == ()
