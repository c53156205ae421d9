"""The report of a joint calibration: trials, pooled effects, spread between trials, influence, agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.pooling.summaries import kind_of_cell
from jaksim.ratio import ratio_of
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.report.parts.numbers import percent
from jaksim.verbs.pooled.calibrate import JointlyCalibrated

# Trials that tell so little of a cell are not printed for it.
_TOLD: Final = 0.9
_DOUBTFUL: Final = 0.7


def joint_answer(found: JointlyCalibrated) -> Iterator[Block]:
    """The report of the answer of `calibrate_jointly`."""
    yield from joint_report(found.as_dict())


def joint_report(document: Mapping[str, Any]) -> Iterator[Block]:
    """Tables of the object that `jaksim calibrate --joint --json` prints."""
    pooling = document["pooling"]
    yield title(document["title"])
    yield ""
    yield from _trials(pooling["fits"])
    yield ""
    yield from _effects(document["parameters"], pooling["interaction"], pooling["kinds"])
    yield ""
    yield from _deviations(pooling["deviations"], pooling["kinds"], pooling["priors"])
    classes = {trial["drug"]: trial["treatment_class"] for trial in pooling["trials"]}
    yield from _untold(pooling["fits"], pooling["kinds"], classes)
    if pooling["influence"]:
        yield ""
        yield from _influence(pooling["influence"])
    if pooling["composites"]:
        yield ""
        yield from _composites(pooling["composites"])
    yield ""
    yield heading("Priors")
    words = {
        "class_sd": "Effect of a class, normal, SD",
        "between_drugs": "SD between drugs of a class, half-normal, scale",
        "between_trials": "SD between trials of a drug, half-normal, scale",
        "interaction_sd": "Interaction with glucocorticoids, normal, SD",
    }
    for name, value in pooling["priors"].items():
        yield paragraph(f"{words[name]} {value:g}: {pooling['reasons'].get(name, 'no reason given')}.")
    if document["excluded"]:
        yield ""
        yield heading("Left out")
        for entry in document["excluded"]:
            yield paragraph(f"{entry['study']}: {entry['reason']}.")
    yield ""
    measured, provenance = document["diagnostics"], document["provenance"]
    yield paragraph(
        f"{measured['trials']} trials; the integral over the standard deviations is worth "
        f"{measured['effective_points']:.0f} equal points. {document['elapsed_seconds']:.1f} s; input "
        f"{provenance['input_hash']}, jaksim {provenance['version']}."
    )
    yield paragraph(f"Recreate: {provenance['command']}")


def _trials(fits: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    yield heading("Trials, each with its own natural history")
    rows = [
        (
            fit["study"],
            fit["drug"],
            fit["published"],
            "-" if fit["share"] is None else percent(fit["share"], 0),
            "; ".join(_told(fit)) or "-",
            str(fit["figures"]),
            f"{fit['mean_z_squared']:.2f}",
            f"{fit['pareto_k']:.2f}",
        )
        for fit in fits
    ]
    headers = ["Trial", "Drug", "Published", "Steroids", "Hazard ratios by itself", "Figures", "z²", "k"]
    yield columns(headers, rows, right=(3, 5, 6, 7))
    doubtful = [fit["study"] for fit in fits if fit["pareto_k"] > _DOUBTFUL]
    yield paragraph(
        "Hazard ratios with 95 % interval, natural history integrated out, without any other trial; cells of which a "
        "trial tells next to nothing are not printed. The trial's other cells are left free: for a trial known by "
        "deaths alone a ratio may lie off that of its counts, since the same deaths may come of other moves. What is "
        "pooled is the whole covariance, not these intervals one by one. Steroids: share of all patients on "
        "glucocorticoids, where an interaction is asked about. z²: mean over the trial's figures. k: Pareto k of the "
        "normal approximation"
        + (f", where the pooled effects are; above {_DOUBTFUL:g} in {', '.join(doubtful)}." if doubtful else ".")
    )


def _told(fit: Mapping[str, Any]) -> list[str]:
    return [
        f"{cell} {_ratio(estimate, error)}"
        for cell, estimate, error in zip(fit["cells"], fit["estimate"], fit["standard_error"], strict=True)
        if error < _TOLD
    ]


def _ratio(estimate: float, error: float) -> str:
    low, high = estimate - 1.96 * error, estimate + 1.96 * error
    return f"{ratio_of(estimate):.2f} ({ratio_of(low):.2f} to {ratio_of(high):.2f})"


def _effects(
    parameters: Sequence[Mapping[str, Any]], interaction: Mapping[str, Any], kinds: Sequence[str]
) -> Iterator[Block]:
    yield heading("Effects of each drug, on average over its trials")
    rows = []
    for entry in parameters:
        _, drug, cell = entry["name"].split(".", 2)
        rows.append(
            (
                drug,
                cell,
                _ratio(entry["estimate"], entry["standard_error"]),
                f"{entry['prior_sd']:.2f}",
                f"{entry['standard_error']:.2f}",
                percent(entry["learned"], 0),
            )
        )
    for kind, estimate, error in zip(kinds, interaction["estimate"], interaction["sd"], strict=True):
        if error:
            rows.append((f"x {interaction['with']}", kind, _ratio(estimate, error), "", f"{error:.2f}", ""))
    headers = ["Drug", "Effect on", "Hazard ratio (95 %)", "Prior SD", "SD", "Learned"]
    yield columns(headers, rows, right=(3, 4, 5))
    yield paragraph(
        f"Of {', '.join(interaction['classes'])} where nobody is on glucocorticoids, whom trials may lack: what "
        f"everybody on them changes is x {interaction['with']}. Learned: share of the prior variance removed."
        if interaction["classes"]
        else "Learned: share of the prior variance removed."
    )


def _deviations(
    deviations: Sequence[Mapping[str, Any]], kinds: Sequence[str], priors: Mapping[str, Any]
) -> Iterator[Block]:
    yield heading("How much trials of a drug, and drugs of a class, differ")
    words = {"between_trials": "between trials", "between_drugs": "between drugs"}
    rows = [
        (
            words[row["of"]],
            f"half-normal {row['prior_scale_between_trials']:g}",
            *(f"{row['median'][kind]:.2f} ({row['low'][kind]:.2f} to {row['high'][kind]:.2f})" for kind in kinds),
        )
        for row in deviations
        if row["of"] == "between_trials" or row["prior_scale_between_trials"] == priors["between_trials"]
    ]
    yield columns(["Standard deviation", "Prior between trials", *kinds], rows)
    yield paragraph("Of the log hazard ratio: median and 95 % interval; prior between trials varied.")


def _untold(fits: Sequence[Mapping[str, Any]], kinds: Sequence[str], classes: Mapping[str, str]) -> Iterator[Block]:
    """Which of the standard deviations no trials can tell, so that they are those of the prior."""
    between_trials, between_drugs = [], []
    for kind in kinds:
        drugs = [fit["drug"] for fit in fits if _tells(fit, kind)]
        if len(set(drugs)) == len(drugs):
            between_trials.append(kind)
        told = [classes[drug] for drug in set(drugs)]
        if len(set(told)) == len(told):
            between_drugs.append(kind)
    for of, untold, lack in (
        ("trials", between_trials, "no drug has two trials that tell"),
        ("drugs", between_drugs, "no class has two drugs whose trials tell"),
    ):
        if untold:
            yield paragraph(
                f"Between {of}, {' and '.join(untold)}: the figures above are the prior's, or nearly so, for {lack} "
                f"of {'it' if len(untold) == 1 else 'these'}."
            )


def _tells(fit: Mapping[str, Any], kind: str) -> bool:
    """Whether a trial tells more than next to nothing of a kind of effect."""
    return any(
        kind_of_cell(cell) == kind and error < _TOLD
        for cell, error in zip(fit["cells"], fit["standard_error"], strict=True)
    )


def _influence(influence: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    yield heading("Each trial left out")
    rows = []
    for one in influence:
        moved = max(range(len(one["moved"])), key=lambda position: abs(one["moved"][position]))
        rows.append(
            (
                one["study"],
                one["drug"],
                one["cells"][moved],
                f"{one['moved'][moved]:+.2f}",
                f"{one['statistic']:.1f} on {one['df']}",
                f"{one['p_value']:.2f}",
            )
        )
    yield columns(["Trial", "Drug", "Moves most", "By", "Distance²", "p"], rows, right=(3, 4, 5))
    yield paragraph(
        "By: how far the trial moves its drug's effect, in the standard deviations that the effect has without it. "
        "Distance²: of what the trial tells from what the others predict for it, chi-squared if they agree."
    )


def _composites(composites: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    yield heading("Ventilation or death: pooled effects against an inverse-variance pool of the published ratios")
    rows = [
        (
            one["drug"],
            one["measure"].replace("_", " "),
            ", ".join(trial["study"] for trial in one["trials"]),
            f"{ratio_of(one['reported']):.2f}",
            f"{ratio_of(one['pooled']):.2f}",
            f"{one['distance']:+.2f}",
        )
        for one in composites
    ]
    yield columns(["Drug", "Ratio", "Trials", "Published", "Pooled", "SE apart"], rows, right=(3, 4, 5))
    yield paragraph(
        "Pooled: the same ratio of the model in the same trials at the pooled effects, weighed alike; one that is more "
        "than half a standard error apart is marked below."
    )
    for one in composites:
        if not one["agrees"]:
            towards = "no effect" if abs(one["pooled"]) < abs(one["reported"]) else "a larger effect"
            yield paragraph(
                f"{one['drug']}: drawn towards {towards}. Where trials differ, the hierarchy weighs them more alike "
                "than inverse variances do; figures on death and discharge, trials without the composite and drugs of "
                "the class count too; and a mean over trials need not be what any one of them found."
            )
