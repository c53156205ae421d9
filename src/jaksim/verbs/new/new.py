"""The verb `new`: the files of a trial of one's own, or a copy of a scenario."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from jaksim.calibration.study import load_calibration_study
from jaksim.checks import named
from jaksim.errors import InputError
from jaksim.evidence import load_study
from jaksim.evidence.check import check_study
from jaksim.result import Result
from jaksim.verbs.new.copied import copied_files
from jaksim.verbs.new.files import EVIDENCE, PARAMETERS, SCENARIO, STUDY, files_of
from jaksim.verbs.new.given import given
from jaksim.verbs.options.base import flags_by_name, takes
from jaksim.verbs.options.new import NewOptions
from jaksim.version import __version__
from jaksim.whole_file import explained, write_whole


@dataclass(frozen=True, repr=False)
class NewTrial(Result):
    """Files that were written to a directory, and the commands that go on from there."""

    directory: str
    files: tuple[str, ...]
    next: tuple[str, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """How many files there are, and where."""
        return f"{len(self.files)} files in {self.directory}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per file."""
        return [{"file": name} for name in self.files]


@takes(NewOptions)
def new(directory: str | PathLike[str], options: NewOptions) -> NewTrial:
    """Write scale, evidence, study and scenario of a trial of one's own to a new directory, or copy a scenario.

    Nothing is written before all of it is valid, and nothing that is there is replaced unless `force` is given. Raises
    `InputError` for what is missing or cannot be.
    """
    place = Path(named(directory, "directory"))
    if options.copy is not None:
        _alone(options)
        files = copied_files(options.copy)
    else:
        files = files_of(given(options))
    _check_place(place, files, force=options.force)
    _write(place, files, check=options.copy is None)
    return NewTrial(
        directory=str(place),
        files=tuple(files),
        next=_copied_next(place, options.copy) if options.copy is not None else _own_next(place),
        provenance={"version": __version__, "command": _command(place, options)},
    )


def _alone(options: NewOptions) -> None:
    for one in fields(options):
        if one.name not in ("copy", "force") and getattr(options, one.name) != one.default:
            raise InputError(
                "a copy is edited afterwards",
                where=f"‹{one.name}›",
                allowed="‹copy› alone",
                got=getattr(options, one.name),
            )


def _check_place(place: Path, files: Mapping[str, str], *, force: bool) -> None:
    """InputError where the files cannot stand, or others of the same name do."""
    if not place.parent.is_dir():
        raise InputError("there is no such directory", where=str(place), allowed=f"a new directory in {place.parent}")
    if place.exists() and not place.is_dir():
        raise InputError("this is a file", where=str(place), allowed="a new directory")
    there = [name for name in (*files, PARAMETERS) if (place / name).exists()]
    if there and not force:
        raise InputError(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already",
            where=str(place),
            allowed="another directory, or ‹force› to replace",
        )


def _write(place: Path, files: Mapping[str, str], *, check: bool) -> None:
    """Write all files or none: a new directory appears with everything in it."""
    with explained(place):
        made = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        for name, text in files.items():
            with explained(place / name):
                (made / name).write_text(text, "utf-8")
        if check:
            _check(made)
        with explained(place):
            made.chmod(0o755)
            if not place.exists():
                made.rename(place)
                return
            for name, text in files.items():
                write_whole(place / name, text.encode())
            # A calibration of what was there before would be taken for that of the new evidence.
            (place / PARAMETERS).unlink(missing_ok=True)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _check(made: Path) -> None:
    """InputError where the figures contradict each other or the disease cannot be calibrated to them."""
    faults = check_study(load_study(made / EVIDENCE))
    if faults:
        raise InputError("the numbers do not fit together", details=[str(fault) for fault in faults])
    load_calibration_study(str(made / STUDY))


def _own_next(place: Path) -> tuple[str, ...]:
    evidence, study, scenario, parameters = (
        shlex.quote(str(place / name)) for name in (EVIDENCE, STUDY, SCENARIO, PARAMETERS)
    )
    return (
        f"jaksim evidence check {evidence}",
        f"jaksim calibrate {study} --out {parameters}",
        f"jaksim show {scenario}",
        f"jaksim power {scenario}",
        f"jaksim size {scenario} --power 0.9",
    )


def _copied_next(place: Path, name: str) -> tuple[str, ...]:
    scenario = shlex.quote(str(place / f"{name}.toml"))
    return f"jaksim show {scenario}", f"jaksim power {scenario}"


def _command(place: Path, options: NewOptions) -> str:
    """The command line that writes the same files."""
    words = ["jaksim new", shlex.quote(fspath(place))]
    defaults = {one.name: one.default for one in fields(options)}
    for name, flag in flags_by_name(NewOptions).items():
        value = getattr(options, name)
        if value == defaults[name]:
            continue
        spelled = flag.spelled(name)
        given_values = value if isinstance(value, tuple) else (value,)
        words += [spelled if one is True else f"{spelled} {shlex.quote(_plain(one))}" for one in given_values]
    return " ".join(words)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
