"""The log of a running trial: what is read from it, and one message for what cannot be."""

from pathlib import Path

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.operations.running.log import NEVER, PASSED, PENDING, UNKNOWN
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.operations.running.log_rows import Row
from jaksim.operations.running.log_sites import as_planned, places_of
from jaksim.scenario import load_scenario
from jaksim.trial.operations.recruitment import Country, Recruitment, SiteGroup

SITES = Path(__file__).parents[3] / "scenarios" / "sites.toml"
TRIAL = load_scenario(SITES).trial
GOOD = """event,day,site,patient,arm,stratum,score,reason
activated,2,Here 1,,,,,
activated,4,Here 3,,,,,
activated,10,There 2,,,,,
screened,3,Here 1,a,,,,
failed,3,Here 1,a,,,,too well
screened,7,Here 1,a,,,,
randomised,8,Here 1,a,drug,ill,2,
screened,5,Here 3,b,,,,
randomised,6,Here 3,b,control,severe,3,
score,7,,b,,,3,
score,8,,b,,,2,
died,9,,b,,,,
screened,12,There 2,c,,,,
screened,11,There 2,d,,,,
failed,11,There 2,d,,,,no consent
score,9,Here 1,a,,,1,
"""


def read(text, on=12, gaps="error", tmp=None):
    lines = [line.split(",") for line in text.strip().splitlines()]
    return read_log(columns_of({name: [line[i] for line in lines[1:]] for i, name in enumerate(lines[0])}),
                    TRIAL, TRIAL.operations, on, gaps)  # fmt: skip


def with_rows(*rows, without=()):
    kept = [line for line in GOOD.strip().splitlines() if line not in without]
    return "\n".join([*kept, *rows])


def test_what_a_log_tells():
    log = read(GOOD)
    assert log.sites.opened.tolist() == [2, NEVER, 4, NEVER, NEVER, NEVER, NEVER, 10, NEVER]
    people = log.screened
    assert people.names == ("a", "b", "d", "c")
    assert people.outcome.tolist() == [PASSED, PASSED, 1, PENDING]
    assert people.first_failed.tolist() == [0, UNKNOWN, UNKNOWN, UNKNOWN]
    assert people.first_day.tolist() == [3, 5, 11, 12]
    assert people.last_day.tolist() == [7, 5, 11, 12]
    assert people.known.tolist() == [8, 6, 11, UNKNOWN]
    treated = log.randomised
    assert treated.names == ("b", "a")
    assert treated.day.tolist() == [6, 8]
    assert treated.arm.tolist() == [0, 1]
    assert treated.stratum.tolist() == [1, 0]
    assert treated.score[0].tolist() == [2, 2, 1, *[3] * 8]
    assert treated.score[1].tolist() == [1, 0, *[UNKNOWN] * 9]
    # b died three days after randomisation; since the log tells deaths, a lives at its end.
    assert treated.alive.tolist() == [2, 4]
    assert treated.arms_known


