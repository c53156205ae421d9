"""The command jaksim."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer

from jaksim import budget
from jaksim.cli.commands import LazyGroup
from jaksim.cli.line.plain_values import plainly_read
from jaksim.cli.output import note, output_faults, turn_away, write_text
from jaksim.errors import InputError, JaksimError, in_brief
from jaksim.escapes import one_line
from jaksim.kernel.compiled.watching import is_compiling
from jaksim.version import __version__

BAD_INPUT = 2
INTERNAL_FAULT = 1
INTERRUPTED = 130
_FILE_FAULTS = frozenset(
    {
        errno.ENOENT,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.EEXIST,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EIO,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    }
)

app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode=None,
    help="From published evidence to the operating characteristics of a trial on an ordinal disease scale.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        write_text(f"jaksim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand before the subcommand."""


def main() -> NoReturn:
    """Entry point of the console script; ends the process with the exit code of `run`."""
    try:
        budget.limit_process()
    except InputError as error:
        sys.exit(_report(error))
    signal.signal(signal.SIGINT, _interrupt)
    sys.exit(run(sys.argv[1:]))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C: end the process at once while a kernel is compiled, which cannot be interrupted and takes seconds.

    Nothing is half-written: files are put in their place whole, and a sweep goes on after any end.
    """
    if not is_compiling():
        signal.default_int_handler(number, frame)
    if sys.stderr is not None:
        show_cursor = "\x1b[?25h\n" if sys.stderr.isatty() else ""
        with suppress(Exception):
            sys.stderr.write(f"{show_cursor}jaksim: interrupted while compiling; finished kernels are kept\n")
            sys.stderr.flush()
    os._exit(INTERRUPTED)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; 0 on success, 2 on bad input with one message, 1 on an internal fault."""
    streams = sys.stdout, sys.stderr
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    budget.NOTICE.set(note)
    try:
        with _without_warnings(), output_faults():
            command: Any = plainly_read(typer.main.get_command(app))
            outcome = command.main(args=list(arguments) or ["--help"], prog_name="jaksim", standalone_mode=False)
        if outcome == INTERRUPTED:  # Typer's answer to an interrupt
            return _interrupted()
        return outcome if isinstance(outcome, int) else 0
    except MemoryError:
        return _report(budget.too_much_memory())
    except typer.Exit as end:
        return end.exit_code
    except SystemExit:  # Typer's answer to a reader that has closed its help, such as `head`
        sys.stdout, sys.stderr = streams
        turn_away()
        return 0
    except Exception as error:
        return _report(error)
    except KeyboardInterrupt:
        return _interrupted()


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keep the warnings of libraries, which are for programmers, from users; `python -W` brings them back."""
    with warnings.catch_warnings():
        if not sys.warnoptions:
            for category in (RuntimeWarning, UserWarning, FutureWarning):
                warnings.simplefilter("ignore", category)
        yield


def _interrupted() -> int:
    note("jaksim: interrupted")
    return INTERRUPTED


def _report(error: Exception) -> int:
    if isinstance(error, typer.TyperException):
        note(f"jaksim: {one_line(_usage_message(error))}")
        return BAD_INPUT
    if isinstance(error, InputError):
        note(f"jaksim: {error.in_flags()}")
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno in _FILE_FAULTS and error.filename is not None:
        note(f"jaksim: {in_brief(one_line(str(error.filename)))}: {error.strerror}")
        return BAD_INPUT
    if isinstance(error, typer.Abort):  # after an interrupt that has been told of
        return INTERRUPTED
    if os.environ.get("JAKSIM_DEBUG") == "1":
        traceback.print_exception(error)
    kind = "" if isinstance(error, JaksimError) else f"{type(error).__name__}: "
    note(f"jaksim: internal fault: {kind}{in_brief(one_line(str(error)))}")
    note("Please report it; JAKSIM_DEBUG=1 shows where it happened.")
    return INTERNAL_FAULT


def _typed(error: BaseException) -> str | None:
    """What was typed where a number is needed, which the message of Typer leaves out."""
    faults = getattr(error.__cause__ or error.__context__, "errors", None)
    typed = faults()[0].get("input") if callable(faults) else None
    return typed if isinstance(typed, str) else None


def _usage_message(error: Any) -> str:
    message = in_brief(one_line(error.format_message().strip().rstrip(".")))
    typed = _typed(error)
    if typed is not None:
        message = f"{message} (got {in_brief(one_line(repr(typed)))})"
    possible = getattr(error, "possibilities", None)
    if possible:
        message = (
            f"{error.message.rstrip('.')}; did you mean {' or '.join(repr(option) for option in sorted(possible))}?"
        )
    context = getattr(error, "ctx", None)
    return message if context is None else f"{message} (see `{context.command_path} --help`)"
