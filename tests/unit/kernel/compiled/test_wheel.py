"""What a wheel is not made for is refused in one message, before anything is compiled."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "kernels: LEVEL and TO are missing; allowed: python wheel/kernels.py LEVEL TO [SCENARIO ...]"),
        (["nonsense", "kept"], "kernels: LEVEL: 'nonsense' is no kind of "),
    ],
)
def test_what_cannot_be_made_is_refused(words, said, tmp_path):
    command = [sys.executable, ROOT / "wheel" / "kernels.py", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