def test_dates_stand_for_days(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("event;date;site;patient\nActivated;2026-01-07;Here 1;\nscreened;2026-01-08 10:30;Here 1;x\n")
    log = read_log(columns_of(file), TRIAL, TRIAL.operations, 9)
    assert log.sites.opened[0] == 2
    assert log.screened.first_day.tolist() == [3]


def test_sites_of_any_name_take_the_places_of_their_country():
    rows = "event,day,site,country,patient\nactivated,3,Lyon,There,\nactivated,5,Rome,There,\nactivated,6,Here 2,,\n"
    log = read(rows)
    assert log.sites.names[6:8] == ("Lyon", "Rome")
    assert log.sites.opened.tolist() == [NEVER, 6, *[NEVER] * 4, 3, 5, NEVER]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (with_rows("activated,5,Hear 2,,,,,"), ["sites that the plan does not have", "row 17", "mean 'Here 2'"]),
        (with_rows("activated,13,Here 2,,,,,"), ["events after the day", "row 17: activated on day 13", "day 12"]),
        (with_rows("activated,-1,Here 2,,,,,"), ["before the first day", "row 17"]),
        (with_rows("activated,5,Here 1,,,,,"), ["sites activated twice", "row 17"]),
        (with_rows("randomised,9,Here 3,b,drug,ill,2,"), ["patients randomised twice", "row 17"]),
        (with_rows("randomised,9,Here 3,e,drug,ill,2,"), ["without a screening", "row 17: randomised on day 9"]),
        (with_rows("screened,3,Here 3,e,,,,"), ["a site that is not activated", "row 17"]),
        (with_rows("screened,12,Here 5,e,,,,"), ["a site that is not activated", "row 17"]),
        (with_rows("closed,11,Here 5,,,,,"), ["closed before they were activated", "row 17"]),
        (with_rows("closed,11,There 2,,,,,"), ["a site that is closed", "row 13: screened on day 12"]),
        (with_rows("randomised,12,Here 1,c,drug,ill,2,"), ["at another site", "row 17"]),
        (with_rows("randomised,12,,d,drug,ill,2,"), ["failed and are randomised", "row 15"]),
        (with_rows("score,11,,a,,,1,"), ["gaps in daily scores", "patient a: no score on day 10", 'gaps="model"']),
        (with_rows("score,10,,a,,,9,"), ["not on the scale", "row 17", "score 9"]),
        (with_rows("score,9,,a,,,2,"), ["two scores of a patient on one day", "row 17"]),
        (with_rows("score,9,,a,,,1,"), ["two scores of a patient on one day", "row 17"]),
        (with_rows("score,10,,b,,,2,"), ["scores after death", "patient b: dead 3 days"]),
        (with_rows("score,4,,a,,,2,"), ["not randomised by then", "row 17"]),
        (with_rows("score,5,,e,,,2,"), ["not randomised by then", "row 17"]),
        (with_rows("died,10,,b,,,,"), ["die twice", "row 17"]),
        (with_rows("enrolled,10,Here 1,b,,,,"), ["row 17 is no event", "activated, closed"]),
        (with_rows("failed,12,There 2,c,,,,no consend"), ["row 17 has a reason", "did you mean 'no consent'"]),
        (with_rows("randomised,12,There 2,c,drugs,ill,2,"), ["row 17 has an arm", "did you mean 'drug'"]),
        (with_rows("randomised,12,There 2,c,drug,il,2,"), ["row 17 has a stratum", "did you mean 'ill'"]),
        (with_rows("randomised,12,There 2,c,,ill,2,"), ["without an arm beside others", "row 17"]),
        (with_rows("screened,12,Here 1,e,drug,,,"), ["rows with an arm that means nothing", "row 17"]),
        (with_rows("analysis,11,,,,,,", "analysis,12,,,,,,"), ["more interim analyses", "row 18", "1 interim"]),
        (with_rows("screened,5.5,Here 3,e,,,,"), ["rows without a whole day", "row 17: 5.5"]),
        (with_rows("screened,12,,e,,,,"), ["rows without a site", "row 17", "of activated, closed and screened"]),
        (with_rows("score,12,,,,,2,"), ["rows without a patient", "screened, failed, randomised, score and died"]),
        (with_rows("score,9,,a,,,,"), ["rows without a score", "a score in every row of score"]),
        (with_rows("failed,9,,a,,,2,"), ["rows with a score", "in rows of randomised and score"]),
        (with_rows("screened,day 5,Here 3,e,,,,"), ["row 17 is not a number (got 'day 5')", "whole numbers"]),
        (GOOD.replace("reason", "raeson", 1), ["a column that a log does not have", "did you mean 'reason'"]),
        (GOOD.replace(",day,", ",dya,", 1), ["a column that a log does not have", "did you mean 'day'"]),
        (GOOD.replace("event", "patients", 1), ["a column that a log does not have"]),
    ],
)  # fmt: skip
def test_one_message_for_each_fault(text, words):
    with pytest.raises(InputError) as caught:
        read(text)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_every_row_at_fault_is_listed():
    late = [f"activated,{20 + i},Here 2,,,,," for i in range(3)]
    with pytest.raises(InputError) as caught:
        read(with_rows(*late))
    assert [f"row {17 + i}: activated" in str(caught.value) for i in range(3)] == [True] * 3


def test_a_third_screening_is_refused_and_a_second_where_the_plan_has_none():
    twice = with_rows("screened,12,Here 3,b,,,,")
    with pytest.raises(InputError, match="screened twice without a failure"):
        read(twice)
    with pytest.raises(InputError, match="screened too often"):
        read(with_rows("screened,11,Here 1,a,,,,", "screened,12,Here 1,a,,,,"))


def test_gaps_may_be_left_to_the_model():
    log = read(with_rows("score,11,,a,,,1,"), gaps="model")
    assert log.randomised.score[1].tolist()[:5] == [1, 0, UNKNOWN, 0, UNKNOWN]


def test_a_log_without_arms_is_blinded():
    text = GOOD.replace("drug,ill", ",ill").replace("control,severe", ",severe")
    assert not read(text).randomised.arms_known


def test_a_frame_reads_as_the_file_does(tmp_path):
    import pandas as pd

    file = tmp_path / "log.csv"
    file.write_text(GOOD)
    one = read_log(columns_of(file), TRIAL, TRIAL.operations, 12)
    two = read_log(columns_of(pd.read_csv(file)), TRIAL, TRIAL.operations, 12)
    np.testing.assert_array_equal(one.randomised.score, two.randomised.score)
    assert one.screened.names == two.screened.names


def refusal(text, on=60):
    with pytest.raises(InputError) as caught:
        read(text, on=on)
    return str(caught.value)


@pytest.mark.parametrize("day", ["nan", "52.5", "1e400", "inf", "-1e7"])
def test_a_bad_day_beside_a_date_left_blank_is_a_fault_of_the_day(day):
    both = "event,day,date,site\nactivated,2,2026-01-07,Here 1\nactivated,{},{},Here 2\n"
    for date in ("", "2026-01-08"):
        message = refusal(both.format(day, date))
        assert f"column 'day': rows without a whole day (got '{day}'); allowed: whole numbers" in message
        assert f"row 2: {day}" in message
    assert "row 2: no day" in refusal(both.format("", "2026-01-08"))
    assert "column 'date': rows without a date" in refusal(both.format(3, ""))


