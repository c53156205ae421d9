"""jaksim calibrate: refit a study and show every published figure beside its fitted value."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import note, write_json
from jaksim.errors import InputError
from jaksim.whole_file import check_place, explained, write_whole

if TYPE_CHECKING:
    from jaksim.calibration.fit import Calibration

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def calibrate(
    study: Annotated[
        str | None, typer.Argument(metavar="[STUDY]", help="A calibrated study by name, or your own study file (TOML).")
    ] = None,
    all_studies: Annotated[bool, typer.Option("--all", help="Fit every study that comes with jaksim.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the parameter set (JSON) that scenarios can use."),
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="Posterior draws kept in the parameter set.", min=10)] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the posterior draws.", min=0)] = 1,
    json: Json = False,
) -> None:
    """Fit a disease model to a study's published figures.

    Every figure is matched by the same statistic of the model, computed exactly: a rate ratio by the Cox estimate, an
    odds ratio by the proportional-odds estimate, a median by the crossing of the cumulative incidence, counts by their
    likelihood.
    """
    from jaksim.calibration.study import calibrated_studies

    if (study is None) == (not all_studies):
        raise InputError("name one study, or give --all", where="calibrate", allowed=calibrated_studies())
    if out is not None and all_studies:
        raise InputError("--out takes one study, not --all", where="calibrate")
    if out is not None:
        with explained(out):
            check_place(out)
    names = calibrated_studies() if all_studies else (str(study),)
    documents = []
    for name in names:
        started = time.perf_counter()
        fitted = _fit(name, draws, seed)
        documents.append(_document(fitted, time.perf_counter() - started))
        if out is not None:
            _write(out, fitted)
        if not json:
            _show(fitted, documents[-1])
    if json:
        write_json({"studies": documents} if all_studies else documents[0])


def _fit(name: str, draws: int, seed: int) -> Calibration:
    from jaksim.calibration.fit import calibrate as fit
    from jaksim.calibration.study import load_calibration_study

    return fit(load_calibration_study(name), draws=draws, seed=seed)


def _document(fitted: Calibration, seconds: float) -> dict[str, Any]:
    from jaksim.calibration.parameter_file import parameter_document

    document = parameter_document(fitted)
    return {
        "study": document["study"],
        "title": document["title"],
        "targets": document["targets"],
        "parameters": document["parameters"],
        "diagnostics": document["diagnostics"],
        "assumptions": document["assumptions"],
        "provenance": document["provenance"],
        "elapsed_seconds": round(seconds, 3),
    }


def _write(out: Path, fitted: Calibration) -> None:
    from jaksim.calibration.parameter_file import parameter_document, parameter_text

    with explained(out):
        write_whole(out, parameter_text(parameter_document(fitted)).encode())
    note(f"wrote {out}")


def _show(fitted: Calibration, document: dict[str, Any]) -> None:
    from jaksim.cli.output import print_report
    from jaksim.report.calibration import calibration_report

    print_report(calibration_report(document))
