"""Dates in the forms that SAS, R, spreadsheets and databases write, as days between two columns."""

import datetime

import numpy as np
import pandas as pd
import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.patient_data.coding.dates import counted_in_days, look_like_dates
from jaksim.patient_data.reading.columns import Columns

START = [datetime.date(2019, 12, 31), datetime.date(2020, 2, 28), datetime.date(2021, 7, 4)]
AFTER = [1, 2, 400]
END = [one + datetime.timedelta(days=days) for one, days in zip(START, AFTER, strict=True)]
FORMS = {
    "ISO": "%Y-%m-%d",
    "slashes": "%Y/%m/%d",
    "DATE9": "%d%b%Y",
    "DATE11": "%d-%b-%Y",
    "DDMMYY10": "%d/%m/%Y",
    "MMDDYY10": "%m/%d/%Y",
    "points": "%d.%m.%Y",
    "words": "%d %B %Y",
    "American words": "%B %d, %Y",
    "eight digits": "%Y%m%d",
    "T and time": "%Y-%m-%dT00:00:00Z",
    "DATETIME": "%d%b%Y:00:00:00",
}


def days(start, end, order=None):
    table = Columns({"start": tuple(start), "end": tuple(end)}, "data")
    return counted_in_days(table, ["end"], "start", order).numbers("end").tolist()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("capitals", [False, True])
def test_every_form_is_read(form, capitals):
    def written(dates):
        return [one.strftime(FORMS[form]).upper() if capitals else one.strftime(FORMS[form]) for one in dates]

    assert days(written(START), written(END)) == AFTER


def test_columns_may_have_different_forms_and_types():
    iso = [one.isoformat() for one in START]
    assert days(iso, [one.strftime("%d%b%Y") for one in END]) == AFTER
    frame = pd.DataFrame({"start": pd.to_datetime(START), "end": END, "arm": ["a", "b", "b"], "status": [1, 1, 0]})
    trial = jaksim.analyze(frame, method="log_rank", time="end", start_date="start").data[0]
    assert trial.endpoint.time[trial.category].tolist() == AFTER
    assert trial.time_unit == "days"


def test_times_of_day_are_parts_of_a_day_where_both_have_them():
    assert days(["2020-01-01 12:00"] * 2, ["2020-01-02 00:00", "2020-01-03T18:00:00"]) == [0.5, 2.25]
    assert days(["2020-01-01"] * 2, ["2020-01-02 23:00", "2020-01-03 01:00"]) == [1, 2]


@pytest.mark.parametrize(
    ("start", "end", "order", "message"),
    [
        ("01/02/2020", "03/04/2020", None, 'day and month cannot be told apart.*date_order="dmy"'),
        ("13/01/2020", "01/13/2020", None, "some dates have the day first"),
        ("2020-01-01", "2020-02-30", None, "row 1 is not a date.*2020-02-30"),
        ("2020-01-01", "2020-03", None, "row 1 is not a date"),
        ("2020-01-01", "01/02/20", "dmy", "row 1 is not a date"),
        ("2020-01-01", "14 Foo 2020", None, "row 1 is not a date"),
        ("2020-01-01", "2019-12-31", None, "row 1 is before its start, 2020-01-01"),
        ("2020-01-01", "2020-02-01", "ymd", "unknown order of dates.*dmy, mdy"),
    ],
)
def test_dates_that_cannot_be_read(start, end, order, message):
    with pytest.raises(InputError, match=message):
        days([start], [end], order)


def test_an_order_that_is_told():
    assert days(["01/02/2020"], ["03/04/2020"], "dmy") == [62]
    assert days(["01/02/2020"], ["03/04/2020"], "mdy") == [62]
    assert days(["01/02/2020"], ["02/02/2020"], "dmy") == [1]
    assert days(["01/02/2020"], ["02/02/2020"], "mdy") == [31]


def test_dates_without_a_start_are_refused():
    data = {"arm": ["a", "b"] * 2, "time": ["2020-01-01", "2020-02-01"] * 2, "status": [1, 1, 0, 1]}
    with pytest.raises(InputError, match=r"the column holds dates.*start_date=COLUMN"):
        jaksim.analyze(data, method="cox")
    numbers = {**data, "time": [1, 2, 3, 4], "since": ["2020-01-01"] * 4}
    with pytest.raises(InputError, match=r"the times are numbers, not dates"):
        jaksim.analyze(numbers, method="cox", start_date="since")
    with pytest.raises(InputError, match="dates are counted in days"):
        jaksim.analyze({**data, "since": ["2019-12-31"] * 4}, method="cox", start_date="since", time_unit="months")


def test_what_looks_like_dates():
    assert look_like_dates(np.array(["2020-01-01", "2020-01-02", "soon"]))
    assert not look_like_dates(np.array(["5", "12.5", "20200101"]))
