"""Encodings, marks of decimals, lines of labels, and files that are no text at all."""

import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.patient_data.reading.data_file import read_columns
from jaksim.patient_data.reading.text_form import TextForm

TEXT = "arm,time,status\nPlacébo,5.5,1\nDrug,8,0\nDrug,3,1\n"


def read(tmp_path, content, name="data.csv", **form):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_columns(path, form=TextForm(**form))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-8-sig", "cp850"])
def test_encodings(encoding, tmp_path):
    told = None if encoding in ("utf-16", "utf-8-sig") else encoding
    columns = read(tmp_path, TEXT.encode(encoding), encoding=told)
    assert columns.names == ("arm", "time", "status")
    assert columns.words("arm").tolist() == ["Placébo", "Drug", "Drug"]


@pytest.mark.parametrize(
    ("content", "name", "form", "message"),
    [
        (TEXT.encode("cp1252"), "a.csv", {}, r'line 2 is not text in UTF-8; allowed: encoding="cp1252"'),
        (TEXT.encode("utf-16"), "a.csv", {"encoding": "utf-8"}, "not text in utf-8; allowed: another encoding"),
        (TEXT, "a.csv", {"encoding": "utf-88"}, "unknown encoding.*did you mean 'utf-8'"),
        (TEXT, "a.csv", {"encoding": "hex"}, "unknown encoding"),
        (TEXT, "a.csv", {"decimal": "dot"}, "unknown mark of decimals.*point, comma"),
        (b"PK\x03\x04 and so on", "a.xlsx", {}, "a spreadsheet or an archive; allowed: the sheet saved as CSV"),
        (b"\x1f\x8b and so on", "a.csv.gz", {}, "compressed.*zcat"),
        (b"RDX3\nX\n", "a.rda", {}, r"data saved by R; allowed: write.csv\(DATA, FILE\)"),
        (b"$FL2@(#) SPSS", "a.sav", {}, "data saved by SPSS"),
        (b"nothing", "a.sas7bdat", {}, "not a file of SAS"),
        (b"nothing" * 99, "a.xpt", {}, "not a file of SAS"),
        (b"nothing", "a.dta", {}, "not a file of Stata"),
        (b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!", "a.xpt", {}, "version 8; allowed: version 5"),
        (TEXT, "a.csv", {"labels": True}, "the line below the header reads like the others"),
    ],
)
def test_files_that_cannot_be_read(content, name, form, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read(tmp_path, content, name, **form)


def test_marks_of_decimals(tmp_path):
    commas = 'arm;time\na;"1,234"\nb;"2,345"\n'
    with pytest.raises(InputError, match=r'decimal or part thousands.*decimal="comma", or decimal="point"'):
        read(tmp_path, commas).numbers("time")
    assert read(tmp_path, commas, decimal="comma").numbers("time").tolist() == [1.234, 2.345]
    assert read(tmp_path, commas, decimal="point").numbers("time").tolist() == [1234, 2345]
    assert read(tmp_path, 'x\n"1,234,567.5"\n', decimal="point").numbers("x").tolist() == [1234567.5]
    with pytest.raises(InputError, match="row 1 is not a number"):
        read(tmp_path, 'x\n"1,23"\n', decimal="point").numbers("x")
    with pytest.raises(InputError, match="row 1 is not a number"):
        read(tmp_path, 'x\n"1.234,5"\n').numbers("x")


LABELLED = "ARM,TIME,STATUS\nTreatment,Time in days,Event\na,5,1\nb,8,0\na,.,1\n"


def test_a_line_of_labels(tmp_path):
    with pytest.raises(InputError, match=r"reads like labels \(got 'Time in days, Event'\); allowed: labels"):
        read(tmp_path, LABELLED)
    columns = read(tmp_path, LABELLED, labels=True)
    assert columns.words("ARM").tolist() == ["a", "b", "a"]
    assert columns.missing("TIME").tolist() == [False, False, True]
    one = read(tmp_path, "arm,time\na,Days\nb,5\na,6\n")
    with pytest.raises(InputError, match=r"row 1 is not a number.*labels where the first row holds labels"):
        one.numbers("time")


def test_names_in_capitals_and_the_word_none():
    data = {"ARM": ["a", "a", "b", "b"], "Time": [1, 2, 3, 4], "STATUS": [1, 0, 1, 1]}
    assert jaksim.analyze(data, method="cox").analyses[0].result.n == 4
    with pytest.raises(InputError, match="no column for the arm"):
        jaksim.analyze({**data, "Arm": data["ARM"]}, method="cox")
    improved = {"arm": ["a", "b"] * 2, "score": ["None", "Some", "Some", "Marked"]}
    with pytest.raises(InputError, match=r"row 1 is not a number.*for each of Marked, None, Some"):
        jaksim.analyze(improved, method="wilcoxon", missing="drop")
    levels = {"score": {"None": 0, "Some": 1, "Marked": 2}}
    assert jaksim.analyze(improved, method="wilcoxon", map=levels).analyses[0].result.n == 4
