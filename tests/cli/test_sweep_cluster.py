"""Sweeps on a Dask scheduler with worker processes, one of which is killed."""

import gc
import os
import signal
from pathlib import Path

import pytest

from jaksim.design.sweep import plan as plans
from jaksim.design.sweep.store import SweepStore
from jaksim.errors import InputError
from jaksim.verbs.sweep import cluster
from jaksim.verbs.sweep import sweep as verb
from jaksim.verbs.sweep.worker import Instructions

distributed = pytest.importorskip("distributed")

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
WORDS = ("sweep", SMALL, "--vary", "population.patients=40,50,60,70", "--replicates", 600)


@pytest.fixture
def scheduler():
    """A scheduler with two worker processes on this machine."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as found:
        yield found


def test_a_worker_killed_in_the_middle_changes_nothing(jaksim, monkeypatch, scheduler, tmp_path):
    monkeypatch.setattr(plans, "BLOCK", 100)
    monkeypatch.setattr(plans, "SHARDS", 10)
    assert jaksim(*WORDS, "--out", tmp_path / "alone").code == 0
    design = SweepStore.open(tmp_path / "alone").plan.design
    store = verb.begin(tmp_path / "cluster", design, replicates=600)
    with distributed.Client(scheduler.scheduler_address) as client:
        processes = list(client.run(os.getpid).values())
    assert len(set(processes) - {os.getpid()}) == 2
    killed = []

    def kill_one(_):
        if not killed:
            os.kill(processes[0], signal.SIGKILL)
            killed.append(processes[0])

    instructions = Instructions.of(design)
    with cluster.connected(scheduler.scheduler_address, instructions) as executor:
        state = verb.run(store, executor=executor, progress=lambda _: kill_one)
    assert killed
    assert state.complete
    results = (tmp_path / "cluster" / "results.parquet").read_bytes()
    assert results == (tmp_path / "alone" / "results.parquet").read_bytes()
    outcome = jaksim(*WORDS, "--scheduler", scheduler.scheduler_address, "--out", tmp_path / "command")
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "command" / "results.parquet").read_bytes() == results


def test_workers_that_are_lost_again_and_again_end_the_sweep(monkeypatch):
    class Client:
        """Every task is asked for and lost."""

        def scatter(self, value, broadcast):
            return value

        def nthreads(self):
            return {"worker": 1}

    monkeypatch.setattr(cluster, "MOST_LOSSES", 0)
    monkeypatch.setattr(cluster, "_result", lambda future: ([], True))
    monkeypatch.setattr(Client, "submit", lambda self, work, common, batch, pure: object(), raising=False)
    monkeypatch.setattr(distributed, "as_completed", lambda: _Bag())
    executor = cluster.Cluster(Client(), Instructions("1", "x.toml", {}, 1, "auto", False))
    with pytest.raises(InputError, match="lost again and again"):
        list(executor.run([plans.Task(0, {}, 0, 100)]))


def test_tasks_of_a_point_are_sent_together():
    tasks = [plans.Task(point, {}, 100 * block, 100) for point in range(2) for block in range(6)]
    batches = list(cluster._batches(tasks))
    assert [len(batch) for batch in batches] == [4, 2, 4, 2]
    assert [task for batch in batches for task in batch] == tasks


class _Bag(list):
    add = list.append


def test_no_scheduler_is_one_message(refused, monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    words = (*WORDS, "--out", tmp_path / "out", "--scheduler")
    assert "no Dask scheduler answers" in refused(*words, "tcp://127.0.0.1:1")
    assert not (tmp_path / "out").exists()
    assert "no Dask scheduler answers" in refused(*words, "nonsense://x")


def test_the_scheduler_of_this_machine_is_for_those_with_its_keys():
    with cluster.connected("local", Instructions("1", "x.toml", {}, 1, "auto", False), workers=1) as executor:
        address = executor.client.scheduler.address
        assert address.startswith("tls://127.0.0.1")
        for other in (address, address.replace("tls://", "tcp://")):
            _is_turned_away(other)


def _is_turned_away(address):
    """Without collection of garbage: a client that failed before, closed while the next takes the same lock, would wait
    for it for ever."""
    gc.collect()
    gc.disable()
    try:
        with pytest.raises((OSError, TypeError)):
            distributed.Client(address, timeout=1)
    finally:
        gc.enable()


def test_without_keys_it_is_said_who_can_use_the_workers(monkeypatch, caplog):
    monkeypatch.setitem(__import__("sys").modules, "cryptography", None)
    assert cluster._security() is None
    assert "every process of this machine" in caplog.text


def test_without_dask_it_is_said_what_to_install(refused, monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "dask", None)
    assert "jaksim[distributed]" in refused(*WORDS, "--out", tmp_path / "out", "--scheduler", "local")
