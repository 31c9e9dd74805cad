"""Work spread over processes and over a cluster: nothing is lost, and the bytes are those of one processor."""

import io
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from made_up_patients import COVARIATES, make_patients
from spread_tasks import count_threads, die, tell
from threadpoolctl import threadpool_limits

from helpers.cli import main
from helpers.evidence import bench
from helpers.evidence.bench import run_bench
from helpers.multiverse import pieces as multiverse_pieces
from helpers.multiverse.engine import compute_multiverse
from helpers.multiverse.reading import parse_grid
from helpers.predictors.selection import Selections, derive_selections
from helpers.predictors.validation import estimate_validation
from helpers.project import ONE_THREAD, PROJECT
from helpers.spread import (
    Bar,
    ClusterLost,
    SchedulerError,
    WorkersLost,
    check_scheduler,
    cluster,
    cut_samples,
    environment,
    local,
    pieces,
    place,
    run_pieces,
    run_tasks,
    use_scheduler,
)

NOBODY = "tcp://127.0.0.1:9"
needs_signals = pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")


@pytest.fixture
def hurried(monkeypatch):
    """No patience with schedulers that do not answer."""
    monkeypatch.setattr(cluster, "WITHIN", 1)


# The bar


def test_the_bar_moves_on_a_terminal_and_writes_few_lines_elsewhere():
    live, log = io.StringIO(), io.StringIO()
    for stream, is_live in ((live, True), (log, False)):
        bar = Bar(50, stream, live=is_live)
        bar.close()
        for _ in range(50):
            bar.advance(1)
        bar.close()
    assert live.getvalue().count("\r") == 50
    assert live.getvalue().endswith("100%  0:00 gone, 0:00 left\n")
    assert 9 <= log.getvalue().count("\n") <= 11


# Pieces


@pytest.mark.parametrize(
    ("samples", "n", "sizes"),
    [(0, 181, [0]), (1, 181, [1]), (499, 181, [499]), (500, 181, [500]), (501, 181, [500, 1]), (10, 0, [10]),
     (900, 4000, [500, 400]), (900, 4001, [499, 401]), (3, 2_000_000, [1, 1, 1]), (3, 2_000_001, [1, 1, 1])],
)  # fmt: skip
def test_pieces_hang_on_samples_and_patients_alone(samples, n, sizes):
    found = cut_samples(samples, n=n)
    assert [piece.stop - piece.start for piece in found] == sizes
    assert [piece.start for piece in found] == [0, *np.cumsum(sizes)[:-1].tolist()]


def test_one_piece_is_done_here_and_several_side_by_side_in_their_order():
    def who(common, part):
        time.sleep(0.02 * (5 - part))
        return common, part, threading.current_thread() is threading.main_thread()

    assert run_pieces(who, "all", []) == []
    assert run_pieces(who, "all", [3]) == [("all", 3, True)]
    assert run_pieces(who, "all", range(5)) == [("all", part, False) for part in range(5)]


def test_results_of_a_cluster_come_back_in_the_order_of_the_pieces(monkeypatch):
    def backwards(do, tasks, *, workers, scheduler, shared):
        assert scheduler == NOBODY
        yield from ((task, do(*shared, task)) for task in reversed(tasks))

    monkeypatch.setenv(environment.SCHEDULER, NOBODY)
    monkeypatch.setattr(pieces, "run_tasks", backwards)
    assert run_pieces(pow, 2, [3, 1, 2]) == [8, 2, 4]
    assert run_pieces(pow, 2, [3]) == [8]


def test_an_error_in_a_piece_is_raised():
    with pytest.raises(ZeroDivisionError):
        run_pieces(divmod, 1, [1, 0, 1])


@pytest.fixture(scope="module")
def patients():
    return make_patients(missing=0.03)


@pytest.fixture
def small_pieces(monkeypatch):
    """Pieces so small that a test has many."""
    monkeypatch.setattr(pieces, "SAMPLES", 20)


def as_bytes(found: Selections) -> list[bytes]:
    arrays = (found.repeated.screened, found.repeated.chosen, found.repeated.logits, found.repeated.answered,
              found.always, found.optimism_auc)  # fmt: skip
    return [array.tobytes() for array in arrays]


def one_after_the_other(do, common, parts):
    return [do(common, part) for part in parts]


