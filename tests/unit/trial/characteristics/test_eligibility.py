import math

import numpy as np
import pytest
from scipy import stats

from jaksim.trial.characteristics import Characteristic, Characteristics, Normal
from jaksim.trial.characteristics.criterion import Criterion
from jaksim.trial.characteristics.eligibility import allowed_by, both
from jaksim.trial.characteristics.sample import latents, share_let_in


def test_criteria_on_one_latent_meet():
    assert both(((-1.0, 1.0), (2.0, 3.0)), ((0.0, 2.5),)) == ((0.0, 1.0), (2.0, 2.5))
    items = [Characteristic("age", 0, (Normal(0.0, 1.0), Normal(1.0, 1.0)))]
    criteria = [Criterion("", "age", at_least=0.0), Criterion("", "age", below=2.0)]
    assert [allowed_by(criteria, items, 1, stratum) for stratum in (0, 1)] == [(((0.0, 2.0),),), (((-1.0, 1.0),),)]


@pytest.mark.parametrize("correlation", [0.0, 0.6, -0.9])
def test_the_share_let_in_is_that_of_the_bivariate_normal_law(correlation):
    items = (Characteristic("a", 0, (Normal(0.0, 1.0),)), Characteristic("b", 1, (Normal(0.0, 1.0),)))
    matrix = ((1.0, correlation), (correlation, 1.0))
    law = Characteristics(items, matrix, ((((0.3, math.inf),), ((-0.4, math.inf),)),))
    exact = stats.multivariate_normal(cov=matrix).cdf([-0.3, 0.4])
    assert share_let_in(law, 0) == pytest.approx(exact, abs=2e-4)
    assert np.corrcoef(latents(law).reshape(-1, 2).T)[0, 1] == pytest.approx(correlation, abs=1e-3)
