import numpy as np
import pytest

from jaksim.patient_data.reading.columns import Columns, factor
from jaksim.patient_data.reading.data_file import read_columns


@pytest.mark.parametrize("kind", [tuple, np.array, lambda words: np.array(words, dtype=object)])
def test_names_stand_in_one_line_and_without_the_apostrophe_of_spreadsheets(kind):
    columns = Columns({"arm": kind(["a\nb", "'=1+1", "O'Hara", "a\nb"])}, "data")
    which, names = factor(columns, "arm")
    assert names == ("=1+1", "O'Hara", r"a\nb")
    assert which.tolist() == [2, 0, 1, 2]
    assert columns.words("arm").tolist() == [r"a\nb", "=1+1", "O'Hara", r"a\nb"]


def test_names_of_columns_stand_in_one_line_too(tmp_path):
    (tmp_path / "a.csv").write_text('arm,"time\n(days)",\'=x\na,1,2\n')
    assert read_columns(tmp_path / "a.csv").names == ("arm", r"time\n(days)", "=x")