def test_a_bootstrap_side_by_side_has_the_bytes_of_one_piece_after_the_other(patients, small_pieces, monkeypatch):
    draw = partial(derive_selections, **patients, covariates=COVARIATES, samples=110, seed=1)
    validate = partial(estimate_validation, **patients, covariates=COVARIATES, samples=110, seed=1)
    with threadpool_limits(1):
        beside, validated = draw(), validate()
        monkeypatch.setattr("helpers.predictors.resampling.run_pieces", one_after_the_other)
        assert as_bytes(draw()) == as_bytes(beside)
        assert validate().equals(validated)
    assert beside.samples == 110


# Processes of this machine


@pytest.mark.slow
def test_processes_share_what_is_common_keep_to_one_thread_and_leave_the_settings_as_they_were(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    monkeypatch.setenv(environment.SCHEDULER, NOBODY)
    found = dict(run_tasks(tell, [1, 2, 3], workers=2, shared=("all",)))
    assert {task: answer[:2] for task, answer in found.items()} == {task: ("all", task) for task in (1, 2, 3)}
    assert {answer[3:] for answer in found.values()} == {(None, "1")}
    assert os.getpid() not in {answer[2] for answer in found.values()}
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert "MKL_NUM_THREADS" not in os.environ
    with pytest.raises(ValueError, match="invalid literal"):
        list(run_tasks(int, ["1", "x"], workers=1))


def test_a_worker_leaves_interrupts_to_its_parent_and_ends_with_it(monkeypatch, tmp_path):
    ignored, ended = [], []
    monkeypatch.setattr(local.signal, "signal", lambda *which: ignored.append(which))
    monkeypatch.setattr(local.os, "_exit", ended.append)
    monkeypatch.setattr(local, "_shared", ())
    (tmp_path / "shared.pickle").write_bytes(pickle.dumps((5,)))
    local._serve(tmp_path / "shared.pickle")
    assert ignored == [(local.signal.SIGINT, local.signal.SIG_IGN)]
    assert local._do(pow, 2) == 25
    local._end_with_parent()  # a process that nobody has started stays
    assert ended == []

    class Gone:
        def join(self):
            return None

    monkeypatch.setattr(local.multiprocessing, "parent_process", Gone)
    local._end_with_parent()
    assert ended == [1]


@needs_signals
def test_a_process_that_ends_before_its_task_is_missed_in_words():
    with pytest.raises(WorkersLost, match="fewer --workers"):
        list(run_tasks(die, [1], workers=1))


def test_on_windows_no_more_processes_are_asked_for_than_it_can_have(monkeypatch):
    assert local._limit(200) == 200
    monkeypatch.setattr(local.os, "name", "nt")
    assert [local._limit(workers) for workers in (1, 61, 62)] == [1, 61, 61]


# What is refused before anything runs


def test_the_study_does_not_load_the_cluster_library_by_itself():
    check = "import helpers.spread, helpers.cli, sys; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize("address", [NOBODY, "nonsense", "tcp://", "tcp://127.0.0.1", "ftp://x:1", "127.0.0.1:99999"])
def test_an_address_at_which_nobody_listens_is_refused_in_time(hurried, address):
    started = time.monotonic()
    with pytest.raises(SchedulerError, match=f"No scheduler answers at {address} within 1 seconds"):
        check_scheduler(address)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("says", "words"), [(None, "timed out"), (b"", "something else"), (b"SSH-2.0-x", "else is")])
def test_somebody_else_at_the_address_is_no_scheduler(hurried, says, words):
    def answer():
        line, _ = other.accept()
        with line:
            line.recv(1) if says is None else line.sendall(says)

    with socket.create_server(("127.0.0.1", 0)) as other, ThreadPoolExecutor(1) as pool:
        answered = pool.submit(answer)
        with pytest.raises(SchedulerError, match=rf"No scheduler answers at \S+ within 1 seconds \(.*{words}"):
            check_scheduler(f"tcp://127.0.0.1:{other.getsockname()[1]}")
        answered.result()


def test_an_encrypted_line_is_left_to_the_client(hurried):
    with socket.create_server(("127.0.0.1", 0)) as other:
        cluster._knock(f"tls://127.0.0.1:{other.getsockname()[1]}")


