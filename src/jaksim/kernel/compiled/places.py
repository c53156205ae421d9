"""Where compiled kernels are kept and under which names, found without the import of Numba."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from collections.abc import Callable, Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

SETTINGS_LEFT_TO_NUMBA: Final = frozenset({"NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER"})
"""Settings that do not alter the machine code of a kernel, nor when it is compiled."""


CARRIED: Final = Path(__file__).parent / "carried"
"""Where an installation may carry forms for kinds of processors, each in a folder of its own."""
_V3: Final = frozenset(
    ["avx", "avx2", "bmi", "bmi2", "cx16", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sse4.2", "xsave"]
)
LEVELS: Final[dict[str, dict[str, frozenset[str]]]] = {
    "x86_64": {
        "x86-64-v4": _V3 | frozenset(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
        "x86-64-v3": _V3,
    },
    "aarch64": {"generic": frozenset()},
}
"""By machine, what LLVM calls kinds of processors, best first, and the features that they have."""


def folders(source: Path, given: str) -> list[Path]:
    """Where compiled forms of functions in a source file are looked for, best first.

    That is beside the source, as Python does with its own, and then in the user's cache, for installations that are
    read-only; the directory named by NUMBA_CACHE_DIR alone where it is `given`, in which each user finds a folder of
    his own if the first one is another's.
    """
    place = hashlib.sha256(str(source.parent.resolve()).encode()).hexdigest()[:16]
    if given:
        user = f"-{os.geteuid()}" if hasattr(os, "geteuid") else ""
        return list(dict.fromkeys(Path(given) / f"jaksim-{place}{whose}" for whose in ("", user)))
    users = _users_cache()
    # A user without a home, as in some containers, has no cache of his own, but a path that begins with "~".
    return [source.parent / "__pycache__", *([users / place] if users.is_absolute() else [])]


def _users_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~"), "jaksim", "Cache")
    if sys.platform == "darwin":
        return Path(os.path.expanduser("~/Library/Caches"), "jaksim")
    return Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "jaksim")


def prefix(function: Callable[..., Any]) -> str:
    """How the names of a function's files begin, whatever its source."""
    return f"{Path(function.__code__.co_filename).stem}.{function.__qualname__}."


def marked(stamp: str, numba: str) -> str:
    """What a form is known by beside its name: the sources, the interpreter and the version of Numba."""
    return _short(f"{sys.implementation.cache_tag}-{numba} {stamp}")


def processor(system: str, name: str, features: str) -> str:
    """A short name for a kind of processor, for which a form was compiled."""
    return _short("\0".join((system, name, features)))


def carried_mark(stamp: str) -> str:
    """What a form that an installation carries is known by beside its name: the sources alone."""
    return _short(f"carried {stamp}")


def levels(features: Collection[str]) -> list[str]:
    """The kinds of processor, best first, whose machine code a processor with these features runs."""
    system = f"{sys.platform}-{platform.machine()}"
    return [
        f"{system}-{level}" for level, needed in LEVELS.get(platform.machine(), {}).items() if needed <= set(features)
    ]


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def numba_version() -> str | None:
    """The version of the Numba that would be imported; None where that cannot be told."""
    found = find_spec("numba")
    if found is None or not found.submodule_search_locations:
        return None
    written = Path(found.submodule_search_locations[0], "_version.py")
    version = re.search(r'"version": "([^"]+)"', written.read_text("utf-8")) if written.is_file() else None
    return version[1] if version else None


def numba_is_set_otherwise() -> bool:
    """Whether the user has set Numba in a way that may alter what a kernel does, as for tracing a fault."""
    if os.path.exists(".numba_config.yaml"):
        return True
    return any(name.startswith("NUMBA_") and name not in SETTINGS_LEFT_TO_NUMBA for name in os.environ)
