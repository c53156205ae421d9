import hashlib
import os
import pickle
from pathlib import Path

import pytest

from jaksim.kernel.compiled import disk_cache, private_files
from jaksim.kernel.compiled.private_files import NotPrivate, check_private, read_private, write_private

STRANGER = 54321

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners here")


@pytest.fixture(autouse=True)
def afresh():
    private_files._shared_above.cache_clear()


@pytest.fixture
def give_away(monkeypatch):
    """Let a file or folder belong to somebody else."""

    def away(path):
        if os.geteuid() == 0:
            os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: STRANGER)

    return away


@pytest.fixture
def kept(tmp_path):
    """A folder with a file in it, as they are made."""
    folder = tmp_path / "above" / "folder"
    write_private(folder, "file", b"content")
    return folder


def refused(folder):
    private_files._shared_above.cache_clear()
    with pytest.raises(NotPrivate) as error:
        read_private(folder, "file")
    return str(error.value)


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o077])
def test_what_is_written_can_be_read_again_whatever_the_mask(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_private(tmp_path / "a" / "b", "file", b"content")
    finally:
        os.umask(before)
    assert read_private(tmp_path / "a" / "b", "file") == b"content"
    assert not any(path.stat().st_mode & 0o022 for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("mode", [0o002, 0o020])
@pytest.mark.parametrize("place", ["file", ".", ".."])
def test_what_others_may_write_to_is_not_read(kept, monkeypatch, mode, place):
    monkeypatch.setattr(private_files, "_is_own_group", lambda number: False)
    path = Path(os.path.normpath(kept / place))
    path.chmod(path.stat().st_mode | mode)
    assert refused(kept) == f"other users may write to {path}"


@pytest.mark.parametrize("place", ["file", ".", ".."])
def test_what_belongs_to_another_user_is_not_read(kept, give_away, place):
    path = Path(os.path.normpath(kept / place))
    give_away(path)
    assert "belongs to another user" in refused(kept)


def test_a_folder_above_that_keeps_users_apart_is_no_hindrance_but_not_to_be_used_itself(kept):
    kept.parent.chmod(0o1777)
    assert read_private(kept, "file") == b"content"
    kept.chmod(0o1777)
    assert "may write to" in refused(kept)


def test_links_are_not_followed(kept, tmp_path):
    (kept / "link").symlink_to(kept / "file")
    with pytest.raises(OSError, match="symbolic"):
        read_private(kept, "link")
    (tmp_path / "elsewhere").symlink_to(kept)
    assert "no folder of its own" in refused(tmp_path / "elsewhere")


def test_a_link_above_is_followed_and_what_it_leads_to_checked(kept, give_away, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(kept.parent)
    assert read_private(link / "folder", "file") == b"content"
    kept.parent.chmod(0o777)
    assert "may write to" in refused(link / "folder")
    kept.parent.chmod(0o755)
    give_away(link)
    assert "belongs to another user" in refused(link / "folder")


def test_pipes_are_not_waited_for(kept):
    os.mkfifo(kept / "pipe", 0o600)
    with pytest.raises(NotPrivate, match="no regular file"):
        read_private(kept, "pipe")


def test_a_group_of_the_user_alone_may_write(monkeypatch):
    import grp
    import pwd

    class Entry:
        pw_name = gr_name = "ann"
        gr_mem: tuple[str, ...] = ()

    monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
    monkeypatch.setattr(pwd, "getpwuid", lambda number: Entry)
    monkeypatch.setattr(grp, "getgrgid", lambda number: Entry)
    own = private_files._is_own_group.__wrapped__
    assert own(7)
    Entry.gr_mem = ("ann", "bob")
    assert not own(7)
    Entry.gr_mem, Entry.gr_name = (), "staff"
    assert not own(7)


def test_the_check_is_of_every_folder_up_to_the_root(kept):
    check_private(kept)
    for above in kept.parents:
        assert above.stat().st_uid in (0, os.geteuid())


class Planted:
    """What runs a command as soon as it is read."""

    def __init__(self, sign):
        self.sign = sign

    def __reduce__(self):
        return os.mkdir, (str(self.sign),)


class Target:
    """A processor to compile for."""

    def refresh(self):
        pass

    def codegen(self):
        return self

    def magic_tuple(self):
        return ()


@pytest.mark.parametrize(
    "how", ["nobody else", "owner of the file", "owner of the folder", "folder open to all", "file open to all"]
)
def test_code_is_run_only_where_nobody_else_can_have_planted_it(give_away, monkeypatch, tmp_path, how):
    folder, sign = tmp_path / "cache", tmp_path / "run"
    monkeypatch.setattr(disk_cache, "folders", lambda source, given: [folder])
    cache = disk_cache.DiskCache(give_away, "stamp")
    content = pickle.dumps(Planted(sign))
    name = cache._name("signature", Target())
    write_private(folder, name, hashlib.sha256(content).digest() + content)
    if how.startswith("owner"):
        give_away(folder / name if how.endswith("file") else folder)
    elif how.endswith("all"):
        (folder / name if how.startswith("file") else folder).chmod(0o777)
    assert cache.load_overload("signature", Target()) is None
    assert sign.exists() == (how == "nobody else")


def test_users_of_a_common_directory_have_folders_of_their_own(give_away, tmp_path):
    common, own = disk_cache.folders(Path(__file__), str(tmp_path))
    assert own == Path(f"{common}-{os.geteuid()}")
    tmp_path.chmod(0o1777)
    common.mkdir()
    own.mkdir()
    give_away(common)
    if os.geteuid() == 0:
        with pytest.raises(NotPrivate):
            check_private(common)
        check_private(own)


def test_it_is_said_once_why_kernels_are_not_kept(monkeypatch, caplog):
    monkeypatch.setattr(disk_cache, "NOTED", [])
    disk_cache._note_unwritable(["other users may write to /shared"])
    disk_cache._note_unwritable(["other users may write to /another"])
    assert [record.getMessage() for record in caplog.records] == [
        "jaksim: compiled kernels cannot be kept, so every process compiles them (other users may write to /shared); "
        "NUMBA_CACHE_DIR names a directory of your own"
    ]