def test_an_encrypted_line_without_certificates_is_refused_before_anybody_is_asked(hurried):
    with socket.create_server(("127.0.0.1", 0)) as other:
        with pytest.raises(SchedulerError, match="an encrypted line needs certificates"):
            check_scheduler(f"tls://127.0.0.1:{other.getsockname()[1]}")
        other.settimeout(0.1)
        with pytest.raises(TimeoutError):
            other.accept()


def test_the_commands_refuse_such_an_address_and_write_nothing(hurried, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["evidence", "--scheduler", NOBODY, "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith("No scheduler answers")
    assert main(["run", "--scheduler", NOBODY, "--reports", str(out), "--derived", str(tmp_path / "derived")]) == 2
    assert capsys.readouterr().err.startswith("No scheduler answers")
    assert list(tmp_path.iterdir()) == []
    assert main(["evidence", "--scheduler", " "]) == 2


def test_without_the_cluster_library_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SchedulerError, match=r"pip install -e \.\[cluster\]"):
        check_scheduler(NOBODY)


def test_a_place_that_computes_with_anything_else_is_told_apart(monkeypatch):
    here = place.describe_place()
    assert {"python", "numpy", "the study's code"} <= set(here)
    assert place.compare_places(here, dict(here)) == ""
    assert place.compare_places(here, here | {"numpy": "0.1"}) == f"numpy is 0.1 there and {here['numpy']} here"
    assert "scipy is missing there" in place.compare_places(here, {k: v for k, v in here.items() if k != "scipy"})
    monkeypatch.setattr(place, "read_code", lambda: "f" * 64)
    assert place.describe_place()["the study's code"].endswith(", since changed to ffffffffffff")


def test_the_address_is_handed_on_while_it_is_used_and_no_longer(monkeypatch):
    monkeypatch.setenv(environment.SCHEDULER, "tcp://of-before:1")
    monkeypatch.setattr("helpers.spread.workers.check_scheduler", lambda _: None)
    with use_scheduler("tcp://somewhere:1"):
        assert environment.find_scheduler() == "tcp://somewhere:1"
        environment.forget_scheduler()
        assert environment.find_scheduler() == ""
    with use_scheduler(""):
        assert environment.find_scheduler() == ""
    assert environment.find_scheduler() == "tcp://of-before:1"


PACKED = cluster._Common("all", pickle.dumps(("all",)))


def test_a_worker_that_comes_later_is_held_to_the_same(monkeypatch):
    class Late:
        address = "tcp://late:1"

    monkeypatch.setattr("distributed.get_worker", Late)
    order = cluster._Order(abs, -1, place.recall_place() | {"numpy": "0.1"})
    with pytest.raises(SchedulerError, match=r"The worker tcp://late:1 would not compute the same .* numpy is"):
        cluster._fulfil(order, common=PACKED)


def test_tasks_of_one_process_take_turns_with_one_thread_each(monkeypatch):
    for name in (*ONE_THREAD, environment.SCHEDULER):
        monkeypatch.setenv(name, "2")
    seen = []

    def work(common, task):
        seen.append(task)
        time.sleep(0.02)
        seen.append(task)
        return count_threads([common])

    orders = [cluster._Order(work, task, place.recall_place()) for task in range(4)]
    common = cluster._keep(PACKED)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(partial(cluster._fulfil, common=common), orders))
    assert found == {(1, "1", None, 1)}
    assert seen[::2] == seen[1::2]
    with threadpool_limits(2), ThreadPoolExecutor(1) as pool:  # who holds on to two threads is not overruled
        refused = pool.submit(cluster._fulfil, orders[0], common=common)
        with pytest.raises(SchedulerError, match="OMP_NUM_THREADS=1"):
            refused.result()


def test_a_task_that_takes_down_worker_after_worker_is_given_up_in_words():
    from distributed import KilledWorker

    class Failed:
        status = "error"

    with pytest.raises(ClusterLost, match="took down several workers"):
        cluster._take(Failed, (KilledWorker, KilledWorker("task", None, 3), None), address=NOBODY)


# A real cluster


