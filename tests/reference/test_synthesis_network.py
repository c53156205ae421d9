"""Network meta-analysis against R's netmeta and metafor, on published networks with multi-arm trials."""

from pathlib import Path

import pandas as pd
import pytest

from jaksim.evidence.synthesis import (
    decompose,
    network,
    p_scores,
    split,
    trial_from_contrasts,
    trial_from_events,
)

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "synthesis_network_expected.csv", keep_default_na=False)
REFERENCE = {"senn": "plac", "smoking": "A"}
# The contrasts of Senn et al. are printed with four digits, which the three-arm trial feels.
TOLERANCE = {"senn": 1e-4, "smoking": 1e-9}
BETTER = {"senn": "lower", "smoking": "higher"}


def trials(case):
    if case == "senn":
        rows = pd.read_csv(HERE / "synthesis_network_contrasts.csv")
        return [
            trial_from_contrasts(study, {(row.first, row.second): (row.effect, row.se) for row in of.itertuples()})
            for study, of in rows.groupby("study")
        ]
    rows = pd.read_csv(HERE / "synthesis_network_arms.csv")
    return [
        trial_from_events(str(study), of["treatment"], of["events"], of["n"]) for study, of in rows.groupby("study")
    ]


def net(case, method):
    return network(trials(case), reference=REFERENCE[case], method=method)


def expected(case, method):
    return EXPECTED[(EXPECTED["case"] == case) & (EXPECTED["method"] == method)]


def overall(case, method):
    rows = expected(case, method)
    return rows[rows["first"] == ""].set_index("quantity")["value"]


@pytest.mark.parametrize(
    ("case", "method"),
    [(case, method) for case in ("senn", "smoking") for method in ("fixed", "dersimonian_laird")]
    + [("smoking", "reml")],
)
def test_league_table(case, method):
    rows, fit = expected(case, method), net(case, method)
    pairs = rows[rows["first"] != ""].set_index(["first", "second", "quantity"])["value"]
    for (first, second), values in pairs.groupby(level=[0, 1]):
        found = fit.compare(first, second)
        tolerance = TOLERANCE[case] if method != "reml" else 2e-6
        assert found.estimate == pytest.approx(values[first, second, "estimate"], rel=tolerance, abs=tolerance / 10)
        assert found.standard_error == pytest.approx(values[first, second, "se"], rel=tolerance)


@pytest.mark.parametrize("case", ["senn", "smoking"])
def test_heterogeneity(case):
    fit, values = net(case, "dersimonian_laird"), overall(case, "dersimonian_laird")
    rel = TOLERANCE[case]
    assert fit.tau2 == pytest.approx(values["tau2"], rel=rel)
    assert fit.q == pytest.approx(values["q"], rel=rel)
    assert fit.q_df == values["q_df"]
    assert fit.i2 == pytest.approx(values["i2"], rel=rel)


def test_restricted_likelihood():
    assert net("smoking", "reml").tau2 == pytest.approx(overall("smoking", "reml")["tau2"], rel=1e-5)


@pytest.mark.parametrize("case", ["senn", "smoking"])
def test_inconsistency(case):
    parts = decompose(net(case, "dersimonian_laird"))
    rows = expected(case, "decomposition").set_index(["first", "quantity"])["value"]
    for name, found in {
        "Total": parts.total,
        "Within designs": parts.within,
        "Between designs": parts.between,
        "Between designs, random": parts.between_random,
    }.items():
        assert found.q == pytest.approx(rows[name, "q"], rel=1e-4)
        assert found.df == rows[name, "df"]
        assert found.p_value == pytest.approx(rows[name, "p"], rel=1e-2)
    assert parts.tau2_within == pytest.approx(rows["Between designs, random", "tau2"], rel=1e-4)


@pytest.mark.parametrize("case", ["senn", "smoking"])
def test_direct_and_indirect(case):
    rows = expected(case, "split")
    assert len(rows) >= 5
    fit = net(case, "dersimonian_laird")
    for (first, second), of in rows.groupby(["first", "second"]):
        values = of.set_index("quantity")["value"]
        found = split(fit, first, second)
        assert found.direct.estimate == pytest.approx(values["direct"], rel=1e-4, abs=1e-5)
        assert found.direct.standard_error == pytest.approx(values["direct_se"], rel=1e-4)
        assert found.indirect.estimate == pytest.approx(values["indirect"], rel=1e-3, abs=1e-4)
        assert found.indirect.standard_error == pytest.approx(values["indirect_se"], rel=1e-4)
        assert found.difference.p_value == pytest.approx(values["p"], rel=1e-3)


@pytest.mark.parametrize("method", ["fixed", "random"])
@pytest.mark.parametrize("case", ["senn", "smoking"])
def test_p_scores(case, method):
    fit = net(case, {"fixed": "fixed", "random": "dersimonian_laird"}[method])
    rows = expected(case, "p_score")
    values = rows[rows["quantity"] == method].set_index("first")["value"]
    assert p_scores(fit, better=BETTER[case]) == pytest.approx(values.to_dict(), rel=1e-3, abs=1e-6)


def test_glucose_lowering_agents_as_published():
    """Ruecker and Schwarzer (2015, BMC Medical Research Methodology 15:58): decomposition and heterogeneity."""
    fit = net("senn", "dersimonian_laird")
    parts = decompose(fit)
    assert round(fit.tau2, 4) == 0.1087
    assert [round(part.q, 2) for part in (parts.total, parts.within, parts.between)] == [96.99, 74.46, 22.53]
    assert [part.df for part in (parts.total, parts.within, parts.between)] == [18, 11, 7]
