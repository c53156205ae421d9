"""The scenarios that come with jaksim, which a name such as `actt4` stands for."""

from __future__ import annotations

from os import PathLike
from os.path import exists, isfile  # unlike those of Path False for a name that is too long
from pathlib import Path

from jaksim.errors import InputError

_PACKAGE = Path(__file__).parents[1]


def shipped_scenarios() -> dict[str, Path]:
    """The files by name; an installed package holds copies, a source tree has them beside `src`."""
    installed, source = _PACKAGE / "scenario_data", _PACKAGE.parents[1] / "scenarios"
    folder = installed if installed.is_dir() else source
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def scenario_file(given: str | PathLike[str]) -> Path:
    """The file that a path stands for, or a name when there is no file of that name."""
    path = Path(given)
    if path.suffix or len(path.parts) != 1 or isfile(path):
        return path
    return shipped_scenarios().get(path.name, path)


def is_shipped(given: str | PathLike[str]) -> bool:
    """Whether a text is the name of a scenario that comes with jaksim, and no file."""
    return scenario_file(given) != Path(given)


def check_name(given: str | PathLike[str]) -> None:
    """InputError for a name that is neither that of a file nor of a scenario that comes with jaksim."""
    path = scenario_file(given)
    if not path.suffix and len(path.parts) == 1 and not exists(path):
        raise InputError(
            "no such file, and no scenario of this name comes with jaksim", allowed=shipped_scenarios(), got=str(given)
        )
