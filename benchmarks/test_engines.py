"""The two engines: tables of counts alone, and complete trials from the sizes of the cells to z."""

from __future__ import annotations

import pytest

from benchmarks.engines import (
    LOG_RANK,
    PROPORTIONAL_ODDS,
    individual_patients,
    law_tables,
    law_tables_of_all,
    law_trials,
    path_patients,
)

GROWTH = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 1_000_000)


@pytest.mark.parametrize("patients", [1_000, 5_000, 8_000, 20_000, 100_000])
def test_law_tables(alone, patients):
    alone(law_tables(patients))


def test_law_tables_with_drawn_strata(alone):
    alone(law_tables(1_000, "drawn"))


@pytest.mark.parametrize("patients", GROWTH)
def test_log_rank_trials(alone, patients):
    alone(law_trials(patients, *LOG_RANK))


@pytest.mark.parametrize("patients", GROWTH)
def test_proportional_odds_trials(alone, patients):
    alone(law_trials(patients, *PROPORTIONAL_ODDS))


@pytest.mark.parametrize("patients", [200, 1_000, 10_000, 100_000])
def test_path_engine(alone, patients):
    alone(path_patients(patients))


@pytest.mark.parametrize("patients", [200, 1_000, 100_000])
def test_path_engine_with_characteristics(alone, patients):
    alone(individual_patients(patients))


@pytest.mark.parametrize("endpoints", [1, 2, 3, 4, 5])
def test_endpoints_of_the_law_engine(alone, endpoints):
    alone(law_tables_of_all(endpoints))


@pytest.mark.parametrize("endpoints", [1, 2, 3, 4, 5])
def test_endpoints_of_the_path_engine(alone, endpoints):
    alone(path_patients(1_000, endpoints))
