"""What commands import that compute nothing by kernels: they start in less than half of the time."""

import json
import subprocess
import sys

import pytest

CODE = """
import json, sys
from jaksim.cli import run
found = []
for words in json.loads(sys.argv[1]):
    code = run(words.split())
    found.append([code, [name for name in json.loads(sys.argv[2]) if name in sys.modules]])
print(json.dumps(found))
"""


def imported(commands, packages):
    """Exit code of each command and which packages have been imported by then, all in one process."""
    words = [sys.executable, "-c", CODE, json.dumps(commands), json.dumps(packages)]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    return dict(zip(commands, json.loads(found.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize(
    ("commands", "packages"),
    [
        (
            [
                "--help",
                "power --help",
                "scenarios",
                "show actt4",
                "show stroke-alteplase --json",
                "show remap-cap-adaptive",
                "keys",
                "keys alpha --json",
                "evidence list",
                "evidence show actt-1",
                "evidence check",
                "plan means --difference 1 --sd 2 --power .8",
                "boundaries --looks 3",
                "boundaries --looks 3 --spending pocock --futility pocock --beta .1",
            ],
            ["numba", "scipy", "pandas", "matplotlib", "pyarrow"],
        ),
        # Exact laws of a trial in calendar time are computed with scipy, without a kernel.
        (["show actt4-operations", "show surge"], ["numba", "scipy.stats", "pandas"]),
    ],
)
def test_what_computes_nothing_by_kernels_does_not_import_numba(commands, packages):
    assert imported(commands, packages) == {command: [0, []] for command in commands}
