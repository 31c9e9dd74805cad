"""Tasks on the processors of this machine: one process for each task at a time."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from helpers.project import ONE_THREAD
from helpers.spread.environment import forget_scheduler, set_environment
from helpers.spread.errors import WorkersLost

MOST_ON_WINDOWS = 61
"""Windows lets a pool have no more processes."""

_shared: tuple[Any, ...] = ()


def run_here(
    do: Callable[..., Any], tasks: Sequence[Any], *, workers: int, shared: tuple[Any, ...]
) -> Iterator[tuple[Any, Any]]:
    """Each task with its result, as it is done, by fresh processes with one thread for linear algebra.

    A worker leaves Ctrl-C to the process that asked; that one drops what has not begun and waits for what has. Raises
    WorkersLost where a process ends before its task does.
    """
    with set_environment(ONE_THREAD), TemporaryDirectory() as folder:
        kept = Path(folder) / "shared.pickle"  # through the pipe that starts a process, one that dies would block us
        kept.write_bytes(pickle.dumps(shared))
        pool = ProcessPoolExecutor(_limit(workers), mp_context=multiprocessing.get_context("spawn"), initializer=_serve,
                                   initargs=(kept,))  # fmt: skip
        try:
            waiting = {pool.submit(_do, do, task): task for task in tasks}
            for done in as_completed(waiting):
                yield waiting.pop(done), _take(done)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _limit(workers: int) -> int:
    return min(workers, MOST_ON_WINDOWS) if os.name == "nt" else workers


def _take(done: Future[Any]) -> Any:
    """The result, or the error of the task raised."""
    try:
        return done.result()
    except BrokenProcessPool as problem:
        raise WorkersLost("A process that did the work has ended by itself or was ended, perhaps for want of memory: "
                          "fewer --workers need less of it") from problem  # fmt: skip


def _do(do: Callable[..., Any], task: Any) -> Any:
    return do(*_shared, task)


def _serve(kept: Path) -> None:
    """A worker leaves Ctrl-C to its parent, and ends with it however that ended."""
    global _shared
    _shared = pickle.loads(kept.read_bytes())
    forget_scheduler()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
