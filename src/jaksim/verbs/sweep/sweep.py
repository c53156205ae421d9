"""What can be asked of a sweep: begin it, go on with it, grow it, merge it, say how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from os import PathLike
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jaksim.budget import Pace
from jaksim.checks import named
from jaksim.design.defaults import DEFAULT_SEED, EVENT_SWEEP_REPLICATES, SWEEP_REPLICATES
from jaksim.design.engine.engine import ENGINES
from jaksim.design.engine.executor import check_workers
from jaksim.design.engine.processes import spread
from jaksim.design.prepared import check_controllable
from jaksim.design.settings import check_variance_reduction
from jaksim.design.sums.precision import check_replicates, check_seed
from jaksim.design.sweep.contrast import write_contrasts
from jaksim.design.sweep.files import CSV
from jaksim.design.sweep.place import absolute
from jaksim.design.sweep.plan import Shard, SweepDesign, SweepPlan, refuse_changed
from jaksim.design.sweep.run import Executor, Threads, compute_missing, missing
from jaksim.design.sweep.store import CONTRASTS, MANIFEST, RESULTS, SweepStore
from jaksim.design.sweep.table import KINDS, write_results
from jaksim.errors import InputError
from jaksim.operations.doors import AUTO, EVENTS, FAST, door_of, kind_of_door, left_out_of
from jaksim.result import Result
from jaksim.scenario.document import read_document
from jaksim.scenario.readings import Readings
from jaksim.scenario.registered import check_registered
from jaksim.scenario.scenario import Scenario, load_scenario
from jaksim.scenario.section import located
from jaksim.scenario.shipped import is_shipped
from jaksim.trial import Trial
from jaksim.verbs.asked import AskedScenario, scenario_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.sweep import SweepOptions
from jaksim.verbs.sweep.points import Points, baseline_of, grid, latin_hypercube, listed
from jaksim.verbs.sweep.worker import SEVERAL, Instructions, Worker, hashes_of
from jaksim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

# So many shards, the last ones, tell how fast a sweep goes.
PACE: Final = 20


@dataclass(frozen=True, repr=False)
class SweepState(Result):
    """How far a sweep is: `results` is the table's path once every shard is there, `contrasts` that of the differences
    from a baseline, where they were asked for. `left_out` says which parts of the operations of the trial its figures
    leave out. `null` says that no arm has an effect, so that its powers are type I errors.

    `seconds_left`, for one that others are at work on, goes by when the last shards were written.
    """

    directory: str
    fingerprint: str
    points: int
    keys: tuple[str, ...]
    replicates: int
    seed: int
    shards: int
    shards_done: int
    replicates_total: int
    replicates_done: int
    damaged: tuple[str, ...]
    results: str | None
    contrasts: str | None
    seconds_left: float | None = None
    left_out: str = ""
    null: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing is left to compute."""
        return self.shards_done == self.shards

    @property
    def provenance(self) -> dict[str, Any]:  # type: ignore[override]
        """What the sweep is of: version, fingerprint of its design, and its directory."""
        return {"version": __version__, "fingerprint": self.fingerprint, "directory": self.directory}

    def headline(self) -> str:
        """How far it is."""
        done = f"{self.replicates_done} of {self.replicates_total} replicates"
        return f"sweep in {self.directory}: {self.points} points, {done}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per point and analysis; none while something is missing."""
        return [] if self.results is None else self.to_pandas().to_dict("records")

    def short_rows(self) -> list[dict[str, Any]]:
        """Nothing: the table is as long as the sweep."""
        return []

    def to_pandas(self) -> pd.DataFrame:
        """The table of results; InputError while something is missing."""
        import pandas as pd

        if self.results is None:
            raise InputError("the sweep is not finished", where=self.directory)
        if self.results.endswith(CSV):
            texts = {name: "" for name, kind in KINDS.items() if kind == "string"}
            frame = pd.read_csv(self.results, float_precision="round_trip").fillna(texts)
        else:
            frame = pd.read_parquet(self.results)
        frame.attrs["provenance"] = self.provenance
        return frame

    def contents(self) -> dict[str, Any]:
        """Everything by name, and whether nothing is left to compute."""
        return {**asdict(self), "complete": self.complete}


