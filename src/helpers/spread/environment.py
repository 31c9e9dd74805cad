"""What processes hand on by their environment: the cluster in use, and one thread for linear algebra."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from helpers.project import ONE_THREAD
from helpers.spread.errors import SchedulerError

SCHEDULER = "COMPENDIUM_SCHEDULER"
"""The environment variable in which a run tells its notebooks the address of the cluster; empty: no cluster."""


def find_scheduler() -> str:
    """The address of the cluster that this run was given; empty where there is none."""
    return os.environ.get(SCHEDULER, "")


@contextmanager
def set_environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """The environment variables as wanted, and as they were when it ends."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def forget_scheduler() -> None:
    """A worker does its task alone: it may not hand parts of it to the cluster that it works for."""
    os.environ.pop(SCHEDULER, None)


@contextmanager
def use_one_thread() -> Iterator[None]:
    """One thread for linear algebra in a process that others have started: in the libraries that are loaded, and by
    the environment in those that will be.

    For a whole process and, with OpenMP, for the thread that asks: tasks must take turns and ask each for itself.
    Raises SchedulerError where another part of the process holds on to more.
    """
    from threadpoolctl import threadpool_info, threadpool_limits

    os.environ.update(ONE_THREAD)
    with threadpool_limits(limits=1):
        if any(library["num_threads"] > 1 for library in threadpool_info()):
            raise SchedulerError("A worker cannot be brought to use one thread for linear algebra: start it with "
                                 "OMP_NUM_THREADS=1 in its environment")  # fmt: skip
        yield
