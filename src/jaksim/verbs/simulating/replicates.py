"""The verb `simulate_replicates`: the patients of many simulated trials in one file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim.checks import is_whole
from jaksim.design.patients import patient_table
from jaksim.design.patients.conducted_patients import replicates_of
from jaksim.design.patients.counterfactual import simulate_worlds
from jaksim.design.sums.precision import check_seed
from jaksim.design.table_stream import table_stream
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import door_words
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.simulate import SimulateReplicatesOptions
from jaksim.verbs.provenance import command, provenance_of
from jaksim.verbs.simulate import check_followed, door_of

_LAST: Final = 2**32


@dataclass(frozen=True, repr=False)
class SimulatedReplicates(Result):
    """What was written: `patients` of the replicates `first` up to, not including, `last`, in `file`.

    In `empty` replicates nobody was randomised. A patient under several regimens counts once for each.
    """

    scenario: str
    file: str
    first: int
    last: int
    patients: int
    empty: int
    seed: int
    provenance: Mapping[str, Any]

    def headline(self) -> str:
        """Replicates and patients."""
        return f"patients of replicates {self.first} to {self.last - 1}, seed {self.seed}: {self.patients}"

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row: what is in the file."""
        names = ("file", "first", "last", "patients", "empty")
        return [{name: getattr(self, name) for name in names}]


def range_of(asked: str | Sequence[int]) -> tuple[int, int]:
    """First replicate and the one after the last of "0:1000" or (0, 1000); InputError for what is no range."""
    parts = asked.split(":") if isinstance(asked, str) else list(asked)
    whole = [int(part) if isinstance(part, str) and part.isdecimal() else part for part in parts]
    if len(whole) != 2 or not all(map(is_whole, whole)) or not 0 <= int(whole[0]) < int(whole[1]) <= _LAST:
        allowed = "FIRST:LAST without the last, such as 0:1000 for the first thousand"
        raise InputError("no range of replicates", where="‹replicates›", allowed=allowed, got=asked)
    return int(whole[0]), int(whole[1])


@takes(SimulateReplicatesOptions)
def simulate_replicates(
    scenario: AskedScenario, out: str | os.PathLike[str], options: SimulateReplicatesOptions
) -> SimulatedReplicates:
    """Write the patients of a range of replicates to a CSV or Parquet file, one replicate after the other, each as
    `simulate_trial` gives it, with the column `replicate` in front; memory holds one replicate at a time.

    Raises `InputError` as `simulate_trial` does.
    """
    asked = scenario_of(scenario, options.changes)
    check_seed(options.seed)
    first, last = range_of(options.replicates)
    check_followed(options)
    patient_table.check_output(out)
    words = [f"--out FILE --replicates {first}:{last} --seed {options.seed}"]
    words += [
        name for name, on in (("--counterfactual", options.counterfactual), ("--as-known", options.as_known)) if on
    ]
    door = door_of(options, asked)
    provenance = provenance_of(asked, command("simulate", asked, words + door_words(door, [asked])))
    patients = empty = 0
    with table_stream(out, {"jaksim": json.dumps(provenance)}) as add:
        for replicate, columns in _tables(asked, options, first, last, door):
            n = 0 if columns is None else len(columns["patient"])
            if columns is None:
                empty += 1
            else:
                add({"replicate": np.full(n, replicate), **columns})
            patients += n
            if options.progress is not None:
                options.progress(1)
        if not patients:
            raise InputError("nobody is randomised in any of these replicates", where="‹replicates›")
    found = SimulatedReplicates(asked.path, os.fspath(out), first, last, patients, empty, options.seed, provenance)
    return about(found, asked)


def _tables(
    asked: Scenario, options: SimulateReplicatesOptions, first: int, last: int, door: str
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The columns of each replicate, None where nobody is randomised."""
    if options.counterfactual:
        trial = asked.trial.at_complete_data()
        for replicate in range(first, last):
            yield replicate, simulate_worlds(trial, seed=options.seed, replicate=replicate).columns()
        return
    numbers = range(first, last)
    drawn = replicates_of(asked.trial, seed=options.seed, replicates=numbers, as_known=options.as_known, door=door)
    for replicate, found in zip(numbers, drawn, strict=True):
        yield replicate, None if found is None else patient_table.patient_columns(found[0])
