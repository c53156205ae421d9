"""jaksim calibrate: refit a study and show every published figure beside its fitted value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import note, print_answer
from jaksim.errors import InputError
from jaksim.verbs.options.calibrate import CalibrateOptions
from jaksim.whole_file import check_place, explained

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(CalibrateOptions, before="draws")
def calibrate(
    study: Annotated[
        str | None,
        typer.Argument(
            metavar="[STUDY]",
            help="A calibrated study by name, or your own study file (TOML); with --joint a selection of trials.",
        ),
    ] = None,
    *,
    all_studies: Annotated[bool, typer.Option("--all", help="Fit every study that comes with jaksim.")] = False,
    joint: Annotated[
        bool,
        typer.Option(
            "--joint", help="Fit all trials of a selection ('pooled', or your own file) and pool the drugs' effects."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the parameter set (JSON) that scenarios can use."),
    ] = None,
    json: Json = False,
    options: CalibrateOptions,
) -> None:
    """Fit a disease model to a study's published figures.

    Every figure is matched by the same statistic of the model, computed exactly: a rate ratio by the Cox estimate, an
    odds ratio by the proportional-odds estimate, a median by the crossing of the cumulative incidence, counts by their
    likelihood.
    """
    from jaksim.calibration.study import calibrated_studies

    if joint:
        _jointly(study, all_studies=all_studies, out=out, json=json, options=options)
        return
    if (study is None) == (not all_studies):
        raise InputError("name one study, or give --all", where="calibrate", allowed=calibrated_studies())
    if out is not None and all_studies:
        raise InputError("--out takes one study, not --all", where="calibrate")
    if out is not None:
        with explained(out):
            check_place(out)
    names = calibrated_studies() if all_studies else (str(study),)
    from jaksim.verbs.calibrate import calibrate as fit

    for name in names:
        fitted = fit(name, **vars(options))
        if out is not None:
            fitted.write(out)
            fitted = fitted.kept_in(out)
            note(f"wrote {out}")
        print_answer(fitted, json, among="studies" if all_studies else None)


def _jointly(
    selection: str | None, *, all_studies: bool, out: Path | None, json: bool, options: CalibrateOptions
) -> None:
    """All trials of a selection at once."""
    if all_studies:
        raise InputError("--joint takes a selection, not --all", where="calibrate")
    if out is not None:
        with explained(out):
            check_place(out)
    from jaksim.calibration.joint.selection import load_joint_selection
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.pooled.calibrate import calibrate_jointly

    chosen = load_joint_selection(selection or "pooled")
    with shown_progress("trials", len(chosen.trials)) as progress:
        found = calibrate_jointly(chosen, **vars(options), progress=progress)
    if out is not None:
        found.write(out)
        found = found.kept_in(out)
        note(f"wrote {out}")
    print_answer(found, json)