def design_of(
    scenario: str | PathLike[str],
    points: Points,
    *,
    changes: Sequence[str] = (),
    seed: int = DEFAULT_SEED,
    engine: str = "auto",
    null: bool = False,
    variance_reduction: str = "none",
    door: str = AUTO,
) -> SweepDesign:
    """The design of a sweep over the points of a scenario.

    Every point is read, so that what is wrong with one shows before anything is computed: InputError names the point.
    """
    check_seed(seed)
    check_variance_reduction(variance_reduction)
    if engine not in ENGINES:
        raise InputError("unknown engine", where="‹engine›", allowed=ENGINES, got=engine)
    keys, values = points
    path = os.fspath(scenario)
    with located(path):
        document = read_document(path, changes)
    instructions = Instructions(__version__, path, document, seed, engine, null, variance_reduction)
    files: dict[str, str] = {}
    readings = Readings()
    pace = Pace(len(values), f"reading {len(values):,} points", warm_up=10, where="sweep", instead="fewer points")
    kinds: dict[tuple[bool, bool, bool], Trial] = {}
    for point in values:
        pace.advance(1)
        found = instructions.scenario(dict(zip(keys, point, strict=True)), readings)
        check_controllable(found.trial, variance_reduction)
        kinds.setdefault(kind_of_door(found.trial), found.trial)
        files.update(found.registered)
        for name, value in hashes_of(found).items():
            if value not in files.setdefault(name, value).split(SEVERAL):
                files[name] += SEVERAL + value
    return SweepDesign(
        version=__version__,
        path=path,
        document=document,
        files=files,
        keys=keys,
        points=values,
        seed=seed,
        engine=engine,
        null=null,
        variance_reduction=variance_reduction,
        door=door_of(FAST if door == AUTO and engine == "law" else door, kinds.values()),
        place=None if is_shipped(path) else absolute(path),
    )


def points_of(
    vary: Sequence[str] = (), *, listed_in: str | PathLike[str] | None = None, latin: int | None = None, seed: int
) -> Points:
    """The points that `--vary`, `--points` and `--latin` ask for; one point when no key is varied."""
    if listed_in is not None:
        if vary or latin is not None:
            raise InputError("points are listed and varied", where="‹points›", allowed="one of the two")
        return listed(listed_in)
    if latin is not None and not vary:
        raise InputError("no key is varied", where="‹latin›", allowed="‹vary=KEY=LOW:HIGH›")
    return grid(vary) if latin is None else latin_hypercube(vary, latin, seed)


@takes(SweepOptions)
def sweep(scenario: AskedScenario, *, out: str | PathLike[str], options: SweepOptions) -> SweepState:
    """Power at many points of a scenario, kept in the directory `out`; one that holds the same sweep goes on.

    A scenario that has been read is read again from its file, with the changes that were made to it. Raises
    `InputError` for bad values, and when `out` holds a sweep of another design or number of replicates.
    """
    out = named(out, "‹out›")
    seed = DEFAULT_SEED if options.seed is None else options.seed
    found = points_of(options.vary, listed_in=options.points, latin=options.latin, seed=seed)
    path, changes = _file_of(scenario, options.changes)
    design = design_of(
        path,
        found,
        changes=changes,
        seed=seed,
        engine=options.engine or "auto",
        null=bool(options.null),
        variance_reduction=options.variance_reduction or "none",
        door=options.door or AUTO,
    )
    replicates = replicates_of(design, options.replicates)
    compared = baseline_of(design, options.baseline)
    if not (Path(out) / MANIFEST).exists():
        store = begin(out, design, replicates=replicates)
        with store.given_up_on_error():
            return run(store, baseline=compared, workers=options.workers)
    store = resume(out, design)
    if store.plan.replicates != replicates:
        raise InputError("the sweep there has another number", where="‹replicates›", allowed=str(store.plan.replicates))
    return run(store, baseline=compared, workers=options.workers)


