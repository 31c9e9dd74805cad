"""The one place that knows how tasks are spread: over the processors of this machine, or over a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from helpers.spread.environment import SCHEDULER, set_environment
from helpers.spread.local import run_here

Task = TypeVar("Task")
Result = TypeVar("Result")


def run_tasks(
    do: Callable[..., Result], tasks: Sequence[Task], *, workers: int, scheduler: str = "", shared: tuple[Any, ...] = ()
) -> Iterator[tuple[Task, Result]]:
    """Each task with its result, in the order in which they are done.

    Calls `do(*shared, task)`, where `shared` is what all tasks need and is sent to each worker only once. All of these
    must be picklable, and a result must depend on them alone: then it is the same to the last bit whoever computes it,
    since every worker uses one thread for linear algebra. `workers` fresh processes of this machine do the tasks;
    with the address of a dask `scheduler` its workers do them all, and `workers` says nothing.

    An error in a task is raised here. After an error, Ctrl-C, or when no more results are asked for, what has not begun
    is dropped. Raises SchedulerError before anything runs where the cluster cannot be used (`use_scheduler`),
    ClusterLost where it goes away half-way or a task has taken down worker after worker, WorkersLost where a process of
    this machine has ended before its task.
    """
    if scheduler:
        from helpers.spread.cluster import run_on_cluster

        yield from run_on_cluster(do, tasks, address=scheduler, shared=shared)
    else:
        yield from run_here(do, tasks, workers=workers, shared=shared)


@contextmanager
def use_scheduler(address: str) -> Iterator[None]:
    """Let the notebooks that start meanwhile hand long bootstraps to the cluster of that scheduler; to none if empty.

    Raises SchedulerError unless a scheduler answers there whose workers compute with what this process has: Python,
    the libraries that count and the study's code must be the same on the scheduler and on each worker. A worker that
    comes later is held to the same before its first task.
    """
    if address:
        check_scheduler(address)
    with set_environment({SCHEDULER: address}):
        yield


def check_scheduler(address: str) -> None:
    """Raise SchedulerError where the cluster cannot be used, as `use_scheduler` has it."""
    from helpers.spread.cluster import open_cluster

    with open_cluster(address):
        pass
