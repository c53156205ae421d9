"""The studies that ship with jaksim, and study files of the user's own."""

from __future__ import annotations

from functools import cache
from importlib import resources
from os import PathLike, fspath
from pathlib import Path

from jaksim.datafile import parse_toml
from jaksim.errors import InputError
from jaksim.evidence.figures import Printed
from jaksim.evidence.reading import read_study, study_from
from jaksim.evidence.records import Study


def study_ids() -> tuple[str, ...]:
    """Ids of the studies in the catalogue, sorted."""
    files = (resources.files("jaksim.evidence") / "catalog").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_study(name_or_path: str | PathLike[str]) -> Study:
    """A study of the catalogue by id, or one described by a TOML file, by path.

    Text that ends in `.toml` or holds a path separator is taken as a path. InputError for an unknown id and for a file
    that cannot be read or does not describe a study.
    """
    text = fspath(name_or_path)
    if isinstance(name_or_path, str) and not text.endswith(".toml") and Path(text).name == text:
        return _catalogued(text)
    return read_study(text)


@cache
def _catalogued(study_id: str) -> Study:
    if study_id not in study_ids():
        raise InputError("unknown study", where="evidence", allowed=(*study_ids(), "FILE.toml"), got=study_id)
    file = resources.files("jaksim.evidence") / "catalog" / f"{study_id}.toml"
    study = study_from(parse_toml(file.read_text("utf-8"), where=file.name, parse_float=Printed), file.name)
    if study.id != study_id:
        raise InputError("the id must be the name of the file", where=file.name, got=study.id)
    return study
