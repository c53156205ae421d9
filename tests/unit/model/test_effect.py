import math

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.effect import CovariateEffect, TreatmentEffect, Window
from jaksim.model.moves import Move
from jaksim.model.regimen import Interaction, Regimen, Treatment


def test_moves_may_be_groups_moves_or_text():
    effect = TreatmentEffect(("improvement", "5>4", Move(6, 5)), 0.1)
    assert effect.moves == ("improvement", Move(5, 4), Move(6, 5))
    assert TreatmentEffect("death", 0.1).moves == ("death",)
    assert TreatmentEffect(Move(5, 4), 0.1).moves == (Move(5, 4),)


def test_scores_are_sorted_and_plain_integers():
    effect = TreatmentEffect(("death",), 0.1, current_scores=np.array([7, 5, 7]), baseline_scores=6)
    assert effect.current_scores == (5, 7)
    assert effect.baseline_scores == (6,)
    assert all(type(score) is int for score in effect.current_scores)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"moves": ("improvment",)}, "did you mean 'improvement'"),
        ({"moves": ()}, "at least one group or move"),
        ({"moves": (5,)}, "neither a group"),
        ({"moves": 5}, "neither a group"),
        ({"log_hazard_ratio": math.nan}, "log_hazard_ratio: must be a finite number"),
        ({"log_hazard_ratio": -math.inf}, "finite"),
        ({"log_hazard_ratio": "large"}, "must be a number"),
        ({"standard_error": -0.1}, "standard_error: cannot be negative"),
        ({"current_scores": ()}, "leave it out"),
        ({"current_scores": (5.5,)}, "must be scores"),
        ({"baseline_scores": "56"}, "must be scores"),
        ({"moves": ("5>4",), "current_scores": (6, 7)}, "move 5>4 does not start at a current score"),
    ],
)
def test_impossible_effects_are_refused_with_their_label(arguments, message):
    given = {"moves": ("death",), "log_hazard_ratio": 0.1, "label": "on ventilation"} | arguments
    with pytest.raises(InputError, match=message) as caught:
        TreatmentEffect(**given)
    assert "effect 'on ventilation'" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, 3), r"must end after its start, day 5 \(got 3.0\)"),
        ((5, 5), "must end after its start"),
        ((-1, 3), "before day 0"),
        ((math.nan, 3), "finite"),
        ((0, math.nan), "finite"),
        ((math.inf, math.inf), "finite"),
        ((0, "ten"), "must be a number"),
        ((0, 10, "onst"), "did you mean 'onset'"),
    ],
)
def test_impossible_windows_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Window(*arguments)


def test_window_since_onset_is_shifted_and_cut_at_randomisation():
    window = Window(3, 10, "onset")
    assert window.since_randomisation(1.5) == (1.5, 8.5)
    assert window.since_randomisation(7.0) == (0.0, 3.0)
    assert window.since_randomisation(10.0) is None
    assert Window(3, math.inf, "onset").since_randomisation(100.0) == (0.0, math.inf)
    assert Window(3, 10).since_randomisation(7.0) == (3.0, 10.0)
    with pytest.raises(InputError, match="days_since_onset"):
        window.since_randomisation(None)


def test_covariate_effect_checks_itself():
    assert CovariateEffect("age", "death", 0.02).moves == ("death",)
    with pytest.raises(InputError, match="needs a name"):
        CovariateEffect("", ("death",), 0.02)
    with pytest.raises(InputError, match="covariate 'age', log_hazard_ratio"):
        CovariateEffect("age", ("death",), math.inf)
    with pytest.raises(InputError, match="covariate 'age', standard_error"):
        CovariateEffect("age", ("death",), 0.02, standard_error=-1)


def test_regimen_is_a_set_of_names():
    assert str(Regimen(("baricitinib", "remdesivir"))) == "baricitinib + remdesivir"
    assert str(Regimen()) == "no treatment"
    with pytest.raises(InputError, match="appears twice"):
        Regimen(("baricitinib", "baricitinib"))
    with pytest.raises(InputError, match="list of treatments"):
        Regimen("baricitinib")


def test_treatment_needs_a_name():
    with pytest.raises(InputError, match="needs a name"):
        Treatment(" ")


def test_interaction_defaults_to_no_effect_and_checks_itself():
    interaction = Interaction(("jak inhibitor", "glucocorticoid"), ("death",), prior_sd=0.2)
    assert interaction.log_hazard_ratio == 0.0
    with pytest.raises(InputError, match="pair"):
        Interaction(("jak inhibitor",), ("death",))
    with pytest.raises(InputError, match="pair"):
        Interaction("jak inhibitor", ("death",))
    with pytest.raises(InputError, match="prior_sd: cannot be negative"):
        Interaction(("a", "b"), ("death",), prior_sd=-1)
