import numpy as np
import pytest

from jaksim.calibration.joint.selection import load_joint_selection
from jaksim.calibration.joint.simulation_based import refitted_bodies


@pytest.fixture(scope="module")
def selection():
    return load_joint_selection("docs/examples/intensive-care.toml")


@pytest.fixture(scope="module")
def histories(selection):
    return {trial.study.name: trial.study.template.prior_mean for trial in selection.trials}


def test_a_body_depends_on_seed_and_number_only(selection, histories):
    first, second = refitted_bodies(selection, range(3, 5), histories=histories, replicates=100)
    (again,) = refitted_bodies(selection, range(4, 5), histories=histories, replicates=100)
    assert np.array_equal(again.places, second.places)
    assert not np.array_equal(first.places, second.places)
    assert first.names[0] == "glucocorticoid.death.not_ventilated"
    assert ((first.places > 0) & (first.places < 1)).all()
    assert first.tau_places.shape == (3,)


def test_errors_are_of_the_size_of_the_posterior(selection, histories):
    found = refitted_bodies(selection, range(6), histories=histories, replicates=100)
    errors = np.array([body.errors for body in found])
    assert 0.3 < np.sqrt(np.mean(errors**2)) < 2.0
