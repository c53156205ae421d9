"""The keys of a file of evidence: a study, its arms, events and sources, and one record for each published figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jaksim.evidence.figures import (
    DIFFERENCE_MEASURES,
    INTERVAL_KINDS,
    PROPORTION_ESTIMATORS,
    RATIO_MEASURES,
)
from jaksim.evidence.records import CITATION_KINDS, ORIGINS
from jaksim.key import REQUIRED, Key

_CONTRAST = ("estimate", "interval", "level", "p_value", "interval_kind")
FIGURE_KEYS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(RATIO_MEASURES, (*_CONTRAST, "standard_error")),
    **dict.fromkeys(DIFFERENCE_MEASURES, (*_CONTRAST, "unit")),
    "proportion": ("count", "n", "percent", "interval", "level", "estimator"),
    "event_count": ("count", "n"),
    "score_counts": ("scores", "counts", "missing"),
    "median": ("estimate", "interval", "level", "quartiles", "unit"),
    "mean": ("estimate", "standard_deviation", "interval", "level", "n", "unit"),
}
"""By measure of a record, the keys of its figure."""

_FIGURE: Final = (
    Key("estimate", "number", "The ratio, difference, median or mean as printed."),
    Key("interval", "list of numbers", "Its lower and upper limit; inf for one that is not reached."),
    Key("level", "number", "Level of the interval.", 0.95, low=0.5, high=1.0),
    Key("p_value", "number or text", "As printed: a number, '<0.001', or either followed by 'one-sided'."),
    Key(
        "interval_kind",
        "text",
        "wald where the interval is symmetric around the estimate on its scale, other where it need not be.",
        "wald",
        INTERVAL_KINDS,
    ),
    Key("standard_error", "number", "Standard error of the logarithm of a ratio, where printed.", low=0.0),
    Key("unit", "text", "Unit of a difference, median or mean."),
    Key("count", "whole number", "Patients with the event; of an event_count, events.", low=0),
    Key("n", "whole number", "Patients among whom it is counted.", low=1),
    Key("percent", "number", "The percentage as printed.", low=0.0, high=100.0),
    Key("estimator", "text", "What the percentage is.", "crude", PROPORTION_ESTIMATORS),
    Key("scores", "list of whole numbers", "Scores of a table of counts."),
    Key("counts", "list of whole numbers", "Patients at each of them."),
    Key("missing", "whole number", "Patients without a score.", 0, low=0),
    Key("quartiles", "list of numbers", "Lower and upper quartile beside a median."),
    Key("standard_deviation", "number", "Standard deviation of the patients beside a mean.", low=0.0),
)


def _of_measures(key: Key) -> Key:
    measures = [measure for measure, names in FIGURE_KEYS.items() if key.name in names]
    return replace(key, description=f"{key.description} Of {', '.join(measures)}.")


_RECORD: Final = (
    Key(
        "id",
        "text",
        "Name of the record: what, for whom, in which arm, such as deaths_day28.score5.placebo.",
        REQUIRED,
    ),
    Key("measure", "text", "What kind of figure it is.", REQUIRED, tuple(FIGURE_KEYS)),
    Key("event", "text", "Name of the event that is counted or timed.", REQUIRED),
    Key("citation", "text", "Name of the citation that prints the figure.", REQUIRED),
    Key("origin", "text", "How the figure was come by.", REQUIRED, tuple(ORIGINS)),
    Key("population", "text", "The patients, in words.", REQUIRED),
    Key("when", "text", "The day in the study's own words.", ""),
    Key("subgroup", "text", "Which part of the trial it is about, where scores do not say it.", ""),
    Key(
        "favours_first",
        "text",
        "Of a contrast: which values, above or below no effect, speak for the first arm.",
        None,
        ("above", "below"),
    ),
    Key("adjusted_for", "text", "What a contrast is adjusted for.", ""),
    Key("concomitant", "text", "Other treatment of these patients.", ""),
    Key("derivation", "text", "How a derived figure was computed.", ""),
    Key("note", "text", "A remark for readers.", ""),
    Key("disputed", "text", "What other printings of the figure disagree about.", ""),
    Key("baseline_scores", "list of whole numbers", "Scores at randomisation of the patients; all when left out.", ()),
    Key("arms", "list of texts", "One arm, or numerator before denominator; none where all are pooled.", ()),
    Key("quoted_in", "list of texts", "Names of citations that quote it.", ()),
    Key("evidence_counts", "list of texts", "Records whose counts must agree with this one.", ()),
    Key("sum_of", "list of texts", "Records whose counts must add up to this one.", ()),
    Key("day", "whole number", "Days from randomisation (day 0), whatever the study calls that day."),
    Key("versions", "list of tables", "Other printings of the figure, and why they are not used.", ()),
    Key("misfits", "list of tables", "Faults of the publication itself that the checks are expected to find.", ()),
)

EVIDENCE_KEYS: Final[Mapping[str, tuple[Key, ...]]] = {
    "": (
        Key("id", "text", "Name of the study.", REQUIRED),
        Key("title", "text", "Title of the study.", REQUIRED),
        Key("summary", "text", "What was compared in whom, in a few sentences.", REQUIRED),
        Key("registry", "list of texts", "Registry numbers.", REQUIRED),
        Key("scale", "text", "Ordinal scale: a built-in name, or a TOML file by its path from this file.", REQUIRED),
        Key(
            "day_of_randomisation",
            "whole number",
            "Number that the study gives to the day of randomisation.",
            REQUIRED,
        ),
        Key("arms", "table", "The arms by name.", REQUIRED),
        Key("citations", "table", "The sources by name.", REQUIRED),
        Key("events", "table", "What is counted or timed, by name.", {}),
        Key("n_randomised", "whole number", "Patients randomised."),
        Key("published", "text", "Month in which the results first appeared in a journal, YYYY-MM.", ""),
        Key("concomitant", "text", "Other treatment of the patients.", ""),
        Key("score_mapping", "text", "How the categories of the study were put on the scale.", ""),
        Key("not_found", "list of texts", "Figures that no reachable source has.", ()),
        Key("design", "table", "The design in keys of your own; shown.", {}),
        Key("disputes", "list of tables", "Disagreements between sources that are not one number.", ()),
        Key("records", "list of tables", "The figures, one [[records]] each.", ()),
        Key("groups", "list of tables", "Records that have much in common, which a group says once.", ()),
    ),
    "arms.NAME": (
        Key("label", "text", "Name of the arm in reports.", REQUIRED),
        Key("treatments", "list of texts", "Names of its treatments.", REQUIRED),
        Key("regimen", "text", "Doses and duration in words.", REQUIRED),
        Key("n", "whole number", "Patients randomised to it."),
        Key("pools", "list of texts", "Arms that it stands for together.", ()),
    ),
    "events.NAME": (
        Key("definition", "text", "The event in words.", REQUIRED),
        Key("desirable", "true or false", "Whether it is good for the patient; left out where it is neither."),
    ),
    "citations.NAME": (
        Key("text", "text", "The full reference.", REQUIRED),
        Key("kind", "text", "What kind of source it is.", REQUIRED, CITATION_KINDS),
        Key("doi", "text", "Its DOI."),
        Key("url", "text", "Where it can be read."),
    ),
    "disputes": (
        Key("about", "text", "What it is about.", REQUIRED),
        Key("versions", "list of texts", "What is said.", REQUIRED),
        Key("followed", "text", "What is followed here, and why.", REQUIRED),
        Key("sources", "list of texts", "Names of the citations.", ()),
    ),
    "records": (*_RECORD, *map(_of_measures, _FIGURE)),
    "records.versions": (
        Key("citation", "text", "Name of the citation that prints it.", REQUIRED),
        Key("reason", "text", "Why it is not used.", REQUIRED),
        *map(_of_measures, _FIGURE),
    ),
    "records.misfits": (
        Key("fault", "text", "The fault in the words of the check.", REQUIRED),
        Key("reason", "text", "Why it stands.", REQUIRED),
    ),
}
"""By table of a file of evidence, the keys that it may hold; NAME stands for a name of the user's.

A table of `groups` has `records` and any keys of a record, which hold for those of its records that do not say
otherwise.
"""


def record_keys(measure: str) -> tuple[Key, ...]:
    """The keys of a record of this measure; of an unknown one those of every record."""
    return _with_figure("records", measure)


def version_keys(measure: str) -> tuple[Key, ...]:
    """The keys of another printing of a record of this measure."""
    return _with_figure("records.versions", measure)


def _with_figure(section: str, measure: str) -> tuple[Key, ...]:
    left_out = {key.name for key in _FIGURE} - set(FIGURE_KEYS.get(measure, ()))
    return tuple(key for key in EVIDENCE_KEYS[section] if key.name not in left_out)
