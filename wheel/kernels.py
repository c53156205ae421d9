"""Compiles kernels for a kind of processor, for a wheel to carry: python wheel/kernels.py LEVEL TO [SCENARIO ...].

LEVEL is one that `jaksim.kernel.compiled.places` knows for this machine, as x86-64-v3. What is compiled is what the
commands below use, with the types that they use, for all scenarios or those that are named; a command that needs
another form compiles it where it runs.
"""

import contextlib
import gc
import io
import os
import platform
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

COMMANDS = (
    "size {} --power 0.9",
    "predict {} --draws 20 --replicates 50",
    "power {} --engine path --replicates 60",
    "power {} --replicates 200",
)
OTHERS = ("calibrate actt-2", "boundaries --looks 4", "conduct actt4-operations --replicates 2")


def compile_for(level: str, target: Path, scenarios: list[str]) -> int:
    """Run the commands with their kernels compiled for a kind of processor; the number of forms that were kept."""
    # Imported here, since Numba reads its settings when it is.
    from jaksim.cli import main
    from jaksim.kernel.compiled.places import CARRIED

    wanted = [command.format(name) for name in scenarios or _shipped() for command in COMMANDS]
    for command in [*wanted, *(OTHERS if not scenarios else ())]:
        sys.argv = ["jaksim", *command.split(), "--json"]
        said = io.StringIO()
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(said),
            contextlib.suppress(SystemExit),
        ):
            main()
        print(f"{level}: {command} {said.getvalue().strip()[:100]}", flush=True)
    return _collect(target / CARRIED.name / f"{sys.platform}-{platform.machine()}-{level}")


def _shipped() -> list[str]:
    return sorted(path.stem for path in Path("scenarios").glob("*.toml"))


def _collect(target: Path) -> int:
    import numba

    import jaksim
    from jaksim.kernel.compiled.native import SUFFIX
    from jaksim.kernel.compiled.places import carried_mark, marked, prefix
    from jaksim.kernel.deferred import Deferred
    from jaksim.kernel.jit import stamp

    for module in walk_packages(jaksim.__path__, "jaksim."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # of what only some installations have
                import_module(module.name)
    kept = list(Path(os.environ["NUMBA_CACHE_DIR"]).rglob(f"*{SUFFIX}"))
    target.mkdir(parents=True, exist_ok=True)
    number = 0
    for kernel in [thing for thing in gc.get_objects() if isinstance(thing, Deferred) and thing._native]:
        known_by = stamp(kernel.py_func)
        assert known_by is not None
        start = f"{prefix(kernel.py_func)}{marked(known_by, numba.__version__)}."
        for path in kept:
            if path.name.startswith(start):
                form = path.name.removeprefix(start).split(".")[1]
                name = f"{prefix(kernel.py_func)}{carried_mark(known_by)}.{form}{SUFFIX}"
                (target / name).write_bytes(path.read_bytes())
                number += 1
    return number


def _asked(words: list[str]) -> tuple[str, Path, list[str]]:
    """Level, folder and scenarios; SystemExit with one message for what cannot be made here."""
    from llvmlite import binding

    from jaksim.kernel.compiled.places import LEVELS

    if len(words) < 2:
        _refuse("LEVEL and TO are missing", "python wheel/kernels.py LEVEL TO [SCENARIO ...]")
    level, target, *scenarios = words
    known = LEVELS.get(platform.machine(), {})
    if level not in known:
        _refuse(f"LEVEL: {level!r} is no kind of {platform.machine()} processor", ", ".join(known) or "none")
    # The commands are run here, too.
    here = {feature for feature, there in binding.get_host_cpu_features().items() if there}
    lacking = sorted(known[level] - here)
    if lacking:
        _refuse(f"LEVEL: this processor has no {lacking[0]}, which {level} needs", "a kind that this processor is of")
    for name in scenarios:
        if name not in _shipped():
            _refuse(f"SCENARIO: {name!r} does not come with jaksim", ", ".join(_shipped()))
    return level, Path(target), scenarios


def _refuse(what: str, allowed: str) -> None:
    print(f"kernels: {what}; allowed: {allowed}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    from jaksim.kernel.compiled.places import LEVELS

    level, target, scenarios = _asked(sys.argv[1:])
    os.environ["NUMBA_CPU_NAME"] = level
    os.environ["NUMBA_CPU_FEATURES"] = ",".join(f"+{feature}" for feature in sorted(LEVELS[platform.machine()][level]))
    with tempfile.TemporaryDirectory() as kept:
        os.environ["NUMBA_CACHE_DIR"] = kept
        print(f"{level}: {compile_for(level, target, scenarios)} forms of kernels")
