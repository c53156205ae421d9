"""A fitted study as the parameter-set file that the run path reads."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np

from jaksim.calibration.fit import Calibration
from jaksim.model.parameter_set import FORMAT
from jaksim.version import __version__

DIGITS = 7


def parameter_document(calibration: Calibration, command: str = "") -> dict[str, Any]:
    """The JSON document of a parameter set, numbers rounded to 7 significant digits; `command` makes it again."""
    study = calibration.study
    errors = np.sqrt(np.diag(calibration.covariance))
    return {
        "format": FORMAT,
        "name": study.name,
        "study": study.name,
        "title": study.title,
        "horizon": study.horizon,
        "background": list(study.background),
        "natural_history_source": study.natural_history_source,
        "model": study.model_document,
        "parameters": [
            {
                "name": p.name,
                "estimate": rounded(estimate),
                "standard_error": rounded(error),
                "prior_mean": rounded(p.prior_mean),
                "prior_sd": rounded(p.prior_sd),
                "learned": rounded(learned(p.prior_sd, float(error))),
                "description": p.description,
            }
            for p, estimate, error in zip(study.template.parameters, calibration.estimate, errors, strict=True)
        ],
        "covariance": [[rounded(v) for v in row] for row in calibration.covariance],
        "draws": [[rounded(v) for v in row] for row in calibration.draws],
        "targets": [target_document(row) for row in calibration.fitted],
        "diagnostics": {key: rounded(v) for key, v in asdict(calibration.diagnostics).items()},
        "assumptions": [dict(a) for a in study.assumptions],
        "provenance": {
            "version": __version__,
            "input_hash": study.input_hash,
            "command": command,
        },
    }


def learned(prior_sd: float, standard_error: float) -> float | None:
    """Share of the prior variance that the data removed, 0 to 1; None for a parameter that is held fixed."""
    return max(0.0, 1.0 - (standard_error / prior_sd) ** 2) if prior_sd > 0 else None


def target_document(row: Any) -> dict[str, Any]:
    """One reported number beside its fitted value, as `jaksim calibrate --json` prints it."""
    interval = None if row.interval is None else [rounded(v) for v in row.interval]
    return {
        "id": row.id,
        "statistic": row.statistic,
        "reported": rounded(row.reported),
        "ci": interval,
        "fitted": rounded(row.fitted),
        "z": rounded(row.z),
        "role": row.role,
    }


def parameter_text(document: dict[str, Any]) -> str:
    """The file's text: indented, but each row of numbers, and each trial that was pooled, on one line."""
    compact = {key: document[key] for key in ("covariance", "draws")}
    shown = {**document, "covariance": "@covariance", "draws": "@draws"}
    if "pooling" in document:
        pooling = dict(document["pooling"])
        pooling["fits"] = [{key: value for key, value in fit.items() if key != "targets"} for fit in pooling["fits"]]
        compact |= {f"pooling.{key}": value for key, value in pooling.items() if isinstance(value, list)}
        shown["pooling"] = {
            key: f"@pooling.{key}" if isinstance(value, list) else value for key, value in pooling.items()
        }
    text = json.dumps(shown, indent=1, ensure_ascii=False)
    for key, rows in compact.items():
        lines = ",\n  ".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows)
        text = text.replace(f'"@{key}"', f"[\n  {lines}\n ]")
    return text + "\n"


def rounded(value: float | int | None) -> float | int | None:
    """A number as files have it, None where it is not finite."""
    if value is None or isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")
