import math

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.covariate_shape import Shape
from jaksim.model.disease import DiseaseModel, IntensityTable, PatientType
from jaksim.model.effect import CovariateEffect, TreatmentEffect, Window
from jaksim.model.moves import Move
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Interaction, Regimen, Treatment
from jaksim.piecewise import PiecewiseConstant
from jaksim.scale import niaid_8

NIAID = niaid_8()
HISTORY = NaturalHistory.of(
    NIAID,
    {
        "7>6": 0.1,
        "6>5": PiecewiseConstant((3, 7), (0.2, 0.3, 0.25)),
        "5>4": 0.3,
        "4>1": 0.5,
        "5>6": PiecewiseConstant((5,), (0.08, 0.04)),
        "6>8": 0.01,
        "7>8": 0.05,
    },
)
BARICITINIB = Treatment(
    "baricitinib",
    "jak inhibitor",
    (
        TreatmentEffect(("improvement",), 0.4, current_scores=(6,), window=Window(0, 14)),
        TreatmentEffect(("death",), -0.5),
    ),
)
DEXAMETHASONE = Treatment("dexamethasone", "glucocorticoid", (TreatmentEffect(("death",), -0.3, window=Window(0, 10)),))
REMDESIVIR = Treatment("remdesivir", "antiviral", (TreatmentEffect(("improvement",), 0.2),))
TREATMENTS = {treatment.name: treatment for treatment in (BARICITINIB, DEXAMETHASONE, REMDESIVIR)}


def model(**changes):
    return DiseaseModel(**({"natural_history": HISTORY, "treatments": TREATMENTS} | changes))


def intensity(table, text, day):
    move = Move(*(int(score) for score in text.split(">")))
    piece = np.searchsorted(table.breaks, day, side="right") - 1
    return table.generators[piece, NIAID.index(move.origin), NIAID.index(move.destination)]


def test_without_treatment_the_table_is_the_natural_history():
    table = model().intensities(Regimen(), PatientType(6))
    np.testing.assert_array_equal(table.breaks, [0, 3, 5, 7])
    for move, function in HISTORY.intensities.items():
        for day in (0.0, 2.99, 3.0, 4.0, 5.0, 6.9, 7.0, 30.0):
            assert intensity(table, str(move), day) == function(day)
    assert np.count_nonzero(table.generators[0]) == 7 + 4
    np.testing.assert_array_equal(table.generators[:, NIAID.index(8)], 0.0)
    np.testing.assert_allclose(table.generators.sum(axis=2), 0.0, atol=1e-16)


def test_effects_multiply_their_moves_in_their_window_and_no_others():
    table = model().intensities(Regimen(("baricitinib", "dexamethasone")), PatientType(6))
    np.testing.assert_array_equal(table.breaks, [0, 3, 5, 7, 10, 14])
    assert intensity(table, "6>5", 2.0) == pytest.approx(0.2 * math.exp(0.4), rel=1e-15)
    assert intensity(table, "6>5", 13.9) == pytest.approx(0.25 * math.exp(0.4), rel=1e-15)
    assert intensity(table, "6>5", 14.0) == 0.25
    assert intensity(table, "5>4", 2.0) == 0.3
    assert intensity(table, "7>8", 9.9) == pytest.approx(0.05 * math.exp(-0.8), rel=1e-15)
    assert intensity(table, "7>8", 10.0) == pytest.approx(0.05 * math.exp(-0.5), rel=1e-15)
    assert intensity(table, "5>6", 2.0) == 0.08


def test_the_order_of_a_regimen_changes_no_bit():
    forward = model().intensities(Regimen(("baricitinib", "dexamethasone", "remdesivir")), PatientType(6))
    backward = model().intensities(Regimen(("remdesivir", "dexamethasone", "baricitinib")), PatientType(6))
    assert forward.generators.tobytes() == backward.generators.tobytes()


def test_effects_by_baseline_score_depend_on_the_patient():
    early = Treatment("early", "", (TreatmentEffect(("improvement",), 1.0, baseline_scores=(5, 6)),))
    disease = model(treatments={"early": early})
    assert intensity(disease.intensities(Regimen(("early",)), PatientType(5)), "7>6", 0) == pytest.approx(0.1 * math.e)
    assert intensity(disease.intensities(Regimen(("early",)), PatientType(7)), "7>6", 0) == 0.1


def test_onset_clock_is_shifted_by_the_patients_days_since_onset():
    late = Treatment("late", "", (TreatmentEffect(("death",), 1.0, window=Window(7, 12, "onset")),))
    disease = model(treatments={"late": late})
    table = disease.intensities(Regimen(("late",)), PatientType(6, days_since_onset=4.5))
    np.testing.assert_array_equal(table.breaks, [0, 2.5, 3, 5, 7, 7.5])
    assert intensity(table, "7>8", 2.0) == 0.05
    assert intensity(table, "7>8", 2.5) == pytest.approx(0.05 * math.e)
    assert intensity(table, "7>8", 7.5) == 0.05
    over = disease.intensities(Regimen(("late",)), PatientType(6, days_since_onset=12.0))
    np.testing.assert_array_equal(over.generators, model().intensities(Regimen(), PatientType(6)).generators)
    with pytest.raises(InputError, match="days_since_onset"):
        disease.intensities(Regimen(("late",)), PatientType(6))


