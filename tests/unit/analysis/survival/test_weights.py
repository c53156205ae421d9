import numpy as np
import pytest

from jaksim.analysis.survival.cox_covariates import cox_covariates
from jaksim.analysis.survival.fine_gray_weights import fine_gray_weights
from jaksim.analysis.survival.log_rank_weights import FAMILIES, log_rank_weights
from jaksim.errors import InputError
from jaksim.methods import weighted_log_rank

RNG = np.random.default_rng(3)
TIME, ARM = RNG.integers(1, 20, 80).astype(float), RNG.integers(0, 2, 80)


@pytest.mark.parametrize("weight", [name for name in FAMILIES if name != "modest"])
def test_weights_are_those_of_the_test(weight):
    """The score is the weighted sum of observed minus expected events."""
    status = RNG.integers(0, 2, 80)
    found = log_rank_weights(TIME, status, weight=weight, rho=0.5, gamma=1.0)
    score = variance = 0.0
    for day, at_risk, value in zip(found.time, found.at_risk, found.weight, strict=True):
        died, share = ((day == TIME) & (status == 1)), ARM[day <= TIME].mean()
        score += value * (ARM[died].sum() - died.sum() * share)
        ties = (at_risk - died.sum()) / (at_risk - 1.0) if at_risk > 1 else 1.0
        variance += value**2 * died.sum() * share * (1.0 - share) * ties
    pairs, category = np.unique(np.column_stack([TIME, status]), axis=0, return_inverse=True)
    table = np.zeros((2, len(pairs)))
    np.add.at(table, (ARM, category.ravel()), 1.0)
    test = weighted_log_rank(table, pairs[:, 0], pairs[:, 1], weight=weight, rho=0.5, gamma=1.0)
    assert test.statistic == pytest.approx(score / np.sqrt(variance), rel=1e-10)


def test_rows_as_those_of_survival_finegray():
    """R 4.2, survival::finegray(Surv(time, factor(status, 0:2)) ~ 1) of the data of its tests/finegray.R."""
    rows = fine_gray_weights([1, 2, 3, 4, 4, 4, 5, 5, 6, 8, 8, 9, 10, 12], [1, 2, 0, 1, 0, 0, 2, 1, 0, 0, 2, 0, 1, 0])
    assert rows.start.tolist() == [0, 0, 3, 4, 9, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0, 0, 0]
    assert rows.stop.tolist() == [1, 3, 4, 6, 12, 3, 4, 4, 4, 6, 12, 5, 6, 8, 8, 12, 9, 10, 12]
    assert rows.event.tolist() == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    weights = [1, 1, 11 / 12, 11 / 15, 11 / 36, 1, 1, 1, 1, 1, 5 / 12, 1, 1, 1, 1, 1 / 2, 1, 1, 1]
    assert rows.weight == pytest.approx(weights, rel=1e-12)
    assert rows.patient[rows.extra > 0].tolist() == [1, 1, 1, 6, 10]


def test_without_competing_events_the_rows_are_the_patients():
    status = (ARM + TIME) % 2
    rows = fine_gray_weights(TIME, status)
    assert rows.weight.tolist() == [1.0] * 80
    plain = cox_covariates(TIME, status, ARM).coefficients[0].estimate
    assert cox_covariates(rows.stop, rows.event, ARM[rows.patient]).coefficients[0].estimate == plain


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="did you mean 'gehan'"):
        log_rank_weights(TIME, ARM, weight="gehann")
    with pytest.raises(InputError, match="unknown status"):
        fine_gray_weights([1.0, 2.0], [1, 3])
