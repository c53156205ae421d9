import json

import numpy as np
import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.model.parameter_set import load_parameter_set

EXAMPLE = "docs/examples/intensive-care.toml"


@pytest.fixture(scope="module")
def found():
    return jaksim.calibrate_jointly(EXAMPLE, draws=60)


def test_it_is_the_same_again(found):
    again = jaksim.calibrate_jointly(EXAMPLE, draws=60)
    assert json.dumps(again.document) == json.dumps(found.document)


def test_its_file_is_a_parameter_set_of_effects(found, tmp_path):
    path = tmp_path / "own.json"
    found.write(path)
    read = load_parameter_set(str(path))
    assert set(read.treatments) == {"dexamethasone", "hydrocortisone"}
    assert read.draws.shape == (60, 4)
    posterior = found.calibration.posterior
    at = [
        posterior.coordinates.of_drug("hydrocortisone", cell) for cell in ("death.not_ventilated", "death.ventilated")
    ]
    effects = read.treatments["hydrocortisone"].effects
    assert [effect.log_hazard_ratio for effect in effects] == pytest.approx(posterior.mean[at], rel=1e-6)
    assert [effect.current_scores for effect in effects] == [(5, 6), (7,)]
    assert len(read.pooling.trials) == 3
    assert read.pooling.tau_draws == pytest.approx(posterior.tau_draws, rel=1e-5)
    assert not read.pooling.interactions


def test_a_drug_with_one_small_trial_lies_between_it_and_its_class(found):
    posterior = found.calibration.posterior
    coordinates = posterior.coordinates
    stage = next(one for one in found.calibration.stages if one.study.name == "codex")
    by_itself = np.linalg.pinv(stage.effects.information) @ stage.effects.weighted
    drug = posterior.mean[coordinates.of_drug("dexamethasone", "death.ventilated")]
    others = next(one for one in found.calibration.influence if one.study == "codex")
    assert min(by_itself[1], others.without[1]) - 0.02 < drug < max(by_itself[1], others.without[1]) + 0.02


def test_influence_is_that_of_a_fit_without_the_trial(found):
    from jaksim.pooling.hierarchy import fit

    one = next(one for one in found.calibration.influence if one.study == "cape-covid")
    trials = [trial for trial in found.calibration.posterior.summaries if trial.study != "cape-covid"]
    without = fit(trials, found.calibration.posterior.priors, draws=10)
    at = [without.coordinates.of_drug("hydrocortisone", cell) for cell in one.cells]
    assert one.without == pytest.approx(without.mean[at], abs=0.02)
    assert one.without_sd == pytest.approx(without.sd[at], rel=0.05)


def test_report_and_json_tell_of_trials_effects_and_priors(found):
    report = found.report()
    for words in ("cape-covid", "hydrocortisone", "EACH TRIAL LEFT OUT", "half-normal 0.25", "Recreate"):
        assert words in report
    contents = found.as_dict()
    assert {fit["study"] for fit in contents["pooling"]["fits"]} == {"codex", "cape-covid", "remap-cap-hydrocortisone"}
    assert contents["pooling"]["fits"][0]["targets"][0]["z"] is not None
    assert len(found.to_pandas()) == 4


def test_options_out_of_range_are_refused():
    with pytest.raises(InputError, match="draws"):
        jaksim.calibrate_jointly(EXAMPLE, draws=2)