def test_covariates_act_per_unit():
    disease = model(covariate_effects=(CovariateEffect("decades over 60", ("death",), 0.5, current_scores=(7,)),))
    table = disease.intensities(Regimen(), PatientType(6, {"decades over 60": 2.0}))
    assert intensity(table, "7>8", 0) == pytest.approx(0.05 * math.e)
    assert intensity(table, "6>8", 0) == 0.01
    with pytest.raises(InputError, match="every patient needs a value of 'decades over 60'"):
        disease.intensities(Regimen(), PatientType(6))


def test_background_treatment_is_already_in_the_natural_history():
    disease = model(background=("remdesivir",))
    np.testing.assert_array_equal(
        disease.intensities(Regimen(("remdesivir",)), PatientType(6)).generators,
        model().intensities(Regimen(), PatientType(6)).generators,
    )


def interaction(*pair, value=0.7, **changes):
    return Interaction(pair, ("death",), value, prior_sd=0.2, **changes)


@pytest.mark.parametrize("pair", [("jak inhibitor", "glucocorticoid"), ("dexamethasone", "baricitinib")])
def test_interaction_needs_both_members(pair):
    disease = model(interactions=(interaction(*pair, window=Window(0, 10)),))
    both = disease.intensities(Regimen(("dexamethasone", "baricitinib")), PatientType(6))
    assert intensity(both, "7>8", 1) == pytest.approx(0.05 * math.exp(-0.8 + 0.7))
    assert intensity(both, "7>8", 10) == pytest.approx(0.05 * math.exp(-0.5))
    one = disease.intensities(Regimen(("dexamethasone",)), PatientType(6))
    assert intensity(one, "7>8", 1) == pytest.approx(0.05 * math.exp(-0.3))


def test_background_treatment_counts_for_interactions():
    disease = model(interactions=(interaction("antiviral", "jak inhibitor"),), background=("remdesivir",))
    expected = pytest.approx(0.05 * math.exp(-0.5 + 0.7))
    for names in (("baricitinib",), ("baricitinib", "remdesivir")):
        assert intensity(disease.intensities(Regimen(names), PatientType(6)), "7>8", 1) == expected
    assert disease.active_interactions(Regimen(("remdesivir",))) == ()


def test_interaction_within_the_background_is_not_applied_again():
    disease = model(
        interactions=(interaction("antiviral", "glucocorticoid"),), background=("remdesivir", "dexamethasone")
    )
    assert disease.active_interactions(Regimen(("remdesivir", "dexamethasone", "baricitinib"))) == ()


def test_interaction_within_one_class_needs_two_drugs_of_it():
    second = Treatment("tofacitinib", "jak inhibitor")
    disease = model(
        treatments=TREATMENTS | {"tofacitinib": second}, interactions=(interaction("jak inhibitor", "jak inhibitor"),)
    )
    assert disease.active_interactions(Regimen(("baricitinib",))) == ()
    assert len(disease.active_interactions(Regimen(("baricitinib", "tofacitinib")))) == 1


def test_moves_of_an_effect_shows_where_it_acts():
    assert model().moves_of(BARICITINIB.effects[0]) == (Move(6, 5),)
    assert model().moves_of(TreatmentEffect(("readmission",), 1.0)) == ()


def treated(*effects):
    return {"drug": Treatment("drug", "class", effects)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"treatments": treated(TreatmentEffect(("4>7",), 0.1))},
            r"treatment 'drug': no such move in the natural history \(got '4>7'\); allowed: 7>6, 6>5.*did you mean",
        ),
        (
            {"treatments": treated(TreatmentEffect(("death",), 0.1, current_scores=(9,), label="late"))},
            "treatment 'drug', effect 'late', current_scores: unknown score",
        ),
        ({"treatments": treated(TreatmentEffect(("death",), 0.1, baseline_scores=(0,)))}, "baseline_scores: unknown"),
        ({"treatments": {"other": BARICITINIB}}, "filed under another name"),
        ({"background": ("remdesivr",)}, "background: unknown treatment.*did you mean 'remdesivir'"),
        ({"interactions": (interaction("jak inhibitor", "glucocorticoids"),)}, "did you mean 'glucocorticoid'"),
        ({"covariate_effects": (CovariateEffect("age", ("3>1",), 0.1),)}, "covariate 'age': no such move"),
    ],
)
def test_names_that_do_not_exist_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        model(**changes)


