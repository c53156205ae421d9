"""Patients of a user's own: a table of which each patient of the trial is a row."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.named_file import beside
from jaksim.patient_data.reading.columns import Columns
from jaksim.patient_data.reading.data_file import read_columns
from jaksim.scenario.patients.words import line
from jaksim.scenario.section import join, located, read_section
from jaksim.trial.assumption import Assumption
from jaksim.trial.characteristics import Characteristic, Steps
from jaksim.trial.characteristics.cells import of_one_latent

_WHERE = "population.table"


def read_patient_table(
    table: Mapping[str, Any], strata: Sequence[str], folder: Path, latent: int
) -> tuple[list[Characteristic], list[Assumption], dict[str, str]]:
    """The columns as characteristics that share a latent, what is assumed, and the hash of the file by its name.

    A patient has all values of one row, each row as often as any other or by its weight.
    """
    values = read_section(table, _WHERE, _WHERE)
    names = values["columns"]
    if not names or len(set(names)) < len(names):
        raise InputError("columns are named once each", where=join(_WHERE, "columns"), got=names)
    with located(join(_WHERE, "file")):
        data = read_columns(beside(os.path.join(os.curdir, values["file"]), folder))
    rows = np.stack([_numbers(data, name) for name in names], axis=1)
    weights = _numbers(data, values["weight"]) if values["weight"] else np.ones(len(rows))
    if np.any(weights < 0.0) or not weights.any():
        wrong = "a weight is negative" if np.any(weights < 0.0) else "the weights are all 0"
        raise InputError(wrong, where=join(_WHERE, "weight"), allowed="0 or more, one above 0", got=values["weight"])
    chosen = [np.ones(len(rows), dtype=np.bool_)]
    if values["stratum"]:
        data.require(values["stratum"], "the strata")
        names_of_strata = data.words(values["stratum"])
        others = sorted(set(names_of_strata.tolist()) - set(strata))
        if others:
            raise InputError("no such stratum", where=join(_WHERE, "stratum"), allowed=strata, got=others[0])
        chosen = [names_of_strata == name for name in strata]
    by_stratum = []
    for name, rows_of_it in zip(strata, chosen, strict=False):
        if not weights[rows_of_it].any():
            raise InputError(f"no patient is in stratum {name!r}", where=join(_WHERE, "stratum"))
        by_stratum.append(_steps(rows[rows_of_it], weights[rows_of_it]))
    items = [
        Characteristic(
            name, latent, tuple(columns[number] for columns in by_stratum), "", values["source"], values["assumption"]
        )
        for number, name in enumerate(names)
    ]
    words = f"{', '.join(names)} of {len(rows):,} patients in {values['file']}, each patient one of them"
    assert data.content_hash is not None
    return items, [line("table", words, values["source"], values["assumption"])], {values["file"]: data.content_hash}


def _numbers(data: Columns, name: str) -> Floats:
    data.require(name, "the patients")
    found = data.numbers(name)
    missing = np.flatnonzero(np.isnan(found))
    if len(missing):
        raise InputError(
            "a value is missing, and a patient needs all of them",
            where=f"{data.where}, column {name!r}, row {data.row(int(missing[0]))}",
        )
    return found


def _steps(rows: Floats, weights: Floats) -> tuple[Steps, ...]:
    """The different rows as steps of one latent, with the share of each."""
    different, number = np.unique(rows, axis=0, return_inverse=True)
    shares = np.bincount(number.ravel(), weights=weights, minlength=len(different)).astype(np.float64)
    return of_one_latent(different, shares)
