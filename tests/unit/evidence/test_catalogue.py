"""Parts of the trials of the individual-patient meta-analysis add up to the trials."""

import pytest

from jaksim.evidence import load_study

TRIALS = {
    "actt-2": ("baricitinib", "placebo"),
    "cov-barrier": ("baricitinib", "placebo"),
    "recovery-baricitinib": ("baricitinib", "usual_care"),
    "stop-covid": ("tofacitinib", "placebo"),
    "tactic-r": ("baricitinib", "standard_of_care"),
    "covinib": ("baricitinib", "usual_care"),
    "ghazaeian": ("tofacitinib", "control"),
    "ruxcovid": ("ruxolitinib", "placebo"),
    "ruxcovid-devent": ("ruxolitinib", "placebo"),
}
PARTITIONS = {
    "support": ("score4", "score5", "score6", "score7"),
    "age": ("age_70_or_more", "age_below_70"),
    "comorbidity": ("no_comorbidity", "one_comorbidity", "several_comorbidities", "immunosuppressed"),
    "co-medication": (
        "no_dexamethasone_no_tocilizumab",
        "dexamethasone_no_tocilizumab",
        "dexamethasone_and_tocilizumab",
        "tocilizumab_no_dexamethasone",
    ),
    "onset": ("onset_over_10_days", "onset_5_to_10_days", "onset_up_to_5_days"),
    "C-reactive protein": ("crp_75_or_more", "crp_below_75"),
}
MISSING_AT_RANDOMISATION = {
    ("actt-2", "onset"): (0, 1),
    ("actt-2", "C-reactive protein"): (20, 16),
    ("cov-barrier", "onset"): (1, 3),
    ("cov-barrier", "C-reactive protein"): (151, 129),
    ("recovery-baricitinib", "C-reactive protein"): (57, 44),
    ("stop-covid", "onset"): (1, 1),
    ("tactic-r", "support"): (0, 2),
    ("tactic-r", "onset"): (2, 0),
    ("tactic-r", "C-reactive protein"): (1, 0),
    ("ghazaeian", "support"): (0, 2),
    ("ghazaeian", "C-reactive protein"): (1, 1),
    ("ruxcovid", "onset"): (0, 1),
    ("ruxcovid", "C-reactive protein"): (5, 4),
    ("ruxcovid-devent", "C-reactive protein"): (11, 2),
}
"""Patients of the two arms who are in no stratum: the value is missing, or a stratum of two patients has no row."""


def deaths(study, group, arm):
    """Deaths and patients of one group in one arm; COV-BARRIER's ventilated patients have arms of their own."""
    names = [f"ipdma_deaths_day28.{group}.{arm}{part}" for part in ("", "_ventilated", "_both")]
    figures = [study[name].figure for name in names if name in study.records]
    assert len(figures) <= 1
    return (figures[0].count, figures[0].n) if figures else None


@pytest.mark.parametrize("by", PARTITIONS)
@pytest.mark.parametrize("study_id", TRIALS)
def test_strata_add_up_to_the_trial(study_id, by):
    study = load_study(study_id)
    missing = MISSING_AT_RANDOMISATION.get((study_id, by), (0, 0))
    for arm, n_missing in zip(TRIALS[study_id], missing, strict=True):
        strata = [found for group in PARTITIONS[by] if (found := deaths(study, group, arm))]
        if not strata:
            assert (study_id, by) in {("stop-covid", "C-reactive protein"), ("ruxcovid-devent", "onset")}
            continue
        events, n = deaths(study, "all", arm)
        assert sum(stratum[1] for stratum in strata) == n - n_missing
        assert events - sum(stratum[0] for stratum in strata) in range(min(n_missing, events) + 1)


@pytest.mark.parametrize("study_id", TRIALS)
def test_composite_of_those_not_ventilated_is_deaths_and_new_ventilation(study_id):
    study = load_study(study_id)
    for arm in TRIALS[study_id]:
        composite = study.records.get(f"ipdma_ventilation_or_death_day28.not_ventilated.{arm}")
        ventilated = study.records.get(f"ipdma_new_ventilation_day28.survivors.{arm}")
        if composite is None:
            assert study_id == "ruxcovid-devent"
            continue
        died = deaths(study, "all", arm)[0] - (deaths(study, "score7", arm) or (0, 0))[0]
        assert composite.figure.count == died + (ventilated.figure.count if ventilated else 0)
        assert ventilated is None or composite.figure.n == died + ventilated.figure.n