def test_unknown_treatment_or_score_of_a_patient_is_refused():
    with pytest.raises(InputError, match="did you mean 'baricitinib'"):
        model().intensities(Regimen(("baricitnib",)), PatientType(6))
    with pytest.raises(InputError, match="did you mean 'baricitinib'"):
        model().active_interactions(Regimen(("baricitnib",)))
    with pytest.raises(InputError, match=r"unknown score \(got 11\)"):
        model().intensities(Regimen(), PatientType(11))


def test_an_overflowing_intensity_is_refused():
    with pytest.raises(InputError, match="out of range"):
        TreatmentEffect(("death",), 1e4)
    explosive = treated(*(TreatmentEffect(("death",), 99.0) for _ in range(9)))
    with pytest.raises(InputError, match="too large"):
        model(treatments=explosive).intensities(Regimen(("drug",)), PatientType(6))


@pytest.mark.parametrize("value", [math.nan, "old", math.inf])
def test_covariates_and_onset_must_be_numbers(value):
    with pytest.raises(InputError, match="covariate 'age'"):
        PatientType(5, {"age": value})
    with pytest.raises(InputError, match="days_since_onset"):
        PatientType(5, days_since_onset=value)


def test_patients_are_values():
    assert PatientType(5, {"age": 60}) == PatientType(5, {"age": 60.0})
    assert hash(PatientType(5, {"age": 60})) == hash(PatientType(5, {"age": 60.0}))
    with pytest.raises(InputError, match="cannot be negative"):
        PatientType(5, days_since_onset=-1)


GENERATOR = np.array([[-1.0, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("breaks", "generators", "message"),
    [
        ([1.0], [GENERATOR], "start at 0"),
        ([0.0, 2.0, 2.0], [GENERATOR] * 3, "increase"),
        ([], np.empty((0, 2, 2)), "start at 0"),
        ([0.0], [GENERATOR] * 2, "one square generator"),
        ([0.0], [GENERATOR[:1]], "one square generator"),
        ([0.0], GENERATOR, "one square generator"),
        ([0.0], [[[0.0, -1.0], [0.0, 0.0]]], "negative"),
        ([0.0], [[[-1.0, 0.5], [0.0, 0.0]]], "sum to 0"),
        ([0.0], [[[-np.inf, np.inf], [0.0, 0.0]]], "too large"),
    ],
)
def test_impossible_intensity_tables_are_refused(breaks, generators, message):
    with pytest.raises(InputError, match=message):
        IntensityTable(breaks, generators)


def test_intensity_tables_cannot_be_written_to():
    given = np.array([GENERATOR])
    table = IntensityTable(np.zeros(1), given)
    with pytest.raises(ValueError, match="read-only"):
        table.generators[0, 0, 1] = 2.0
    given[0, 0, 1] = 2.0
    assert table.generators[0, 0, 1] == 1.0
    assert table.n_states == 2


def test_an_effect_may_be_per_unit_of_a_covariate():
    thrombolysis = Treatment(
        "thrombolysis",
        effects=(
            TreatmentEffect(("improvement",), 0.8, window=Window(0, 7)),
            TreatmentEffect(("improvement",), -0.1, window=Window(0, 7), covariate="hours"),
        ),
    )
    changed = model(treatments={"thrombolysis": thrombolysis})
    for hours in (0.0, 2.5, 8.0):
        table = changed.intensities(Regimen(("thrombolysis",)), PatientType(5, {"hours": hours}))
        assert intensity(table, "5>4", 6.9) == pytest.approx(0.3 * math.exp(0.8 - 0.1 * hours))
        assert intensity(table, "5>4", 7.0) == 0.3
        assert intensity(table, "7>8", 1.0) == 0.05
    with pytest.raises(InputError, match=r"a covariate is missing.*'hours'"):
        changed.intensities(Regimen(("thrombolysis",)), PatientType(5, {"days": 1.0}))
    changed.intensities(Regimen(), PatientType(5))
    with pytest.raises(InputError, match="must be the name of a covariate"):
        TreatmentEffect(("improvement",), 0.8, covariate=3)


def test_patients_prepared_together_have_the_same_bits():
    effects = (
        CovariateEffect("age", ("death",), 0.03, shape=Shape(centre=60.0, per=10.0)),
        CovariateEffect(
            "age", ("improvement",), 1.0, shape=Shape("category", cuts=(50.0, 70.0), values=(0.0, 0.2, 0.5))
        ),
    )
    one, many = (model(covariate_effects=effects) for _ in range(2))
    regimen = Regimen(("baricitinib", "dexamethasone"))
    patients = [PatientType(score, {"age": age / 0.7}) for score in (5, 6) for age in range(20, 60)]
    many.prepare(regimen, patients)
    for patient in patients:
        alone, together = one.intensities(regimen, patient), many.intensities(regimen, patient)
        assert np.array_equal(alone.generators, together.generators)
        assert np.array_equal(alone.breaks, together.breaks)
    with pytest.raises(InputError, match="a covariate is missing"):
        many.prepare(regimen, [PatientType(5, {"age": 50.0}), PatientType(5)])
