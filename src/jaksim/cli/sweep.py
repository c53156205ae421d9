"""jaksim sweep: power over many points, kept on disk while it is computed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import note, print_answer
from jaksim.cli.output.figures import checked_plot, written_plot
from jaksim.verbs.options.sweep import SweepOptions

if TYPE_CHECKING:
    from jaksim.design.sweep.run import Executor
    from jaksim.design.sweep.store import SweepStore
    from jaksim.verbs.sweep.sweep import SweepState

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(SweepOptions)
def sweep(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCENARIO]",
            help="Scenario file (TOML), or a name such as actt4; with --resume and --grow it may be left out.",
        ),
    ] = None,
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Directory of the sweep.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the sweep in DIR.")] = False,
    grow: Annotated[
        int | None, typer.Option("--grow", metavar="N", help="Add N replicates to every point of the sweep in DIR.")
    ] = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="I/N", help="Compute part I of N; `jaksim merge` joins the parts.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Say how far the sweep in DIR is, and end.")] = False,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://host:8786, or `local`."),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Write a figure of the powers (PNG, SVG or PDF); with --status, of the finished sweep in DIR.",
        ),
    ] = None,
    json: Json = False,
    options: SweepOptions,
) -> None:
    """Power at many points; it can be killed at any moment and goes on with --resume to the same bytes."""
    from jaksim.errors import InputError
    from jaksim.verbs.sweep.points import baseline_of
    from jaksim.verbs.sweep.sweep import run, state_of

    if grow is not None and grow < 1:
        raise InputError("the number to add is too small", where="--grow", allowed="1 or more", got=grow)
    checked_plot(plot)
    if status:
        found = state_of(_directory(out, scenario))
        written_plot(found, plot)
        report_state(found, json)
        return
    part = _part(shard)
    store = _store(scenario, out, options, grow=grow, resume=resume)
    compared = baseline_of(store.plan.design, options.baseline)
    going_on = _going_on(store, shard, options.baseline, scheduler)
    with _interruptible(going_on), store.given_up_on_error(), ExitStack() as stack:
        executor = stack.enter_context(_executor(scheduler, store, options.workers)) if scheduler is not None else None
        state = run(
            store,
            grow=grow or 0,
            shard=part,
            baseline=compared,
            workers=options.workers,
            executor=executor,
            progress=lambda state: stack.enter_context(_progress(state)),
        )
    if plot is not None and not state.complete:
        note(
            f"jaksim: no figure of a part of a sweep; `jaksim sweep --status --out DIR --plot {plot}` once it is whole"
        )
    else:
        written_plot(state, plot)
    report_state(state, json)


def _going_on(store: SweepStore, shard: str | None, baseline: Sequence[str], scheduler: str | None) -> str:
    """The command that goes on with the sweep."""
    words = ["jaksim", "sweep", "--resume", "--out", str(store.directory)]
    for option, value in (
        ("--shard", shard),
        *(("--baseline", setting) for setting in baseline),
        ("--scheduler", scheduler),
    ):
        words += [option, value] if value is not None else []
    return shlex.join(words)


@contextmanager
def _interruptible(going_on: str) -> Iterator[None]:
    """Say after Ctrl-C how the sweep goes on."""
    try:
        yield
    except KeyboardInterrupt:
        note(f"jaksim: interrupted; what is finished is kept, and this goes on:\n{going_on}")
        raise typer.Abort from None


def _store(
    scenario: str | None, out: Path | None, options: SweepOptions, *, grow: int | None, resume: bool
) -> SweepStore:
    """The sweep that the options begin or go on with; options that are left out are those of the sweep in DIR.

    A baseline that there is not is refused before anything is written.
    """
    from jaksim.design.defaults import DEFAULT_SEED
    from jaksim.errors import InputError
    from jaksim.verbs.sweep import sweep as verb
    from jaksim.verbs.sweep.points import baseline_of

    if out is None:
        raise InputError("no directory is given", where="--out", allowed="a directory for the sweep")
    going_on = resume or grow is not None
    before = verb.resume(out) if going_on else None
    if before is not None and options.replicates is not None and options.replicates != before.plan.replicates:
        raise InputError(
            f"the sweep there has {before.plan.replicates} replicates",
            where="--replicates",
            allowed="--grow N to add N to every point",
            got=options.replicates,
        )
    varied = options.vary or options.points is not None or options.latin is not None
    if scenario is None:
        if before is None or varied or options.changes:
            raise InputError("no scenario is given", where="SCENARIO", allowed="a scenario file (TOML)")
        scenario = before.plan.design.path
        kept = (options.seed, options.engine, options.null, options.variance_reduction, options.door)
        if all(one is None for one in kept):
            return before
    old = before.plan.design if before is not None else None
    seed = options.seed if options.seed is not None else old.seed if old is not None else DEFAULT_SEED
    chosen = (
        (old.keys, old.points)
        if old is not None and not varied
        else verb.points_of(options.vary, listed_in=options.points, latin=options.latin, seed=seed)
    )
    design = verb.design_of(
        scenario,
        chosen,
        changes=options.changes,
        seed=seed,
        engine=options.engine if options.engine is not None else old.engine if old is not None else "auto",
        null=options.null if options.null is not None else old.null if old is not None else False,
        variance_reduction=options.variance_reduction or (old.variance_reduction if old is not None else "none"),
        door=options.door or (old.door if old is not None else "auto"),
    )
    baseline_of(design, options.baseline)
    if before is None:
        return verb.begin(out, design, replicates=verb.replicates_of(design, options.replicates))
    return verb.resume(out, design)


def _directory(out: Path | None, scenario: str | None) -> Path:
    from jaksim.errors import InputError

    if out is None and scenario is None:
        raise InputError("no directory is given", where="--status", allowed="the directory of a sweep")
    return out if out is not None else Path(str(scenario))


def _part(text: str | None) -> tuple[int, int]:
    from jaksim.errors import InputError

    if text is None:
        return 1, 1
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal()):
        raise InputError("no such part", where="--shard", allowed="I/N, such as 2/8", got=text)
    return int(number), int(of)


@contextmanager
def _executor(address: str, store: SweepStore, workers: int | None) -> Iterator[Executor]:
    from jaksim.verbs.sweep.cluster import connected
    from jaksim.verbs.sweep.worker import Instructions

    with connected(address, Instructions.of(store.plan.design), workers) as executor:
        yield executor


@contextmanager
def _progress(state: SweepState) -> Iterator[Callable[[int], None] | None]:
    from jaksim.cli.progress import shown_progress

    for name in state.damaged:
        note(f"jaksim: {name} is damaged; its replicates are computed again")
    with shown_progress("replicates", state.replicates_total, done=state.replicates_done, time_left=True) as advance:
        yield advance


def report_state(state: SweepState, json: bool) -> None:
    """Print how far a sweep is."""
    print_answer(state, json)
