import errno
import os
import signal
from pathlib import Path

import pytest

from jaksim import whole_file as whole
from jaksim.errors import InputError
from jaksim.whole_file import check_place, explained, whole_file, write_whole

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, pipes and masks of POSIX")


@pytest.fixture(params=["without a name", "under a hidden name"])
def way(request, monkeypatch):
    """Both ways to write a file."""
    if request.param == "under a hidden name":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif whole._open_unnamed(Path.cwd(), 0o600) is None:
        pytest.skip("this file system has no files without a name")
    return request.param


def test_a_file_is_written_with_the_users_mask_and_replaces_the_old_one(way, tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    before = os.umask(0o027)
    try:
        write_whole(target, b"new")
    finally:
        os.umask(before)
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_left_and_the_old_file_stays_when_writing_fails(way, tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail():
        with whole_file(target) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_fault_of_the_system_names_the_target_and_leaves_nothing(way, monkeypatch, tmp_path, call):
    def full(*words, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space") as fault:
        write_whole(tmp_path / "a.txt", b"new")
    assert fault.value.filename == str(tmp_path / "a.txt")
    target = tmp_path / "b.txt"
    with pytest.raises(InputError, match=r"b[.]txt: cannot be written: No space"), explained(target):
        write_whole(target, b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_killed_while_it_writes_leaves_nothing(tmp_path):
    if whole._open_unnamed(tmp_path, 0o600) is None:
        pytest.skip("this file system has no files without a name")
    child = os.fork()
    if child == 0:
        with whole_file(tmp_path / "a.txt") as file:
            file.write(b"half" * 100_000)
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def places(folder):
    """Names that no file may take, with the reason."""
    (folder / "aim").write_text("precious")
    (folder / "link").symlink_to(folder / "aim")
    (folder / "dangling").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    return [
        (folder / "link", "this is a link"),
        (folder / "dangling", "this is a link"),
        (folder / "pipe", "a device or a pipe"),
        (folder / "folder", "this is a directory"),
        (folder / "nowhere" / "file", "no such directory"),
        (folder / "aim" / "file", "no such directory"),
    ]


def test_devices_pipes_and_links_are_not_replaced(way, tmp_path):
    for target, reason in places(tmp_path):
        before = os.lstat(target) if os.path.lexists(target) else None
        for call in (check_place, lambda path: write_whole(path, b"new")):
            with pytest.raises(OSError, match=reason):
                call(target)
        assert before is None or os.lstat(target).st_ino == before.st_ino
    assert (tmp_path / "aim").read_text() == "precious"


@pytest.mark.parametrize("name", ["/dev/null", "/dev/stdout", "/dev/full"])
def test_the_systems_devices_are_no_places_for_files(name):
    with pytest.raises(FileExistsError):
        check_place(Path(name))


def test_a_planted_link_under_the_hidden_name_is_not_followed(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr("secrets.token_hex", lambda size: "guessed")
    (tmp_path / "aim").write_text("precious")
    (tmp_path / ".a.txt.guessed").symlink_to(tmp_path / "aim")
    with pytest.raises(OSError, match="exists"):
        write_whole(tmp_path / "a.txt", b"new")
    assert (tmp_path / "aim").read_text() == "precious"
