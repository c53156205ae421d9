"""What happens to a sweep when processes are killed, disks are full, files are damaged and clocks jump."""

import errno
import fcntl
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jaksim.cli import run
from jaksim.design.sweep import plan as plans
from jaksim.design.sweep.store import SweepStore

HERE = Path(__file__).parents[1]
SMALL = HERE / "scenarios" / "small.toml"
WORDS = ("sweep", SMALL, "--vary", "population.patients=40,50,60", "--replicates", 250, "--workers", 2)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="faults are injected into forked processes")


@pytest.fixture(autouse=True)
def several_tasks_in_a_shard(monkeypatch):
    """Nine tasks in five shards, so that kills fall between tasks of one shard too."""
    monkeypatch.setattr(plans, "BLOCK", 100)
    monkeypatch.setattr(plans, "SHARDS", 5)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The results of an undisturbed run."""
    out = tmp_path_factory.mktemp("sweep") / "whole"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "BLOCK", 100)
        patch.setattr(plans, "SHARDS", 5)
        assert run([str(word) for word in (*WORDS, "--out", out)]) == 0
    return (out / "results.parquet").read_bytes()


def in_child(work):
    """What a forked process that does this work ends with: its exit code, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(work())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def sweep(*words):
    return run([str(word) for word in words])


def on_file_events(act):
    """Call `act(number)` before and after everything that changes the directory."""
    count = iter(range(10**6))

    def watched(function):
        def call(*args, **options):
            act(next(count))
            result = function(*args, **options)
            act(next(count))
            return result

        return call

    for module, name in ((os, "replace"), (os, "fsync"), (os, "mkdir"), (os, "link"), (os, "ftruncate")):
        setattr(module, name, watched(getattr(module, name)))


def die(at):
    def act(number):
        if number == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def killed_at(event, *words):
    def work():
        on_file_events(die(event))
        return sweep(*words)

    return in_child(work)


def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(expected, tmp_path):
    """Each process dies at a random one of its file events, and a new one goes on, until one ends by itself."""
    draw = random.Random(20201201)
    for life in range(4):
        out, code, kills = tmp_path / f"life{life}", None, 0
        while code != 0:
            begun = (out / "manifest.json").exists()
            words = ("sweep", "--resume", "--out", out) if begun else (*WORDS, "--out", out)
            code = killed_at(draw.randrange(2, 30), *words)
            assert code in (0, -signal.SIGKILL)
            kills += code != 0
        assert kills >= 1
        assert (out / "results.parquet").read_bytes() == expected
        assert not list(out.rglob(".*"))


@pytest.mark.verify
def test_killed_at_ten_random_times_by_the_system(expected, tmp_path):
    words = [str(word) for word in (*WORDS[:5], 40_000, "--workers", 2, "--out", tmp_path / "out")]
    command = [sys.executable, "-m", "jaksim"]
    whole = [*command, *words[:-1], str(tmp_path / "whole")]
    assert subprocess.run(whole, check=False, stdout=subprocess.DEVNULL).returncode == 0
    draw, kills = random.Random(7), 0
    subprocess.run([*command, *words, "--shard", "1/1000"], check=True, stdout=subprocess.DEVNULL)
    while kills < 10:
        process = subprocess.Popen([*command, "sweep", "--resume", "--out", words[-1]], stdout=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.5, 4.0))
        process.kill()
        kills += 1
        process.wait()
    assert subprocess.run([*command, "sweep", "--resume", "--out", words[-1]], check=False).returncode == 0
    assert (tmp_path / "out/results.parquet").read_bytes() == (tmp_path / "whole/results.parquet").read_bytes()


def test_growing_that_is_killed_is_grown_or_as_it_was(jaksim, expected, tmp_path):
    longer = tmp_path / "longer"
    assert jaksim(*WORDS[:5], 350, "--out", longer).code == 0
    for event in range(12):
        out = tmp_path / f"event{event}"
        assert jaksim(*WORDS, "--out", out).code == 0
        assert killed_at(event, "sweep", "--grow", 100, "--out", out) == -signal.SIGKILL
        stages = SweepStore.open(out).plan.stages
        assert jaksim("sweep", "--resume", "--out", out).code == 0
        bytes_of = {(250,): expected, (250, 350): (longer / "results.parquet").read_bytes()}
        assert (out / "results.parquet").read_bytes() == bytes_of[stages]


def shards(out):
    return sorted((out / "shards").glob("*.parquet"))


