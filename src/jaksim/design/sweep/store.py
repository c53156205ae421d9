"""The directory of a sweep: a manifest, shards of sums and, in the end, the table of results."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from jaksim.checks import whole
from jaksim.datafile import parse_json, read_text
from jaksim.design.sweep.files import SHARD_ENDINGS, TABLE_ENDINGS, rows_of_shard, shard_content, table_content
from jaksim.design.sweep.lock import NAME as LOCK
from jaksim.design.sweep.lock import locked
from jaksim.design.sweep.part import KINDS, Row
from jaksim.design.sweep.place import place_from, seen_from
from jaksim.design.sweep.plan import FORMAT, Shard, SweepDesign, SweepPlan
from jaksim.errors import InputError
from jaksim.whole_file import write_whole

MANIFEST: Final = "manifest.json"
SHARDS: Final = "shards"
RESULTS: Final = "results"
CHARACTERISTICS: Final = "characteristics"
CONTRASTS: Final = "contrasts"
DIGITS: Final = 32
TABLES: Final = (RESULTS, CHARACTERISTICS, CONTRASTS)
_NAME: Final = re.compile(rf"(\d+-\d{{6,}})\.([0-9a-f]{{{DIGITS}}})({'|'.join(map(re.escape, SHARD_ENDINGS))})")
_WRITABLE: Final = "a directory that can be written to, with room"
_LEFT: Final = re.compile(r"\.\d+-\d{6,}\..*")


class SweepStore:
    """One sweep on disk; every file appears whole or not at all, and a shard carries the hash of its content.

    What is on disk decides alone what is left to do: there is no list of finished work that could be wrong.
    """

    def __init__(self, directory: str | os.PathLike[str], plan: SweepPlan) -> None:
        self.directory = Path(directory)
        self.plan = plan
        self._new = False
        self._made: list[Path] = []  # what was made to begin the sweep, outermost first

    @classmethod
    def create(cls, directory: str | os.PathLike[str], plan: SweepPlan, *, new: bool = True) -> SweepStore:
        """Begin a sweep in an empty directory, which is made if need be.

        With `new` false the directory may hold the same sweep, which then goes on to the end of the longer plan. When
        the sweep cannot be begun, nothing is left of it.
        """
        store = cls(directory, plan)
        store._new = not (store.directory / MANIFEST).exists()
        with store.given_up_on_error():
            with explained(store.directory):
                store._make(store.directory)
                store._check_free(new)
                store._make(store.directory / SHARDS)
            with store.locked():
                if (store.directory / MANIFEST).exists():
                    store.plan = cls.open(directory).plan.joined(plan, str(directory))
                store._write_manifest()
        return store

    @contextmanager
    def given_up_on_error(self) -> Iterator[None]:
        """Remove a sweep that was begun here, with its directory, when an error ends the block and no shard is there.

        An interruption is no error: the sweep is to go on.
        """
        try:
            yield
        except Exception as error:
            if not (self._new and self._give_up()):
                raise
            if isinstance(error, InputError) and isinstance(error.__cause__, OSError):
                raise InputError(
                    f"{error.__cause__.strerror}; no sweep is begun",
                    where=error.where,
                    allowed=_WRITABLE,
                ) from error.__cause__
            raise

    def _make(self, directory: Path) -> None:
        missing = [path for path in (directory, *directory.parents) if not path.exists()]
        directory.mkdir(exist_ok=True)
        self._made += reversed(missing)

    def _give_up(self) -> bool:
        """Whether no shard was there, so that the sweep is gone."""
        if any((self.directory / SHARDS).glob("*")):
            return False
        with suppress(OSError):
            for name in (MANIFEST, LOCK):
                (self.directory / name).unlink(missing_ok=True)
            for path in reversed(self._made):
                path.rmdir()
        return True

    def _check_free(self, new: bool) -> None:
        if (self.directory / MANIFEST).exists():
            if new:
                allowed = "‹resume› to go on, ‹grow› to add replicates, or another directory"
                raise InputError("the directory holds a sweep already", where=str(self.directory), allowed=allowed)
            return
        others = [path.name for path in self.directory.iterdir() if path.name not in (LOCK, SHARDS)]
        if any(not name.startswith(f".{MANIFEST}.") for name in others):
            raise InputError(
                "the directory holds other files",
                where=str(self.directory),
                allowed="a new or an empty directory",
                got=others[0],
            )

    @classmethod
    def open(cls, directory: str | os.PathLike[str]) -> SweepStore:
        """The sweep in a directory; InputError when there is none or its manifest was changed by hand."""
        path = Path(directory) / MANIFEST
        if not path.is_file():
            raise InputError("there is no sweep in this directory", where=str(directory))
        content = parse_json(read_text(path), where=str(path), what="the manifest of a sweep")
        if content.get("format") != FORMAT:
            raise InputError("a sweep of another format", where=str(path), allowed=str(FORMAT))
        try:
            given = content["design"]
            points = tuple(tuple(point) for point in given["points"])
            place = place_from(directory, content.get("scenario"), given["path"])
            design = SweepDesign(**{**given, "keys": tuple(given["keys"]), "points": points}, place=place)
            stages = tuple(whole(last, "stages") for last in content["stages"])
            as_written = content["fingerprint"] == design.fingerprint and list(stages) == sorted({*stages, 0})[1:]
        except (ValueError, KeyError, TypeError, AttributeError, InputError):
            as_written = False
        if not as_written:
            raise InputError("the manifest was changed by hand", where=str(path))
        return cls(directory, SweepPlan(design, stages))

    def grow(self, replicates: int) -> None:
        """Add replicates to every point of the plan."""
        self.plan = self.plan.grown(replicates)
        with explained(self.directory):
            for name in TABLES:  # they would not be those of the longer sweep
                self._remove(name)
        self._write_manifest()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out of the directory."""
        with ExitStack() as stack:
            with explained(self.directory):
                stack.enter_context(locked(self.directory))
            yield

    def clean(self) -> list[str]:
        """Remove what killed processes left and shards that are damaged; the names of the latter."""
        damaged = []
        with explained(self.directory):
            for path in sorted((self.directory / SHARDS).iterdir()):
                if _LEFT.fullmatch(path.name):
                    path.unlink()
                elif (found := _NAME.fullmatch(path.name)) and _digest(path.read_bytes()) != found[2]:
                    damaged.append(path.name)
                    path.unlink()
            for name in (MANIFEST, *TABLES):
                for path in self.directory.glob(f".{name}.*"):
                    path.unlink()
        return damaged

    def files(self) -> dict[str, Path]:
        """The files of finished shards by the name of the shard."""
        found: dict[str, Path] = {}
        with explained(self.directory):
            for path in sorted((self.directory / SHARDS).iterdir()):
                match = _NAME.fullmatch(path.name)
                if match is None:
                    continue
                if match[1] in found:
                    raise InputError(
                        f"two files have the replicates of shard {match[1]} and differ",
                        where=str(path.parent),
                        allowed="results of one version of jaksim on one kind of processor; remove one of them",
                        got=path.name,
                    )
                found[match[1]] = path
        return found

    def write(self, shard: Shard, rows: Sequence[Row]) -> None:
        """Keep the sums of a finished shard."""
        metadata = {"jaksim sweep": self.plan.design.fingerprint, "jaksim shard": shard.name}
        self.adopt(shard.name, *shard_content(rows, KINDS, metadata))

    def adopt(self, shard: str, content: bytes, ending: str) -> None:
        """Keep the content of a shard's file."""
        path = self.directory / SHARDS / f"{shard}.{_digest(content)}{ending}"
        with explained(path):
            write_whole(path, content)

    def read(self, shard: str, path: Path) -> list[Row]:
        """The rows of a shard; InputError for a file that is damaged or of another sweep."""
        with explained(path):
            content = path.read_bytes()
        if _digest(content) not in path.name:
            raise InputError("the file is damaged", where=str(path), allowed="‹resume›, which computes it again")
        rows, metadata = rows_of_shard(path, content)
        if metadata.get("jaksim sweep") != self.plan.design.fingerprint or metadata.get("jaksim shard") != shard:
            raise InputError("the file belongs to another sweep", where=str(path))
        return rows

    def write_table(self, name: str, columns: Mapping[str, Any], kinds: Mapping[str, str]) -> Path:
        """Write a table of results, whose bytes depend on the design and the replicates alone."""
        design = self.plan.design
        about = {
            "version": design.version,
            "fingerprint": design.fingerprint,
            "seed": design.seed,
            "replicates": self.plan.replicates,
        }
        content, ending = table_content(columns, kinds, {"jaksim": json.dumps(about)})
        path = self.directory / f"{name}{ending}"
        with explained(path):
            write_whole(path, content)
            self._remove(name, but=ending)
        return path

    def table(self, name: str) -> Path | None:
        """The file of a table of results, None where it is not written."""
        paths = (self.directory / f"{name}{ending}" for ending in TABLE_ENDINGS)
        return next((path for path in paths if path.exists()), None)

    def _remove(self, name: str, *, but: str | None = None) -> None:
        for ending in TABLE_ENDINGS:
            if ending != but:
                (self.directory / f"{name}{ending}").unlink(missing_ok=True)

    def keep_place(self) -> None:
        """Write down where the scenario lies if the manifest says otherwise."""
        path = self.directory / MANIFEST
        with explained(path):
            if path.read_bytes() != self._manifest():
                self._write_manifest()

    def _write_manifest(self) -> None:
        path = self.directory / MANIFEST
        with explained(path):
            write_whole(path, self._manifest())

    def _manifest(self) -> bytes:
        design = self.plan.design
        place = seen_from(self.directory, design.place)
        content = {
            "format": FORMAT,
            "fingerprint": design.fingerprint,
            "stages": list(self.plan.stages),
            **({"scenario": place} if place is not None else {}),
            "design": {key: value for key, value in asdict(design).items() if key != "place"},
        }
        return (json.dumps(content, indent=1, default=str) + "\n").encode()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a fault of the file system into one message; what was finished before stays as it is."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{error.strerror or error}; what is finished is kept",
            where=str(error.filename or path),
            allowed=f"{_WRITABLE}; ‹resume› goes on",
        ) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
