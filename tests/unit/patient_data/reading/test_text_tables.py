"""Tables as other programs write them: row names, comments, blanks, decimal commas, words for yes and no."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import Columns
from jaksim.patient_data.reading.data_file import given_columns, read_columns
from jaksim.patient_data.reading.text_table import columns_of_text, each_once
from jaksim.patient_data.rows.row_meaning import check_rows

PLAIN = {"arm": ("placebo", "drug"), "time": ("5", "9"), "status": ("1", "0")}

SAME = {
    "commas": "arm,time,status\nplacebo,5,1\ndrug,9,0\n",
    "semicolons": "arm;time;status\nplacebo;5;1\ndrug;9;0\n",
    "tabs": "arm\ttime\tstatus\nplacebo\t5\t1\ndrug\t9\t0",
    "bars": "arm|time|status\nplacebo|5|1\ndrug|9|0\n",
    "blanks at the end": "arm,time,status\nplacebo,5,1\ndrug,9,0\n   \n\n",
    "blanks": "arm time status\nplacebo 5 1\ndrug 9 0\n",
    "padded blanks": "  arm      time  status \n  placebo     5       1\n  drug        9       0  \n",
    "printed by R": "     arm time status\n1 placebo    5      1\n2    drug    9      0\n",
    "written by R": '"arm" "time" "status"\n"1" "placebo" 5 1\n"2" "drug" 9 0\n',
    "written by R with commas": '"","arm","time","status"\n"1","placebo",5,1\n"2","drug",9,0\n',
    "written by pandas": ",arm,time,status\n0,placebo,5,1\n1,drug,9,0\n",
    "names of rows without a name in the header": "arm,time,status\n0,placebo,5,1\n1,drug,9,0\n",
    "comments in front": "# a trial, of 2021\n#\n\narm,time,status\nplacebo,5,1\ndrug,9,0\n",
    "comments between": "arm,time,status\nplacebo,5,1\n# one, two, three\n#\n#two,values\ndrug,9,0\n# the end\n",
    "a quote in a comment": 'arm,time,status\n# don"t\nplacebo,5,1\ndrug,9,0\n',
    "separator told": "sep=;\narm;time;status\nplacebo;5;1\ndrug;9;0\n",
    "line ends of Windows": "arm,time,status\r\nplacebo,5,1\r\n\r\ndrug,9,0\r\n",
    "a last column of nothing": "arm,time,status,\nplacebo,5,1,\ndrug,9,0,\n",
}


@pytest.mark.parametrize("form", SAME)
def test_one_table_in_many_forms(form):
    found = columns_of_text(SAME[form], "data")
    assert {name: tuple(value.strip() for value in values) for name, values in found.items()} == PLAIN


def test_marks_inside_quotes_divide_nothing():
    found = columns_of_text('"arm; all";time\n"a\n#b";5\n"c, d";6\n', "data")
    assert found == {"arm; all": ("a\n#b", "c, d"), "time": ("5", "6")}
    assert columns_of_text("arm,note;of;three,time\na,b,1\n", "data")["note;of;three"] == ("b",)


def test_patients_named_with_a_hash_are_no_comments():
    """Where every line begins so; among others it is refused, see the tests of the command line."""
    assert columns_of_text("patient,time\n#1,5\n#2,6\n", "data")["patient"] == ("#1", "#2")


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("5,5", "8", "NA", "-3,25"), [5.5, 8.0, np.nan, -3.25]),
        (("1,5e2", "0,125"), [150.0, 0.125]),
        (("1,234", "2,50"), [1.234, 2.5]),
    ],
)
def test_decimal_commas(words, numbers):
    assert Columns({"x": words}, "data").numbers("x") == pytest.approx(numbers, nan_ok=True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("1,234", "5"), "a comma in a number may be decimal or part thousands"),
        (("1,5", "2.5"), r"row 1 is not a number \(got '1,5'\)"),
        (("1,234,567",), "row 1 is not a number"),
        (("5", "a,b"), "row 2 is not a number"),
    ],
)
def test_commas_that_may_mean_anything(words, message):
    with pytest.raises(InputError, match=message):
        Columns({"x": words}, "data").numbers("x")


def test_text_of_parquet_that_is_not_utf_8(tmp_path):
    """It is refused with its row where it is read, and harmless where it is not; a category may be missing."""
    latin = pa.array(["café".encode("latin-1"), b"drug", None], type=pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, latin.buffers())
    table = {
        "arm": pa.array([b"placebo", b"drug", None], type=pa.binary()),
        "note": text,
        "kind": pa.array(["x", "y", None]).dictionary_encode(),
        "coded": text.dictionary_encode(),
    }
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    columns = read_columns(tmp_path / "a.parquet")
    assert columns.words("arm").tolist() == ["placebo", "drug", ""]
    assert columns.words("kind").tolist() == ["x", "y", ""]
    assert given_columns(pa.table(table)).words("kind").tolist() == ["x", "y", ""]
    for name in ("note", "coded"):
        with pytest.raises(InputError, match=f"column '{name}': row 1 is not text"):
            columns.words(name)


def test_parquet_is_told_by_its_content_too(tmp_path):
    pq.write_table(pa.table({"arm": ["a", "b"]}), tmp_path / "a.data")
    assert read_columns(tmp_path / "a.data").words("arm").tolist() == ["a", "b"]


def test_a_polars_frame():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"arm": ["a", None], "time": [1, None]})
    assert given_columns(frame).words("arm").tolist() == ["a", ""]
    assert given_columns(frame).missing("time").tolist() == [False, True]


class Walked(tuple):
    """Names that may be walked through, but not searched for each of them in turn."""

    def count(self, value):
        raise AssertionError("quadratic")

    index = __contains__ = count


def test_forty_thousand_columns():
    names = Walked(f"gene{number}" for number in range(40_000))
    each_once(names, "data")
    check_rows(Columns(dict.fromkeys(names, (1, 2)), "data"), set(), ignored=(), patient="patient", times=True)
    found = columns_of_text(",".join(["arm", *names]) + "\n" + ",".join(["a"] + ["1"] * 40_000), "data")
    assert len(found) == 40_001
    with pytest.raises(InputError, match="column 'gene7' appears twice"):
        columns_of_text(",".join([*names, "gene7"]) + "\n", "data")