class Cluster:
    """A scheduler on this machine, and workers that can be started and killed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._folder.mkdir()
        file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--no-dashboard", "--no-show",
                                     "--scheduler-file", str(file))  # fmt: skip
        self.address = json.loads(self._await(lambda: file.exists() and file.read_text()))["address"]

    def start_worker(self, *, code: Path | None = None) -> subprocess.Popen:
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
                           "--memory-limit", "0", code=code)  # fmt: skip

    def _start(self, what: str, *options: str, code: Path | None = None) -> subprocess.Popen:
        """With two threads for linear algebra, if nobody says otherwise."""
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", *options]
        paths = os.pathsep.join(map(str, filter(None, [code, PROJECT / "tests", os.environ.get("PYTHONPATH")])))
        told = dict.fromkeys(ONE_THREAD, "2") | {"PYTHONPATH": paths}
        process = subprocess.Popen(command, env=os.environ | told, cwd=self._folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        self._stack.callback(self.end, process)
        return process

    @staticmethod
    def end(process: subprocess.Popen) -> None:
        process.kill()
        process.wait()

    def wait_for_workers(self, number: int) -> None:
        """Until there are so many, no more and no fewer."""
        with cluster._connect(self.address) as client:
            self._await(lambda: len(client.scheduler_info()["workers"]) == number)

    @staticmethod
    def _await(happens: Callable[[], object], seconds: float = 60) -> str:
        until = time.monotonic() + seconds
        while not (found := happens()):
            assert time.monotonic() < until
            time.sleep(0.05)
        return str(found)


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory) -> Iterator[Cluster]:
    with ExitStack() as stack:
        made = Cluster(tmp_path_factory.mktemp("cluster") / "dask", stack)
        made.workers = [made.start_worker() for _ in range(2)]
        yield made


@pytest.fixture
def two_workers(shared_cluster) -> Cluster:
    """The cluster with two workers that live, whatever an earlier test has done to them."""
    alive = [worker for worker in shared_cluster.workers if worker.poll() is None]
    shared_cluster.workers = [*alive, *(shared_cluster.start_worker() for _ in range(2 - len(alive)))]
    shared_cluster.wait_for_workers(2)
    return shared_cluster


SMALL = {"harm_after_label": ("curves",), "race_uneven": ("gray",), "features_acting": ("likelihood",)}


class Kills(io.StringIO):
    """A log that kills a worker at its first word."""

    def __init__(self, worker: subprocess.Popen) -> None:
        super().__init__()
        self._worker = worker

    def write(self, text: str) -> int:
        Cluster.end(self._worker)
        return super().write(text)


class Interrupts(io.StringIO):
    """A log whose reader has seen enough at the first word."""

    def write(self, _: str) -> int:
        raise KeyboardInterrupt


def read_all(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.slow
@needs_signals
def test_an_interrupted_bench_goes_on_where_it_was(two_workers, tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "PIECE", 2)
    fill = partial(run_bench, tmp_path, cohorts=8, size=60, seed=5, workers=1, families={"race_uneven": ("gray",)})
    with pytest.raises(KeyboardInterrupt):
        fill(scheduler=two_workers.address, stream=Interrupts())
    done = read_all(tmp_path)
    assert 1 <= len(done) - 1 < 4
    fill(scheduler=two_workers.address, stream=io.StringIO())
    assert len(read_all(tmp_path)) - 1 == 4
    assert {name: read_all(tmp_path)[name] for name in done} == done


@pytest.mark.slow
@needs_signals
def test_a_bench_on_a_cluster_survives_a_killed_worker_and_has_the_bytes_of_one_core(
    two_workers, tmp_path, monkeypatch
):
    monkeypatch.setattr(bench, "PIECE", 2)
    fill = partial(run_bench, cohorts=8, size=60, seed=5, families=SMALL)
    log = Kills(two_workers.workers[0])
    fill(tmp_path / "cluster", workers=1, scheduler=two_workers.address, stream=log)
    assert two_workers.workers[0].returncode == -9
    assert "100%" in log.getvalue()
    monkeypatch.setattr(bench, "run_tasks", lambda do, tasks, **_: ((task, do(task)) for task in tasks))
    with threadpool_limits(1):
        fill(tmp_path / "core", workers=1, stream=io.StringIO())
    assert read_all(tmp_path / "cluster") == read_all(tmp_path / "core")
    assert len(read_all(tmp_path / "core")) == 1 + 3 * 4


GRID = {"definition": {"deadline": {"label": "Judged", "question": "When?", "options": {
    "month_12": {"label": "12", "source": "test"},
    **{f"month_{month}": {"label": str(month), "source": "test", "values": {"response_deadline_months": float(month)}}
       for month in (6, 9, 24)},
}}}}  # fmt: skip


@pytest.mark.slow
@needs_signals
def test_a_multiverse_on_a_cluster_survives_a_killed_worker_and_has_the_bytes_of_one_core(
    two_workers, tmp_path, monkeypatch
):
    monkeypatch.setattr(multiverse_pieces, "SIZE", 1)
    make = partial(compute_multiverse, parse_grid(GRID, name="test"), data_dir="data/raw", permutations=20, seed=3)
    log = Kills(two_workers.workers[0])
    make(folder=tmp_path / "cluster", workers=1, scheduler=two_workers.address, stream=log)
    assert two_workers.workers[0].returncode == -9
    assert "100%" in log.getvalue()
    make(folder=tmp_path / "core", workers=1, stream=io.StringIO())
    across, alone = (read_all(tmp_path / name) for name in ("cluster", "core"))
    for found in (across, alone):
        del found["times.json"]
    assert across == alone and len(alone) == 9


@pytest.mark.slow
@needs_signals
def test_a_bootstrap_on_a_cluster_survives_a_killed_worker_and_has_the_bytes_of_one_core(
    two_workers, patients, small_pieces, monkeypatch
):
    def kill_midway(*given, **options):
        for number, found in enumerate(run_tasks(*given, **options)):
            if number == 2:
                two_workers.end(two_workers.workers[-1])
            yield found

    draw = partial(derive_selections, **patients, covariates=COVARIATES, samples=390, seed=1)
    monkeypatch.setattr(pieces, "run_tasks", kill_midway)
    with use_scheduler(two_workers.address):
        spread = draw()
    assert two_workers.workers[-1].returncode == -9
    monkeypatch.setattr("helpers.predictors.resampling.run_pieces", one_after_the_other)
    with threadpool_limits(1):
        assert as_bytes(draw()) == as_bytes(spread)


@pytest.mark.slow
@needs_signals
def test_workers_keep_to_one_thread_and_an_error_in_a_task_is_raised_here(two_workers):
    with use_scheduler(two_workers.address):
        big = np.zeros(2_000_000)  # of a size at which dask would warn
        [(_, found)] = run_tasks(count_threads, [big], workers=1, scheduler=two_workers.address)
    assert found == (1, "1", None, 2_000_000)
    with pytest.raises(ValueError, match="invalid literal"):
        list(run_tasks(int, ["1", "x"], workers=1, scheduler=two_workers.address))
    asked = run_tasks(pow, [1, 2, 3], workers=1, scheduler=two_workers.address, shared=(5,))
    assert sorted(asked) == [(1, 5), (2, 25), (3, 125)]


@pytest.mark.slow
@needs_signals
def test_a_worker_of_other_code_or_of_none_is_refused_by_name(two_workers, tmp_path):
    shutil.copytree(PROJECT / "src/helpers", tmp_path / "other/helpers", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other/helpers/__init__.py").open("a") as file:
        file.write("# other\n")
    (tmp_path / "none/helpers").mkdir(parents=True)
    (tmp_path / "none/helpers/__init__.py").write_text("")
    for name, words in (("other", "the study's code is"), ("none", "No module named 'helpers.spread'")):
        strange = two_workers.start_worker(code=tmp_path / name)
        two_workers.wait_for_workers(3)
        with pytest.raises(SchedulerError, match=rf"The worker tcp://\S+ would not compute the same .*{words}"):
            list(run_tasks(abs, [1], workers=1, scheduler=two_workers.address))
        two_workers.end(strange)
        two_workers.wait_for_workers(2)


@pytest.mark.slow
@needs_signals
def test_a_scheduler_without_workers_is_refused_and_one_that_goes_away_is_missed(hurried, tmp_path):
    with ExitStack() as stack:
        alone = Cluster(tmp_path / "dask", stack)
        with pytest.raises(SchedulerError, match="has had no worker for 1 seconds: start one with dask worker tcp"):
            check_scheduler(alone.address)
        alone.start_worker()
        alone.wait_for_workers(1)
        with pytest.raises(ClusterLost, match="has gone away"):
            for _ in run_tasks(time.sleep, [0.1] * 50, workers=1, scheduler=alone.address):
                alone.end(alone.scheduler)
