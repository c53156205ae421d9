"""Records found by name: jaksim's own, one module each in a folder, and those that other packages or scripts add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from sys import modules
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from jaksim.errors import InputError
from jaksim.source_hash import source_hash

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Named(Protocol):
    """What a record has at least."""

    @property
    def name(self) -> str: ...


R = TypeVar("R", bound=Named)


class Registry(Mapping[str, R], Generic[R]):
    """All records of one type by name; a module is imported when its record is asked for.

    Jaksim's own are the attribute `attribute` of the modules in `folders`, a pattern below the folder of the package
    `package`; the name of a record is that of its module. Others are given to `register`, or named by an installed
    package among its entry points of the group `group`. `noun` is what messages call a record.
    """

    def __init__(self, record: type[R], noun: str, package: str, folders: str, attribute: str, group: str) -> None:
        self.record: Final = record
        self.noun: Final = noun
        self.group: Final = group
        self._package, self._folders, self._attribute = package, folders, attribute
        self._added: dict[str, R] = {}

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """By name, the module of each record of jaksim; none is imported."""
        top = Path(__file__).parent.joinpath(*self._package.split(".")[1:])
        found = {}
        for folder in sorted(top.glob(self._folders)):
            for path in sorted(folder.glob("[a-z]*.py")):
                found[path.stem] = ".".join((self._package, *folder.relative_to(top).parts, path.stem))
        return found

    @cached_property
    def points(self) -> Mapping[str, EntryPoint]:
        """The entry points of installed packages by name; InputError where two have one name, or one that is taken."""
        from importlib.metadata import entry_points

        found: dict[str, EntryPoint] = {}
        for point in entry_points(group=self.group):
            known = found.get(point.name)
            if point.name in self.modules or (known is not None and known.value != point.value):
                other = "jaksim's own" if known is None else f"that of package {_package_of(known)}"
                raise InputError(
                    f"package {_package_of(point)} has a {self.noun} of the name of {other}; one of them must go",
                    where=f"entry points, {self.group}",
                    got=point.name,
                )
            found[point.name] = point
        return found

    @property
    def added(self) -> Mapping[str, R]:
        """The records that are not jaksim's own and are in use in this process."""
        return dict(self._added)

    def register(self, record: R, *, replace: bool = False) -> R:
        """Make a record known under its name in this process, as jaksim's own are; returns it.

        To give the same record again changes nothing. InputError for a name that is jaksim's own, and for one that
        another record has unless it is to be replaced, as in a notebook.
        """
        if not isinstance(record, self.record):
            raise InputError(f"a {self.noun} is a `{self.record.__name__}`", where="register", got=record)
        name = record.name
        if not name.isidentifier() or name.startswith("_"):
            allowed = "a name of letters, digits and underscores, such as my_own"
            raise InputError(f"not a name of a {self.noun}", where="register", allowed=allowed, got=name)
        if name in self.modules:
            allowed = "a name that jaksim has not"
            raise InputError(f"jaksim has a {self.noun} of this name", where="register", allowed=allowed, got=name)
        if not replace and self._added.get(name, record) is not record:
            allowed = "a name that is not taken, or replace=True"
            raise InputError(f"another {self.noun} has this name", where="register", allowed=allowed, got=name)
        self._added[name] = record
        return record

    def forget(self, name: str) -> None:
        """Undo `register`; a name that is not registered is no fault."""
        self._added.pop(name, None)

    def fingerprint(self, name: str) -> str | None:
        """A hash of the source of a record that is not jaksim's own, which its results depend on; None for others."""
        if name in self.modules or name not in self:
            return None
        return source_hash(self[name])

    def find(self, name: str, refused: Callable[[], InputError]) -> R:
        """The record called `name`; for a name that none has, the error that is `refused`."""
        if name in self.modules:
            own: R = getattr(import_module(self.modules[name]), self._attribute)
            return own
        if name not in self._added and name in self.points:
            self.register(self._load(self.points[name]))
        if name not in self._added:
            raise refused()
        return self._added[name]

    def _load(self, point: EntryPoint) -> R:
        where = f"entry point {point.name} = {point.value} of package {_package_of(point)}"
        try:
            record = point.load()
        except Exception as error:  # whatever goes wrong in code of others is said in one message
            what = f"this {self.noun} cannot be imported ({type(error).__name__}: {error})"
            raise InputError(what, where=where, allowed="mend the package, or remove it") from error
        if not isinstance(record, self.record) or record.name != point.name:
            raise InputError(
                f"the entry point does not name a {self.noun} of this name",
                where=where,
                allowed=f"module:RECORD, a `{self.record.__name__}` whose name is {point.name!r}",
                got=record if not isinstance(record, self.record) else record.name,
            )
        return record

    def __getitem__(self, name: str) -> R:
        if name not in self:
            raise KeyError(name)
        return self.find(name, lambda: InputError(f"unknown {self.noun}", got=name))

    def __contains__(self, name: object) -> bool:
        return name in self.modules or name in self._added or name in self.points

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*self.modules, *self._added, *self.points))

    def __len__(self) -> int:
        return len(list(iter(self)))


def when_first_used(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose names are imported from its modules `homes` as they are used."""

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(modules[package], name, value)
        return value

    return found


def _package_of(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "unknown"
