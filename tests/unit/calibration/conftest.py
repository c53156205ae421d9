"""A small study that is read fresh, and the shipped ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jaksim.calibration.study import CalibrationStudy, load_calibration_study

SMALL = Path(__file__).with_name("small.toml")
shipped = cache(load_calibration_study)


@pytest.fixture
def small() -> CalibrationStudy:
    return load_calibration_study(str(SMALL))


@pytest.fixture
def small_text() -> str:
    return SMALL.read_text("utf-8")


@pytest.fixture
def study_of() -> Callable[[str], CalibrationStudy]:
    """A shipped study by name, or the small one by "small"."""
    return lambda name: shipped(str(SMALL) if name == "small" else name)


@pytest.fixture
def scattered() -> Callable[[CalibrationStudy, int], NDArray[np.float64]]:
    """Sets of parameter values (5, parameters) around the priors of a study."""

    def draw(study: CalibrationStudy, seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        return study.template.prior_mean + 0.4 * rng.standard_normal((5, len(study.template.names)))

    return draw
