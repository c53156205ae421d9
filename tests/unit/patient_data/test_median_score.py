"""The median of a score with many values is the mean of the two middle ones where their number is even."""

import numpy as np
import pytest

import jaksim


@pytest.mark.parametrize("sizes", [(40, 41), (41, 40), (33, 2), (1, 32)])
def test_median_score_is_that_of_numpy(sizes):
    rng = np.random.default_rng(sum(sizes))
    scores = [rng.permutation(120)[:size].astype(float) for size in sizes]
    data = {"arm": np.repeat(["a", "b"], sizes), "score": np.concatenate(scores)}
    arms = jaksim.analyze(data, method="wilcoxon", reference="a").as_dict()["endpoints"][0]["arms"]
    assert [arm["median"] for arm in arms] == [np.median(one) for one in scores]