def replicates_of(design: SweepDesign, asked: int | None) -> int:
    """The number of every point that is asked for, or else the usual one of the door."""
    if asked is not None:
        return asked
    return EVENT_SWEEP_REPLICATES if design.door == EVENTS else SWEEP_REPLICATES


def _file_of(asked: AskedScenario, changes: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Path and changes; InputError for a scenario that is no longer what its file says, or was changed after that."""
    if not isinstance(asked, Scenario):
        return named(asked, "scenario", "what load_scenario returns"), changes
    again = load_scenario(asked.path, changes=asked.changes)
    if again.hash != asked.hash or repr(again.trial) != repr(scenario_of(asked, changes).trial):
        raise InputError(
            "is not what its file says", where="scenario", allowed="a sweep of a file, with ‹changes›", got=asked.path
        )
    return asked.path, asked.changes


def begin(directory: str | PathLike[str], design: SweepDesign, *, replicates: int = SWEEP_REPLICATES) -> SweepStore:
    """A new sweep in a directory; InputError when there is one already."""
    check_replicates(replicates)
    return SweepStore.create(directory, SweepPlan(design, (replicates,)))


def resume(directory: str | PathLike[str], design: SweepDesign | None = None) -> SweepStore:
    """The sweep in a directory; InputError, saying what changed, when `design` is given and is another."""
    store = SweepStore.open(directory)
    if store.plan.design.version != __version__:
        raise InputError(
            f"the sweep was begun by jaksim {store.plan.design.version}",
            where=os.fspath(directory),
            allowed=f"that version, or another directory for {__version__}",
        )
    if design is not None:
        refuse_changed(store.plan.design, design, os.fspath(directory))
        store.plan = replace(store.plan, design=design)  # the same, from where the scenario lies now
    check_registered(store.plan.design.files, os.fspath(directory))
    return store


def run(
    store: SweepStore,
    *,
    grow: int = 0,
    shard: tuple[int, int] = (1, 1),
    baseline: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[SweepState], Callable[[int], None] | None] | None = None,
) -> SweepState:
    """Compute what is missing, after adding `grow` replicates to every point, and write the table of results.

    `shard` (i, n) computes part i of n and leaves the rest to others; with a `baseline`, the number of a point, the
    differences from it are written too once all is there. `executor` is threads of this process unless
    given. The results are the same, to the last bit, however the work is divided, interrupted and taken up again.
    """
    with store.given_up_on_error():
        return _run(store, grow, shard, baseline, workers, executor, progress)


def _run(
    store: SweepStore,
    grow: int,
    shard: tuple[int, int],
    baseline: int | None,
    workers: int | None,
    executor: Executor | None,
    progress: Callable[[SweepState], Callable[[int], None] | None] | None,
) -> SweepState:
    if not 1 <= shard[0] <= shard[1]:
        raise InputError("no such part", where="‹shard›", allowed="I/N with 1 <= I <= N", got=f"{shard[0]}/{shard[1]}")
    threads = check_workers(workers)
    with store.locked():
        damaged = store.clean()
        store.keep_place()
        if grow and missing(store):
            raise InputError(
                "the sweep is not finished", where="‹grow›", allowed="‹resume› first, or all of its parts merged"
            )
        if grow or missing(store, shard):
            _check_there(store)
        if grow:
            store.grow(grow)
        wanted = missing(store, shard)
        advance = progress(_state(store, damaged)) if progress is not None else None
        if wanted:
            if executor is not None:
                compute_missing(store, wanted, executor, advance)
            else:
                _compute_here(store, wanted, threads, advance)
        return _finish(store, damaged, baseline)


def _check_there(store: SweepStore) -> None:
    """InputError where the files that the scenario names are not found from where it is thought to lie."""
    design = store.plan.design
    try:
        Instructions.of(design).scenario_as_begun(design.values(0))
    except InputError as error:
        if design.place is not None and isfile(design.place):
            raise
        raise InputError(
            f"the scenario is not where it was, and what it names is not found: {error}",
            where=str(store.directory),
            allowed="the scenario, given together with ‹resume›, where it lies now",
        ) from None


def _compute_here(store: SweepStore, wanted: list[Shard], workers: int, advance: Callable[[int], None] | None) -> None:
    """Compute shards on this machine."""
    instructions = Instructions.of(store.plan.design)
    at_work = min(workers, sum(len(shard.tasks) for shard in wanted))
    with spread(Worker(instructions), at_work, interpreted=instructions.door == EVENTS) as compute:
        compute_missing(store, wanted, Threads(compute, workers), advance)


def merge(out: str | PathLike[str], directories: Sequence[str | PathLike[str]]) -> SweepState:
    """Bring the shards of one sweep, computed in several directories, together in `out`.

    All must have the same design, and shards that several have must be equal; the sweep of `out` goes as far as the
    longest.
    """
    if isinstance(directories, str | PathLike):
        raise InputError("must be a list", where="directories", allowed="one or more directories", got=directories)
    stores = [SweepStore.open(directory) for directory in directories]
    if not stores:
        raise InputError("no directories are given", where="merge", allowed="one or more that hold the same sweep")
    plan = stores[0].plan
    for store in stores:
        plan = plan.joined(store.plan, str(store.directory))
    merged = SweepStore.create(out, plan, new=False)
    with merged.locked():
        damaged = merged.clean()
        for store in stores:
            there = merged.files()
            for name, path in store.files().items():
                store.read(name, path)
                if name in there and there[name].name != path.name:
                    raise InputError("the same replicates have other sums", where=f"{there[name]} and {path}")
                if name not in there:
                    merged.adopt(name, path.read_bytes(), path.suffix)
        return _finish(merged, damaged)


def state_of(directory: str | PathLike[str]) -> SweepState:
    """How far the sweep in a directory is; another process may be at work on it."""
    store = SweepStore.open(directory)
    state = _state(store, [])
    return replace(state, seconds_left=_seconds_left(store, state.replicates_total - state.replicates_done))


def _seconds_left(store: SweepStore, left: int) -> float | None:
    """Time that the replicates left take at the pace of the last shards; None while that is not known."""
    size = {shard.name: shard.replicates for shard in store.plan.shards()}
    written = sorted((path.stat().st_mtime, size[name]) for name, path in store.files().items())[-PACE:]
    elapsed = written[-1][0] - written[0][0] if written else 0.0
    return left * elapsed / sum(n for _, n in written[1:]) if left and elapsed > 0.0 else None


def _finish(store: SweepStore, damaged: list[str], baseline: int | None = None) -> SweepState:
    state = _state(store, damaged)
    if state.complete:
        write_results(store)
        if baseline is not None:
            write_contrasts(store, baseline)
        state = _state(store, damaged)
    return state


def _state(store: SweepStore, damaged: Sequence[str]) -> SweepState:
    plan, done = store.plan, store.files()
    results, contrasts = store.table(RESULTS), store.table(CONTRASTS)
    finished = [shard.replicates for shard in plan.shards() if shard.name in done]
    complete = len(finished) == plan.n_shards
    return SweepState(
        directory=str(store.directory),
        fingerprint=plan.design.fingerprint,
        points=len(plan.design.points),
        keys=plan.design.keys,
        replicates=plan.replicates,
        seed=plan.design.seed,
        shards=plan.n_shards,
        shards_done=len(finished),
        replicates_total=plan.replicates * len(plan.design.points),
        replicates_done=sum(finished),
        damaged=tuple(damaged),
        results=str(results) if complete and results is not None else None,
        contrasts=str(contrasts) if complete and contrasts is not None else None,
        left_out="" if plan.design.door == EVENTS else left_out_of(plan.design.document.get("operations", {})),
        null=plan.design.null,
    )
