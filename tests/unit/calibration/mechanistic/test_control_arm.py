"""What of a study is left when its control arm stands alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jaksim.calibration.mechanistic.control_arm import control_arms, control_only
from jaksim.errors import InputError


@pytest.mark.parametrize(
    ("study", "treatments", "controls"),
    [
        ("actt-2", ["baricitinib"], {"placebo"}),
        ("recovery-dexamethasone", ["dexamethasone"], {"usual-care"}),
        ("ruxcovid-devent", ["ruxolitinib 5 mg", "ruxolitinib 15 mg"], {"placebo"}),
    ],
)
def test_only_fitted_figures_of_the_control_arm_stay_and_effects_are_held(study_of, study, treatments, controls):
    full = study_of(study)
    found = control_only(full, treatments)
    assert set(control_arms(full, treatments)) == controls
    expected = [
        target.id
        for target, statistic in zip(full.targets, full.statistics, strict=True)
        if target.role == "fit" and statistic.arm in controls and not statistic.reference
    ]
    assert expected
    assert [target.id for target in found.targets] == expected
    held = {e.parameter for e in full.template.effects if e.treatment in treatments}
    for before, after in zip(full.template.parameters, found.template.parameters, strict=True):
        assert after.prior_sd == (0.0 if before.name in held else before.prior_sd)
        assert (after.name, after.prior_mean) == (before.name, before.prior_mean)


def test_treatments_that_no_arm_or_every_arm_gives_are_refused(study_of):
    with pytest.raises(InputError, match="an arm with the treatments and one without"):
        control_only(study_of("actt-2"), ["tofacitinib"])
    with pytest.raises(InputError, match="an arm with the treatments and one without"):
        control_only(study_of("actt-2"), ["remdesivir"])


def test_a_control_arm_without_figures_is_refused(study_of):
    study = study_of("small")
    with pytest.raises(InputError, match="no figure of the control arm"):
        control_only(
            replace(study, targets=study.targets[1:], statistics=study.statistics[1:]),
            ["baricitinib"],
        )
