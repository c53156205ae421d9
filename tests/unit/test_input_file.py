import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from jaksim.datafile import read_text
from jaksim.errors import InputError
from jaksim.input_file import content_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="devices and pipes of POSIX")
LONG = b"0123456789abcdef" * 20_000


@pytest.fixture
def pipe():
    """A pipe that is written to as it is read, and closed at the end."""
    ends = []

    def holding(content):
        out, into = os.pipe()

        def write():
            with suppress(BrokenPipeError), os.fdopen(into, "wb") as file:
                file.write(content)

        writer = threading.Thread(target=write)
        writer.start()
        ends.append((out, writer))
        return out

    yield holding
    for out, writer in ends:
        os.close(out)
        writer.join()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/urandom", "/dev/null", "/dev/tty0"])
def test_devices_are_refused(device):
    if not os.access(device, os.R_OK):
        pytest.skip("no such device here")
    with pytest.raises(InputError, match="a device or a pipe"):
        content_of(device)
    with pytest.raises(InputError, match="a device or a pipe"):
        read_text(device)


def test_a_link_to_a_device_is_refused(tmp_path):
    (tmp_path / "data.csv").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="a device or a pipe"):
        content_of(tmp_path / "data.csv")


def test_a_pipe_with_a_name_is_refused_at_once_though_nobody_writes_to_it(tmp_path):
    os.mkfifo(tmp_path / "data.csv")
    with pytest.raises(InputError, match="a device or a pipe"):
        content_of(tmp_path / "data.csv")


def test_a_pipe_of_a_shell_is_read_to_its_end(pipe):
    assert content_of(f"/dev/fd/{pipe(LONG)}") == LONG


def test_standard_input_is_read_to_its_end(pipe, monkeypatch):
    with os.fdopen(pipe(LONG), "rb", closefd=False) as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert content_of("-") == LONG
        sys.stdin.detach()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_as_standard_input_is_refused(monkeypatch, device):
    with open(device) as file:
        monkeypatch.setattr(sys, "stdin", file)
        with pytest.raises(InputError, match="standard input: this is a device"):
            content_of("-")


def test_a_pipe_that_does_not_end_is_refused_at_the_limit(monkeypatch, pipe):
    monkeypatch.setenv("JAKSIM_MEMORY", "1MB")
    with pytest.raises(InputError, match="more than 100 kB to read"):
        content_of(f"/dev/fd/{pipe(LONG * 10)}")


def test_a_large_hole_is_refused_before_it_is_read_whole(monkeypatch, tmp_path):
    monkeypatch.setenv("JAKSIM_MEMORY", "50MB")
    with open(tmp_path / "data.csv", "wb") as file:
        file.truncate(10**12)
    with pytest.raises(InputError, match="more than 5 MB to read"):
        content_of(tmp_path / "data.csv")


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "a").write_bytes(LONG)
    assert content_of(tmp_path / "a") == LONG
    assert content_of(str(tmp_path / "a")) == LONG
    with pytest.raises(IsADirectoryError):
        content_of(tmp_path)
    with pytest.raises(FileNotFoundError):
        content_of(Path("nowhere"))