@pytest.mark.parametrize("damage", ["truncated", "empty", "one bit", "removed"])
def test_a_damaged_shard_is_computed_again(jaksim, expected, tmp_path, damage):
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--out", out).code == 0
    file = shards(out)[2]
    content = bytearray(file.read_bytes())
    if damage == "removed":
        file.unlink()
    else:
        content[len(content) // 2] ^= 1
        file.write_bytes({"truncated": content[:-7], "empty": b"", "one bit": content}[damage])
    (out / "results.parquet").unlink()
    assert jaksim("sweep", "--status", out, "--json").json["results"] is None
    outcome = jaksim("sweep", "--resume", "--out", out, "--json")
    assert outcome.json["damaged"] == ([] if damage == "removed" else [file.name])
    assert ("is damaged" in outcome.err) == (damage != "removed")
    assert (out / "results.parquet").read_bytes() == expected


def test_a_truncated_table_of_results_is_written_again(jaksim, expected, tmp_path):
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--out", out).code == 0
    os.truncate(out / "results.parquet", 1000)
    assert jaksim("sweep", "--resume", "--out", out).code == 0
    assert (out / "results.parquet").read_bytes() == expected


def test_shards_of_another_sweep_are_refused(jaksim, refused, tmp_path):
    out, other = tmp_path / "out", tmp_path / "other"
    assert jaksim(*WORDS, "--out", out).code == 0
    assert jaksim(*WORDS, "--seed", 4, "--out", other).code == 0
    mine, theirs = shards(out)[1], shards(other)[1]
    (out / "shards" / theirs.name).write_bytes(theirs.read_bytes())
    assert "two files" in refused("sweep", "--resume", "--out", out)
    mine.unlink()
    assert "another sweep" in refused("sweep", "--resume", "--out", out)
    assert "damaged" not in refused("merge", tmp_path / "merged", out)


@pytest.mark.parametrize("change", ["not json", "{}", "seed"])
def test_a_manifest_that_was_changed_is_refused(jaksim, refused, tmp_path, change):
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--out", out).code == 0
    content = json.loads((out / "manifest.json").read_text())
    content["design"]["seed"] = 1
    (out / "manifest.json").write_text(json.dumps(content) if change == "seed" else change)
    assert "manifest" in refused("sweep", "--resume", "--out", out)
    assert "manifest" in refused("sweep", "--status", out)


@pytest.mark.parametrize("after", [0, 1, 3, 6])
def test_a_full_disk_is_one_message_and_nothing_half_written(refused, jaksim, monkeypatch, expected, tmp_path, after):
    """Every file after the first few reaches the disk in part only."""
    out, written, real = tmp_path / "out", iter(range(10**6)), os.fsync

    def full(descriptor):
        if next(written) >= 2 * after:  # each file is followed by its directory
            name = os.readlink(f"/proc/self/fd/{descriptor}")
            if os.path.isfile(name):
                os.truncate(name, 1)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        message = refused(*WORDS, "--out", out)
    assert "No space left" in message
    begun = after > 1  # the manifest is the first file
    assert ("--resume" in message) == begun
    assert out.exists() == begun
    assert not list(out.rglob(".*"))
    assert not (out / "results.parquet").exists()
    words = ("sweep", "--resume", "--out", out) if begun else (*WORDS, "--out", out)
    assert jaksim(*words).code == 0
    assert (out / "results.parquet").read_bytes() == expected


def test_a_directory_that_cannot_be_written_to_is_one_message(refused, jaksim, monkeypatch, tmp_path):
    assert "/proc" in refused(*WORDS, "--out", "/proc/sweep")
    (tmp_path / "file").touch()
    assert "file" in refused(*WORDS, "--out", tmp_path / "file")
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--shard", "1/2", "--out", out).code == 0
    before = sorted(out.rglob("*"))

    def read_only(path, flags, *mode):
        if flags & (os.O_CREAT | os.O_RDWR | os.O_WRONLY):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return real(path, flags, *mode)

    real = os.open
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        assert "Read-only" in refused("sweep", "--resume", "--out", out)
        assert jaksim("sweep", "--status", out).code == 0
    assert sorted(out.rglob("*")) == before


def test_two_sweeps_in_one_directory(refused, jaksim, expected, tmp_path):
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--shard", "1/2", "--out", out).code == 0
    with SweepStore.open(out).locked():
        message = refused("sweep", "--resume", "--out", out)
        assert f"process {os.getpid()}" in message
        assert jaksim("sweep", "--status", out).code == 0
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            os._exit(sweep("sweep", "--resume", "--out", out))
        children.append(child)
    codes = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
    assert 0 in codes <= {0, 2}
    assert (out / "results.parquet").read_bytes() == expected


def test_a_lock_of_a_dead_process_is_no_lock(refused, jaksim, expected, tmp_path):
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--shard", "1/2", "--out", out).code == 0

    def locked_to_death():
        with SweepStore.open(out).locked():
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    assert in_child(locked_to_death) == -signal.SIGKILL
    owner = json.loads((out / "lock").read_text())
    # A living process may have got the number of the dead one.
    (out / "lock").write_text(json.dumps({**owner, "process": os.getpid()}))
    assert jaksim("sweep", "--resume", "--out", out).code == 0
    assert (out / "results.parquet").read_bytes() == expected
    (out / "lock").write_text(json.dumps({**owner, "host": "elsewhere"}))
    assert "on elsewhere" in refused("sweep", "--resume", "--out", out)
    (out / "lock").unlink()
    assert jaksim("sweep", "--resume", "--out", out).code == 0


def test_without_locks_a_living_process_keeps_others_out_and_a_dead_one_does_not(
    refused, jaksim, monkeypatch, expected, tmp_path
):
    def flock(descriptor, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    out = tmp_path / "out"
    assert jaksim(*WORDS, "--shard", "1/2", "--out", out).code == 0
    with SweepStore.open(out).locked():
        assert f"process {os.getpid()}" in refused("sweep", "--resume", "--out", out)
        owner = (out / "lock").read_text()
    (out / "lock").write_text(owner.replace(str(os.getpid()), str(in_child_that_ends())))
    assert jaksim("sweep", "--resume", "--out", out).code == 0
    assert (out / "results.parquet").read_bytes() == expected


def in_child_that_ends():
    """Number of a process that has ended."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def test_a_clock_that_jumps_changes_nothing(jaksim, monkeypatch, expected, tmp_path):
    draw = random.Random(1)
    with monkeypatch.context() as patch:
        for clock in ("time", "monotonic", "perf_counter"):
            patch.setattr(time, clock, lambda: draw.uniform(-1e9, 1e12))
        assert jaksim(*WORDS, "--shard", "1/2", "--out", tmp_path / "out").code == 0
        for path in (tmp_path / "out" / "shards").iterdir():
            os.utime(path, (draw.uniform(0, 4e9),) * 2)
        assert jaksim("sweep", "--resume", "--out", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "results.parquet").read_bytes() == expected


@pytest.mark.parametrize("there", ["nothing", "an empty directory"])
@pytest.mark.parametrize(
    "words",
    [("--shard", "3/2"), ("--workers", 10**6), ("--scheduler", "nonsense://x"), ("--baseline", "point=9")],
)
def test_a_sweep_that_cannot_be_computed_is_not_begun(refused, jaksim, expected, tmp_path, there, words):
    out = tmp_path / "out"
    if there == "an empty directory":
        out.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    refused(*WORDS[:-2], "--out", out, *words)
    assert sorted(tmp_path.rglob("*")) == before
    assert jaksim(*WORDS, "--out", out).code == 0
    assert (out / "results.parquet").read_bytes() == expected


def test_a_sweep_of_before_is_not_given_up(refused, jaksim, tmp_path):
    assert jaksim(*WORDS, "--shard", "2/2", "--out", tmp_path / "out").code == 0
    before = sorted(path for path in tmp_path.rglob("*"))
    for words in (("--shard", "3/2"), ("--scheduler", "nonsense://x")):
        refused("sweep", "--resume", "--out", tmp_path / "out", *words)
        assert sorted(path for path in tmp_path.rglob("*")) == before


def test_an_interrupted_sweep_says_how_it_goes_on(jaksim, monkeypatch, expected, tmp_path):
    from jaksim.verbs.sweep import sweep as verb

    def interrupted(*words):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verb, "compute_missing", interrupted)
        outcome = jaksim(*WORDS, "--shard", "1/1", "--out", tmp_path / "my sweep")
    assert outcome.code == 130
    command = outcome.err.splitlines()[-1]
    assert command == f"jaksim sweep --resume --out '{tmp_path}/my sweep' --shard 1/1"
    assert jaksim(*shlex.split(command)[1:]).code == 0
    assert (tmp_path / "my sweep" / "results.parquet").read_bytes() == expected


def test_a_link_in_place_of_the_lock_is_not_followed(refused, tmp_path):
    aim = tmp_path / "aim"
    aim.write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "lock").symlink_to(aim)
    refused(*WORDS, "--out", tmp_path / "out")
    assert aim.read_text() == "precious"
