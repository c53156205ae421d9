"""Patients of a site who share a factor: in a survival trial, where everything about it can be written down."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.choosing import make_engine
from jaksim.errors import InputError
from jaksim.scenario.document import read_document
from jaksim.scenario.scenario import scenario_of

PLAIN = Path("scenarios/delayed-effect.toml")
PATIENTS, SITES, VARIANCE = 200, 10, 0.8
FRAILTY = {"name": "centre", "level": "site", "sites": SITES, "law": "lognormal", "variance": VARIANCE}


def trial_with(frailties, left_out=("withdrawal", "monitoring", "accrual")):
    read = read_document(str(PLAIN))
    document = {name: value for name, value in read.items() if name not in left_out}
    document["population"] = {**document["population"], "frailty": frailties, "patients": PATIENTS}
    return scenario_of(document, str(PLAIN)).trial


@pytest.fixture(scope="module")
def cells():
    return Cells(trial_with([{**FRAILTY, "moves": "death"}]))


def test_numbers_of_deaths_scatter_as_sites_of_that_kind_make_them(cells):
    """Var D = N p (1 - p) + N (N - 1) Var P / sites in the control arm: two patients are of one site 1 in 10 times."""
    plain = Cells(trial_with([]))
    death = next(number for number, one in enumerate(plain.trial.endpoints) if one.kind == "time_to_event")
    events = np.asarray(plain.trial.endpoints[death].status) == 1
    hazard = -math.log(1.0 - plain.marginal_laws[death][0][events].sum())

    def moment(power):
        return integrate.quad(
            lambda z: (1.0 - math.exp(-hazard * math.exp(math.sqrt(VARIANCE) * z))) ** power * stats.norm.pdf(z), -9, 9
        )[0]

    n, (mean, square) = PATIENTS // 2, (moment(1), moment(2))
    expected = n * mean * (1.0 - mean) + n * (n - 1) * (square - mean**2) / SITES
    replicates = 2000
    deaths = make_engine(cells, 11).tables(0, replicates)[death][:, 0][:, events].sum(axis=1)
    assert abs(deaths.mean() - n * mean) < 4.0 * math.sqrt(expected / replicates)
    assert deaths.var(ddof=1) == pytest.approx(expected, rel=4.0 * math.sqrt(2.0 / replicates))
    assert cells.marginal_laws[death][0][events].sum() == pytest.approx(mean, abs=1e-6)


def test_patients_of_a_site_have_its_factor(cells):
    _, _, brought = make_engine(cells, 11).follow(3)
    pairs = set(zip(brought["site"].tolist(), brought["centre"].tolist(), strict=True))
    assert {site for site, _ in pairs} == set(range(1, SITES + 1))
    assert len(pairs) == SITES


def test_no_law_says_how_patients_of_a_site_go_together(cells):
    with pytest.raises(InputError, match="share a factor"):
        make_engine(cells, 1, "law")


@pytest.mark.parametrize("change", [{"sites": 1}, {"sites": 0}, {"level": "patient"}])
def test_sites_are_counted_where_there_are_any(change):
    with pytest.raises(InputError, match="needs their number"):
        trial_with([{**FRAILTY, "moves": "death", **change}])
