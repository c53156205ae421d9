"""Over many trials without an effect: z has mean 0 and variance 1, the standard error is that of the estimates."""

import numpy as np
import pytest

from jaksim.analysis import METHOD_NAMES, get_method

REPLICATES = 4000
SETTINGS = [
    (name, kind, options)
    for name in METHOD_NAMES
    for kind in get_method(name).kinds[:1]
    for options in [{}, *({key.name: word} for key in get_method(name).options for word in key.allowed[1:])]
    if "interval" not in options
    and options != {"ties": "breslow"}
    and name not in ("exact_odds_ratio", "markov_proportional_odds")
]
"""Every method and option that changes the test.

Left out are Breslow's ties and exact tests, known to be conservative, and the Markov model, whose daily counts follow
from those of the day before and are not multinomial: tests/statistical/test_markov_null.py has chains of counts.
"""


@pytest.mark.parametrize(("name", "kind", "options"), SETTINGS)
def test_standard_error_and_z(name, kind, options, endpoints, settings):
    method, endpoint = get_method(name), endpoints[kind]
    rng = np.random.default_rng(17)
    law = rng.dirichlet(np.full(endpoint.n_categories, 3.0), size=3)
    # these pool the strata, which must not differ for their variance to be right
    pools = name in ("risk_difference", "risk_ratio", "odds_ratio", "wilcoxon") or "pooled" in (
        options.get("weighting"),
        options.get("strata"),
    )
    law = np.repeat(law[:1], 3, axis=0) if pools else law
    sizes = np.array([[60], [150], [300]])
    tables = np.stack(
        [[rng.multinomial(n[0], p, size=REPLICATES) for n, p in zip(sizes, law, strict=True)] for _ in "ab"]
    )
    tables = np.ascontiguousarray(tables.transpose(2, 0, 1, 3), dtype=np.float64)
    out = np.empty((REPLICATES, 3))
    method.evaluate(tables, endpoint, settings(method, options), out)
    estimates, standard_errors, z = out.T
    assert abs(z.mean()) * np.sqrt(REPLICATES) < 4
    assert abs(z.var() - 1) / np.sqrt(2 / REPLICATES) < 4
    assert abs(estimates.mean() - method.null) * np.sqrt(REPLICATES) / estimates.std() < 4
    assert abs(estimates.var() / np.mean(standard_errors**2) - 1) / np.sqrt(2 / REPLICATES) < 4