def test_a_log_with_a_header_alone_has_no_events(tmp_path):
    for name, content in (("a.csv", "event,day,site\n"), ("b.csv", "event;day\n\n"), ("c.csv", "# a comment alone\n")):
        (tmp_path / name).write_text(content)
        with pytest.raises(InputError, match="the file has no events; allowed: a header and a row for each event"):
            columns_of(tmp_path / name)
    with pytest.raises(InputError, match="must be one value for each event"):
        columns_of({"event": [["activated"], ["closed"]]})


@pytest.mark.parametrize(("n", "last"), [(5, "row 5: 5.1.2026"), (6, "and 1 more"), (40, "and 35 more")])
def test_five_rows_are_listed_and_the_others_counted(n, last):
    message = refusal("\n".join(["event,date,site", *(f"activated,{i}.1.2026,Here 1" for i in range(1, n + 1))]))
    first, *lines = message.splitlines()
    assert "dates that cannot be read (got '1.1.2026'); allowed: dates by year-month-day, such as 2021-03-31" in first
    assert (len(lines), lines[-1].strip()) == (min(n, 6), last)


@pytest.mark.parametrize("date", ["31/03/2026", "20260331", "2026-02-30", "31 Mar 2026"])
def test_the_form_of_dates_is_said(date):
    assert "dates by year-month-day, such as 2021-03-31" in refusal(f"event,date,site\nactivated,{date},Here 1\n")


def test_five_sites_and_days_too_late_are_listed_too():
    late = refusal(with_rows(*(f"analysis,{20 + i},,,,,," for i in range(9))), on=12)
    assert late.splitlines()[-1].strip() == "and 4 more"
    sites = refusal("event,day,site\n" + "".join(f"activated,2,Where {i}\n" for i in range(9)))
    assert "and 4 more" in sites
    assert "row 6" not in sites
    named = refusal("event,day,site,country\n" + "".join(f"activated,2,Town {i},There\n" for i in range(11)))
    assert "and 3 more" in named


def test_letter_case_tells_no_sites_apart():
    rows = "event,day,site,country,patient\nactivated,2,here 4,,\nactivated,3,lyon,There,\nscreened,9,HERE 4,,a\n"
    log = read(f"{rows}screened,9,Lyon,There,b\nclosed,11,Here 4,,\n")
    assert log.sites.names[3] == "Here 4"
    assert log.sites.names.count("lyon") == 1
    assert "Lyon" not in log.sites.names
    assert (log.sites.opened[3], log.sites.last_day[3], log.sites.opened[6]) == (2, 11, 3)
    assert log.screened.site.tolist() == [3, 6]
    twice = refusal("event,day,site\nactivated,2,Here 4\nactivated,3,here 4\n")
    assert "sites activated twice" in twice


@pytest.mark.parametrize(("name", "meant"), [("Hree 5", "Here 5"), ("there-3", "There 3"), ("Elsewhere", None)])
def test_eight_sites_are_named_the_nearest_first(name, meant):
    with pytest.raises(InputError) as caught:
        read(f"event,day,site\nactivated,2,{name}\n")
    assert len(caught.value.allowed) == 8
    assert meant in (None, caught.value.allowed[0])
    assert meant is None or f"did you mean '{meant}'?" in str(caught.value)
    assert "the plan has 9 sites" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "column", "rows"),
    [
        ("event,day\nactivated,2\nactivated,3\n", "site", "activated, closed and screened"),
        ("event,day,patient\nscreened,3,a\n", "site", "activated, closed and screened"),
        ("event,day,site\nactivated,2,Here 1\nscreened,3,Here 1\n", "patient", "score and died"),
        ("event,day,patient\nscore,3,a\n", "score", "every row of score"),
    ],
)
def test_a_column_that_is_needed_and_missing_is_said_once(text, column, rows):
    message = refusal(text)
    assert f"no column '{column}'; allowed: a {column} in every row of" in message
    assert message.endswith(rows)
    assert "\n" not in message


def test_what_the_page_says_of_spelling(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(
        "event; day ;site;patient\n Opened ;2;here 1;\nSCREENED;3; Here 1 ; a \nRandomized;4;;a\nClosed;9;Here 1;\n"
    )
    log = read_log(columns_of(file), TRIAL, TRIAL.operations, 9)
    assert (log.sites.opened[0], log.sites.last_day[0]) == (2, 9)
    assert (log.screened.names, log.randomised.day.tolist()) == (("a",), [4])


def test_sites_of_a_plan_that_differ_by_letter_case_alone_are_told_apart_by_it():
    plan = Recruitment(tuple(Country(name, (SiteGroup(name, 1, 0.1),)) for name in ("Ab", "aB", "There")))
    rows = [Row(i, "activated", 0, site=name) for i, name in enumerate(("Ab", "aB", "ab", "THERE"), 1)]
    assert [row.site for row in as_planned(rows, plan)] == ["Ab", "aB", "ab", "There"]
    with pytest.raises(InputError, match="sites that the plan does not have"):
        places_of(as_planned(rows, plan), plan, "log.csv")
