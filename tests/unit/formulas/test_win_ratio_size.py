import math

import pytest

from jaksim.errors import InputError
from jaksim.formulas.win_ratio_size import win_ratio_size


def test_hf_action_table_off_the_diagonal():
    """cran/WR e0837b8, inst/doc/WR_sample_size.html: hazard ratios of death 0.6 and 0.95, of hospitalisation 0.9."""
    slopes, variance = (0.08886542, 0.34018646), 0.2942899
    sizes = [
        win_ratio_size((math.log(death), math.log(0.9)), slopes=slopes, variance=variance, power=power)
        for death, power in ((0.6, 0.9), (0.95, 0.9), (0.6, 0.8), (0.95, 0.8))
    ]
    assert sizes == pytest.approx([1874.236, 7578.090, 1400.025, 5660.714], rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slopes": (0.1,)}, "one slope"),
        ({"variance": 0.0}, "above 0"),
        ({"power": 1.0}, "between 0 and 1"),
        ({"slopes": (0.0, 0.0)}, "no number of patients"),
    ],
)
def test_bad_input_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        win_ratio_size((-0.5, -0.2), **{"slopes": (0.1, 0.3), "variance": 0.3, **changes})
