"""The report of a joint calibration: trials, pooled effects, spread between trials, influence, agreement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.pooling.summaries import kind_of_cell
from jaksim.ratio import ratio_of
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph, recreated, title
from jaksim.report.parts.numbers import percent
from jaksim.verbs.pooled.calibrate import JointlyCalibrated

# Trials that tell so little of a cell are not printed for it.
_TOLD: Final = 0.9
_DOUBTFUL: Final = 0.7
_DISAGREE: Final = 0.05


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
    if pooling["interactions"]:
        yield ""
        yield from _interactions(pooling["interactions"], pooling["interaction"]["with"])
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
        "interaction_shared": "Interactions of two classes, correlation",
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
    yield recreated(provenance["command"])


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
    for name in interaction["classes"]:
        told = zip(kinds, interaction["estimate"][name], interaction["sd"][name], strict=True)
        rows += [
            (f"{name} x {interaction['with']}", kind, _ratio(estimate, error), "", f"{error:.2f}", "")
            for kind, estimate, error in told
            if error
        ]
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


def _interactions(interactions: Sequence[Mapping[str, Any]], other: str) -> Iterator[Block]:
    yield heading(f"Where everybody is on {other}: between trials and within them")
    rows = [
        (
            one["treatment_class"],
            kind,
            *(_ratio(one[by][k], one[f"{by}_sd"][k]) for by in ("between", "within", "together")),
        )
        for one in interactions
        for k, kind in enumerate(one["kinds"])
    ]
    yield columns(["Class", "Effect on", "Between trials", "Within trials", "Together"], rows)
    yield paragraph(
        "By how much the hazard ratio is multiplied, with 95 % interval, each under the same prior. Between trials: by "
        f"the shares of patients on {other} alone, so that whatever else differs between these trials counts too. "
        "Within trials: by patients on and off in the same trials alone."
    )
    for one in interactions:
        if one["df"]:
            said = "agree" if one["p_value"] >= _DISAGREE else "DISAGREE"
            yield paragraph(
                f"{one['treatment_class']}: {len(one['studies'])} trials compare patients on and off "
                f"({', '.join(one['studies'])}); the two {said} (distance² {one['statistic']:.1f} on {one['df']}, p "
                f"{one['p_value']:.2f})."
            )
        else:
            yield paragraph(f"{one['treatment_class']}: no trial compares patients on and off.")


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
        "Pooled: the same ratio of the model in the same trials at the pooled effects, weighed alike. Those "
        "more than half a standard error apart are explained below."
    )
    apart = [one for one in composites if not one["agrees"]]
    if apart:
        yield ""
        yield heading("Why they differ, in standard errors of the published pool")
        steps = list(apart[0]["steps"])
        rows = [
            (one["drug"], *(f"{one['steps'][step]:+.2f}" for step in steps), f"{one['distance']:+.2f}") for one in apart
        ]
        headers = ["Drug", *(step.capitalize() for step in steps), "All"]
        yield columns(headers, rows, right=tuple(range(1, len(headers))))
        yield paragraph(
            "Step by step, each changing one thing. Own estimates: the model at each trial's own estimates in place of "
            "its published ratio, so what its other figures say and how well the model fits the composite. One effect: "
            "the drug does the same in all its trials, weighed by what each tells of every move. Trials differ: they "
            "may. Glucocorticoids: they may change it. Other drugs: of the class, and all that is common to them."
        )
        for one in apart:
            yield paragraph(_why(one))


_STEP_WORDS: Final = {
    "own estimates": "the trials' own estimates differ from their published ratios",
    "one effect": "one effect in all trials weighs every figure of a trial, not the composite alone",
    "trials differ": "trials that may differ are weighed more alike than inverse variances do",
    "glucocorticoids": "glucocorticoids may change the effect",
    "other drugs": "the other drugs of the class have their say",
}


def _why(one: Mapping[str, Any]) -> str:
    """The reason of one drug: the largest step towards the pooled ratio, and the trials behind it."""
    sign = 1.0 if one["distance"] > 0 else -1.0
    largest = max(one["steps"], key=lambda step: sign * one["steps"][step])
    moved = max(one["trials"], key=lambda trial: abs(trial["moved"]))
    influential = max(one["trials"], key=lambda trial: abs(trial["without"]))
    words = f"{one['drug']}: the largest part ({one['steps'][largest]:+.2f}) because {_STEP_WORDS[largest]}."
    words += (
        f" {moved['study']} published {ratio_of(moved['reported']):.2f}; the model has {ratio_of(moved['own']):.2f} at "
        f"its own estimates ({moved['moved']:+.2f}) and {ratio_of(moved['pooled']):.2f} at the pooled effects."
    )
    if len(one["trials"]) > 1:
        words += (
            f" Without {influential['study']} the pooled ratio would be {abs(influential['without']):.2f} standard "
            f"errors {'higher' if influential['without'] > 0 else 'lower'}."
        )
    return words
